//! The two queues. A message only says "look at this row"; it carries no state and may come twice.

use crate::error::{Error, classify};
use aws_sdk_sqs::Client;
use bubuh_core::id::{AccountId, DocumentId};
use serde::{Deserialize, Serialize};

/// The queues.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
    uploads: String,
    stamps: String,
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
    /// The queues at these URLs; a function that never sends to one may leave it empty.
    #[must_use]
    pub fn new(client: Client, uploads: impl Into<String>, stamps: impl Into<String>) -> Self {
        Self {
            client,
            uploads: uploads.into(),
            stamps: stamps.into(),
        }
    }

    /// Asks for a document to be stamped. The account is the fair queue's group, so one account's
    /// thousands do not delay another's one.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; the row stays due, so sweep sends again.
    pub async fn stamp(&self, document: DocumentId, account: &AccountId) -> Result<(), Error> {
        self.send(&self.stamps, &Message::Stamp(document), Some(account))
            .await
    }

    /// Asks for a document's upload to be looked at.
    ///
    /// # Errors
    /// As [`Queues::stamp`].
    pub async fn accept(&self, document: DocumentId) -> Result<(), Error> {
        self.send(&self.uploads, &Message::Accept(document), None)
            .await
    }

    /// Says that an account has stamps again.
    ///
    /// # Errors
    /// As [`Queues::stamp`].
    pub async fn wake(&self, account: &AccountId) -> Result<(), Error> {
        self.send(&self.uploads, &Message::Wake(account.clone()), None)
            .await
    }

    async fn send(
        &self,
        url: &str,
        message: &Message,
        group: Option<&AccountId>,
    ) -> Result<(), Error> {
        let body = serde_json::to_string(message).map_err(|e| Error::Refused {
            doing: "send",
            why: e.to_string(),
        })?;
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

/// A group id has a narrow alphabet and 128 characters; an account's digest always fits, and does not
/// carry the account's name.
fn group_id(account: &AccountId) -> String {
    bubuh_core::id::Sha256::of(account.as_str().as_bytes())
        .as_str()
        .to_owned()
}
