//! Payments agree with what they bought and what went back of them, and orders with their payments.

use super::{books::sum, *};

pub(super) fn check(rows: &Rows, report: &mut Report) {
    payments(rows, report);
    orders(rows, report);
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
