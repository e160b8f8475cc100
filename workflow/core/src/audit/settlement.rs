//! What was paid out and kept back is booked and on its row, and what nobody could place has its case.

use super::{books::sum, *};
use crate::{
    ledger::Entry,
    settlement::{Awaited, Break, Kept, StatementState},
};

pub(super) fn check(rows: &Rows, report: &mut Report) {
    booked(rows, report);
    kept_back(rows, report);
    suspense(rows, report);
    waits(rows, report);
    statements(rows, report);
}

/// A payment that was paid out has its entry, in its amount, and so has what was kept back; no entry is
/// without its row.
fn booked(rows: &Rows, report: &mut Report) {
    let mut names: BTreeMap<String, (&'static str, Rupiah)> = BTreeMap::new();
    let kept_back = |kept: &Kept| ("kept back", sum([kept.amount, kept.fee].into_iter()));
    for payment in &rows.payments {
        if let Some(settled) = &payment.payout.settled {
            let how = ("paid out", settled.gross);
            names.insert(Entry::name_of(settled.line), how);
            report.counts.settled = sum([report.counts.settled, settled.gross].into_iter());
        }
        if let Some(kept) = &payment.payout.chargeback {
            names.insert(Entry::name_of(kept.line), kept_back(kept));
        }
    }
    for kept in rows
        .refunds
        .iter()
        .filter_map(|refund| refund.kept.as_ref())
    {
        names.insert(Entry::name_of(kept.line), kept_back(kept));
    }
    let kinds = [EntryKind::Settled, EntryKind::Deducted];
    let mut entries: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in rows.entries.iter().filter(|e| kinds.contains(&e.kind)) {
        entries.insert(&entry.id, entry);
    }
    for (name, (how, amount)) in &names {
        let entry = entries.remove(name.as_str());
        let is = entry.and_then(|entry| entry.balanced().ok());
        if is != Some(*amount) {
            report.breach(
                "a payout is booked as its row says",
                name,
                format!("{amount} was {how}, {is:?} is booked"),
            );
        }
    }
    for name in entries.keys() {
        report.breach(
            "a booked payout is on its row",
            name,
            "no payment or refund says so".to_owned(),
        );
    }
}

/// A payment knows how much of what went back was kept back.
fn kept_back(rows: &Rows, report: &mut Report) {
    let mut kept: BTreeMap<&TransactionId, Rupiah> = BTreeMap::new();
    for refund in rows.refunds.iter().filter(|r| r.kept.is_some()) {
        let so_far = kept.entry(&refund.transaction).or_default();
        *so_far = sum([*so_far, refund.amount].into_iter());
    }
    for payment in &rows.payments {
        let refunds = kept.remove(&payment.transaction).unwrap_or_default();
        if payment.payout.refunds_kept != refunds {
            report.breach(
                "a payment knows what was kept back",
                &payment.transaction,
                format!(
                    "{} by itself, {refunds} in refunds",
                    payment.payout.refunds_kept
                ),
            );
        }
    }
}

/// What stands in suspense is the sum of what has an open case.
fn suspense(rows: &Rows, report: &mut Report) {
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for case in rows.cases.iter().filter(|case| case.closed.is_none()) {
        if let CaseKind::SettlementBreak(subject) = &case.kind
            && Break::of(subject).is_some_and(Break::suspends)
        {
            open.extend(subject.split_once(':').map(|(_, line)| line));
        }
    }
    let of = |kind| rows.entries.iter().filter(move |e| e.kind == kind);
    let cleared: BTreeMap<&str, &Entry> = of(EntryKind::Cleared)
        .filter_map(|e| Some((e.id.strip_prefix("cleared.")?, e)))
        .collect();
    let mut suspended: BTreeSet<&str> = BTreeSet::new();
    for entry in of(EntryKind::Suspended) {
        let line = entry.id.strip_prefix("line.").unwrap_or(&entry.id);
        suspended.insert(line);
        let placed = cleared.get(line).map(|e| e.in_suspense());
        // The other side, in the same amount.
        let whole = entry.in_suspense().map(|(amount, way)| (amount, !way));
        let right = match placed {
            None => open.contains(line),
            Some(placed) => placed == whole && !open.contains(line),
        };
        if !right {
            report.breach(
                "suspense is what open cases are about",
                &entry.id,
                format!("placed: {placed:?}, case open: {}", open.contains(line)),
            );
        }
    }
    for line in open.iter().chain(cleared.keys()) {
        if !suspended.contains(line) {
            report.breach(
                "suspense is what open cases are about",
                line,
                "nothing is suspended".to_owned(),
            );
        }
    }
}

/// A payment whose payout is late has its case; one whose payout is not late yet is due.
fn waits(rows: &Rows, report: &mut Report) {
    let cases: BTreeMap<_, &Case> = rows.cases.iter().map(|case| (case.id, case)).collect();
    for payment in rows
        .payments
        .iter()
        .filter(|p| p.payout.within_ms.is_some())
    {
        let Some(awaited) = payment.waits_for() else {
            continue;
        };
        if payment.payout.due_at_ms.is_some() {
            continue;
        }
        let about = awaited.broken().about(&payment.transaction);
        let case = payment.payout.case.and_then(|id| cases.get(&id));
        let right = case.is_some_and(|case| {
            let open = case.closed.is_none() || awaited == Awaited::Deduction;
            case.kind == about && open
        });
        if !right {
            report.breach(
                "a late payout has its case",
                &payment.transaction,
                format!("{awaited:?}, case {:?}", case.map(|case| &case.kind)),
            );
        }
    }
}

/// A file is read to its end, and a refused one has a case.
fn statements(rows: &Rows, report: &mut Report) {
    let about: BTreeSet<&str> = rows.cases.iter().map(|case| case.kind.subject()).collect();
    for statement in &rows.statements {
        let right = match statement.state {
            StatementState::Reading => statement.due_at_ms.is_some(),
            StatementState::Done => statement.booked == statement.lines,
            StatementState::Refused => {
                about.contains(Break::FileRefused.about(statement.id).subject())
            }
        };
        if !right {
            report.breach(
                "a settlement file is read to its end",
                statement.id,
                format!(
                    "{:?} with {} of {} lines booked",
                    statement.state, statement.booked, statement.lines
                ),
            );
        }
    }
}
