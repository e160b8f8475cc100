//! What is owed to be told: an event is written in the very transaction that makes it true, and is its own journal of
//! who has been told. It is told at least once, each time under the same name.

mod deliver;

pub use deliver::{CALL_MS, FORGET_AFTER_MS, GIVE_UP_MS, HELD_MS, Next, TRIES_MAX};

use crate::{
    hook::Topic,
    id::{AccountId, DocumentId, EventId, HookId, OrderId, RefundKey, Sha256},
    write::{Expect, Put, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an event is about: names and a digest. Everything else is asked of the API, by who may.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum About {
    /// A refund.
    Refund {
        /// Its order.
        order: OrderId,
        /// Its key.
        refund: RefundKey,
    },
    /// An order.
    Order {
        /// Its name.
        order: OrderId,
    },
    /// A document.
    Document {
        /// Its name.
        document: DocumentId,
        /// The stamped file's digest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256>,
    },
}

/// What became of a try to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was answered with this status.
    Answered(u16),
    /// Nobody could be reached there.
    Unreachable,
    /// No answer came, or none in time: it may have been heard.
    NoAnswer,
}

impl Outcome {
    /// Whether it was heard.
    #[must_use]
    pub const fn heard(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }

    /// Whether whoever is there says to be told nothing more.
    #[must_use]
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Answered(410))
    }

    /// Whether whatever else is owed there would fare no better now.
    #[must_use]
    pub const fn is_down(self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::NoAnswer | Self::Answered(429 | 502 | 503 | 504)
        )
    }
}

/// A try to tell, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Attempt {
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// How far the telling of one webhook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// It is still to be told.
    Owed,
    /// It was told.
    Delivered,
    /// Every try failed.
    GivenUp,
    /// The webhook was deleted, or is gone.
    Off,
}

/// The telling of one webhook.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Delivery {
    /// The webhook.
    pub hook: HookId,
    /// How far it is.
    pub state: Telling,
    /// Tries since the event happened, or was last replayed.
    pub tries: u32,
    /// When the next one may be, in milliseconds since the epoch.
    pub next_at_ms: u64,
    /// The newest tries of which something is known, the oldest first.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// Its name: made of what it is about, so that the same is never told under two.
    pub id: EventId,
    /// Whose it is.
    pub account: AccountId,
    /// Grows by one with each change.
    pub version: u64,
    /// What happened.
    pub topic: Topic,
    /// To what.
    pub about: About,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// Since when it is tried to tell it: later than that, if a person had it replayed.
    pub trying_since_ms: u64,
    /// Whom it is told to; nobody before it was first looked at.
    #[serde(default)]
    pub to: Vec<Delivery>,
    /// When it must be looked at again: to be told, or in the end to be forgotten.
    pub due_at_ms: u64,
}

impl Event {
    fn new(id: EventId, account: &AccountId, topic: Topic, about: About, now_ms: u64) -> Self {
        Self {
            id,
            account: account.clone(),
            version: 1,
            topic,
            about,
            at_ms: now_ms,
            trying_since_ms: now_ms,
            to: Vec::new(),
            due_at_ms: now_ms,
        }
    }

    /// The event of a document's end.
    #[must_use]
    pub fn of_document(topic: Topic, document: DocumentId) -> EventId {
        EventId::derive(&[topic.name(), &document.to_string()])
    }

    pub(crate) fn document(
        account: &AccountId,
        topic: Topic,
        (document, sha256): (DocumentId, Option<Sha256>),
        now_ms: u64,
    ) -> Write {
        let id = Self::of_document(topic, document);
        let about = About::Document { document, sha256 };
        Self::new(id, account, topic, about, now_ms).create()
    }

    pub(crate) fn credited(account: &AccountId, order: OrderId, now_ms: u64) -> Write {
        let topic = Topic::OrderCredited;
        let id = EventId::derive(&[topic.name(), &order.to_string()]);
        Self::new(id, account, topic, About::Order { order }, now_ms).create()
    }

    pub(crate) fn refunded(
        account: &AccountId,
        (order, refund): (OrderId, RefundKey),
        now_ms: u64,
    ) -> Write {
        let topic = Topic::RefundRefunded;
        let id = EventId::derive(&[topic.name(), &refund.to_string()]);
        let about = About::Refund { order, refund };
        Self::new(id, account, topic, about, now_ms).create()
    }

    fn create(self) -> Write {
        Write::Event(Put {
            expect: Expect::Absent,
            row: self,
        })
    }

    /// How many are given up by these writes that were not before.
    #[must_use]
    pub fn given_up_by(&self, writes: &[Write]) -> usize {
        let given_up = |event: &Self| {
            let to = event.to.iter();
            to.filter(|to| to.state == Telling::GivenUp).count()
        };
        let after = writes.iter().find_map(|write| match write {
            Write::Event(put) if put.row.id == self.id => Some(given_up(&put.row)),
            _ => None,
        });
        after.unwrap_or_default().saturating_sub(given_up(self))
    }

    /// Whether somebody was not told in any try.
    #[must_use]
    pub fn is_given_up(&self) -> bool {
        let mut to = self.to.iter();
        to.any(|delivery| delivery.state == Telling::GivenUp)
    }
}
