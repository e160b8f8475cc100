//! What a payment waits for: that it is paid out, then that what went back of it is kept back.

use super::{Break, LineId};
use crate::{
    case::Case,
    error::Error,
    id::CaseId,
    money::Rupiah,
    payment::{Payment, PaymentState},
    write::{Expect, Write},
};
use serde::{Deserialize, Serialize};

/// A payment that was paid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Settled {
    /// By which line of which file.
    pub line: LineId,
    /// What the file calls the payment's amount.
    pub gross: Rupiah,
    /// What the gateway kept.
    pub fee: Rupiah,
    /// When, by the file, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// A refund or a chargeback that was kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Kept {
    /// By which line of which file.
    pub line: LineId,
    /// What was kept back.
    pub amount: Rupiah,
    /// The gateway's fee for it.
    pub fee: Rupiah,
    /// When, by the file, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// What settlement files said of a payment, and until when they are waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payout {
    /// How long the gateway may take, in milliseconds; none: it sends no files, and nothing is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<u64>,
    /// When `sweep` opens the case of what has not come, in milliseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at_ms: Option<u64>,
    /// The case of what did not come in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// How it was paid out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    /// Of what went back at the gateway: the part that was kept back since.
    #[serde(default)]
    pub refunds_kept: Rupiah,
    /// How its chargeback was kept back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chargeback: Option<Kept>,
}

/// What a payment waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// That it is paid out.
    Payout,
    /// That what went back of it is kept back.
    Deduction,
}

impl Awaited {
    /// The break there is when it does not come.
    #[must_use]
    pub const fn broken(self) -> Break {
        match self {
            Self::Payout => Break::NotSettled,
            Self::Deduction => Break::RefundNotSettled,
        }
    }
}

impl Payment {
    /// What it waits for. A payment of which nothing is left at the gateway, or that is in dispute, waits
    /// for no payout: whether the gateway pays it out and keeps it back, or does neither, is the same.
    #[must_use]
    pub fn waits_for(&self) -> Option<Awaited> {
        let payout = &self.payout;
        if payout.settled.is_none() {
            let left = self.refunded < self.amount;
            let open = self.state == PaymentState::Captured && left;
            return open.then_some(Awaited::Payout);
        }
        let refunds = self.refunded > payout.refunds_kept;
        let chargeback = self.state == PaymentState::ChargedBack && payout.chargeback.is_none();
        (refunds || chargeback).then_some(Awaited::Deduction)
    }

    /// The payment with the time set by which what it waits for must come. A case says that already.
    #[must_use]
    pub(crate) fn waiting(mut self, now_ms: u64) -> Self {
        let within_ms = self.payout.within_ms;
        let within_ms =
            within_ms.filter(|_| self.waits_for().is_some() && self.payout.case.is_none());
        let due_at_ms = self.payout.due_at_ms;
        self.payout.due_at_ms =
            within_ms.map(|ms| due_at_ms.unwrap_or_else(|| now_ms.saturating_add(ms)));
        self
    }

    /// The payment after a file said something of it: if nothing, or something else, is waited for now,
    /// the case of what did not come is closed.
    pub(super) fn heard(
        mut self,
        case: Option<&Case>,
        now_ms: u64,
    ) -> Result<(Self, Option<Write>), Error> {
        let case = case.filter(|case| Some(case.id) == self.payout.case);
        let still = self
            .waits_for()
            .map(|what| what.broken().about(&self.transaction));
        let ended = case.filter(|case| still.as_ref() != Some(&case.kind));
        let closes = Case::close_if_open(ended, "bubuh", "settled", now_ms)?;
        if ended.is_some() {
            self.payout.case = None;
        }
        // What is waited for from here on has its own time.
        self.payout.due_at_ms = None;
        Ok((self.waiting(now_ms), closes))
    }
}

/// Lets the payments that a decision creates wait for their payouts, if the gateway sends files.
#[must_use]
pub fn await_payout(writes: Vec<Write>, within_ms: Option<u64>, now_ms: u64) -> Vec<Write> {
    let wait = |write| match write {
        Write::Payment(mut put) if put.expect == Expect::Absent => {
            put.row.payout.within_ms = within_ms;
            put.row = put.row.waiting(now_ms);
            Write::Payment(put)
        }
        other => other,
    };
    writes.into_iter().map(wait).collect()
}

/// What a payment waited for has not come in time: its case is opened. If nothing is waited for any more,
/// the payment only stops waiting.
///
/// # Errors
/// [`Error::IllegalTransition`] when it is not due.
pub fn overdue(payment: &Payment, now_ms: u64) -> Result<Vec<Write>, Error> {
    if payment.payout.due_at_ms.is_none_or(|due| due > now_ms) {
        return Err(Error::IllegalTransition {
            state: "not due",
            event: "open a break",
        });
    }
    let mut next = payment.next()?;
    next.payout.due_at_ms = None;
    let Some(awaited) = payment.waits_for() else {
        return Ok(vec![payment.replace(next)]);
    };
    let what = match awaited {
        Awaited::Payout => format!("{} was not paid out", payment.left()?),
        Awaited::Deduction => {
            let back = payment.refunded.minus(payment.payout.refunds_kept)?;
            format!("{back} that went back was not kept back")
        }
    };
    let note = format!("{what} of order {}", payment.order);
    let case = awaited.broken().case(
        &payment.transaction,
        Some((&payment.account, payment.order)),
        note,
        now_ms,
        next.version,
    )?;
    next.payout.case = Some(case.id);
    Ok(vec![payment.replace(next), case.create()])
}

/// A person has asked the gateway: what has not come, of which this is the case, is waited for once more.
///
/// # Errors
/// [`Error::IllegalTransition`] once the case is closed, or when nothing is waited for.
pub(super) fn wait_again(
    payment: &Payment,
    case: &Case,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if payment.waits_for().is_none() {
        return Err(Error::IllegalTransition {
            state: "not waiting",
            event: "wait again",
        });
    }
    let mut next = payment.next()?;
    next.payout.case = None;
    Ok(vec![
        payment.replace(next.waiting(now_ms)),
        case.close(by, "waits again", now_ms)?,
    ])
}

/// A person saw that nothing is waited for any more, as when the payment is in dispute or all of it went
/// back: should it be waited for again, it has its own time and case.
///
/// # Errors
/// [`Error::IllegalTransition`] while it is waited for, or once the case is closed.
pub(super) fn let_go(
    payment: &Payment,
    case: &Case,
    by: &str,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    if payment.waits_for().is_some() {
        return Err(Error::IllegalTransition {
            state: "waiting",
            event: "let go",
        });
    }
    let mut next = payment.next()?;
    next.payout.case = None;
    Ok(vec![
        payment.replace(next),
        case.close(by, "noted", now_ms)?,
    ])
}
