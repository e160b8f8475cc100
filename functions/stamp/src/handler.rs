//! One queue message: one document.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use bubuh_edge::batch;
use bubuh_steps::Stamper;
use bubuh_store::{Error, Message, issuer::Affixer};

/// Stamps what a batch of messages names.
pub async fn batch<A: Affixer>(stamper: &Stamper<A>, event: SqsEvent) -> SqsBatchResponse {
    batch::each(event, |message| record(stamper, message)).await
}

/// Stamps the document a message names. A message that names none is logged and dropped: its row,
/// if there is one, is due, and is sent again.
///
/// # Errors
/// Any [`Error`]: the message comes again.
async fn record<A: Affixer>(stamper: &Stamper<A>, message: SqsMessage) -> Result<(), Error> {
    let body = message.body.unwrap_or_default();
    match serde_json::from_str(&body) {
        Ok(Message::Stamp(document)) => {
            let done = stamper.stamp(document).await?;
            tracing::info!(%document, ?done, "worked");
        }
        _ => tracing::error!(message = ?message.message_id, "not a stamp message"),
    }
    Ok(())
}
