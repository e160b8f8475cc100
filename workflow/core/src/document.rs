//! A document on its way to one stamp: states, and the rules that move it.
//!
//! The row is the journal of its workflow. Safety rests on `version` (no two decisions on one state)
//! and `fence` (no late worker commits); the lease only decides when another worker may try.

mod accept;
mod erase;
mod finish;
mod look;
mod work;

pub use accept::{Grant, accept, reject, wait};
pub use erase::erase;
pub use finish::{WAIT_AT_MOST_MS, abandon, cancel, refuse};
pub use look::{EXAMINATIONS_MAX, WAITING_MAX, await_turn, await_upload, look_again, purged};
pub use work::{Claim, FirstClaim, TRIES_MAX, claim, commit, redrive};

use crate::{
    error::Error,
    event::Event,
    hook::Topic,
    id::{AccountId, DocumentId, Serial, Sha256},
    lot::LotId,
    money::Rupiah,
    queue::Promise,
    ticket::Ticket,
    write::{Expect, Put, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kinds of document the issuer knows (domain of UU 10/2020 art. 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum DocumentType {
    /// Statement, agreement and other letters.
    #[serde(rename = "3")]
    Statement,
    /// Deeds, securities, auction minutes and transactions.
    #[serde(rename = "2")]
    Transaction,
    /// Receipt of money above Rp5,000,000.
    #[serde(rename = "4a")]
    MoneyReceived,
    /// Debt settled above Rp5,000,000.
    #[serde(rename = "4b")]
    DebtSettled,
}

impl DocumentType {
    /// The issuer's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Statement => "3",
            Self::Transaction => "2",
            Self::MoneyReceived => "4a",
            Self::DebtSettled => "4b",
        }
    }
}

/// Where the stamp goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Placement {
    /// The page from 1; beyond the end means the last, none too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// `llx, lly, urx, ury` in points from the page's bottom left; none: the engine's default place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rect: Option<[i32; 4]>,
    /// A phrase on the page that marks the place; a rectangle goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
}

/// Longest phrase that marks a place, in characters.
const ANCHOR_MAX: usize = 100;

/// Where preflight found room. Pinned with the file, so that the stamp goes where its owner was told, whatever a later
/// engine would choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The page from 1.
    pub page: u32,
    /// `llx, lly, urx, ury` in thousandths of a point from the bottom left of the page as shown.
    pub rect_millipt: [i32; 4],
    /// It was asked for, or nothing was seen there; otherwise the stamp may cover something.
    pub free: bool,
}

/// The uploaded file, fixed when preflight accepted it: later uploads change nothing. It stands at
/// [`Document::source_key`], and its size and digest are the announced ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// The object's version.
    pub version_id: String,
    /// Where the stamp goes; none in rows from before places were pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// The stamp and serial that are this document's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reservation {
    /// The lot the stamp is from.
    pub lot: LotId,
    /// What the stamp cost.
    pub value: Rupiah,
    /// The serial.
    pub serial: Serial,
}

/// What the first claim fixes, so that a retry makes the same stamp.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Affixing {
    /// The stamp's time, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The signing key.
    pub key_id: String,
}

/// How the name of a key begins that an issuer elsewhere signs with.
pub const ELSEWHERE: &str = "elsewhere/";

impl Affixing {
    /// Whether an issuer elsewhere may have put the stamp on without our hearing of it: then its serial is used up there,
    /// and goes on no other document.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.key_id.starts_with(ELSEWHERE)
    }
}

/// A worker's right to try, and until when others wait.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lease {
    /// The delivery that holds it; the same delivery that lost a reply finds itself here.
    pub holder: String,
    /// Milliseconds since the epoch.
    pub until_ms: u64,
}

/// The stamped file, which stands at [`Document::output_key`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Output {
    /// Its digest.
    pub sha256: Sha256,
    /// Its size in bytes.
    pub size_bytes: u64,
}

/// Why a document was refused, for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// A stable word.
    pub code: String,
    /// Indonesian: what is wrong and what to do.
    pub message_id: String,
    /// The same in English.
    pub message_en: String,
}

/// What a waiting document lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lacks {
    /// The account has no stamp available.
    Stamp,
    /// The inventory has no serial.
    Serial,
}

