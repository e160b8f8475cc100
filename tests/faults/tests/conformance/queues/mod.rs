//! A queue as the event source mapping in front of a function uses it: at least once, hidden for a
//! while, and dead after too many tries.

mod deliveries;

use crate::sides::Side;
use aws_sdk_sqs::{
    Client,
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};
use bubuh_faults::cloud::{RECEPTIONS_MAX, STAMPS_URL, UPLOADS_URL};

pub(crate) use deliveries::NAMES;

/// A queue with a dead-letter queue, as in `infra/template.yaml`.
pub(crate) struct Given {
    client: Client,
    url: String,
    pub(crate) arn: String,
    dead_url: String,
    /// Moves the fake's clock; the emulator's moves by itself.
    fake: Option<bubuh_faults::world::World>,
}

pub(crate) async fn given(side: &Side, name: &str) -> Given {
    let client = Client::new(&side.config);
    if let Some(world) = &side.fake {
        let url = if name == "uploads" {
            UPLOADS_URL
        } else {
            STAMPS_URL
        };
        let (url, fake) = (url.to_owned(), Some(world.clone()));
        return Given {
            client,
            url,
            arn: String::new(),
            dead_url: String::new(),
            fake,
        };
    }
    let create = |name: &str| {
        client
            .create_queue()
            .queue_name(format!("{}-{name}", side.name))
    };
    let dead = create("dead").send().await.unwrap();
    let dead_url = dead.queue_url.unwrap();
    let dead_arn = arn(&client, &dead_url).await;
    let redrive = serde_json::json!({
        "deadLetterTargetArn": dead_arn,
        "maxReceiveCount": RECEPTIONS_MAX.to_string()
    });
    let create = create(name).attributes(QueueAttributeName::RedrivePolicy, redrive.to_string());
    let url = create.send().await.unwrap().queue_url.unwrap();
    let arn = arn(&client, &url).await;
    Given {
        client,
        url,
        arn,
        dead_url,
        fake: None,
    }
}

async fn arn(client: &Client, url: &str) -> String {
    let name = QueueAttributeName::QueueArn;
    let get = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(name.clone());
    get.send()
        .await
        .unwrap()
        .attributes
        .unwrap()
        .remove(&name)
        .unwrap()
}

/// Takes everything off a queue.
pub(crate) async fn drained(given: &Given) {
    while let Some(message) = given.receive(60).await {
        given.delete(&message).await;
    }
}

/// A time-out of this many seconds ends; the next receive waits for it, or the clock has moved.
const BRIEF_S: i32 = 1;
/// How long a receive waits for what is to come.
const PATIENCE_S: i32 = 10;

impl Given {
    async fn send(&self, body: &str) {
        let send = self.client.send_message().queue_url(&self.url);
        send.message_body(body).send().await.unwrap();
    }

    /// What is there now, hidden for so many seconds.
    pub(crate) async fn receive(&self, hidden_s: i32) -> Option<Message> {
        self.receive_from(&self.url, hidden_s, 0).await
    }

    /// What another service sends, and not before it answers: storage announces in its own time.
    pub(crate) async fn receive_sent(&self) -> Message {
        let sent = self.receive_from(&self.url, 60, PATIENCE_S).await;
        sent.expect("a message")
    }

    /// What comes again when a brief time-out has ended.
    async fn receive_again(&self, hidden_s: i32) -> Option<Message> {
        if let Some(world) = &self.fake {
            world.wait(u64::from(BRIEF_S.unsigned_abs()) * 1_000);
        }
        self.receive_from(&self.url, hidden_s, PATIENCE_S).await
    }

    async fn receive_from(&self, url: &str, hidden_s: i32, wait_s: i32) -> Option<Message> {
        let receive = self.client.receive_message().queue_url(url);
        let received = receive
            .visibility_timeout(hidden_s)
            .wait_time_seconds(wait_s)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await;
        let mut messages = received.unwrap().messages.unwrap_or_default();
        assert!(messages.len() <= 1, "one was asked for");
        messages.pop()
    }

    async fn delete(&self, message: &Message) {
        let delete = self.client.delete_message().queue_url(&self.url);
        delete
            .receipt_handle(message.receipt_handle().unwrap())
            .send()
            .await
            .unwrap();
    }

    /// A message can be received again at once, whoever has it.
    async fn show(&self, message: &Message) {
        let show = self.client.change_message_visibility().queue_url(&self.url);
        let show = show.receipt_handle(message.receipt_handle().unwrap());
        show.visibility_timeout(0).send().await.unwrap();
    }

    async fn dead(&self) -> Vec<String> {
        if let Some(world) = &self.fake {
            return world
                .cloud
                .dead()
                .into_iter()
                .map(|letter| letter.body)
                .collect();
        }
        let dead = self.receive_from(&self.dead_url, 60, PATIENCE_S).await;
        dead.and_then(|message| message.body).into_iter().collect()
    }
}
