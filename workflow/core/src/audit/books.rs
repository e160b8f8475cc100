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
    report.counts.losses = total(LedgerAccount::Losses);
    payments(rows, report);
    orders(rows, report);
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

fn sum(amounts: impl Iterator<Item = Rupiah>) -> Rupiah {
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
                // What the gateway owes us, and our bank account, may be below zero: a refund is taken
                // from what comes next.
                let may = [LedgerAccount::GatewayReceivable, LedgerAccount::Bank];
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

/// Each payment's money is used once: it bought lots, or went to refunds, within what was captured.
fn payments(rows: &Rows, report: &mut Report) {
    let mut bought: BTreeMap<&TransactionId, Rupiah> = BTreeMap::new();
    for lot in &rows.lots {
        let worth = lot.unit_price.times(lot.quantity).unwrap_or_default();
        let so_far = bought.entry(&lot.transaction).or_default();
        *so_far = sum([*so_far, worth].into_iter());
    }
    let mut claimed: BTreeMap<&TransactionId, Rupiah> = BTreeMap::new();
    let mut made: BTreeMap<&TransactionId, Rupiah> = BTreeMap::new();
    let mut elsewhere: BTreeMap<&TransactionId, Rupiah> = BTreeMap::new();
    for refund in &rows.refunds {
        let add = |to: &mut BTreeMap<_, Rupiah>| {
            let so_far = to.entry(&refund.transaction).or_default();
            *so_far = sum([*so_far, refund.amount].into_iter());
        };
        match refund.state {
            RefundState::Reversed => continue,
            RefundState::Refunded if there(refund) => add(&mut made),
            _ => {}
        }
        add(&mut claimed);
        if refund.reason == RefundReason::MadeElsewhere {
            add(&mut elsewhere);
        }
    }
    for payment in &rows.payments {
        let lots = bought.remove(&payment.transaction).unwrap_or_default();
        let refunds = claimed.remove(&payment.transaction).unwrap_or_default();
        let expected = if payment.credited {
            payment.amount
        } else {
            Rupiah::ZERO
        };
        if lots != expected {
            report.breach(
                "a payment buys what it paid for",
                &payment.transaction,
                format!("lots worth {lots}, expected {expected}"),
            );
        }
        let made = made.remove(&payment.transaction).unwrap_or_default();
        if payment.refunded != made {
            report.breach(
                "a payment knows what went back",
                &payment.transaction,
                format!("{} by itself, {made} in refunds", payment.refunded),
            );
        }
        // Somebody else at the gateway may give back what a refund of ours had claimed.
        let elsewhere = elsewhere.remove(&payment.transaction).unwrap_or_default();
        let ours = refunds.minus(elsewhere).unwrap_or_default();
        let most = payment.amount.minus(ours).unwrap_or_default();
        let least = most.minus(elsewhere).unwrap_or_default();
        if refunds > payment.amount && elsewhere == Rupiah::ZERO
            || !(least..=most).contains(&payment.refundable)
        {
            report.breach(
                "refunds stay within the payment",
                &payment.transaction,
                format!(
                    "{} captured, {refunds} in refunds, {} refundable",
                    payment.amount, payment.refundable
                ),
            );
        }
        if !payment.credited && ours != payment.amount {
            report.breach(
                "what can't be credited goes back",
                &payment.transaction,
                format!("{} captured, {ours} in refunds", payment.amount),
            );
        }
    }
    for transaction in bought.keys().chain(claimed.keys()) {
        report.breach(
            "every lot and refund has a payment",
            transaction,
            "no such payment".to_owned(),
        );
    }
}

/// Whether the gateway gave a made refund back.
fn there(refund: &Refund) -> bool {
    matches!(refund.made, None | Some(Made::Elsewhere(_)))
}

/// An order has its stamps from exactly one payment, and they are its buyer's.
fn orders(rows: &Rows, report: &mut Report) {
    let mut credited = BTreeSet::new();
    let mut buyers = BTreeMap::new();
    for payment in rows.payments.iter().filter(|p| p.credited) {
        buyers.insert(&payment.transaction, (payment.order, &payment.account));
        if !credited.insert(payment.order) {
            report.breach(
                "an order is credited once",
                payment.order,
                format!("again by {}", payment.transaction),
            );
        }
    }
    for lot in &rows.lots {
        let owner = (lot.id.order, &lot.account);
        if buyers.get(&lot.transaction).is_some_and(|b| *b != owner) {
            report.breach(
                "a lot is its buyer's",
                lot.id,
                format!("{} did not pay for it", lot.account),
            );
        }
    }
    for order in &rows.orders {
        if (order.state == OrderState::Credited) != credited.contains(&order.id) {
            report.breach(
                "an order is credited by a payment",
                order.id,
                format!("state {}", order.state.name()),
            );
        }
    }
    report.counts.credited = credited.len();
}
