//! `steps::order`: what the gateway says, and what a buyer asks.

use super::{Call, accept::decided};
use crate::{
    io::{Io, Step, becomes},
    mutant::Mutant,
    start,
    state::Message,
};
use bubuh_core::{
    id::TransactionId,
    money::Stamps,
    order::{self, Observed, ObservedState, Order, OrderState},
    refund::Refund,
    write::Write,
};
use std::sync::Arc;

pub(super) fn observe(
    io: &mut Io<'_>,
    transaction: Option<&TransactionId>,
    cancel: bool,
) -> Step<()> {
    let Some(order) = io.order(start::order())? else {
        return Ok(());
    };
    let seen = io.gateway_status(transaction.cloned())?;
    becomes(Call::Apply {
        order,
        seen,
        cancel,
    })
}

pub(super) fn apply(
    io: &mut Io<'_>,
    order: &Arc<Order>,
    seen: &Observed,
    cancel: bool,
) -> Step<()> {
    let payment = io.payment(seen.transaction.clone())?;
    let lots = match payment {
        Some(_) if seen.state == ObservedState::Disputed => io.lots()?,
        _ => Vec::new(),
    };
    let observed = order::observe(order, payment.as_ref(), &lots, seen, io.now_ms);
    let writes = decided(observed)?;
    if writes.is_empty() {
        follow_up(io, seen)?;
        return if cancel {
            becomes(Call::CancelPlaced)
        } else {
            Ok(())
        };
    }
    let _ = io.commit(&writes)?;
    let Some(order) = io.order(order.id)? else {
        return Ok(());
    };
    becomes(Call::Apply {
        order,
        seen: seen.clone(),
        cancel,
    })
}

fn follow_up(io: &mut Io<'_>, seen: &Observed) -> Step<()> {
    if seen.state != ObservedState::Captured {
        return Ok(());
    }
    io.send(Message::Wake)?;
    for key in io.open_refunds()? {
        io.send(Message::Refund(key))?;
    }
    Ok(())
}

pub(super) fn cancel(io: &mut Io<'_>) -> Step<()> {
    match io.order(start::order())? {
        Some(order) if order.state == OrderState::AwaitingPayment => {
            io.gateway_end(ObservedState::Cancelled)?;
            becomes(Call::Observe {
                transaction: None,
                cancel: true,
            })
        }
        _ => becomes(Call::CancelPlaced),
    }
}

pub(super) fn cancel_placed(io: &mut Io<'_>) -> Step<()> {
    let Some(order) = io.order(start::order())? else {
        return Ok(());
    };
    match order.cancel(io.now_ms) {
        Ok(writes) if !writes.is_empty() => {
            let _ = io.commit(&writes)?;
            becomes(Call::CancelPlaced)
        }
        _ => Ok(()),
    }
}

/// Past the time to pay the gateway's transaction is ended, then looked at.
pub(super) fn overdue(io: &mut Io<'_>) -> Step<()> {
    match io.order(start::order())? {
        Some(order) if order.state == OrderState::AwaitingPayment => {
            io.gateway_end(ObservedState::Expired)?;
        }
        // Closed: put off here, and looked at whatever becomes of that.
        Some(order) => match order.look_again(io.now_ms) {
            Ok(writes) => {
                let _ = io.commit(&writes)?;
            }
            Err(_) => return Ok(()),
        },
        None => return Ok(()),
    }
    becomes(Call::Observe {
        transaction: None,
        cancel: false,
    })
}

/// One stamp of the order, under the `n`th key.
pub(super) fn ask_back(io: &mut Io<'_>, n: u8) -> Step<()> {
    let key = start::refund_key(n);
    if let Some(refund) = io.refund(key)? {
        if refund.due_at_ms.is_some() {
            io.send(Message::Refund(key))?;
        }
        return Ok(());
    }
    let Some(payment) = io.credited_payment()? else {
        return Ok(());
    };
    let lots = io.lots()?;
    let Ok((_, mut writes)) = Refund::ask(key, &payment, &lots, Stamps::ONE, io.now_ms) else {
        return Ok(());
    };
    if io.mutant == Some(Mutant::NoHold) {
        writes.retain(|write| !matches!(write, Write::Move(_)));
    }
    match io.commit(&writes)? {
        Ok(()) => io.send(Message::Refund(key)),
        Err(_) => becomes(Call::AskBack(n)),
    }
}
