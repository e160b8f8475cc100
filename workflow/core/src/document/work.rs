//! Claim and commit: a worker's two decisions.

use super::{
    Affixing, Document, DocumentState, Lease, Output,
    look::{KEEP_SOURCE_MS, LOOK_SOONEST_MS},
};
use crate::{
    case::{Case, CaseKind},
    error::Error,
    hook::Topic,
    id::DocumentId,
    ledger::Entry,
    lot::{Bucket, StampMove},
    money::Stamps,
    patience::doubled_ms,
    write::Write,
};

/// How many claims a document gets before a person looks: with the growing waits between them, some
/// three hours, so that an outage of what a worker needs is sat out.
pub const TRIES_MAX: u64 = 10;
/// How long others wait for the second claim's worker, in milliseconds; it doubles with each claim.
const SECOND_LEASE_MS: u64 = 30_000;
const LONGEST_LEASE_MS: u64 = 60 * 60 * 1000;

/// What a worker that met a document may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Write these and, if they hold, work on the row they leave.
    Take(Box<Document>, Vec<Write>),
    /// The worker holds it already, under a live lease: an earlier claim's reply was lost.
    Held(Box<Document>),
    /// Every try failed: write these, then stop.
    Stall(Vec<Write>),
    /// Ended, or not ready: acknowledge the message.
    Nothing,
}

/// The claim of a document that nobody has claimed since it was queued: it is decided without reading the row, for all
/// that it hangs on is a condition. Carried out as one update that gives back the row, it saves each document a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstClaim {
    /// The document.
    pub id: DocumentId,
    /// Who may try, and until when.
    pub lease: Lease,
    /// What is fixed by it.
    pub affixing: Affixing,
    /// When it is made.
    pub now_ms: u64,
}

impl FirstClaim {
    /// The first claim of a document, on the terms of [`claim`].
    #[must_use]
    pub fn new(id: DocumentId, holder: &str, key_id: &str, lease_ms: u64, now_ms: u64) -> Self {
        Self {
            id,
            lease: Lease {
                holder: holder.to_owned(),
                until_ms: now_ms.saturating_add(lease_ms),
            },
            affixing: Affixing {
                at_ms: now_ms,
                key_id: key_id.to_owned(),
            },
            now_ms,
        }
    }

    /// The row it leaves; `None` where its condition does not hold: the document is not queued, or was claimed before.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn of(&self, document: &Document) -> Result<Option<Document>, Error> {
        if document.state != DocumentState::Queued || document.fence != 0 {
            return Ok(None);
        }
        // When to look at it stays as it was set when it was queued: the queue itself brings it again if the worker dies.
        let due_at_ms = document.due_at_ms;
        let mut next = document.entering(DocumentState::Stamping, self.now_ms)?;
        next.due_at_ms = due_at_ms;
        next.fence = 1;
        next.tries = 1;
        next.lease = Some(self.lease.clone());
        next.affixing = Some(self.affixing.clone());
        Ok(Some(next))
    }
}

