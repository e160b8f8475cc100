//! The ends that spend nothing: refuse, cancel, abandon. Each gives the stamp and the serial back.

use super::{Document, DocumentState, Reason, UPLOAD_WITHIN_MS, look::KEEP_SOURCE_MS, work::held};
use crate::{
    error::Error,
    hook::Topic,
    inventory::{Block, Offer},
    lot::{Bucket, StampMove},
    money::Stamps,
    write::Write,
};

/// How long a document waits for a stamp, in milliseconds: 30 days.
pub const WAIT_AT_MOST_MS: u64 = 30 * 24 * 60 * 60 * 1000;

/// The file can't be stamped after all. Legal only after a tombstone was stored at the output key,
/// since storage knows no fence: with the tombstone there, no late worker's file can become visible.
///
/// # Errors
/// [`Error::Fenced`] when another worker has claimed since.
pub fn refuse(
    document: &Document,
    fence: u64,
    reason: Reason,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if document.state == DocumentState::Rejected {
        return Ok(Vec::new());
    }
    held(document, fence, "refuse")?;
    let mut next = document.entering(DocumentState::Rejected, now_ms)?;
    next.reason = Some(reason);
    let mut writes = give_back(document, next, now_ms)?;
    writes.extend(document.tells(Topic::DocumentRejected, None, now_ms));
    Ok(writes)
}

/// The owner cancels. `tombstoned`: a tombstone stands at the output key, which a document that was
/// ever claimed needs. One that may be stamped at an issuer elsewhere is not cancelled any more.
///
/// # Errors
/// [`Error::IllegalTransition`] once a worker may be at it.
pub fn cancel(document: &Document, tombstoned: bool, now_ms: u64) -> Result<Vec<Write>, Error> {
    match document.state {
        DocumentState::Cancelled => Ok(Vec::new()),
        DocumentState::AwaitingUpload | DocumentState::AwaitingStamp | DocumentState::Abandoned => {
            let mut next = document.entering(DocumentState::Cancelled, now_ms)?;
            next.lacks = None;
            next.due_at_ms = Some(now_ms.saturating_add(KEEP_SOURCE_MS));
            let mut writes = vec![document.replace(next)];
            writes.extend(document.unlisted());
            Ok(writes)
        }
        DocumentState::Queued if document.fence == 0 => {
            let next = document.entering(DocumentState::Cancelled, now_ms)?;
            give_back(document, next, now_ms)
        }
        DocumentState::Stalled if tombstoned && !document.may_be_stamped_elsewhere() => {
            let next = document.entering(DocumentState::Cancelled, now_ms)?;
            give_back(document, next, now_ms)
        }
        _ => Err(document.illegal("cancel")),
    }
}

/// Nothing was uploaded in time (storage was asked), or no stamp came in 30 days.
///
/// # Errors
/// [`Error::IllegalTransition`] in any other case.
pub fn abandon(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    let waited_ms = now_ms.saturating_sub(document.since_ms);
    let legal = match document.state {
        DocumentState::AwaitingUpload => waited_ms >= UPLOAD_WITHIN_MS,
        DocumentState::AwaitingStamp => waited_ms >= WAIT_AT_MOST_MS,
        _ => false,
    };
    if !legal {
        return Err(document.illegal("abandon"));
    }
    let mut next = document.entering(DocumentState::Abandoned, now_ms)?;
    next.lacks = None;
    next.tries = 0;
    if document.source.is_some() {
        next.due_at_ms = Some(now_ms.saturating_add(KEEP_SOURCE_MS));
    }
    let mut writes = vec![document.replace(next)];
    writes.extend(document.unlisted());
    Ok(writes)
}

fn give_back(document: &Document, mut next: Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    let Some(reservation) = &document.reservation else {
        return Err(document.illegal("give back"));
    };
    next.lease = None;
    next.reservation = None;
    next.due_at_ms = Some(now_ms.saturating_add(KEEP_SOURCE_MS));
    let serial = reservation.serial.clone();
    let block = Block::returned(&serial, document.id);
    let offer = Offer {
        serial,
        block: block.id,
    };
    Ok(vec![
        document.replace(next),
        Write::Move(StampMove::new(
            document.account.clone(),
            reservation.lot,
            Bucket::Reserved,
            Bucket::Available,
            Stamps::ONE,
        )?),
        Write::Block(block),
        Write::Unbind {
            offer,
            document: document.id,
        },
    ])
}
