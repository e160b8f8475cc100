//! Batches of queue messages: each record succeeds or fails alone, also when its handler panics.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use bubuh_steps::Delivery;
use futures::{FutureExt, StreamExt, stream};
use std::{fmt::Display, future::Future, panic::AssertUnwindSafe};

/// Records handled side by side: a whole batch, for they mostly wait for storage, and ten of the largest files fit in
/// the memory that the template gives.
const AT_ONCE: usize = 10;

/// What became of a batch: what each record gave, by its message, and the messages that come again.
#[derive(Debug)]
pub struct Ran<T> {
    /// Of those that were handled.
    pub done: Vec<(String, T)>,
    /// The others.
    pub failed: Vec<String>,
}

impl<T> Ran<T> {
    /// What the queue is told: only what failed comes again.
    #[must_use]
    pub fn response(self) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = self
            .failed
            .into_iter()
            .map(|id| {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                failure
            })
            .collect();
        response
    }
}

/// Runs `handle` on every record and reports the ones that failed, so that only they come again.
pub async fn each<F, Fut, E>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    run(event.records, handle).await.response()
}

/// Runs `handle` on every record: on a few at once where they are delivered for the first time, and after them on the
/// others one by one. A record that kills its worker takes its whole batch with it once; from then on it is handled
/// alone, and what it costs the others is the wait for the next delivery.
pub async fn run<F, Fut, T, E>(records: Vec<SqsMessage>, handle: F) -> Ran<T>
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Display,
{
    let (first, again): (Vec<_>, Vec<_>) = records
        .into_iter()
        .partition(|record| delivery(record) == Delivery::First);
    let mut ran = Ran {
        done: Vec::new(),
        failed: Vec::new(),
    };
    for (records, at_once) in [(first, AT_ONCE), (again, 1)] {
        let runs = records.into_iter().map(|record| one(record, &handle));
        let mut runs = stream::iter(runs).buffer_unordered(at_once);
        while let Some((id, done)) = runs.next().await {
            match done {
                Some(done) => ran.done.push((id, done)),
                None => ran.failed.push(id),
            }
        }
    }
    ran
}

async fn one<F, Fut, T, E>(record: SqsMessage, handle: &F) -> (String, Option<T>)
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Display,
{
    let id = record.message_id.clone().unwrap_or_default();
    // A handler's state lives in the services, so nothing half-changed is seen after a panic.
    let done = match AssertUnwindSafe(handle(record)).catch_unwind().await {
        Ok(Ok(done)) => Some(done),
        Ok(Err(error)) => {
            tracing::warn!(%error, message = %id, "the message comes again");
            None
        }
        Err(_) => {
            tracing::error!(message = %id, "the handler panicked");
            None
        }
    };
    (id, done)
}

/// The queue counts deliveries; without a count it may be any.
#[must_use]
pub fn delivery(message: &SqsMessage) -> Delivery {
    let count = message.attributes.get("ApproximateReceiveCount");
    match count.map(String::as_str) {
        Some("1") => Delivery::First,
        _ => Delivery::Again,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(bodies: &[&str]) -> SqsEvent {
        let records: Vec<_> = bodies
            .iter()
            .map(|body| serde_json::json!({ "messageId": body, "body": body }))
            .collect();
        serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
    }

    #[tokio::test]
    async fn a_record_that_fails_or_panics_fails_alone() {
        let response = each(
            event(&["good", "bad", "panics", "good too"]),
            |m| async move {
                match m.body.as_deref() {
                    Some("bad") => Err("no"),
                    Some("panics") => panic!("on purpose"),
                    _ => Ok(()),
                }
            },
        )
        .await;
        let failed: Vec<_> = response
            .batch_item_failures
            .iter()
            .map(|f| f.item_identifier.as_str())
            .collect();
        assert_eq!(failed, ["bad", "panics"]);
    }
}
