//! How a person ends a break. Suspended money is placed, paid back or given up; a difference is noted or
//! given up; what did not come is waited for once more.

use super::{
    Break, LineId,
    wait::{let_go, wait_again},
};
use crate::{
    case::{Case, CaseKind},
    error::Error,
    ledger::{ClearedTo, Entry},
    money::Rupiah,
    payment::Payment,
    refund::Refund,
    write::Write,
};

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending<'a> {
    /// The gateway was asked: wait once more.
    Again,
    /// It belongs to what the gateway owes us or keeps back later.
    Place,
    /// It was not ours, and was paid back by a transfer with this reference.
    PaidBack(&'a str),
    /// It is gone.
    WriteOff,
    /// Seen; the books are right as they are.
    Noted,
}

/// What a break is about, as far as it is booked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The payments of its order.
    pub payments: &'a [Payment],
    /// The refunds of its order.
    pub refunds: &'a [Refund],
    /// The entry of a line that was suspended.
    pub suspended: Option<&'a Entry>,
}

/// What must be written for a person's decision.
///
/// # Errors
/// [`Error::IllegalTransition`] when it does not fit the break, or the case is closed.
pub fn resolve(
    case: &Case,
    how: Ending<'_>,
    subject: Subject<'_>,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    let CaseKind::SettlementBreak(about) = &case.kind else {
        return Err(unfit());
    };
    let (kind, what) = Break::of(about)
        .zip(about.split_once(':').map(|(_, what)| what))
        .ok_or_else(unfit)?;
    let close = |outcome: &str| case.close(by, outcome, now_ms);
    if kind.suspends() {
        let line: LineId = what.parse()?;
        let entry = subject.suspended.ok_or_else(unfit)?;
        let (amount, brought) = entry.in_suspense().ok_or_else(unfit)?;
        let (to, outcome) = match how {
            Ending::Place => (ClearedTo::Receivable, "placed".to_owned()),
            Ending::PaidBack(reference) if brought => {
                (ClearedTo::Bank, format!("paid back: {reference}"))
            }
            // What came too much is nobody's gain: it is somebody's until it is paid back.
            Ending::WriteOff if !brought => (ClearedTo::Losses, "written off".to_owned()),
            _ => return Err(unfit()),
        };
        let cleared = Entry::cleared(line, (amount, brought), to, now_ms);
        return Ok(vec![Write::Ledger(cleared), close(&outcome)?]);
    }
    match (kind, how) {
        (Break::NotSettled | Break::RefundNotSettled, Ending::Again) => {
            let payment = waiting(case, subject.payments)?;
            wait_again(payment, case, by, now_ms)
        }
        // What the gateway has not paid out stays its debt: only a payout, or nothing left, ends it.
        (Break::NotSettled, Ending::Noted) => {
            let payment = waiting(case, subject.payments)?;
            let_go(payment, case, by, now_ms)
        }
        (Break::AmountDiffers, Ending::WriteOff) => {
            let line: LineId = what.parse()?;
            let order = case.order.ok_or_else(unfit)?;
            let lacks = shortfall(line, subject).ok_or_else(unfit)?;
            let entry = Entry::written_off(order, line, lacks, now_ms);
            Ok(vec![Write::Ledger(entry), close("written off")?])
        }
        (
            Break::RefundNotSettled
            | Break::AmountDiffers
            | Break::FeeDiffers
            | Break::GatewayDiffers
            | Break::FileRefused,
            Ending::Noted,
        ) => Ok(vec![close("noted")?]),
        _ => Err(unfit()),
    }
}

fn waiting<'a>(case: &Case, payments: &'a [Payment]) -> Result<&'a Payment, Error> {
    let mut payments = payments.iter();
    let waits = |p: &&Payment| p.payout.case == Some(case.id);
    payments.find(waits).ok_or_else(unfit)
}

/// What a line paid out too little, or kept back too much.
fn shortfall(line: LineId, subject: Subject<'_>) -> Option<Rupiah> {
    let settled = subject.payments.iter().find_map(|p| {
        let settled = p.payout.settled.filter(|s| s.line == line)?;
        p.amount.minus(settled.gross).ok()
    });
    let refunded = subject.refunds.iter().find_map(|r| {
        let kept = r.kept.filter(|kept| kept.line == line)?;
        kept.amount.minus(r.amount).ok()
    });
    let charged_back = subject.payments.iter().find_map(|p| {
        let kept = p.payout.chargeback.filter(|kept| kept.line == line)?;
        kept.amount.minus(p.left().ok()?).ok()
    });
    let lacks = settled.or(refunded).or(charged_back)?;
    (lacks > Rupiah::ZERO).then_some(lacks)
}

const fn unfit() -> Error {
    Error::IllegalTransition {
        state: "settlement_break",
        event: "end it so",
    }
}
