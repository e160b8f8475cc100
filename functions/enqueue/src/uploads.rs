//! The uploads queue: storage's events, and other functions' words.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use bubuh_core::{
    document::Document,
    id::{AccountId, DocumentId},
};
use bubuh_edge::batch::{self, Mail};
use bubuh_steps::{Delivery, Intake, Preflight, Rows};
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

/// What a message asks for.
enum Asked {
    /// To look at these documents' uploads.
    Accept(Vec<DocumentId>),
    /// To queue what an account has waiting.
    Wake(AccountId),
}

/// Does what a batch of messages asks for. The rows of all documents are read together before, and what was queued is
/// sent together after; when that fails, the messages come again and find it queued.
pub async fn batch<P: Preflight>(intake: &Intake<P>, event: SqsEvent) -> SqsBatchResponse {
    let mails = event
        .records
        .into_iter()
        .map(|m| Mail::of(m, |m| asked(&m)));
    let mails: Vec<Mail<Asked>> = mails.collect();
    let first = mails.iter().filter(|mail| mail.delivery == Delivery::First);
    let named = first.flat_map(|mail| match &mail.work {
        Asked::Accept(documents) => documents.as_slice(),
        Asked::Wake(_) => &[],
    });
    let rows = intake.rows(named.copied().collect()).await;
    let mut ran = batch::run(mails, |asked, delivery| {
        record(intake, &rows, asked, delivery)
    })
    .await;
    let queued = ran.done.iter_mut().flat_map(|(_, queued)| queued.drain(..));
    let queued: Vec<Document> = queued.collect();
    if let Err(error) = intake.queues.stamp_all(&queued).await {
        tracing::warn!(%error, "the messages come again");
        ran.failed.extend(ran.done.drain(..).map(|(id, _)| id));
    }
    ran.response()
}

/// Does what one message asks for; gives the documents that are to be sent.
async fn record<P: Preflight>(
    intake: &Intake<P>,
    rows: &Rows,
    asked: Asked,
    delivery: Delivery,
) -> Result<Vec<Document>, Error> {
    let mut queued = Vec::new();
    match asked {
        Asked::Accept(documents) => {
            for id in documents {
                let row = rows.get(&id).cloned();
                let (accepted, document) = intake.take_in(id, row, delivery).await?;
                tracing::info!(document = %id, ?accepted, "looked at");
                queued.extend(document);
            }
        }
        Asked::Wake(account) => intake.wake(&account).await?,
    }
    Ok(queued)
}

/// What can't be understood is logged and asks for nothing: it carries no state, and what it was about is due.
fn asked(message: &SqsMessage) -> Asked {
    let body = message.body.as_deref().unwrap_or_default();
    match serde_json::from_str(body) {
        Ok(Message::Accept(document)) => return Asked::Accept(vec![document]),
        Ok(Message::Wake(account)) => return Asked::Wake(account),
        Ok(Message::Stamp(_)) | Err(_) => {}
    }
    let Ok(event) = serde_json::from_str::<Event>(body) else {
        // Storage's greeting when the notification is set up has no records.
        tracing::info!(message = ?message.message_id, "not an upload");
        return Asked::Accept(Vec::new());
    };
    let documents = event.records.iter().filter_map(|record| {
        let key = record.s3.object.key.replace('+', " ");
        let key = percent_decode_str(&key).decode_utf8_lossy();
        Document::of_source_key(&key)
            .inspect_err(|error| tracing::error!(%error, "an object of no document"))
            .ok()
    });
    Asked::Accept(documents.collect())
}
