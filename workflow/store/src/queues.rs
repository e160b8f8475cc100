//! The queues. A message only says "look at this row"; it carries no state and may come twice.

use crate::error::{Error, classify};
use aws_sdk_sqs::{
    Client,
    types::{QueueAttributeName, SendMessageBatchRequestEntry},
};
use bubuh_core::{
    document::Document,
    id::{AccountId, DocumentId},
    ticket::Lane,
};
use serde::{Deserialize, Serialize};

/// Messages in one request at most (AWS quota).
const ENTRIES_MAX: usize = 10;

/// The queues.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
    urls: QueueUrls,
}

/// Where the queues are; a function that never sends to one may leave it empty.
#[derive(Debug, Clone, Default)]
pub struct QueueUrls {
    /// Uploads to look at, and accounts to wake.
    pub uploads: String,
    /// Documents to stamp, in everyone's lane.
    pub single: String,
    /// Documents to stamp, of accounts with many under way.
    pub bulk: String,
}

/// What a message asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Stamp this document.
    Stamp(DocumentId),
    /// This document's file may be there: check and queue it.
    Accept(DocumentId),
    /// Stamps became available: queue what this account has waiting.
    Wake(AccountId),
}

impl Queues {
    /// The queues at these URLs.
    #[must_use]
    pub const fn new(client: Client, urls: QueueUrls) -> Self {
        Self { client, urls }
    }

    fn of_lane(&self, lane: Lane) -> &str {
        match lane {
            Lane::Single => &self.urls.single,
            Lane::Bulk => &self.urls.bulk,
        }
    }

    /// Asks for a document to be stamped, in the lane of its ticket. The account is the fair queue's group, so one
    /// account's thousands do not delay another's one.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; the row stays due, so sweep sends again.
    pub async fn stamp(&self, document: &Document) -> Result<(), Error> {
        let lane = lane_of(document);
        let message = Message::Stamp(document.id);
        self.send(self.of_lane(lane), &message, Some(&document.account))
            .await
    }

    /// As [`Queues::stamp`] for several, ten in a request.
    ///
    /// # Errors
    /// As there, once all were tried; some may have been sent, and a message that comes twice does no harm.
    pub async fn stamp_all(&self, documents: &[Document]) -> Result<(), Error> {
        let mut done = Ok(());
        for lane in Lane::ALL {
            let of_lane: Vec<&Document> = documents.iter().filter(|d| lane_of(d) == lane).collect();
            for few in of_lane.chunks(ENTRIES_MAX) {
                done = done.and(self.stamp_few(lane, few).await);
            }
        }
        done
    }

    async fn stamp_few(&self, lane: Lane, documents: &[&Document]) -> Result<(), Error> {
        let mut entries = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(text(&Message::Stamp(document.id))?)
                .message_group_id(group_id(&document.account))
                .build()
                .map_err(|e| Error::Refused {
                    doing: "send",
                    why: e.to_string(),
                })?;
            entries.push(entry);
        }
        let sent = self
            .client
            .send_message_batch()
            .queue_url(self.of_lane(lane))
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|e| classify("send", &e))?;
        // An answer of 200 may say that some were not taken.
        match sent.failed.first() {
            None => Ok(()),
            Some(failed) => Err(Error::Unavailable {
                doing: "send",
                why: format!(
                    "{} of {} were not taken: {}",
                    sent.failed.len(),
                    documents.len(),
                    failed.code
                ),
            }),
        }
    }

    /// How many documents of a lane nobody has taken up, and how many workers have in hand; about.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn depth(&self, lane: Lane) -> Result<(u64, u64), Error> {
        self.depth_at(self.of_lane(lane)).await
    }

    /// The same of uploads that wait to be looked at.
    ///
    /// # Errors
    /// As [`Queues::depth`].
    pub async fn uploads_depth(&self) -> Result<(u64, u64), Error> {
        self.depth_at(&self.urls.uploads).await
    }

    async fn depth_at(&self, url: &str) -> Result<(u64, u64), Error> {
        let visible = QueueAttributeName::ApproximateNumberOfMessages;
        let in_flight = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let found = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(visible.clone())
            .attribute_names(in_flight.clone())
            .send()
            .await
            .map_err(|e| classify("look at a queue", &e))?;
        let number = |name: QueueAttributeName| {
            let text = found.attributes.as_ref().and_then(|a| a.get(&name));
            text.and_then(|text| text.parse().ok())
                .ok_or_else(|| Error::Unreadable {
                    what: format!("{name} of {url}"),
                    why: "no number".to_owned(),
                })
        };
        Ok((number(visible)?, number(in_flight)?))
    }

    /// Asks for a document's upload to be looked at.
    ///
    /// # Errors
    /// As [`Queues::stamp`].
    pub async fn accept(&self, document: DocumentId) -> Result<(), Error> {
        self.send(&self.urls.uploads, &Message::Accept(document), None)
            .await
    }

    /// Says that an account has stamps again.
    ///
    /// # Errors
    /// As [`Queues::stamp`].
    pub async fn wake(&self, account: &AccountId) -> Result<(), Error> {
        self.send(&self.urls.uploads, &Message::Wake(account.clone()), None)
            .await
    }

    async fn send(
        &self,
        url: &str,
        message: &Message,
        group: Option<&AccountId>,
    ) -> Result<(), Error> {
        let body = text(message)?;
        self.client
            .send_message()
            .queue_url(url)
            .message_body(body)
            .set_message_group_id(group.map(group_id))
            .send()
            .await
            .map(|_| ())
            .map_err(|e| classify("send", &e))
    }
}

fn text(message: &Message) -> Result<String, Error> {
    serde_json::to_string(message).map_err(|e| Error::Refused {
        doing: "send",
        why: e.to_string(),
    })
}

fn lane_of(document: &Document) -> Lane {
    document.ticket.map_or(Lane::Single, |ticket| ticket.lane)
}

/// A group id has a narrow alphabet and 128 characters; an account's digest always fits, and does not
/// carry the account's name.
fn group_id(account: &AccountId) -> String {
    bubuh_core::id::Sha256::of(account.as_str().as_bytes())
        .as_str()
        .to_owned()
}
