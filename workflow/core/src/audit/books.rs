//! The ledger balances and agrees with the rows it speaks of.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let balances = ledger(rows, report);
    let total = |account| balances.get(&account).copied().unwrap_or_default();
    let captured = sum(rows.payments.iter().map(|p| p.amount));
    let captures = [EntryKind::Credited, EntryKind::CapturedToRefund];
    agree(report, "captured", captured, booked_as(rows, &captures));
    let refunded = sum(rows
        .refunds
        .iter()
        .filter(|r| r.state == RefundState::Refunded && r.made != Some(Made::Chargeback))
        .map(|r| r.amount));
    let given_back = [
        EntryKind::Refunded,
        EntryKind::PaidOut,
        EntryKind::RefundedElsewhere,
    ];
    agree(report, "refunded", refunded, booked_as(rows, &given_back));
    agree(
        report,
        "refunds payable",
        sum(rows
            .refunds
            .iter()
            .filter(|r| r.is_open())
            .map(|r| r.amount)),
        total(LedgerAccount::RefundsPayable),
    );
    let disputed = rows.payments.iter();
    let disputed = disputed.filter(|p| p.state == PaymentState::Disputed);
    agree(
        report,
        "disputed",
        sum(disputed.map(|p| p.left().unwrap_or_default())),
        total(LedgerAccount::Disputed),
    );
    let gone: BTreeSet<&TransactionId> = rows
        .payments
        .iter()
        .filter(|p| p.state == PaymentState::ChargedBack)
        .map(|p| &p.transaction)
        .collect();
    let worth = |buckets: &[Bucket]| {
        sum(rows.lots.iter().flat_map(|lot| {
            let owed = |b: &&Bucket| **b == Bucket::Stamped || !gone.contains(&lot.transaction);
            let buckets = buckets.iter().filter(owed);
            buckets.filter_map(|b| lot.unit_price.times(lot.bucket(*b)).ok())
        }))
    };
    agree(
        report,
        "stamps owed",
        worth(&[Bucket::Available, Bucket::Reserved]),
        total(LedgerAccount::StampsOwed),
    );
    agree(
        report,
        "stamps delivered",
        worth(&[Bucket::Stamped]),
        total(LedgerAccount::StampsDelivered),
    );
    report.counts.captured = captured;
    report.counts.refunded = refunded;
    report.counts.stamps_owed = total(LedgerAccount::StampsOwed);
    report.counts.stamps_delivered = total(LedgerAccount::StampsDelivered);
    report.counts.refunds_payable = total(LedgerAccount::RefundsPayable);
    report.counts.disputed = total(LedgerAccount::Disputed);
    report.counts.charged_back = charged_back(rows);
    let written_off = [EntryKind::WrittenOff, EntryKind::Cleared];
    report.counts.written_off = lost(rows, &written_off);
    report.counts.losses = total(LedgerAccount::Losses)
        .minus(report.counts.written_off)
        .unwrap_or_default();
    report.counts.gateway_fees = total(LedgerAccount::GatewayFees);
    named(rows, report);
}

/// What happened is booked under its name, in its amount: totals alone would let two errors cancel out.
fn named(rows: &Rows, report: &mut Report) {
    let booked: BTreeMap<&str, Rupiah> = rows
        .entries
        .iter()
        .map(|e| (e.id.as_str(), e.balanced().unwrap_or_default()))
        .collect();
    let captures = rows
        .payments
        .iter()
        .map(|p| (format!("capture.{}", p.transaction), p.amount));
    let asked = rows
        .refunds
        .iter()
        .filter(|r| r.reason == RefundReason::BuyerAsked)
        .map(|r| (format!("refund_asked.{}", r.key), r.amount));
    let refunded = rows
        .refunds
        .iter()
        .filter(|r| r.state == RefundState::Refunded && r.made != Some(Made::Chargeback))
        .map(|r| (format!("refunded.{}", r.key), r.amount));
    for (name, amount) in captures.chain(asked).chain(refunded) {
        if booked.get(name.as_str()) != Some(&amount) {
            report.breach(
                "what happened is booked",
                name,
                format!("{amount} is not booked under this name"),
            );
        }
    }
}

pub(super) fn sum(amounts: impl Iterator<Item = Rupiah>) -> Rupiah {
    Rupiah::new(amounts.fold(0, |sum, a| sum.saturating_add(a.get())))
}

fn booked(rows: &Rows, account: LedgerAccount, side: Side) -> Rupiah {
    sum(rows
        .entries
        .iter()
        .flat_map(|e| &e.legs)
        .filter(|leg| leg.account == account && leg.side == side)
        .map(|leg| leg.amount))
}

/// What left the disputed money to payers' banks.
fn charged_back(rows: &Rows) -> Rupiah {
    let entries = rows
        .entries
        .iter()
        .filter(|e| e.kind == EntryKind::ChargedBack);
    let legs = entries.flat_map(|e| &e.legs);
    let taken = legs.filter(|l| l.account == LedgerAccount::Disputed && l.side == Side::Credit);
    sum(taken.map(|leg| leg.amount))
}

/// What entries of these kinds booked as a loss.
fn lost(rows: &Rows, kinds: &[EntryKind]) -> Rupiah {
    let entries = rows.entries.iter().filter(|e| kinds.contains(&e.kind));
    let legs = entries.flat_map(|e| &e.legs);
    let lost = legs.filter(|l| l.account == LedgerAccount::Losses && l.side == Side::Debit);
    sum(lost.map(|leg| leg.amount))
}

fn booked_as(rows: &Rows, kinds: &[EntryKind]) -> Rupiah {
    let entries = rows.entries.iter().filter(|e| kinds.contains(&e.kind));
    sum(entries.map(|e| e.balanced().unwrap_or_default()))
}

fn agree(report: &mut Report, what: &str, rows: Rupiah, ledger: Rupiah) {
    if rows != ledger {
        report.breach(
            "ledger agrees with rows",
            what,
            format!("rows say {rows}, ledger says {ledger}"),
        );
    }
}

/// Checks each entry; gives each account's balance on its normal side.
fn ledger(rows: &Rows, report: &mut Report) -> BTreeMap<LedgerAccount, Rupiah> {
    let mut names = BTreeSet::new();
    for entry in &rows.entries {
        if let Err(error) = entry.balanced() {
            report.breach("entries balance", &entry.id, error.to_string());
        }
        if !names.insert(&entry.id) {
            report.breach("booked once", &entry.id, "booked twice".to_owned());
        }
    }
    LedgerAccount::ALL
        .into_iter()
        .map(|account| {
            let (plus, minus) = match account.normal() {
                Side::Debit => (Side::Debit, Side::Credit),
                Side::Credit => (Side::Credit, Side::Debit),
            };
            let (plus, minus) = (booked(rows, account, plus), booked(rows, account, minus));
            let balance = plus.minus(minus).unwrap_or_else(|_| {
                // What the gateway owes us, our bank account and what nobody could place may be below
                // zero: a refund is taken from what comes next.
                let may = [
                    LedgerAccount::GatewayReceivable,
                    LedgerAccount::Bank,
                    LedgerAccount::Suspense,
                ];
                if !may.contains(&account) {
                    report.breach(
                        "no account is overdrawn",
                        format!("{account:?}"),
                        format!("{plus} less {minus}"),
                    );
                }
                Rupiah::ZERO
            });
            (account, balance)
        })
        .collect()
}
