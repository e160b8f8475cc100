//! A payer's bank disputes a payment: its unused stamps are held until a person knows how it ended.
//! Documents under way are finished: their stamps were given before.

use crate::{
    case::{Case, CaseKind},
    error::Error,
    ledger::Entry,
    lot::{Lot, Mark},
    money::{Rupiah, Stamps},
    payment::{Method, Payment, PaymentState},
    refund::{Made, Refund, RefundState, retry},
    write::Write,
};

/// A dispute of a booked payment is seen. No writes: it was seen before.
///
/// # Errors
/// [`Error::Overflow`].
pub fn open(payment: &Payment, lots: &[Lot], now_ms: u64) -> Result<Vec<Write>, Error> {
    if payment.state != PaymentState::Captured {
        return Ok(Vec::new());
    }
    let next = payment.entering(PaymentState::Disputed, now_ms)?;
    let mut writes = opened(&next, now_ms)?;
    writes.push(payment.replace(next));
    writes.extend(marks(payment, lots, true));
    Ok(writes)
}

/// The case and the booking of a payment that is disputed from here on.
pub(crate) fn opened(payment: &Payment, now_ms: u64) -> Result<Vec<Write>, Error> {
    let left = payment.left()?;
    let kind = CaseKind::PaymentDisputed(payment.transaction.to_string());
    let note = format!("{left} of order {} is disputed", payment.order);
    let case = Case::open(kind, payment.account.clone(), note, now_ms, payment.version);
    Ok(vec![
        case.of(payment.order).create(),
        Write::Ledger(Entry::dispute_opened(
            payment.order,
            &payment.transaction,
            payment.version,
            left,
            now_ms,
        )),
    ])
}

fn marks(payment: &Payment, lots: &[Lot], disputed: bool) -> impl Iterator<Item = Write> {
    let own = lots.iter().filter(|l| l.transaction == payment.transaction);
    own.map(move |lot| {
        Write::Mark(Mark {
            account: lot.account.clone(),
            lot: lot.id,
            disputed,
        })
    })
}

fn disputed(payment: &Payment, event: &'static str) -> Result<(), Error> {
    match payment.state {
        PaymentState::Disputed => Ok(()),
        PaymentState::Captured => Err(Error::IllegalTransition {
            state: "captured",
            event,
        }),
        PaymentState::ChargedBack => Err(Error::IllegalTransition {
            state: "charged back",
            event,
        }),
    }
}

/// The dispute ended for us: the stamps are usable again, and the refund that waited for this, if any (and
/// its case), goes on. The caller wakes the account's documents.
///
/// # Errors
/// [`Error::IllegalTransition`] unless it is disputed.
pub fn won(
    payment: &Payment,
    lots: &[Lot],
    open: Option<(&Refund, Option<&Case>)>,
    case: &Case,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    disputed(payment, "win")?;
    let entry = Entry::dispute_won(
        payment.order,
        &payment.transaction,
        payment.version,
        payment.left()?,
        now_ms,
    );
    let next = payment.entering(PaymentState::Captured, now_ms)?;
    let mut writes = vec![Write::Ledger(entry), case.close(by, "won", now_ms)?];
    if let Some((refund, Some(its_case))) = open
        && refund.state == RefundState::Stuck
        && refund.method == Method::Qris
    {
        writes.extend(retry(refund, &next, its_case, by, now_ms)?);
    }
    writes.push(payment.replace(next.waiting(now_ms)));
    writes.extend(marks(payment, lots, false));
    Ok(writes)
}

/// The dispute ended for the payer: what is unused is gone, what is on documents is our loss. The refund
/// of it that was open, if any (and its case), is made by it.
///
/// # Errors
/// [`Error::IllegalTransition`] unless it is disputed, and while documents with its stamps are under way.
pub fn lost(
    payment: &Payment,
    lots: &[Lot],
    open: Option<(&Refund, Option<&Case>)>,
    case: &Case,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    disputed(payment, "lose")?;
    let own = || lots.iter().filter(|l| l.transaction == payment.transaction);
    if own().any(|lot| lot.reserved > Stamps::ZERO) {
        return Err(Error::IllegalTransition {
            state: "documents under way",
            event: "lose",
        });
    }
    // What is unused stays where it is: its lot stays marked, so nobody can use it.
    let mut writes = Vec::new();
    let unused = own().try_fold(Rupiah::ZERO, |sum, lot| {
        sum.plus(lot.unit_price.times(lot.available)?)
    })?;
    let mut next = payment.entering(PaymentState::ChargedBack, now_ms)?;
    let mut payable = Rupiah::ZERO;
    if let Some((refund, its_case)) = open.filter(|(refund, _)| refund.is_open()) {
        payable = refund.amount;
        next.refund_in_flight = false;
        writes.extend(refund.charged_back(now_ms)?);
        writes.extend(Case::close_if_open(its_case, by, "charged back", now_ms)?);
    }
    let left = payment.left()?;
    writes.push(Write::Ledger(Entry::charged_back(
        payment.order,
        &payment.transaction,
        left,
        (unused, payable),
        now_ms,
    )?));
    writes.push(payment.replace(next.waiting(now_ms)));
    writes.push(case.close(by, "lost", now_ms)?);
    Ok(writes)
}

impl Refund {
    /// The payer's bank took the money back itself.
    fn charged_back(&self, now_ms: u64) -> Result<Vec<Write>, Error> {
        let mut next = self.clone();
        next.enter(RefundState::Refunded, now_ms);
        next.made = Some(Made::Chargeback);
        next.pay_to = None;
        next.due_at_ms = None;
        let mut writes = vec![self.replaced_by(next)?];
        writes.extend(self.given_back()?);
        Ok(writes)
    }
}
