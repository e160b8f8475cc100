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

/// A message on its way to its handler: what is to be done for it, and how it came.
#[derive(Debug)]
pub struct Mail<W> {
    id: String,
    /// Whether it came before.
    pub delivery: Delivery,
    /// What it asks for.
    pub work: W,
}

impl<W> Mail<W> {
    /// A message, read.
    pub fn of(message: SqsMessage, read: impl FnOnce(SqsMessage) -> W) -> Self {
        Self {
            id: message.message_id.clone().unwrap_or_default(),
            delivery: delivery(&message),
            work: read(message),
        }
    }
}

/// Runs `handle` on every record and reports the ones that failed, so that only they come again.
pub async fn each<F, Fut, E>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let mails = event.records.into_iter().map(|m| Mail::of(m, |m| m));
    run(mails.collect(), |message, _| handle(message))
        .await
        .response()
}

/// Runs `handle` on every message: side by side where they are delivered for the first time, and after them on the
/// others one by one. A message that kills its worker takes its whole batch with it once; from then on it is handled
/// alone, and what it costs the others is the wait for the next delivery.
pub async fn run<W, F, Fut, T, E>(mails: Vec<Mail<W>>, handle: F) -> Ran<T>
where
    F: Fn(W, Delivery) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Display,
{
    let (first, again): (Vec<_>, Vec<_>) = mails
        .into_iter()
        .partition(|mail| mail.delivery == Delivery::First);
    let mut ran = Ran {
        done: Vec::new(),
        failed: Vec::new(),
    };
    for (mails, at_once) in [(first, AT_ONCE), (again, 1)] {
        let runs = mails.into_iter().map(|mail| one(mail, &handle));
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

async fn one<W, F, Fut, T, E>(mail: Mail<W>, handle: &F) -> (String, Option<T>)
where
    F: Fn(W, Delivery) -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: Display,
{
    let Mail { id, delivery, work } = mail;
    // A handler's state lives in the services, so nothing half-changed is seen after a panic.
    let done = match AssertUnwindSafe(handle(work, delivery))
        .catch_unwind()
        .await
    {
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
fn delivery(message: &SqsMessage) -> Delivery {
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
