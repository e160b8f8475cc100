//! From an uploaded file to a place in the queue.

use super::{
    Document, DocumentState, Lacks, Reason, Reservation, Source,
    look::{KEEP_SOURCE_MS, LOOK_SOONEST_MS},
};
use crate::{
    error::Error,
    hook::Topic,
    inventory::Offer,
    lot::{Bucket, Lot, StampMove},
    money::Stamps,
    queue::Promise,
    ticket::Ticket,
    write::Write,
};

/// What a document is given to be queued.
#[derive(Debug, Clone)]
pub struct Grant<'a> {
    /// The file preflight found fit.
    pub source: Source,
    /// A lot with a stamp available.
    pub lot: &'a Lot,
    /// A serial that a block handed out.
    pub offer: Offer,
    /// Its place in the queue.
    pub ticket: Ticket,
    /// When its turn will be, if anybody can tell.
    pub promised: Option<Promise>,
}

impl Document {
    /// Whether its file may still be accepted.
    #[must_use]
    pub fn may_be_accepted(&self) -> bool {
        let awaited = matches!(
            self.state,
            DocumentState::AwaitingUpload | DocumentState::AwaitingStamp | DocumentState::Abandoned
        );
        awaited && !self.is_purged_now()
    }

    /// Whether a file may still come for it: none was accepted yet.
    #[must_use]
    pub fn expects_file(&self) -> bool {
        self.source.is_none() && self.may_be_accepted()
    }
}

/// Reserves a stamp, binds the serial and queues the document, all or nothing.
///
/// # Errors
/// [`Error::IllegalTransition`] when the document is past this; nothing is spent then.
pub fn accept(document: &Document, grant: Grant<'_>, now_ms: u64) -> Result<Vec<Write>, Error> {
    if !document.may_be_accepted() {
        return Err(document.illegal("accept"));
    }
    let mut next = document.entering(DocumentState::Queued, now_ms)?;
    next.source = Some(document.source.clone().unwrap_or(grant.source));
    next.lacks = None;
    next.ticket = Some(grant.ticket);
    next.promised = grant.promised;
    next.reservation = Some(Reservation {
        lot: grant.lot.id,
        value: grant.lot.unit_price,
        serial: grant.offer.serial.clone(),
    });
    next.tries = 0;
    // While it stands in line there is nothing to look at: to send it again would only lengthen the line.
    let turn_ms = grant.promised.map_or(now_ms, |p| p.latest_ms.max(now_ms));
    next.due_at_ms = Some(document.look_after_ms(turn_ms.saturating_add(LOOK_SOONEST_MS)));
    let mut writes = vec![
        document.replace(next),
        Write::Move(StampMove::new(
            document.account.clone(),
            grant.lot.id,
            Bucket::Available,
            Bucket::Reserved,
            Stamps::ONE,
        )?),
        Write::Bind {
            offer: grant.offer,
            document: document.id,
        },
    ];
    writes.extend(document.unlisted());
    Ok(writes)
}

/// The file is fit, but a stamp or a serial is missing: the document waits, and is tried again when
/// one comes. Its file is pinned already.
///
/// # Errors
/// [`Error::IllegalTransition`] when the document is past this.
pub fn wait(
    document: &Document,
    source: Source,
    lacks: Lacks,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if !document.may_be_accepted() {
        return Err(document.illegal("wait"));
    }
    let mut next = document.entering(DocumentState::AwaitingStamp, now_ms)?;
    next.source = Some(document.source.clone().unwrap_or(source));
    next.lacks = Some(lacks);
    next.due_at_ms = Some(next.next_look_ms(now_ms));
    let mut writes = vec![document.replace(next)];
    if document.state != DocumentState::AwaitingStamp {
        writes.push(Write::List {
            account: document.account.clone(),
            document: document.id,
        });
    }
    Ok(writes)
}

/// Preflight refused the file. Nothing was reserved.
///
/// # Errors
/// [`Error::IllegalTransition`] when the document is past this.
pub fn reject(document: &Document, reason: Reason, now_ms: u64) -> Result<Vec<Write>, Error> {
    if !document.expects_file() {
        return Err(document.illegal("reject"));
    }
    let mut next = document.entering(DocumentState::Rejected, now_ms)?;
    next.reason = Some(reason);
    next.due_at_ms = Some(now_ms.saturating_add(KEEP_SOURCE_MS));
    let mut writes = vec![document.replace(next)];
    writes.extend(document.tells(Topic::DocumentRejected, None, now_ms));
    Ok(writes)
}
