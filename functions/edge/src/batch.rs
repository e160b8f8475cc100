//! Batches of queue messages: each record succeeds or fails alone, also when its handler panics.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt;
use std::{fmt::Display, future::Future, panic::AssertUnwindSafe};

/// Runs `handle` on every record at once and reports the ones that failed, so that only they come again.
pub async fn each<F, Fut, E>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    F: Fn(SqsMessage) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: Display,
{
    let runs = event.records.into_iter().map(|record| {
        let id = record.message_id.clone().unwrap_or_default();
        // A handler's state lives in the services, so nothing half-changed is seen after a panic.
        let run = AssertUnwindSafe(handle(record)).catch_unwind();
        async move {
            match run.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => {
                    tracing::warn!(%error, message = %id, "the message comes again");
                    Some(id)
                }
                Err(_) => {
                    tracing::error!(message = %id, "the handler panicked");
                    Some(id)
                }
            }
        }
    });
    let failed = futures::future::join_all(runs).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .flatten()
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
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
