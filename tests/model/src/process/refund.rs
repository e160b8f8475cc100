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
    let Some(payment) = io.payment(refund.transaction.clone())? else {
        return Ok(());
    };
    match decided(refund::plan(&refund, &payment, io.now_ms))? {
        Next::Done => Ok(()),
        Next::Look => {
            let made = io.gateway_shows(key)?;
            let answer = if made { Answer::Made } else { Answer::Refused };
            becomes(Call::Settle(key, answer))
        }
        Next::Stop(writes) => match io.commit(&writes)? {
            Ok(()) => Ok(()),
            Err(_) => becomes(Call::Refund(key)),
        },
        Next::Call(writes) => {
            // Another worker was here, or this attempt's reply was lost: the row tells.
            if io.commit(&writes)?.is_err() {
                return becomes(Call::Refund(key));
            }
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
    let Some(payment) = io.payment(refund.transaction.clone())? else {
        return Ok(());
    };
    let case = match refund.case {
        Some(id) => io.case(id)?,
        None => None,
    };
    let settled = refund::settle(&refund, &payment, case.as_ref(), answer, io.now_ms);
    let mut writes = decided(settled)?;
    let ended = !matches!(refund.state, RefundState::Due | RefundState::Sent);
    if writes.is_empty() && ended {
        return Ok(());
    }
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
