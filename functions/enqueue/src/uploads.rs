//! One message of the uploads queue: storage's event, or another function's word.

use aws_lambda_events::{s3::S3Event, sqs::SqsMessage};
use bubuh_core::document::Document;
use bubuh_steps::{Intake, Preflight};
use bubuh_store::{Error, Message};
use percent_encoding::percent_decode_str;

/// Does what a message asks for. What can't be understood is logged and dropped: it carries no
/// state, and what it was about is due.
///
/// # Errors
/// Any [`Error`]: the message comes again.
pub async fn record<P: Preflight>(intake: &Intake<P>, message: SqsMessage) -> Result<(), Error> {
    let body = message.body.unwrap_or_default();
    match serde_json::from_str(&body) {
        Ok(Message::Accept(document)) => return accept(intake, document).await,
        Ok(Message::Wake(account)) => return intake.wake(&account).await,
        Ok(Message::Stamp(_)) | Err(_) => {}
    }
    let Ok(event) = serde_json::from_str::<S3Event>(&body) else {
        // Storage's greeting when the notification is set up has no records.
        tracing::info!(message = ?message.message_id, "not an upload");
        return Ok(());
    };
    for record in event.records {
        let key = record.s3.object.key.unwrap_or_default().replace('+', " ");
        let key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
        match Document::of_source_key(&key) {
            Ok(document) => accept(intake, document).await?,
            Err(error) => tracing::error!(%error, "an object of no document"),
        }
    }
    Ok(())
}

async fn accept<P: Preflight>(
    intake: &Intake<P>,
    document: bubuh_core::id::DocumentId,
) -> Result<(), Error> {
    let accepted = intake.accept(document).await?;
    tracing::info!(%document, ?accepted, "looked at");
    Ok(())
}
