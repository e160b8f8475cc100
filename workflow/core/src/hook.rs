//! What an account wants to be told, and where: its webhooks, all in one row, so that their number and each change hang
//! on one condition, and who reads the account's lots reads it along.

mod sign;

pub use sign::{Secret, signature, signing};

use crate::{
    error::Error,
    id::{AccountId, HookId, Sha256},
    write::{Expect, Put, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Webhooks that an account may have.
pub const HOOKS_MAX: usize = 5;
/// Longest address, in characters.
pub const URL_MAX: usize = 500;
/// How long what is sent is signed with the secret before too, once another was made, in milliseconds: a day.
pub const BOTH_SECRETS_MS: u64 = 24 * 60 * 60 * 1000;

/// What may be told.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Topic {
    /// A document has its stamp.
    #[serde(rename = "document.stamped")]
    DocumentStamped,
    /// A document was refused; nothing was spent.
    #[serde(rename = "document.rejected")]
    DocumentRejected,
    /// An order is paid, and its stamps can be used.
    #[serde(rename = "order.credited")]
    OrderCredited,
    /// A refund's money went back.
    #[serde(rename = "refund.refunded")]
    RefundRefunded,
}

impl Topic {
    /// Its name in rows, answers and what is sent.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DocumentStamped => "document.stamped",
            Self::DocumentRejected => "document.rejected",
            Self::OrderCredited => "order.credited",
            Self::RefundRefunded => "refund.refunded",
        }
    }

    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::DocumentStamped,
        Self::DocumentRejected,
        Self::OrderCredited,
        Self::RefundRefunded,
    ];

    /// What can become of a document.
    pub const OF_DOCUMENTS: [Self; 2] = [Self::DocumentStamped, Self::DocumentRejected];
}

/// A secret that was replaced, while it still signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Replaced {
    /// When it was made, in milliseconds since the epoch.
    pub made_at_ms: u64,
    /// Until when it signs.
    pub until_ms: u64,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hook {
    /// Its name.
    pub id: HookId,
    /// Where what happens is told.
    pub url: String,
    /// What is told there.
    pub topics: BTreeSet<Topic>,
    /// The hash of the request that made it.
    pub request_hash: Sha256,
    /// When it was made, in milliseconds since the epoch.
    pub created_at_ms: u64,
    /// When its secret was made: what the secret is [derived](Secret::of) from. The secret itself is in no row.
    pub secret_made_at_ms: u64,
    /// The secret before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Replaced>,
    /// The request that had the secret replaced: sent again, it does nothing more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Sha256>,
    /// Since when nothing is told there, for it answered that it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone_at_ms: Option<u64>,
}

impl Hook {
    /// Whether this is to be told there.
    #[must_use]
    pub fn wants(&self, topic: Topic) -> bool {
        self.gone_at_ms.is_none() && self.topics.contains(&topic)
    }

    /// When the secrets were made that sign now, the newest first.
    pub fn secrets_made_at_ms(&self, now_ms: u64) -> impl Iterator<Item = u64> {
        let before = self.replaced.filter(|before| before.until_ms > now_ms);
        let before = before.map(|before| before.made_at_ms);
        std::iter::once(self.secret_made_at_ms).chain(before)
    }
}

/// What an owner asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The webhook's name.
    pub id: HookId,
    /// Where; it was found to be an address that may be called.
    pub url: String,
    /// What.
    pub topics: BTreeSet<Topic>,
    /// The hash of the request.
    pub request_hash: Sha256,
}

/// An account's webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hooks {
    /// Whose they are.
    pub account: AccountId,
    /// Grows by one with each change; 0: there is no row yet.
    pub version: u64,
    /// Them, the oldest first.
    pub hooks: Vec<Hook>,
}

impl Hooks {
    /// Of an account that has none.
    #[must_use]
    pub const fn none(account: AccountId) -> Self {
        Self {
            account,
            version: 0,
            hooks: Vec::new(),
        }
    }

    /// One of them.
    #[must_use]
    pub fn hook(&self, id: HookId) -> Option<&Hook> {
        self.hooks.iter().find(|hook| hook.id == id)
    }

    /// Whether any of them wants one of these.
    #[must_use]
    pub fn want(&self, topics: &[Topic]) -> bool {
        let mut hooks = self.hooks.iter();
        hooks.any(|hook| topics.iter().any(|topic| hook.wants(*topic)))
    }

    /// One more.
    ///
    /// # Errors
    /// [`Error::Invalid`] when nothing is to be told, or there are [`HOOKS_MAX`] already.
    pub fn add(&self, asked: Asked, now_ms: u64) -> Result<Vec<Write>, Error> {
        let invalid = |field, reason: String| Error::Invalid { field, reason };
        if asked.topics.is_empty() {
            return Err(invalid("events", "must name at least one".to_owned()));
        }
        if self.hooks.len() >= HOOKS_MAX {
            let reason = format!("an account has at most {HOOKS_MAX} webhooks; delete one first");
            return Err(invalid("url", reason));
        }
        let mut hooks = self.hooks.clone();
        hooks.push(Hook {
            id: asked.id,
            url: asked.url,
            topics: asked.topics,
            request_hash: asked.request_hash,
            created_at_ms: now_ms,
            secret_made_at_ms: now_ms,
            replaced: None,
            replaced_by: None,
            gone_at_ms: None,
        });
        self.replaced_by(hooks)
    }

    /// One fewer. No writes: it is not there.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn remove(&self, id: HookId) -> Result<Vec<Write>, Error> {
        if self.hook(id).is_none() {
            return Ok(Vec::new());
        }
        let mut hooks = self.hooks.clone();
        hooks.retain(|hook| hook.id != id);
        self.replaced_by(hooks)
    }

    /// Another secret; the one before signs for [`BOTH_SECRETS_MS`] more. No writes: this request had it done already, or
    /// there is no such webhook.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn rotate(&self, id: HookId, request: &Sha256, now_ms: u64) -> Result<Vec<Write>, Error> {
        self.change(id, |hook| {
            if hook.replaced_by.as_ref() == Some(request) {
                return false;
            }
            hook.replaced = Some(Replaced {
                made_at_ms: hook.secret_made_at_ms,
                until_ms: now_ms.saturating_add(BOTH_SECRETS_MS),
            });
            // Never the same, whatever the clock says.
            hook.secret_made_at_ms = now_ms.max(hook.secret_made_at_ms.saturating_add(1));
            hook.replaced_by = Some(request.clone());
            true
        })
    }

    /// It answered that it is gone: nothing is told there any more. No writes: it is known, or not there.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn gone(&self, id: HookId, now_ms: u64) -> Result<Vec<Write>, Error> {
        self.change(id, |hook| {
            let news = hook.gone_at_ms.is_none();
            hook.gone_at_ms.get_or_insert(now_ms);
            news
        })
    }

    fn change(&self, id: HookId, how: impl Fn(&mut Hook) -> bool) -> Result<Vec<Write>, Error> {
        let mut hooks = self.hooks.clone();
        if hooks.iter_mut().find(|hook| hook.id == id).is_some_and(how) {
            self.replaced_by(hooks)
        } else {
            Ok(Vec::new())
        }
    }

    fn replaced_by(&self, hooks: Vec<Hook>) -> Result<Vec<Write>, Error> {
        let expect = match self.version {
            0 => Expect::Absent,
            version => Expect::Version(version),
        };
        let row = Self {
            account: self.account.clone(),
            version: self.version.checked_add(1).ok_or(Error::Overflow)?,
            hooks,
        };
        Ok(vec![Write::Hooks(Put { expect, row })])
    }
}
