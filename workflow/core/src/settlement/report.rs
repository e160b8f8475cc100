//! A day in the books, for finance: what was captured, paid out and given back, what of it the gateway, the
//! ledger and the settlement files agree on, and what is open at the day's end.

use super::{Break, Kept, LineId};
use crate::{
    audit::Rows,
    case::{Case, CaseKind, Owner},
    error::Error,
    id::{OrderId, TransactionId},
    ledger::{Entry, EntryKind, LedgerAccount, Side},
    money::Rupiah,
    payment::{Method, Payment},
    refund::{Refund, RefundState},
};
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
        turnover: turnover(&rows.entries, day)?,
        balances: balances(&rows.entries, day)?,
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

/// The rows of a payment that the day touched.
fn payment_rows<'a>(
    payment: &Payment,
    rows: &Rows,
    words: &Words,
    (day, open): (Day, &[&'a Case]),
    told: &mut BTreeSet<&'a str>,
) -> Vec<Row> {
    let payout = &payment.payout;
    let word = words.get(&payment.transaction);
    // A line that could not be placed stands at its order's payment: only people can tell it further.
    let mut about = |names: &[String], suspended: bool| {
        let own = open.iter().filter(|case| {
            let here = names.iter().any(|name| name == what_of(case));
            let loose = suspended && case.order == Some(payment.order) && suspends(case);
            here || loose
        });
        let mut kinds = Vec::new();
        for case in own {
            if told.insert(case.kind.subject()) {
                kinds.push(kind_of(case).to_owned());
            }
        }
        kinds
    };
    let base = |kind, name: String, at_ms| Row {
        kind,
        order: Some(payment.order),
        transaction: payment.transaction.to_string(),
        name,
        method: Some(payment.method),
        at_ms,
        booked: None,
        gateway: None,
        paid: None,
        state: Match::Waiting,
        breaks: Vec::new(),
    };
    let mut found = Vec::new();
    let settled = payout.settled.filter(|s| s.at_ms < day.to_ms);
    let mut row = base(Kind::Payment, String::new(), payment.captured_at_ms);
    row.booked = Some(payment.amount);
    row.gateway = word.and_then(|w| w.as_ref()).map(|w| w.amount);
    row.paid = settled.map(|s| Paid {
        line: s.line,
        gross: s.gross,
        fee: s.fee,
        at_ms: s.at_ms,
    });
    let mut names = vec![payment.transaction.to_string()];
    names.extend(settled.map(|s| s.line.to_string()));
    row.breaks = about(&names, true);
    let differs = match word {
        Some(None) => true,
        Some(Some(says)) => {
            !says.captured || says.amount != payment.amount || says.refunded != payment.refunded
        }
        None => false,
    };
    let gateway_differs = Break::GatewayDiffers.name().to_owned();
    if differs && !row.breaks.contains(&gateway_differs) {
        row.breaks.push(gateway_differs);
    }
    row.state = state(&row, payment.waits_for().is_none());
    let touched = day.has(payment.captured_at_ms)
        || settled.is_some_and(|s| day.has(s.at_ms))
        || !row.breaks.is_empty();
    if touched && payment.captured_at_ms < day.to_ms {
        found.push(row);
    }
    if let Some(kept) = payout.chargeback.filter(|kept| day.has(kept.at_ms)) {
        let mut row = base(Kind::Chargeback, String::new(), kept.at_ms);
        row.booked = payment.left().ok();
        row.paid = Some(kept_back(kept));
        row.breaks = about(&[kept.line.to_string()], false);
        row.state = state(&row, true);
        found.push(row);
    }
    let own = rows
        .refunds
        .iter()
        .filter(|r| r.transaction == payment.transaction);
    for refund in own.filter(|r| r.created_at_ms < day.to_ms) {
        let kept = refund.kept.filter(|kept| kept.at_ms < day.to_ms);
        let mut row = base(Kind::Refund, refund.key.to_string(), refund.created_at_ms);
        row.booked = Some(refund.amount);
        row.gateway = word.and_then(|w| w.as_ref()).map(|w| w.refunded);
        row.paid = kept.map(kept_back);
        row.breaks = kept.map_or_else(Vec::new, |kept| about(&[kept.line.to_string()], false));
        row.state = state(&row, ends_without_files(refund) || payout.settled.is_none());
        let moved = day.has(refund.created_at_ms) || kept.is_some_and(|kept| day.has(kept.at_ms));
        if moved || !row.breaks.is_empty() {
            found.push(row);
        }
    }
    found
}

/// Whether no settlement file will speak of a refund.
fn ends_without_files(refund: &Refund) -> bool {
    let ended = matches!(refund.state, RefundState::Refunded | RefundState::Reversed);
    ended && !refund.is_at_gateway()
}

const fn kept_back(kept: Kept) -> Paid {
    Paid {
        line: kept.line,
        gross: kept.amount,
        fee: kept.fee,
        at_ms: kept.at_ms,
    }
}

fn suspends(case: &Case) -> bool {
    Break::of(case.kind.subject()).is_some_and(Break::suspends)
}

fn state(row: &Row, nothing_awaited: bool) -> Match {
    if !row.breaks.is_empty() {
        Match::Broken
    } else if row.paid.is_some() || nothing_awaited {
        Match::Matched
    } else {
        Match::Waiting
    }
}

/// A break that no payment or refund of ours has.
fn other(case: &Case, told: &BTreeSet<&str>) -> Option<Row> {
    if told.contains(case.kind.subject()) {
        return None;
    }
    Some(Row {
        kind: Kind::Other,
        order: case.order,
        transaction: String::new(),
        name: case.note.clone(),
        method: None,
        at_ms: case.opened_at_ms,
        booked: None,
        gateway: None,
        paid: None,
        state: Match::Broken,
        breaks: vec![kind_of(case).to_owned()],
    })
}

fn balances(entries: &[Entry], day: Day) -> Result<Vec<Balance>, Error> {
    let mut sums: BTreeMap<LedgerAccount, (Rupiah, Rupiah)> = BTreeMap::new();
    for entry in entries.iter().filter(|e| e.at_ms < day.to_ms) {
        for leg in &entry.legs {
            let (debit, credit) = sums.entry(leg.account).or_default();
            let side = match leg.side {
                Side::Debit => debit,
                Side::Credit => credit,
            };
            *side = side.plus(leg.amount)?;
        }
    }
    let balance = |account| {
        let (debit, credit) = sums.get(&account).copied().unwrap_or_default();
        Balance {
            account,
            debit,
            credit,
        }
    };
    Ok(LedgerAccount::ALL.into_iter().map(balance).collect())
}

fn turnover(entries: &[Entry], day: Day) -> Result<Turnover, Error> {
    let mut turnover = Turnover::default();
    for entry in entries.iter().filter(|e| day.has(e.at_ms)) {
        let of = |account| {
            let legs = entry.legs.iter().filter(|leg| leg.account == account);
            legs.map(|leg| leg.amount).fold(Rupiah::ZERO, Rupiah::max)
        };
        let sum = match entry.kind {
            EntryKind::Credited | EntryKind::CapturedToRefund => &mut turnover.captured,
            EntryKind::Refunded | EntryKind::PaidOut | EntryKind::RefundedElsewhere => {
                &mut turnover.refunded
            }
            EntryKind::DisputeOpened => &mut turnover.disputed,
            EntryKind::Settled => &mut turnover.settled,
            EntryKind::Deducted => &mut turnover.kept,
            EntryKind::Suspended => &mut turnover.suspended,
            _ => continue,
        };
        *sum = sum.plus(entry.balanced()?)?;
        if matches!(entry.kind, EntryKind::Settled | EntryKind::Deducted) {
            turnover.fees = turnover.fees.plus(of(LedgerAccount::GatewayFees))?;
        }
    }
    Ok(turnover)
}
