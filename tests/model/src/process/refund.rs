//! `steps::refund`: one step, as the refund's workflow calls it.

use super::{Call, accept::decided};
use crate::{
    io::{Io, Step, becomes},
    mutant::Mutant,
    state::Message,
};
use bubuh_core::{
    id::RefundKey,
    refund::{self, Answer, Next, RefundState},
    write::Write,
};

pub(super) fn step(io: &mut Io<'_>, key: RefundKey) -> Step<()> {
    let Some(refund) = io.refund(key)? else {
        return Ok(());
    };
    match decided(refund::plan(&refund, io.now_ms))? {
        Next::Done => Ok(()),
        Next::Stop(writes) => io.commit(&writes).map(|_| ()),
        Next::Call(writes) => {
            // Lost: this or another worker's attempt is written; asking again is harmless.
            let _ = io.commit(&writes)?;
            let refused_for_good = io.gateway_refund(key)?;
            let answer = match (io.gateway_shows(key)?, refused_for_good) {
                (true, _) => Answer::Made,
                (false, true) => Answer::Refused,
                (false, false) => Answer::Unclear,
            };
            becomes(Call::Settle(key, answer))
        }
    }
}

pub(super) fn settle(io: &mut Io<'_>, key: RefundKey, answer: Answer) -> Step<()> {
    let Some(refund) = io.refund(key)? else {
        return Ok(());
    };
    if matches!(refund.state, RefundState::Refunded | RefundState::Stuck) {
        return Ok(());
    }
    let Some(payment) = io.payment(refund.transaction.clone())? else {
        return Ok(());
    };
    let mut writes = decided(refund::settle(&refund, &payment, answer, io.now_ms))?;
    if writes.is_empty() {
        // The workflow waits, then calls again.
        return io.send(Message::Refund(key));
    }
    if io.mutant == Some(Mutant::NoHold) {
        writes.retain(|write| !matches!(write, Write::Move(_)));
    }
    let _ = io.commit(&writes)?;
    becomes(Call::Settle(key, answer))
}
