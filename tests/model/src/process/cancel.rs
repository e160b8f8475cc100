//! `steps::announce`: what an owner or an operator asks of a document.

use super::{Call, accept::decided};
use crate::{
    cloud::Object,
    io::{Io, Step, becomes},
    state::Message,
};
use bubuh_core::{
    document::{self, Document, DocumentState},
    id::DocumentId,
};

pub(super) fn cancel(io: &mut Io<'_>, id: DocumentId) -> Step<()> {
    let Some(row) = io.document(id)? else {
        return Ok(());
    };
    let mut tombstoned = false;
    if row.state == DocumentState::Stalled
        && let Some(key) = row.output_key()
    {
        tombstoned =
            io.store(&key, Object::Tombstone)? || io.output(&key)? == Some(Object::Tombstone);
        if !tombstoned {
            // A file stands there after all: the next worker finds it and commits it.
            return requeue(io, &row);
        }
    }
    // A rule that refuses is the owner's answer.
    let Ok(writes) = document::cancel(&row, tombstoned, io.now_ms) else {
        return Ok(());
    };
    match io.commit(&writes)? {
        Ok(()) if row.reservation.is_some() => io.send(Message::Wake),
        Ok(()) => Ok(()),
        Err(_) => becomes(Call::Cancel(id)),
    }
}

pub(super) fn erase(io: &mut Io<'_>, id: DocumentId) -> Step<()> {
    let Some(row) = io.document(id)? else {
        return Ok(());
    };
    let Ok(writes) = document::erase(&row, io.now_ms) else {
        return Ok(());
    };
    match io.commit(&writes)? {
        Ok(()) => Ok(()),
        Err(_) => becomes(Call::Erase(id)),
    }
}

pub(super) fn redrive(io: &mut Io<'_>, id: DocumentId) -> Step<()> {
    let Some(row) = io.document(id)? else {
        return Ok(());
    };
    requeue(io, &row)
}

fn requeue(io: &mut Io<'_>, row: &Document) -> Step<()> {
    let writes = decided(document::redrive(row, io.now_ms))?;
    let _ = io.commit(&writes)?;
    io.send(Message::Stamp(row.id))
}
