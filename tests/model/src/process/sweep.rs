//! `steps::sweep`: one due row.

use super::{Call, accept::decided};
use crate::{
    io::{Io, Step, becomes},
    mutant::Mutant,
    state::{Due, Message},
};
use bubuh_core::{
    document::{self, DocumentState, WAIT_AT_MOST_MS},
    id::DocumentId,
    refund::RefundState,
};

pub(super) fn one(io: &mut Io<'_>, due: Due) -> Step<()> {
    match due {
        Due::Document(id) => document(io, id),
        Due::Order(_) => becomes(Call::Overdue),
        Due::Refund(key) => match io.refund(key)? {
            Some(refund) if matches!(refund.state, RefundState::Due | RefundState::Sent) => {
                io.send(Message::Refund(key))
            }
            _ => Ok(()),
        },
    }
}

fn document(io: &mut Io<'_>, id: DocumentId) -> Step<()> {
    let Some(document) = io.document(id)? else {
        return Ok(());
    };
    let now_ms = io.now_ms;
    if document.due_at_ms.is_none_or(|due| due > now_ms) {
        return Ok(());
    }
    let writes = match document.state {
        DocumentState::AwaitingUpload => {
            if io.newest_upload(id)?.is_some() {
                return io.send(Message::Accept(id));
            }
            decided(document::abandon(&document, now_ms))?
        }
        DocumentState::AwaitingStamp => {
            if now_ms.saturating_sub(document.since_ms) < WAIT_AT_MOST_MS {
                return io.send(Message::Accept(id));
            }
            decided(document::abandon(&document, now_ms))?
        }
        DocumentState::Queued | DocumentState::Stamping => {
            if io.mutant != Some(Mutant::NoResend) {
                io.send(Message::Stamp(id))?;
            }
            decided(document::resent(&document, now_ms))?
        }
        // Deleting the sources of ended documents is left out.
        _ => return Ok(()),
    };
    io.commit(&writes).map(|_| ())
}
