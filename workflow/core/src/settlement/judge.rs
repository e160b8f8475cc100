//! What a line of a settlement file does.

use super::{Break, Kept, Line, LineKind, Rates, Settled};
use crate::{
    case::Case,
    error::Error,
    id::{AccountId, OrderId, RefundKey},
    ledger::Entry,
    money::Rupiah,
    payment::{Payment, PaymentState},
    refund::{Made, Refund},
    write::Write,
};

/// What is booked of a line's payment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Books<'a> {
    /// Whose order the line names, if it is one of ours.
    pub buyer: Option<(&'a AccountId, OrderId)>,
    /// The payment.
    pub payment: Option<&'a Payment>,
    /// The order's refunds.
    pub refunds: &'a [Refund],
    /// The case that [`Payout::case`](super::Payout::case) names.
    pub case: Option<&'a Case>,
}

/// What the gateway's status says of a line's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It was not asked.
    NotAsked,
    /// It knows no such transaction.
    Unknown,
    /// It knows it.
    Says {
        /// Whether its money came in.
        captured: bool,
        /// How much.
        amount: Rupiah,
    },
}

/// What follows from a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was booked before.
    Booked,
    /// File and books do not agree: ask the gateway, book what it says, and judge again.
    Ask,
    /// Write these. The first is the line's entry: if it is there already, the line was booked before,
    /// though perhaps in another way, and nothing is left to be done.
    Write(Vec<Write>),
}

/// Matches a line against the books and the gateway's word.
///
/// # Errors
/// [`Error::Overflow`]; [`Error::Invalid`] when the payment is another's.
pub fn judge(
    line: &Line,
    books: Books<'_>,
    word: Word,
    rates: &Rates,
    now_ms: u64,
) -> Result<Verdict, Error> {
    let suspend = |kind: Break| suspend(line, kind, books.buyer, now_ms);
    if matches!(line.kind, LineKind::Added | LineKind::Taken) {
        return suspend(Break::Adjustment);
    }
    let Some(payment) = books.payment else {
        return match (books.buyer, word) {
            (None, _) => suspend(Break::UnknownPayment),
            (Some(_), Word::NotAsked) => Ok(Verdict::Ask),
            (Some(_), Word::Unknown) => suspend(Break::UnknownPayment),
            (Some(_), Word::Says { .. }) => suspend(Break::NotCaptured),
        };
    };
    if let Some(transaction) = &line.transaction {
        payment.must_be(transaction, payment.order)?;
    }
    match line.kind {
        LineKind::Payment => settle(line, payment, books.case, word, rates, now_ms),
        LineKind::Chargeback => chargeback(line, payment, books.case, word, now_ms),
        _ => refund(line, payment, books, word, now_ms),
    }
}

fn settle(
    line: &Line,
    payment: &Payment,
    case: Option<&Case>,
    word: Word,
    rates: &Rates,
    now_ms: u64,
) -> Result<Verdict, Error> {
    match &payment.payout.settled {
        Some(settled) if settled.line == line.id => return Ok(Verdict::Booked),
        Some(_) => return suspend(line, Break::SettledTwice, whose(payment), now_ms),
        None => {}
    }
    let differs = line.amount != payment.amount;
    if differs && word == Word::NotAsked {
        return Ok(Verdict::Ask);
    }
    let mut next = payment.next()?;
    next.payout.settled = Some(Settled {
        line: line.id,
        gross: line.amount,
        fee: line.fee,
        at_ms: line.settled_at_ms,
    });
    let amounts = (line.amount, line.fee);
    let entry = Entry::settled(payment.order, line.id, amounts, now_ms)?;
    let mut found = Found::new(line, payment, entry, now_ms);
    if differs {
        found.add(Break::AmountDiffers, payment.amount)?;
    }
    let agreed = rates.fee(payment.method, line.amount)?;
    if !rates.agree(agreed, line.fee) {
        found.add(Break::FeeDiffers, agreed)?;
    }
    let agrees = match word {
        Word::NotAsked => true,
        Word::Unknown => false,
        Word::Says { captured, amount } => captured && amount == payment.amount,
    };
    if !agrees {
        found.add(Break::GatewayDiffers, payment.amount)?;
    }
    found.heard(next, case)
}

