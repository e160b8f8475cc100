//! `steps::sweep`: one due row.

use super::{Call, accept::decided};
use crate::{
    cloud::Object,
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
        _ if document.is_erased() => purge(io, &document),
        // Deleting the sources of others that ended is left out.
        _ => Ok(()),
    }
}

/// `steps::sweep::purge` and `store::files::bury` of an erased document.
fn purge(io: &mut Io<'_>, document: &Document) -> Step<()> {
    while io.newest_upload(document.id)?.is_some() {
        io.delete_upload(document.id)?;
    }
    if let Some(key) = document.output_key() {
        let leaves_nothing = io.mutant == Some(Mutant::NoTombstoneWhenErased);
        while leaves_nothing || !io.store(&key, Object::Tombstone)? {
            match io.output(&key)? {
                Some(Object::File { .. }) => io.delete(&key)?,
                Some(Object::Tombstone) => break,
                None if leaves_nothing => break,
                None => {}
            }
        }
    }
    let writes = decided(document::purged(document, io.now_ms))?;
    io.commit(&writes).map(|_| ())
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
