//! Refunds agree with the payments they give back and the stamps they hold.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let lots: BTreeMap<LotId, &Lot> = rows.lots.iter().map(|lot| (lot.id, lot)).collect();
    let mut holding: BTreeMap<LotId, (Stamps, Stamps)> = BTreeMap::new();
    for refund in &rows.refunds {
        let mut worth = Rupiah::ZERO;
        for held in &refund.held {
            let (refunding, refunded) = holding.entry(held.lot).or_default();
            let mut nowhere = Stamps::ZERO;
            let bucket = match refund.state {
                RefundState::Refunded => refunded,
                RefundState::Reversed => &mut nowhere,
                _ => refunding,
            };
            *bucket = bucket.plus(held.count).unwrap_or(*bucket);
            worth = lots
                .get(&held.lot)
                .and_then(|lot| lot.unit_price.times(held.count).ok())
                .and_then(|value| worth.plus(value).ok())
                .unwrap_or(worth);
        }
        let fits = match refund.reason {
            RefundReason::BuyerAsked => worth == refund.amount,
            RefundReason::MadeElsewhere => worth <= refund.amount,
            _ => refund.held.is_empty(),
        };
        if !fits {
            report.breach(
                "a refund is worth the stamps it holds",
                refund.key,
                format!("{} for stamps worth {worth}", refund.amount),
            );
        }
    }
    for lot in &rows.lots {
        let (refunding, refunded) = holding.remove(&lot.id).unwrap_or_default();
        if (lot.refunding, lot.refunded) != (refunding, refunded) {
            report.breach(
                "a lot agrees with its refunds",
                lot.id,
                format!(
                    "{} refunding and {} refunded in the lot, {refunding} and {refunded} in refunds",
                    lot.refunding, lot.refunded
                ),
            );
        }
    }
    for lot in holding.keys() {
        report.breach(
            "every refunded stamp has a lot",
            lot,
            "no such lot".to_owned(),
        );
    }
    in_flight(rows, report);
}

/// One refund of a payment at a time, and the payment says whether there is one.
fn in_flight(rows: &Rows, report: &mut Report) {
    let mut open: BTreeMap<&TransactionId, u32> = BTreeMap::new();
    for refund in &rows.refunds {
        if refund.is_open() {
            let count = open.entry(&refund.transaction).or_default();
            *count = count.saturating_add(1);
        }
    }
    for payment in &rows.payments {
        let count = open.remove(&payment.transaction).unwrap_or_default();
        if count != u32::from(payment.refund_in_flight) {
            report.breach(
                "a payment knows its open refund",
                &payment.transaction,
                format!("{count} open, in flight: {}", payment.refund_in_flight),
            );
        }
    }
}
