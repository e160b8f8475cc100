//! What a state makes possible.

use crate::{
    cloud::Fate,
    io::Request,
    process::{self, Call},
    state::{Due, Message, State},
};
use bubuh_core::document::{Document, DocumentState};

/// Rows that are not at an end, and when sweep must look at them.
pub(crate) fn unfinished(state: &State) -> impl Iterator<Item = (Due, Option<u64>)> {
    let documents = state.rows.documents.values().filter(|d| {
        matches!(
            d.state,
            DocumentState::AwaitingUpload
                | DocumentState::AwaitingStamp
                | DocumentState::Queued
                | DocumentState::Stamping
        ) || d.is_erased()
    });
    let documents = documents.map(|d| (Due::Document(d.id), d.due_at_ms));
    let orders = state.rows.orders.values();
    let orders = orders.map(|o| (Due::Order(o.id), o.due_at_ms));
    let refunds = state.rows.refunds.values();
    let refunds = refunds.map(|r| (Due::Refund(r.key), r.due_at_ms));
    // A block is looked at only where something waits for what it may bring back: all else would be idle states.
    let waits = |d: &Document| d.state == DocumentState::AwaitingStamp;
    let wanted = state.rows.documents.values().any(waits);
    let blocks = state.rows.blocks.values().filter(move |_| wanted);
    let blocks = blocks.map(|b| (Due::Block(b.id), b.due_at_ms));
    documents.chain(orders).chain(refunds).chain(blocks)
}

pub(crate) fn due(state: &State) -> impl Iterator<Item = Due> {
    unfinished(state).filter_map(|(row, at)| at.is_some_and(|at| at <= state.now_ms).then_some(row))
}

/// How a request may go here and now.
pub(crate) fn fates(state: &State, request: &Request) -> Vec<Fate> {
    let left = &state.left;
    let mut fates = vec![Fate::Well];
    let writes = matches!(
        request,
        Request::Commit(_)
            | Request::Serial
            | Request::Store(..)
            | Request::Delete(_)
            | Request::DeleteUpload(_)
            | Request::Send(_)
            | Request::GatewayEnd(_)
            | Request::GatewayRefund(_)
    );
    // A process that dies before a write was as good as dead since the write before.
    if writes && left.crashes > 0 {
        fates.push(Fate::Dies);
    }
    if matches!(
        request,
        Request::Commit(_) | Request::Serial | Request::Store(..)
    ) && left.repeats > 0
    {
        fates.push(Fate::Twice);
    }
    let says_no = match request {
        Request::Affix => left.refusals,
        Request::GatewayEnd(_) | Request::GatewayRefund(_) => left.gateway_faults,
        _ => 0,
    };
    if says_no > 0 {
        fates.push(Fate::Refused);
    }
    if matches!(request, Request::GatewayRefund(_)) && left.gateway_faults > 0 {
        fates.push(Fate::Unclear);
    }
    fates
}

/// What a function does with a message.
pub(crate) fn call(state: &State, message: &Message) -> Call {
    match message {
        Message::Accept(id) => Call::Accept {
            id: *id,
            rest: Vec::new(),
        },
        Message::Wake => Call::Wake,
        Message::Stamp(id) => Call::Stamp {
            id: *id,
            holder: holder(state),
        },
        Message::Notify(transaction) => Call::Observe {
            transaction: Some(transaction.clone()),
            cancel: false,
        },
        Message::Refund(key) => Call::Refund(*key),
    }
}

/// A name that no live worker and no lease bears: random words, few enough to be told apart.
fn holder(state: &State) -> u8 {
    let taken = |n: &u8| {
        let name = process::holder_name(*n);
        let leases = state
            .rows
            .documents
            .values()
            .filter_map(|d| d.lease.as_ref());
        leases.into_iter().any(|l| l.holder == name)
            || state.running.iter().any(|r| {
                matches!(&r.call, Call::Stamp { holder, .. } | Call::Work { holder, .. }
                    if holder == n)
            })
    };
    (0..=u8::MAX).find(|n| !taken(n)).unwrap_or_default()
}
