//! An owner's right to have what is personal deleted (UU 27/2022 on personal data, article 8). What the law makes us
//! keep stays: that the serial was used, when, and the digests that a stamped file is verified by (UU 10/2020), and the
//! books of what was paid (UU 8/1997, article 11).

use super::{Document, DocumentState, Placement, look::KEEP_SOURCE_MS};
use crate::{error::Error, write::Write};

impl Document {
    /// Whether its files are to be deleted, or were: they are shown to nobody any more.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        self.erased_at_ms.is_some()
    }

    /// Whether its files may still be there though it is erased: nobody has deleted them yet.
    #[must_use]
    pub fn is_being_erased(&self) -> bool {
        self.is_erased() && self.due_at_ms == self.erased_at_ms
    }

    /// When the files of an erased document are looked at once more, in milliseconds since the epoch: a link to upload
    /// that was given before may still have been followed. `None`: they were.
    pub(super) fn erased_once_more_ms(&self, now_ms: u64) -> Option<u64> {
        let again_ms = self.erased_at_ms?.saturating_add(KEEP_SOURCE_MS);
        (now_ms < again_ms).then_some(again_ms)
    }
}

/// The owner wants its name and files gone. The row forgets the name first; the files are then due to be deleted, and
/// nobody is shown them meanwhile. What was not ended is cancelled by it, where it still can be.
///
/// # Errors
/// [`Error::IllegalTransition`] while a stamp is on its way.
pub fn erase(document: &Document, now_ms: u64) -> Result<Vec<Write>, Error> {
    if document.is_erased() {
        return Ok(Vec::new());
    }
    let state = match document.state {
        DocumentState::Stamped | DocumentState::Rejected => document.state,
        // What is only abandoned would be taken up again with the next upload.
        DocumentState::AwaitingUpload
        | DocumentState::AwaitingStamp
        | DocumentState::Abandoned
        | DocumentState::Cancelled => DocumentState::Cancelled,
        DocumentState::Queued | DocumentState::Stamping | DocumentState::Stalled => {
            return Err(document.illegal("erase"));
        }
    };
    let mut next = document.entering(state, now_ms)?;
    next.name = String::new();
    next.placement = Placement::default();
    next.lacks = None;
    next.erased_at_ms = Some(now_ms);
    next.due_at_ms = Some(now_ms);
    let mut writes = vec![document.replace(next)];
    writes.extend(document.unlisted());
    Ok(writes)
}