/// Where a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Announced; the file is not there yet.
    AwaitingUpload,
    /// The file is fit; a stamp or a serial is missing.
    AwaitingStamp,
    /// Stamp and serial are reserved; a worker will come.
    Queued,
    /// A worker holds a fence.
    Stamping,
    /// Done.
    Stamped,
    /// Refused for a reason; nothing was spent.
    Rejected,
    /// Cancelled by its owner; nothing was spent.
    Cancelled,
    /// Every try failed; a case is open. Stamp and serial are still its own.
    Stalled,
    /// Never uploaded, or waited too long for a stamp.
    Abandoned,
}

impl DocumentState {
    /// The state's name in rows and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingUpload => "awaiting_upload",
            Self::AwaitingStamp => "awaiting_stamp",
            Self::Queued => "queued",
            Self::Stamping => "stamping",
            Self::Stamped => "stamped",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Stalled => "stalled",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether nothing can happen to the document any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Stamped | Self::Rejected | Self::Cancelled)
    }

    /// Whether a stamp and a serial are bound to a document in this state.
    #[must_use]
    pub const fn holds_reservation(self) -> bool {
        matches!(self, Self::Queued | Self::Stamping | Self::Stalled)
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Document {
    /// Its name.
    pub id: DocumentId,
    /// Whose it is.
    pub account: AccountId,
    /// Grows by one with each change.
    pub version: u64,
    /// Where it is.
    pub state: DocumentState,
    /// What its owner calls it; empty once erased. Never logged.
    pub name: String,
    /// Its kind.
    pub document_type: DocumentType,
    /// Where the stamp goes.
    pub placement: Placement,
    /// The announced size in bytes.
    pub size_bytes: u64,
    /// The announced digest.
    pub sha256: Sha256,
    /// The hash of the request that made it.
    pub request_hash: Sha256,
    /// When it was announced, in milliseconds since the epoch.
    pub created_at_ms: u64,
    /// When it entered its state.
    pub since_ms: u64,
    /// The file, once fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// What it lacks while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lacks: Option<Lacks>,
    /// Its stamp and serial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<Reservation>,
    /// Its place in the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// When its owner was first told that it would be finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Promise>,
    /// When its owner needs it, in milliseconds since the epoch. It moves nothing: it is what the wait is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// Grows with each claim and never falls: a worker's writes hold only under the newest fence.
    pub fence: u64,
    /// Begun examinations of its file; later, claims since it was queued or redriven by a person.
    #[serde(default)]
    pub tries: u64,
    /// Who may try now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// What the first claim fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affixing: Option<Affixing>,
    /// The stamped file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Output>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When `sweep` must look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at_ms: Option<u64>,
    /// Whether its end is to be told to a webhook, as its account wanted when it was queued or refused. An account without
    /// webhooks has no such attribute, and costs nothing more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
    /// When its owner wanted it gone, in milliseconds since the epoch. It has no name then, and soon no files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at_ms: Option<u64>,
}

/// Files up to this size are taken, in bytes (domain rule of the service: 25 MiB).
pub const SIZE_MAX_BYTES: u64 = 25 * 1024 * 1024;

/// How long an upload may take, in milliseconds.
pub const UPLOAD_WITHIN_MS: u64 = 24 * 60 * 60 * 1000;

/// What an owner announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The document's name.
    pub id: DocumentId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// Its kind.
    pub document_type: DocumentType,
    /// Where the stamp goes.
    pub placement: Placement,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its digest.
    pub sha256: Sha256,
    /// When its owner needs it, in milliseconds since the epoch.
    pub deadline_ms: Option<u64>,
    /// The hash of the request.
    pub request_hash: Sha256,
}

impl Document {
    /// Whether a worker may have had an issuer elsewhere put the stamp on it.
    #[must_use]
    pub fn may_be_stamped_elsewhere(&self) -> bool {
        self.affixing.as_ref().is_some_and(Affixing::is_elsewhere)
    }

