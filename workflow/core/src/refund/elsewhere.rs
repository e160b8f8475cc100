//! Refunds that somebody else made at the gateway, such as in its dashboard. The money is gone already:
//! it is booked to the refund it was meant for, or takes unused stamps; what remains is a case.

use super::{Held, Made, Refund, RefundReason, RefundState, step::made};
use crate::{
    capacity::Capacity,
    case::{Case, CaseKind},
    error::Error,
    id::RefundKey,
    ledger::Entry,
    lot::{Bucket, Lot, StampMove},
    money::{Rupiah, Stamps},
    payment::{Payment, PaymentState},
    write::{Expect, Put, Write},
};

/// A refund as the gateway's status lists it, under a key that is not ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The gateway's key; where it has none, its place in the list.
    pub key: String,
    /// How much went back.
    pub amount: Rupiah,
    /// Whether that is to be told to a webhook.
    pub told: bool,
}

impl Elsewhere {
    /// Our name for it: the same however often it is seen.
    #[must_use]
    pub fn name(&self, payment: &Payment) -> RefundKey {
        RefundKey::derive(&["elsewhere", payment.transaction.as_str(), &self.key])
    }
}

/// What must be written for a refund somebody else made. No writes: it is booked already.
///
/// `known`: all refunds of the payment. `lots`: the order's. `case`: of the open refund among `known`,
/// if it has one. An open refund of the same amount is what it was meant for; that one is made then.
///
/// # Errors
/// [`Error::Overflow`].
pub fn found_elsewhere(
    seen: &Elsewhere,
    payment: &Payment,
    (known, case): (&[Refund], Option<&Case>),
    lots: &[Lot],
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    let key = seen.name(payment);
    let how = Made::Elsewhere(seen.key.clone());
    let of_payment = || {
        let refunds = known.iter();
        refunds.filter(|r| r.transaction == payment.transaction)
    };
    if of_payment().any(|r| r.key == key || r.made.as_ref() == Some(&how)) {
        return Ok(Vec::new());
    }
    let disputed = payment.state != PaymentState::Captured;
    if let Some(meant) = of_payment().find(|r| r.is_open() && r.amount == seen.amount) {
        let entry = Entry::refunded(meant.order, meant.key, meant.amount, disputed, now_ms);
        let meant = &Refund {
            told: seen.told,
            ..meant.clone()
        };
        return made(meant, payment, case, (Some(how), Some(entry)), now_ms);
    }
    let (held, unused) = take(payment, lots, seen.amount)?;
    let beyond = seen.amount.minus(unused)?;
    let mut refund = Refund::new(
        key,
        payment,
        RefundReason::MadeElsewhere,
        seen.amount,
        held,
        now_ms,
    );
    // It was never due: somebody else had made it.
    refund.history.clear();
    refund.enter(RefundState::Refunded, now_ms);
    refund.made = Some(how);
    refund.due_at_ms = None;
    refund.told = seen.told;
    let mut writes = vec![
        payment.replace(payment.refunded_elsewhere(seen.amount)?.waiting(now_ms)),
        Write::Ledger(Entry::refunded_elsewhere(
            payment.order,
            key,
            (seen.amount, unused),
            disputed,
            now_ms,
        )?),
    ];
    for held in &refund.held {
        writes.push(Write::Move(StampMove::new(
            refund.account.clone(),
            held.lot,
            Bucket::Available,
            Bucket::Refunded,
            held.count,
        )?));
    }
    writes.extend(Capacity::freed(key, refund.stamps()?));
    if beyond > Rupiah::ZERO {
        let note = format!(
            "{} of order {} went back at the gateway, {beyond} more than its unused stamps are worth",
            seen.amount, payment.order
        );
        let kind = CaseKind::RefundBeyondStamps(key.to_string());
        let case = Case::open(kind, payment.account.clone(), note, now_ms, 0).of(payment.order);
        refund.case = Some(case.id);
        writes.push(case.create());
    }
    writes.extend(refund.tells(now_ms));
    writes.push(Write::Refund(Put {
        expect: Expect::Absent,
        row: refund,
    }));
    Ok(writes)
}

/// As many whole unused stamps of the payment as the amount is worth, and their worth.
fn take(payment: &Payment, lots: &[Lot], amount: Rupiah) -> Result<(Vec<Held>, Rupiah), Error> {
    let (mut held, mut worth) = (Vec::new(), Rupiah::ZERO);
    for lot in lots.iter().filter(|l| l.transaction == payment.transaction) {
        let left = amount.minus(worth)?;
        let fit = left.get().checked_div(lot.unit_price.get()).unwrap_or(0);
        let count = lot
            .available
            .min(Stamps::new(u32::try_from(fit).unwrap_or(u32::MAX)));
        if count > Stamps::ZERO {
            worth = worth.plus(lot.unit_price.times(count)?)?;
            held.push(Held { lot: lot.id, count });
        }
    }
    Ok((held, worth))
}
