//! Messages and notifications on their way in.

use super::{Driver, Times};
use crate::{
    cloud::{self, BULK_URL, Letter, STAMPS_URL},
    world::World,
};
use aws_lambda_events::sqs::SqsEvent;
use bubuh_gateway::notification;
use bubuh_sandbox::{Delivered, Due};
use serde_json::{Value, json};

pub(crate) use crate::cloud::RECEPTIONS_MAX;

/// How long a delivery of this message stays hidden, in milliseconds.
pub(crate) fn hidden_ms(letter: &Letter) -> u64 {
    cloud::hidden_ms(&letter.queue)
}

impl Driver {
    /// The oldest message that can be received now.
    pub(super) fn ready(&self, which: &impl Fn(&Letter) -> bool) -> Option<Letter> {
        let now_ms = self.world.now_ms();
        let letters = self.world.cloud.letters();
        letters
            .into_iter()
            .find(|l| l.visible_at_ms <= now_ms && which(l))
    }

    pub(super) async fn deliver(&mut self, letter: Letter) {
        let hidden_until_ms = self.world.now_ms().saturating_add(hidden_ms(&letter));
        let cloud = &self.world.cloud;
        if !cloud.receive(&letter, hidden_until_ms, RECEPTIONS_MAX) {
            return;
        }
        let mut taken = false;
        for _ in 0..self.repeats() {
            let name = format!("message {}", letter.body);
            let done = handle(&self.world, std::slice::from_ref(&letter));
            let took = self.world.cloud.process(&name, done).await;
            taken |= took.is_some_and(|took| took.contains(&letter.id));
            self.audit().await;
        }
        if taken {
            self.world.cloud.taken(&letter);
        }
    }

    /// Delivers the gateway's notifications that are due. Gives whether there were any.
    pub(super) async fn notifications(&mut self) -> bool {
        let due = self
            .world
            .bank
            .with(|bank, now_ms| bank.due_notifications(now_ms));
        let any = !due.is_empty();
        for notification in due {
            let mut result = Delivered::Unanswered;
            for _ in 0..self.repeats() {
                result = self.notify(&notification).await;
                self.audit().await;
            }
            self.world
                .bank
                .with(|bank, now_ms| bank.notification_result(now_ms, notification.id, result));
        }
        any
    }

    /// Our end of a notification: what fails in a way that may pass answers 503, as under overload.
    async fn notify(&self, due: &Due) -> Delivered {
        let read = notification::verify(due.request.body(), &self.world.server_key)
            .expect("a signed notification");
        let order = read.order_id.parse().expect("an order id");
        let sales = self.world.sales();
        let name = format!(
            "notification {:?} of {}",
            read.transaction_status, read.order_id
        );
        let observed = sales.observe(order, read.transaction_id.as_deref());
        match self.world.cloud.process(&name, observed).await {
            Some(Ok(_)) => Delivered::Answered(200),
            Some(Err(error)) if error.retryable() => Delivered::Answered(503),
            Some(Err(error)) => panic!("{name}: {error}"),
            None => Delivered::Unanswered,
        }
    }

    /// Whether everything comes twice.
    #[must_use]
    pub fn twice(&self) -> bool {
        self.times == Times::Twice
    }
}

/// The function behind a queue with a batch of its messages, as its event source mapping calls it. Gives those that are
/// taken off the queue.
pub(crate) async fn handle(world: &World, letters: &[Letter]) -> Vec<u64> {
    let Some(first) = letters.first() else {
        return Vec::new();
    };
    let event = event(letters);
    let response = if [STAMPS_URL, BULK_URL].contains(&first.queue.as_str()) {
        bubuh_stamp::handler::batch(&world.stamper(), event).await
    } else {
        bubuh_enqueue::uploads::batch(&world.intake(), event).await
    };
    let failed = response.batch_item_failures;
    let failed: Vec<_> = failed.into_iter().map(|f| f.item_identifier).collect();
    let ids = letters.iter().map(|letter| letter.id);
    ids.filter(|id| !failed.contains(&id.to_string())).collect()
}

/// A batch of messages as a function is handed it.
///
/// # Panics
/// Never: it is one.
#[must_use]
pub fn event(letters: &[Letter]) -> SqsEvent {
    let messages: Vec<_> = letters.iter().map(received).collect();
    serde_json::from_value(json!({ "Records": messages })).expect("an event")
}

/// A message as the queue hands it out.
fn received(letter: &Letter) -> Value {
    let count = letter.received + 1;
    json!({
        "messageId": letter.id.to_string(),
        "body": letter.body,
        "attributes": { "ApproximateReceiveCount": count.to_string() },
    })
}
