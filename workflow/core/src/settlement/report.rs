//! A day in the books, for finance: what was captured, paid out and given back, what of it the gateway, the
//! ledger and the settlement files agree on, and what is open at the day's end.

mod rows;
mod sums;

use super::LineId;
use crate::{
    audit::Rows,
    case::{Case, CaseKind, Owner},
    error::Error,
    id::{OrderId, TransactionId},
    ledger::LedgerAccount,
    money::Rupiah,
    payment::Method,
};
use rows::{other, payment_rows};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The day, in milliseconds since the epoch: from its first to before the next one's first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its first millisecond.
    pub from_ms: u64,
    /// The next day's first.
    pub to_ms: u64,
}

impl Day {
    const fn has(self, at_ms: u64) -> bool {
        self.from_ms <= at_ms && at_ms < self.to_ms
    }
}

/// What the gateway itself says of a payment when the report is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct GatewaySays {
    /// Whether its money came in.
    pub captured: bool,
    /// How much.
    pub amount: Rupiah,
    /// What of it went back.
    pub refunded: Rupiah,
}

/// The gateway's word of payments that it was asked about; none: it knows no such payment.
pub type Words = BTreeMap<TransactionId, Option<GatewaySays>>;

/// What a row of the report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A payment.
    Payment,
    /// Its chargeback.
    Chargeback,
    /// A refund of it.
    Refund,
    /// A line, or a file, that belongs to none of them.
    Other,
}

/// How far the three agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// All three agree.
    Matched,
    /// The settlement file is not late yet.
    Waiting,
    /// They do not.
    Broken,
}

/// What a settlement file says of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// The file and line.
    pub line: LineId,
    /// The amount before the fee.
    pub gross: Rupiah,
    /// The fee.
    pub fee: Rupiah,
    /// When it was paid out or kept back.
    pub at_ms: u64,
}

/// A payment, refund or chargeback with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What it is.
    pub kind: Kind,
    /// Its order.
    pub order: Option<OrderId>,
    /// The gateway's transaction.
    pub transaction: String,
    /// A refund's key; what another line is about.
    pub name: String,
    /// How it was paid.
    pub method: Option<Method>,
    /// When it was captured or asked back, in milliseconds since the epoch.
    pub at_ms: u64,
    /// What the ledger has.
    pub booked: Option<Rupiah>,
    /// What the gateway says, if it was asked: the captured amount of a payment, for a refund all that
    /// went back of it.
    pub gateway: Option<Rupiah>,
    /// What the settlement file says.
    pub paid: Option<Paid>,
    /// How far they agree.
    pub state: Match,
    /// Where they do not.
    pub breaks: Vec<String>,
}

/// An open case of a break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Open {
    /// The case.
    pub case: String,
    /// What kind of break.
    pub kind: String,
    /// Who looks after it.
    pub owner: Owner,
    /// How old it is at the report's time, in milliseconds.
    pub age_ms: u64,
    /// What was seen.
    pub note: String,
}

/// An account's sides up to the day's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The account.
    pub account: LedgerAccount,
    /// All its debits.
    pub debit: Rupiah,
    /// All its credits.
    pub credit: Rupiah,
}

/// What happened that day, by the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Turnover {
    /// Captured.
    pub captured: Rupiah,
    /// Given back, at the gateway or by hand.
    pub refunded: Rupiah,
    /// Put in dispute by payers' banks.
    pub disputed: Rupiah,
    /// Paid out to our bank, before fees.
    pub settled: Rupiah,
    /// What the gateway kept for its work.
    pub fees: Rupiah,
    /// Refunds and chargebacks kept back from payouts, with the fees for them.
    pub kept: Rupiah,
    /// Put into suspense, either way.
    pub suspended: Rupiah,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What happened.
    pub turnover: Turnover,
    /// Every account at the day's end.
    pub balances: Vec<Balance>,
    /// Each payment, refund and chargeback that the day touched, and what else is broken.
    pub rows: Vec<Row>,
    /// Breaks open at the day's end, the oldest first.
    pub open: Vec<Open>,
    /// All other cases open at the day's end.
    pub other_cases: usize,
}

impl Report {
    /// Rows of that state.
    #[must_use]
    pub fn count(&self, state: Match) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }

    /// All debits and all credits: they must be the same.
    #[must_use]
    pub fn trial(&self) -> (u128, u128) {
        let sum = |side: fn(&Balance) -> Rupiah| {
            let amounts = self.balances.iter().map(side);
            amounts.fold(0_u128, |sum, amount| {
                sum.saturating_add(amount.get().into())
            })
        };
        (sum(|b| b.debit), sum(|b| b.credit))
    }

    /// Whether nothing is broken.
    #[must_use]
    pub fn clean(&self) -> bool {
        let (debit, credit) = self.trial();
        self.open.is_empty() && self.count(Match::Broken) == 0 && debit == credit
    }
}

/// The report of a day. The rows must be one consistent view, or nearly: what moves while they are read is
/// in the next one.
///
/// # Errors
/// [`Error::Overflow`] when a sum does not fit.
pub fn report(rows: &Rows, words: &Words, day: Day, now_ms: u64) -> Result<Report, Error> {
    let open: Vec<&Case> = rows
        .cases
        .iter()
        .filter(|case| case.opened_at_ms < day.to_ms)
        .filter(|case| case.closed.as_ref().is_none_or(|c| c.at_ms >= day.to_ms))
        .collect();
    let breaks: Vec<&Case> = open
        .iter()
        .copied()
        .filter(|case| matches!(case.kind, CaseKind::SettlementBreak(_)))
        .collect();
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut listed = Vec::new();
    for payment in &rows.payments {
        listed.extend(payment_rows(
            payment,
            rows,
            words,
            (day, &breaks),
            &mut told,
        ));
    }
    listed.extend(breaks.iter().filter_map(|case| other(case, &told)));
    listed.sort_by(|a, b| (a.at_ms, a.kind, &a.name).cmp(&(b.at_ms, b.kind, &b.name)));
    let mut open_breaks: Vec<Open> = breaks
        .iter()
        .map(|case| Open {
            case: case.id.to_string(),
            kind: kind_of(case).to_owned(),
            owner: case.owner,
            age_ms: now_ms.saturating_sub(case.opened_at_ms),
            note: case.note.clone(),
        })
        .collect();
    open_breaks.sort_by(|a, b| (b.age_ms, &a.case).cmp(&(a.age_ms, &b.case)));
    Ok(Report {
        turnover: sums::turnover(&rows.entries, day)?,
        balances: sums::balances(&rows.entries, day)?,
        rows: listed,
        other_cases: open.len().saturating_sub(breaks.len()),
        open: open_breaks,
    })
}

fn kind_of(case: &Case) -> &str {
    let subject = case.kind.subject();
    subject.split_once(':').map_or(subject, |(kind, _)| kind)
}

fn what_of(case: &Case) -> &str {
    let subject = case.kind.subject();
    subject.split_once(':').map_or(subject, |(_, what)| what)
}
