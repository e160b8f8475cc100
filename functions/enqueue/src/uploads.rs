//! One message of the uploads queue: storage's event, or another function's word.

use aws_lambda_events::sqs::SqsMessage;
use bubuh_core::document::Document;
use bubuh_steps::{Delivery, Intake, Preflight};
use bubuh_store::{Error, Message};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// Storage's event, as far as it is needed: whatever else is in it, or missing, loses no upload.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// Does what a message asks for. What can't be understood is logged and dropped: it carries no
/// state, and what it was about is due.
///
/// # Errors
/// Any [`Error`]: the message comes again.
pub async fn record<P: Preflight>(intake: &Intake<P>, message: SqsMessage) -> Result<(), Error> {
    let delivery = delivery(&message);
    let body = message.body.unwrap_or_default();
    match serde_json::from_str(&body) {
        Ok(Message::Accept(document)) => return accept(intake, document, delivery).await,
        Ok(Message::Wake(account)) => return intake.wake(&account).await,
        Ok(Message::Stamp(_)) | Err(_) => {}
    }
    let Ok(event) = serde_json::from_str::<Event>(&body) else {
        // Storage's greeting when the notification is set up has no records.
        tracing::info!(message = ?message.message_id, "not an upload");
        return Ok(());
    };
    for record in event.records {
        let key = record.s3.object.key.replace('+', " ");
        let key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
        match Document::of_source_key(&key) {
            Ok(document) => accept(intake, document, delivery).await?,
            Err(error) => tracing::error!(%error, "an object of no document"),
        }
    }
    Ok(())
}

/// The queue counts deliveries; without a count it may be any.
fn delivery(message: &SqsMessage) -> Delivery {
    let count = message.attributes.get("ApproximateReceiveCount");
    match count.map(String::as_str) {
        Some("1") => Delivery::First,
        _ => Delivery::Again,
    }
}

async fn accept<P: Preflight>(
    intake: &Intake<P>,
    document: bubuh_core::id::DocumentId,
    delivery: Delivery,
) -> Result<(), Error> {
    let accepted = intake.accept(document, delivery).await?;
    tracing::info!(%document, ?accepted, "looked at");
    Ok(())
}