    /// A document that was announced and may now be uploaded.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field that can't be.
    pub fn announce(new: Announced, now_ms: u64) -> Result<(Self, Vec<Write>), Error> {
        let invalid = |field, reason: &str| Error::Invalid {
            field,
            reason: reason.to_owned(),
        };
        if new.size_bytes == 0 || new.size_bytes > SIZE_MAX_BYTES {
            return Err(invalid("size", "must be 1 byte to 25 MiB"));
        }
        new.sha256.bytes()?;
        if new.name.trim().is_empty()
            || new.name.chars().count() > 255
            || new.name.chars().any(char::is_control)
        {
            return Err(invalid(
                "name",
                "must be 1 to 255 characters, none of them a control character",
            ));
        }
        if let Some(anchor) = &new.placement.anchor
            && (anchor.chars().count() > ANCHOR_MAX
                || anchor.chars().any(char::is_control)
                || !anchor.chars().any(char::is_alphanumeric))
        {
            return Err(invalid(
                "anchor",
                "must be at most 100 characters, some of them letters or digits, none of them a control character",
            ));
        }
        let document = Self {
            id: new.id,
            account: new.account,
            version: 1,
            state: DocumentState::AwaitingUpload,
            name: new.name,
            document_type: new.document_type,
            placement: new.placement,
            size_bytes: new.size_bytes,
            sha256: new.sha256,
            request_hash: new.request_hash,
            created_at_ms: now_ms,
            since_ms: now_ms,
            source: None,
            lacks: None,
            reservation: None,
            ticket: None,
            promised: None,
            deadline_ms: new.deadline_ms,
            fence: 0,
            tries: 0,
            lease: None,
            affixing: None,
            output: None,
            reason: None,
            due_at_ms: Some(now_ms.saturating_add(look::FIRST_UPLOAD_LOOK_MS)),
            told: false,
            erased_at_ms: None,
        };
        let write = Write::Document(Box::new(Put {
            expect: Expect::Absent,
            row: document.clone(),
        }));
        Ok((document, vec![write]))
    }

    /// The key its file is uploaded under.
    #[must_use]
    pub fn source_key(id: DocumentId) -> String {
        format!("uploads/{id}")
    }

    /// The document a source key belongs to.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other key.
    pub fn of_source_key(key: &str) -> Result<DocumentId, Error> {
        key.strip_prefix("uploads/")
            .ok_or_else(|| Error::Invalid {
                field: "key",
                reason: "not an upload".to_owned(),
            })?
            .parse()
    }

    /// The key its stamped file is stored under; `None` before a serial is bound.
    #[must_use]
    pub fn output_key(&self) -> Option<String> {
        let serial = &self.reservation.as_ref()?.serial;
        Some(format!("stamped/{}/{serial}.pdf", self.id))
    }

    /// Its stamped file, with the key it stands at; `None` before it is stamped and once it is erased.
    #[must_use]
    pub fn stamped(&self) -> Option<(String, &Output)> {
        let output = self.output.as_ref().filter(|_| !self.is_erased());
        Some((self.output_key()?, output?))
    }

    fn entering(&self, state: DocumentState, now_ms: u64) -> Result<Self, Error> {
        Ok(Self {
            version: self.version.checked_add(1).ok_or(Error::Overflow)?,
            state,
            since_ms: if self.state == state {
                self.since_ms
            } else {
                now_ms
            },
            due_at_ms: None,
            ..self.clone()
        })
    }

    fn replace(&self, row: Self) -> Write {
        Write::Document(Box::new(Put {
            expect: Expect::Version(self.version),
            row,
        }))
    }

    /// Takes the document off its account's list of waiting ones, if it is on it.
    fn unlisted(&self) -> Option<Write> {
        (self.state == DocumentState::AwaitingStamp).then(|| Write::Unlist {
            account: self.account.clone(),
            document: self.id,
        })
    }

    /// The event of its end, if its account has a webhook.
    fn tells(&self, topic: Topic, sha256: Option<Sha256>, now_ms: u64) -> Option<Write> {
        let about = (self.id, sha256);
        self.told
            .then(|| Event::document(&self.account, topic, about, now_ms))
    }

    fn illegal(&self, event: &'static str) -> Error {
        Error::IllegalTransition {
            state: self.state.name(),
            event,
        }
    }
}
