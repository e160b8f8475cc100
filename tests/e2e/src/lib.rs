//! What the end-to-end tests share: one stack at a time, a buyer on it, and its books.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod api;
pub mod cases;
pub mod chaos;
pub mod load;

use aws_sdk_sqs::types::QueueAttributeName;
use bubuh::{
    books,
    client::{Answer, Client},
    progress::Progress,
    stack::{Options, Stack, Stamps},
};
use bubuh_core::audit::Report;
use bubuh_store::Aws;
use clap::ValueEnum as _;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Instant, sleep},
};

/// Longer than any lease and redelivery together.
pub const PATIENCE: Duration = Duration::from_secs(240);

/// Two stacks at once would only slow each other down.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Looks at an address until it is as told, within the patience of all tests.
///
/// # Panics
/// When it does not become so, or can't be looked at.
pub async fn until(client: &Client, path: &str, told: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = client.send(Method::GET, path, None, None).await.unwrap();
        if told(&answer.body) {
            return answer.body;
        }
        assert!(Instant::now() < end, "{path} stays {}", answer.body);
        sleep(Duration::from_millis(100)).await;
    }
}

/// Asks one stamp of an order back and waits until the gateway has given its money; gives the refund's key.
///
/// # Panics
/// When it is not given.
pub async fn given_back(client: &Client, order: &str) -> String {
    let path = format!("/v1/orders/{order}");
    let (asking, one) = (format!("{path}/refund"), json!({ "quantity": 1 }));
    let asked = client.send(Method::POST, &asking, Some("back"), Some(&one));
    let asked = asked.await.unwrap();
    assert_eq!(asked.status, 202, "{}", asked.body);
    let given = |order: &Value| {
        let mut refunds = order["refunds"].as_array().into_iter().flatten();
        refunds.any(|refund| refund["state"] == "refunded")
    };
    until(client, &path, given).await;
    asked.text("key").to_owned()
}

/// Registers a webhook; gives its id and secret.
///
/// # Panics
/// When it is not registered.
pub async fn webhook(client: &Client, key: &str, url: &str, events: &[&str]) -> (String, String) {
    let wanted = json!({ "url": url, "events": events });
    let made = client.send(Method::POST, "/v1/webhooks", Some(key), Some(&wanted));
    let made = made.await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    (made.text("id").to_owned(), made.text("secret").to_owned())
}

/// Registers a webhook at an address where nobody is; gives its id.
pub async fn deaf_webhook(client: &Client) -> String {
    let made = webhook(client, "hook", "https://127.0.0.1:9/", &["order.credited"]);
    made.await.0
}

/// A running stack.
pub struct Run {
    /// The stack.
    pub stack: Stack,
    _turn: MutexGuard<'static, ()>,
}

/// Whose stamps they are: those of `BUBUH_ISSUER`, where it is set, so that every test can be run with each issuer.
#[must_use]
pub fn stamps(asked: Stamps) -> Stamps {
    match std::env::var("BUBUH_ISSUER").as_deref() {
        Ok("") | Err(_) => asked,
        Ok(name) => Stamps::from_str(name, false).expect("BUBUH_ISSUER is an issuer"),
    }
}

impl Run {
    /// Starts a fresh stack.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a fresh stack with these options.
    pub async fn start_with(options: Options) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        let options = Options {
            progress: Progress::Lines,
            stamps: stamps(options.stamps),
            ..options
        };
        let stack = Stack::start(options).await.expect("the stack starts");
        Self { stack, _turn: turn }
    }

    /// A caller for this account.
    pub fn client(&self, account: &str) -> Client {
        Client::new(&self.stack.api, self.stack.token(account).expect("a token"))
    }

    /// Buys stamps by QRIS and waits until they are credited; gives the order's id.
    pub async fn buy(&self, client: &Client, key: &str, quantity: u32) -> String {
        let order = client.order(key, quantity, "qris").await.expect("an order");
        let id = order.text("id").to_owned();
        self.stack.pay(&id).expect("the buyer pays");
        client
            .wait(&format!("/v1/orders/{id}"), &["credited"], PATIENCE)
            .await
            .expect("credited");
        id
    }

    /// Announces and uploads a document; gives its address.
    pub async fn submit(&self, client: &Client, key: &str, bytes: &[u8]) -> String {
        let document = client
            .announce(key, "surat.pdf", bytes)
            .await
            .expect("announced");
        client.upload(&document, bytes).await.expect("uploaded");
        format!("/v1/documents/{}", document.text("id"))
    }

    /// Waits until a document is stamped.
    pub async fn stamped(&self, client: &Client, path: &str) -> Answer {
        client
            .wait(path, &["stamped"], PATIENCE)
            .await
            .expect("stamped")
    }

    /// The audit, giving nothing time to be under way.
    pub async fn audit(&self) -> Report {
        books::audit(&self.aws(), &self.stack.place(), 0)
            .await
            .expect("an audit")
    }

    /// Checks that every invariant holds.
    pub async fn books_are_clean(&self) -> Report {
        let report = self.audit().await;
        assert_eq!(report.breaches, [], "{}", books::text(&report));
        report
    }

    /// Clients of the stack's services.
    pub fn aws(&self) -> Aws {
        Aws::new(self.stack.aws_config())
    }

    /// Messages in the queue of this output, delivered and not acknowledged ones too.
    pub async fn depth(&self, output: &str) -> u64 {
        let sqs = aws_sdk_sqs::Client::new(&self.stack.aws_config());
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = sqs
            .get_queue_attributes()
            .queue_url(self.stack.output(output));
        let found = asked.set_attribute_names(Some(names.to_vec())).send().await;
        let found = found.expect("the emulator knows its queue");
        let counts = found.attributes.unwrap_or_default();
        counts.values().filter_map(|n| n.parse::<u64>().ok()).sum()
    }

    /// Ends the stack in order.
    pub async fn end(self) {
        self.stack.shutdown().await.expect("an orderly end");
    }
}
