//! `steps::sweep`: one due row.

use super::{Call, accept::decided};
use crate::{
    io::{Io, Step, becomes},
    mutant::Mutant,
    state::{Due, Message},
};
use bubuh_core::{
    document::{self, Document, DocumentState, WAIT_AT_MOST_MS},
    id::{BlockId, DocumentId},
    inventory,
    refund::RefundState,
};

pub(super) fn one(io: &mut Io<'_>, due: Due) -> Step<()> {
    match due {
        Due::Document(id) => document(io, id),
        Due::Block(id) => block(io, id),
        Due::Order(_) => becomes(Call::Overdue),
        Due::Refund(key) => match io.refund(key)? {
            Some(refund) if matches!(refund.state, RefundState::Due | RefundState::Sent) => {
                io.send(Message::Refund(key))
            }
            _ => Ok(()),
        },
    }
}

fn block(io: &mut Io<'_>, id: BlockId) -> Step<()> {
    let (Some(block), tied) = io.block(id)? else {
        return Ok(());
    };
    let writes = decided(inventory::settle(&block, &tied, io.now_ms))?;
    io.commit(&writes).map(|_| ())
}

fn document(io: &mut Io<'_>, id: DocumentId) -> Step<()> {
    let Some(document) = io.document(id)? else {
        return Ok(());
    };
    let now_ms = io.now_ms;
    if document.due_at_ms.is_none_or(|due| due > now_ms) {
        return Ok(());
    }
    match document.state {
        DocumentState::AwaitingUpload => {
            if io.newest_upload(id)?.is_some() {
                return look_again(io, &document, Message::Accept(id));
            }
            let writes = document::abandon(&document, now_ms)
                .or_else(|_| document::await_upload(&document, now_ms));
            io.commit(&decided(writes)?).map(|_| ())
        }
        DocumentState::AwaitingStamp => {
            if now_ms.saturating_sub(document.since_ms) < WAIT_AT_MOST_MS {
                return look_again(io, &document, Message::Accept(id));
            }
            let writes = decided(document::abandon(&document, now_ms))?;
            io.commit(&writes).map(|_| ())
        }
        DocumentState::Queued | DocumentState::Stamping => {
            look_again(io, &document, Message::Stamp(id))
        }
        // Deleting the sources of ended documents is left out.
        _ => Ok(()),
    }
}

/// The next look is put off first; only whoever wrote that sends.
fn look_again(io: &mut Io<'_>, document: &Document, message: Message) -> Step<()> {
    let writes = decided(document::look_again(document, io.now_ms))?;
    let silent = io.mutant == Some(Mutant::NoResend) && matches!(message, Message::Stamp(_));
    match io.commit(&writes)? {
        Ok(()) if !silent => io.send(message),
        _ => Ok(()),
    }
}
