//! What people do about a refund that the gateway does not make: the buyer says where to pay, or keeps
//! the stamps; a person pays, or has the gateway asked once more.

use super::{
    Made, PayTo, Refund, RefundReason, RefundState,
    step::{illegal, made},
};
use crate::{
    case::{Case, Owner},
    error::Error,
    ledger::Entry,
    lot::Bucket,
    payment::{Method, Payment, PaymentState},
    write::Write,
};

/// The buyer says where the money is to be paid: a person pays it from here. Said again, the newer word
/// counts.
///
/// # Errors
/// [`Error::IllegalTransition`] unless it waits to be paid by hand.
pub fn pay_to(refund: &Refund, case: &Case, to: PayTo) -> Result<Vec<Write>, Error> {
    if refund.state != RefundState::Payout {
        return Err(illegal(refund, "pay to"));
    }
    if refund.pay_to.as_ref() == Some(&to) {
        return Ok(Vec::new());
    }
    let mut next = refund.clone();
    next.pay_to = Some(to);
    let mut writes = vec![refund.replaced_by(next)?];
    if case.owner != Owner::Finance {
        writes.push(case.hand_to(Owner::Finance)?);
    }
    Ok(writes)
}

/// The buyer keeps the stamps after all: they are usable at once. Said again, it is done already.
///
/// # Errors
/// [`Error::IllegalTransition`] unless the buyer asked for it and it waits to be paid by hand.
pub fn keep_stamps(
    refund: &Refund,
    payment: &Payment,
    case: &Case,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    let asked = refund.reason == RefundReason::BuyerAsked;
    if asked && refund.state == RefundState::Reversed {
        return Ok(Vec::new());
    }
    if !asked || refund.state != RefundState::Payout {
        return Err(illegal(refund, "keep the stamps"));
    }
    let mut next = refund.clone();
    next.enter(RefundState::Reversed, now_ms);
    next.pay_to = None;
    let mut writes = vec![
        refund.replaced_by(next)?,
        payment.replace(payment.refund_reversed(refund.amount)?),
        Write::Ledger(Entry::refund_reversed(
            refund.order,
            refund.key,
            refund.amount,
            now_ms,
        )),
    ];
    writes.extend(refund.release(Bucket::Available)?);
    writes.extend(Case::close_if_open(Some(case), by, "stamps kept", now_ms)?);
    Ok(writes)
}

/// A person paid the money, under this reference of our bank.
///
/// # Errors
/// [`Error::IllegalTransition`] unless it is in people's hands.
pub fn paid_by_hand(
    refund: &Refund,
    payment: &Payment,
    case: &Case,
    (by, reference): (&str, &str),
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    if !matches!(refund.state, RefundState::Stuck | RefundState::Payout) {
        return Err(illegal(refund, "pay by hand"));
    }
    let how = Some(Made::ByHand(reference.to_owned()));
    let entry = Entry::paid_out(refund.order, refund.key, refund.amount, now_ms);
    let mut writes = made(refund, payment, None, (how, Some(entry)), now_ms)?;
    writes.extend(Case::close_if_open(Some(case), by, "paid by hand", now_ms)?);
    Ok(writes)
}

/// A person has the gateway asked once more, for as long as a new refund.
///
/// # Errors
/// [`Error::IllegalTransition`] unless it is in people's hands and the gateway could make it.
pub fn retry(
    refund: &Refund,
    payment: &Payment,
    case: &Case,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    let in_hand = matches!(refund.state, RefundState::Stuck | RefundState::Payout);
    let possible = refund.method == Method::Qris && payment.state == PaymentState::Captured;
    if !in_hand || !possible {
        return Err(illegal(refund, "retry"));
    }
    let mut next = refund.clone();
    let again = if refund.attempts > 0 {
        RefundState::Sent
    } else {
        RefundState::Due
    };
    next.enter(again, now_ms);
    next.pay_to = None;
    next.trying_since_ms = now_ms;
    next.rounds = refund.rounds.checked_add(1).ok_or(Error::Overflow)?;
    next.next_at_ms = now_ms;
    next.due_at_ms = Some(now_ms);
    let mut writes = vec![refund.replaced_by(next)?];
    writes.extend(Case::close_if_open(Some(case), by, "tried again", now_ms)?);
    Ok(writes)
}