/// A worker asks for a document. Time and key are fixed by the first claim. The lease lasts
/// `lease_ms`, and longer with each try, so that tries do not run out in an outage.
///
/// # Errors
/// [`Error::Leased`] while another worker's lease is live.
pub fn claim(
    document: &Document,
    holder: &str,
    key_id: &str,
    lease_ms: u64,
    now_ms: u64,
) -> Result<Claim, Error> {
    match (document.state, &document.lease) {
        (DocumentState::Queued, _) => {}
        // Once the lease is over the same holder counts as another try: a delivery that kills its
        // worker each time must not be tried for ever.
        (DocumentState::Stamping, Some(lease)) if lease.until_ms > now_ms => {
            if lease.holder == holder {
                return Ok(Claim::Held(Box::new(document.clone())));
            }
            return Err(Error::Leased {
                until_ms: lease.until_ms,
            });
        }
        (DocumentState::Stamping, _) => {}
        _ => return Ok(Claim::Nothing),
    }
    let first = FirstClaim::new(document.id, holder, key_id, lease_ms, now_ms);
    if let Some(next) = first.of(document)? {
        let write = document.replace(next.clone());
        return Ok(Claim::Take(Box::new(next), vec![write]));
    }
    if document.tries >= TRIES_MAX {
        return Ok(Claim::Stall(stall(document, now_ms)?));
    }
    let mut next = document.entering(DocumentState::Stamping, now_ms)?;
    next.fence = document.fence.checked_add(1).ok_or(Error::Overflow)?;
    next.tries = document.tries.checked_add(1).ok_or(Error::Overflow)?;
    let until_ms = now_ms.saturating_add(match document.tries {
        0 => lease_ms,
        tried => lease_ms.max(doubled_ms(tried, SECOND_LEASE_MS, LONGEST_LEASE_MS)),
    });
    next.lease = Some(Lease {
        holder: holder.to_owned(),
        until_ms,
    });
    next.affixing.get_or_insert(first.affixing);
    next.due_at_ms = Some(until_ms);
    let write = document.replace(next.clone());
    Ok(Claim::Take(Box::new(next), vec![write]))
}

fn stall(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    let mut next = document.entering(DocumentState::Stalled, now_ms)?;
    next.lease = None;
    let case = Case::open(
        CaseKind::DocumentStalled(document.id.to_string()),
        document.account.clone(),
        format!("no worker finished it in {} tries", document.tries),
        now_ms,
        document.version,
    );
    Ok(vec![document.replace(next), case.create()])
}

/// The stamped file is stored: the document is stamped, and its stamp spent. Holds only for the
/// worker with the newest fence; the file that is stored wins, whoever made it.
///
/// # Errors
/// [`Error::Fenced`] when another worker has claimed since.
pub fn commit(
    document: &Document,
    fence: u64,
    output: Output,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if document.state == DocumentState::Stamped {
        return Ok(Vec::new());
    }
    let reservation = held(document, fence, "commit")?;
    let mut next = document.entering(DocumentState::Stamped, now_ms)?;
    next.lease = None;
    let sha256 = output.sha256.clone();
    next.output = Some(output);
    next.due_at_ms = Some(now_ms.saturating_add(KEEP_SOURCE_MS));
    let mut writes = vec![
        document.replace(next),
        Write::Move(StampMove::new(
            document.account.clone(),
            reservation.lot,
            Bucket::Reserved,
            Bucket::Stamped,
            Stamps::ONE,
        )?),
        Write::Ledger(Entry::stamped(
            reservation.lot.order,
            document.id,
            reservation.value,
            now_ms,
        )),
    ];
    writes.extend(document.tells(Topic::DocumentStamped, Some(sha256), now_ms));
    Ok(writes)
}

/// The reservation of a document that is being stamped under this fence.
pub(super) fn held<'a>(
    document: &'a Document,
    fence: u64,
    event: &'static str,
) -> Result<&'a super::Reservation, Error> {
    if document.fence != fence {
        return Err(Error::Fenced {
            held: fence,
            current: document.fence,
        });
    }
    match (document.state, &document.reservation) {
        (DocumentState::Stamping, Some(reservation)) => Ok(reservation),
        _ => Err(document.illegal(event)),
    }
}

/// A person, or a file found at the output key, gives a stalled document a new round of tries. Stamp,
/// serial, time and fence stay as they are.
///
/// # Errors
/// [`Error::IllegalTransition`] unless the document is stalled.
pub fn redrive(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    if document.state != DocumentState::Stalled {
        return Err(document.illegal("redrive"));
    }
    let mut next = document.entering(DocumentState::Queued, now_ms)?;
    next.tries = 0;
    next.due_at_ms = Some(now_ms.saturating_add(LOOK_SOONEST_MS));
    Ok(vec![document.replace(next)])
}
