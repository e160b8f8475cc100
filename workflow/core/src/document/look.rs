//! Looking again: what `sweep` finds due is put off first, and only then sent, so that what fails each
//! time makes way for the rest, and a queue that is behind is not filled with the same message.

use super::{Document, DocumentState, UPLOAD_WITHIN_MS, WAIT_AT_MOST_MS};
use crate::{
    error::Error,
    patience::{doubled_ms, next_look_ms},
    queue::Progress,
    write::Write,
};

/// How long a document may be silent before it is looked at again, in milliseconds; it doubles.
pub(super) const LOOK_SOONEST_MS: u64 = 60_000;
const LOOK_LATEST_MS: u64 = 60 * 60 * 1000;
/// When storage is first asked for an upload nobody told of, in milliseconds: its event may be lost.
pub(super) const FIRST_UPLOAD_LOOK_MS: u64 = 10 * 60 * 1000;
/// How long an ended document's source is kept, in milliseconds: seven days.
pub(super) const KEEP_SOURCE_MS: u64 = 7 * 24 * 60 * 60 * 1000;
/// Documents of an account that may wait for stamps which nobody has bought: so many files are kept unpaid, for weeks.
/// Two workers that look at once may each let one more in.
pub const WAITING_MAX: u16 = 1_000;
/// How often an examination of a file is begun and not ended before the file is refused: one that
/// kills whoever examines it must not be examined for ever.
pub const EXAMINATIONS_MAX: u64 = 10;

/// The document is about to be sent again, or its uploaded file to be examined again: the next look
/// is put off.
///
/// # Errors
/// [`Error::IllegalTransition`] when nothing is awaited.
pub fn look_again(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    let (state, due_at_ms, tries) = match document.state {
        DocumentState::AwaitingUpload | DocumentState::Abandoned if document.source.is_none() => {
            if document.is_purged_now() {
                return Err(document.illegal("look again"));
            }
            let tries = document.tries.checked_add(1).ok_or(Error::Overflow)?;
            let wait_ms = doubled_ms(tries, LOOK_SOONEST_MS, LOOK_LATEST_MS);
            let due_at_ms = now_ms.saturating_add(wait_ms);
            (DocumentState::AwaitingUpload, due_at_ms, tries)
        }
        DocumentState::AwaitingStamp => {
            let at_ms = document.next_look_ms(now_ms);
            let end_ms = document.since_ms.saturating_add(WAIT_AT_MOST_MS);
            (document.state, at_ms.min(end_ms), document.tries)
        }
        DocumentState::Queued | DocumentState::Stamping => (
            document.state,
            document.next_look_ms(now_ms),
            document.tries,
        ),
        _ => return Err(document.illegal("look again")),
    };
    let mut next = document.entering(state, now_ms)?;
    next.due_at_ms = Some(due_at_ms);
    next.tries = tries;
    Ok(vec![document.replace(next)])
}

/// A queued document whose turn has not come, for those before it are not served yet: the next look is put off until
/// it should have. `None` when it is not so, and the document may be missed by the queue.
///
/// # Errors
/// [`Error::Overflow`].
pub fn await_turn(
    document: &Document,
    lane: &Progress,
    now_ms: u64,
) -> Result<Option<Vec<Write>>, Error> {
    let Some(ticket) = document.ticket else {
        return Ok(None);
    };
    if document.state != DocumentState::Queued || lane.before(ticket.number) == 0 {
        return Ok(None);
    }
    let mut next = document.entering(document.state, now_ms)?;
    let turn_ms = lane.eta(ticket.number, now_ms).latest_ms;
    let soonest_ms = now_ms.saturating_add(LOOK_SOONEST_MS);
    let latest_ms = now_ms.saturating_add(LOOK_LATEST_MS);
    next.due_at_ms = Some(turn_ms.unwrap_or(latest_ms).clamp(soonest_ms, latest_ms));
    Ok(Some(vec![document.replace(next)]))
}

/// Storage was asked and nothing is uploaded yet: the next look is put off.
///
/// # Errors
/// [`Error::IllegalTransition`] unless an upload is awaited.
pub fn await_upload(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    if document.state != DocumentState::AwaitingUpload {
        return Err(document.illegal("await upload"));
    }
    let mut next = document.entering(document.state, now_ms)?;
    let at_ms = next_look_ms(
        document.since_ms,
        now_ms,
        FIRST_UPLOAD_LOOK_MS,
        UPLOAD_WITHIN_MS,
    );
    let end_ms = document.since_ms.saturating_add(UPLOAD_WITHIN_MS);
    next.due_at_ms = Some(at_ms.min(end_ms));
    Ok(vec![document.replace(next)])
}

/// The source of an ended document is to be deleted, or was; of an erased one, every file.
///
/// An abandoned document's file is pinned and could still be accepted, so the row lets go of it
/// first; what is then still due is the deletion, and nothing is accepted until that is done.
///
/// # Errors
/// [`Error::IllegalTransition`] while the source may still be needed.
pub fn purged(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    let ended = document.state.is_terminal() || document.state == DocumentState::Abandoned;
    if !ended || document.due_at_ms.is_none_or(|due| due > now_ms) {
        return Err(document.illegal("purge"));
    }
    let mut next = document.entering(document.state, now_ms)?;
    if document.state == DocumentState::Abandoned && document.source.is_some() {
        next.source = None;
        next.due_at_ms = Some(now_ms);
    } else {
        next.due_at_ms = document.erased_once_more_ms(now_ms);
    }
    Ok(vec![document.replace(next)])
}

impl Document {
    /// Whether its upload is being deleted: nothing may be accepted meanwhile.
    #[must_use]
    pub fn is_purged_now(&self) -> bool {
        self.state == DocumentState::Abandoned && self.source.is_none() && self.due_at_ms.is_some()
    }

    /// When to look at it next, not before `soonest_ms`: when it is to be looked at already, if that is not much later.
    /// A time that moves costs two writes of the index; that it stays costs nothing but a late look at what the queue
    /// brings again by itself.
    pub(super) fn look_after_ms(&self, soonest_ms: u64) -> u64 {
        let latest_ms = soonest_ms.saturating_add(FIRST_UPLOAD_LOOK_MS);
        match self.due_at_ms {
            Some(due_ms) if (soonest_ms..=latest_ms).contains(&due_ms) => due_ms,
            _ => soonest_ms,
        }
    }

    /// When to look at it next if nothing comes of it until then.
    pub(super) fn next_look_ms(&self, now_ms: u64) -> u64 {
        next_look_ms(self.since_ms, now_ms, LOOK_SOONEST_MS, LOOK_LATEST_MS)
    }
}
