//! `steps::accept`: from an upload to a place in the queue.

use super::Call;
use crate::{
    io::{Io, Step, Stop, becomes},
    mutant::Mutant,
    start,
    state::Message,
};
use bubuh_core::{
    document::{self, Document, DocumentState, Grant, Lacks, Source},
    id::DocumentId,
    inventory::Offer,
    money::Stamps,
    ticket::{Lane, Ticket},
    write::Write,
};
use std::sync::Arc;

pub(super) fn wake(io: &mut Io<'_>) -> Step<()> {
    let waiting = io.waiting()?;
    next(&waiting)
}

/// A wake goes on with the next waiting document.
fn next(rest: &[DocumentId]) -> Step<()> {
    match rest.split_first() {
        Some((id, rest)) => becomes(Call::Accept {
            id: *id,
            rest: rest.to_vec(),
        }),
        None => Ok(()),
    }
}

pub(super) fn accept(io: &mut Io<'_>, id: DocumentId, rest: &[DocumentId]) -> Step<()> {
    let Some(document) = io.document(id)? else {
        return next(rest);
    };
    if document.state == DocumentState::Queued && document.fence == 0 {
        io.send(Message::Stamp(id))?;
        return next(rest);
    }
    if !document.may_be_accepted() {
        return next(rest);
    }
    let source = match &document.source {
        Some(pinned) => pinned.clone(),
        None => match io.newest_upload(id)? {
            Some((version, true)) => start::source(version),
            Some((_, false)) => {
                let writes = decided(document::reject(&document, start::reason(), io.now_ms))?;
                let _ = io.commit(&writes)?;
                return next(rest);
            }
            None => return next(rest),
        },
    };
    becomes(Call::Reserve {
        document,
        source,
        offer: None,
        rest: rest.to_vec(),
    })
}

pub(super) fn reserve(
    io: &mut Io<'_>,
    document: &Arc<Document>,
    source: &Source,
    in_hand: &Option<Offer>,
    rest: &[DocumentId],
) -> Step<()> {
    let mut lots = io.lots()?;
    lots.retain(|lot| lot.available > Stamps::ZERO);
    let lot = lots.first();
    let offer = match (lot, in_hand) {
        (Some(_), None) => io.serial()?,
        _ => in_hand.clone(),
    };
    let (Some(lot), Some(offer)) = (lot, offer) else {
        let lacks = lot.map_or(Lacks::Stamp, |_| Lacks::Serial);
        if document.lacks == Some(lacks) {
            return Ok(());
        }
        return wait(io, document, source, lacks, rest);
    };
    // Tickets only order the queue; that they differ is the counter's matter.
    let ticket = Ticket {
        lane: Lane::Single,
        number: 1,
    };
    let grant = Grant {
        source: source.clone(),
        lot,
        offer: offer.clone(),
        ticket,
        promised: None,
    };
    let writes = decided(document::accept(document, grant, io.now_ms))?;
    let again = |offer| Call::Reserve {
        document: document.clone(),
        source: source.clone(),
        offer,
        rest: rest.to_vec(),
    };
    match io.commit(&writes)? {
        Ok(()) => {
            io.send(Message::Stamp(document.id))?;
            next(rest)
        }
        Err(lost) => match writes.get(lost) {
            Some(Write::Document(_)) => moved_on(io, document.id, rest),
            Some(Write::Bind { .. }) => becomes(again(None)),
            _ => becomes(again(Some(offer))),
        },
    }
}

/// Waiting is written first, then stamps are looked for once more.
fn wait(
    io: &mut Io<'_>,
    document: &Document,
    source: &Source,
    lacks: Lacks,
    rest: &[DocumentId],
) -> Step<()> {
    let writes = decided(document::wait(document, source.clone(), lacks, io.now_ms))?;
    if io.commit(&writes)?.is_err() {
        return moved_on(io, document.id, rest);
    }
    if io.mutant == Some(Mutant::NoSecondLook) {
        return Ok(());
    }
    match io.document(document.id)? {
        Some(row) if row.state == DocumentState::AwaitingStamp => becomes(Call::Reserve {
            document: row,
            source: source.clone(),
            offer: None,
            rest: rest.to_vec(),
        }),
        _ => next(rest),
    }
}

fn moved_on(io: &mut Io<'_>, id: DocumentId, rest: &[DocumentId]) -> Step<()> {
    match io.document(id)? {
        Some(row) if row.state == DocumentState::Queued && row.fence == 0 => {
            io.send(Message::Stamp(id))?;
            next(rest)
        }
        Some(row) if row.may_be_accepted() => Err(Stop::Fails),
        _ => next(rest),
    }
}

/// A rule that refuses fails the step: the message comes again.
pub(super) fn decided<T>(decision: Result<T, bubuh_core::Error>) -> Step<T> {
    decision.map_err(|_| Stop::Fails)
}