fn chargeback(
    line: &Line,
    payment: &Payment,
    case: Option<&Case>,
    word: Word,
    now_ms: u64,
) -> Result<Verdict, Error> {
    match (&payment.payout.chargeback, payment.state, word) {
        (Some(kept), ..) if kept.line == line.id => return Ok(Verdict::Booked),
        (Some(_), ..) => return suspend(line, Break::SettledTwice, whose(payment), now_ms),
        (None, PaymentState::Captured, Word::NotAsked) => return Ok(Verdict::Ask),
        (None, PaymentState::Captured, _) => {
            return suspend(line, Break::ChargebackUnknown, whose(payment), now_ms);
        }
        (None, PaymentState::Disputed | PaymentState::ChargedBack, _) => {}
    }
    let mut next = payment.next()?;
    next.payout.chargeback = Some(kept(line));
    let amounts = (line.amount, line.fee);
    let entry = Entry::deducted(payment.order, line.id, amounts, now_ms)?;
    let mut found = Found::new(line, payment, entry, now_ms);
    let left = payment.left()?;
    if line.amount != left {
        found.add(Break::AmountDiffers, left)?;
    }
    found.heard(next, case)
}

fn refund(
    line: &Line,
    payment: &Payment,
    books: Books<'_>,
    word: Word,
    now_ms: u64,
) -> Result<Verdict, Error> {
    let own = || {
        let refunds = books.refunds.iter();
        refunds.filter(|r| r.transaction == payment.transaction)
    };
    if own().any(|r| r.kept.is_some_and(|kept| kept.line == line.id)) {
        return Ok(Verdict::Booked);
    }
    let named = own().find(|r| is_named(r, line.reference.as_deref()));
    let fits = |r: &&Refund| r.is_at_gateway() && r.kept.is_none();
    let found = match named {
        Some(r) if r.kept.is_some() => {
            return suspend(line, Break::SettledTwice, whose(payment), now_ms);
        }
        Some(r) => Some(r).filter(fits),
        None => own().filter(fits).find(|r| r.amount == line.amount),
    };
    let Some(refund) = found else {
        return match word {
            Word::NotAsked => Ok(Verdict::Ask),
            _ => suspend(line, Break::RefundUnknown, whose(payment), now_ms),
        };
    };
    let mut kept_back = refund.clone();
    kept_back.kept = Some(kept(line));
    let mut next = payment.next()?;
    next.payout.refunds_kept = next.payout.refunds_kept.plus(refund.amount)?;
    let amounts = (line.amount, line.fee);
    let entry = Entry::deducted(payment.order, line.id, amounts, now_ms)?;
    let mut found = Found::new(line, payment, entry, now_ms);
    found.writes.push(refund.replaced_by(kept_back)?);
    if line.amount != refund.amount {
        found.add(Break::AmountDiffers, refund.amount)?;
    }
    found.heard(next, books.case)
}

/// Whether the file means this refund: by our key, or by the one that somebody else's has there.
fn is_named(refund: &Refund, reference: Option<&str>) -> bool {
    let Some(reference) = reference else {
        return false;
    };
    let ours = reference
        .parse::<RefundKey>()
        .is_ok_and(|key| key == refund.key);
    ours || refund.made == Some(Made::Elsewhere(reference.to_owned()))
}

const fn kept(line: &Line) -> Kept {
    Kept {
        line: line.id,
        amount: line.amount,
        fee: line.fee,
        at_ms: line.settled_at_ms,
    }
}

const fn whose(payment: &Payment) -> Option<(&AccountId, OrderId)> {
    Some((&payment.account, payment.order))
}

/// What nobody can place.
fn suspend(
    line: &Line,
    kind: Break,
    whose: Option<(&AccountId, OrderId)>,
    now_ms: u64,
) -> Result<Verdict, Error> {
    let entry = Entry::suspended(line, now_ms)?;
    let case = kind.case(line.id, whose, line.told(), now_ms, 0)?;
    Ok(Verdict::Write(vec![Write::Ledger(entry), case.create()]))
}

/// What a line that is placed leads to.
struct Found<'a> {
    line: &'a Line,
    payment: &'a Payment,
    now_ms: u64,
    writes: Vec<Write>,
}

impl<'a> Found<'a> {
    fn new(line: &'a Line, payment: &'a Payment, entry: Entry, now_ms: u64) -> Self {
        Self {
            line,
            payment,
            now_ms,
            writes: vec![Write::Ledger(entry)],
        }
    }

    fn add(&mut self, kind: Break, expected: Rupiah) -> Result<(), Error> {
        let note = format!("{}; expected {expected}", self.line.told());
        let case = kind.case(self.line.id, whose(self.payment), note, self.now_ms, 0)?;
        self.writes.push(case.create());
        Ok(())
    }

    fn heard(mut self, next: Payment, case: Option<&Case>) -> Result<Verdict, Error> {
        let (next, closes) = next.heard(case, self.now_ms)?;
        self.writes.push(self.payment.replace(next));
        self.writes.extend(closes);
        Ok(Verdict::Write(self.writes))
    }
}
