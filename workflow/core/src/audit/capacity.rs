//! What is free to be sold is what is in the inventory less what is sold or offered.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let stamps = |count: Stamps| i64::from(count.get());
    let ties: Ties = rows.bindings.iter().cloned().collect();
    let stock: i64 = rows
        .blocks
        .iter()
        .map(|block| {
            let stock = block.left().saturating_add(block.missing(&ties).count());
            i64::try_from(stock).unwrap_or(i64::MAX)
        })
        .sum();
    let offered: i64 = rows
        .orders
        .iter()
        .filter(|order| order.state == OrderState::AwaitingPayment)
        .map(|order| stamps(order.quantity))
        .sum();
    let sold: i64 = rows
        .lots
        .iter()
        .map(|lot| stamps(lot.available).saturating_add(stamps(lot.refunding)))
        .sum();
    let free: i64 = rows.capacity.iter().map(|slot| slot.free).sum();
    report.counts.stock = stock;
    report.counts.sellable = free;
    let expected = stock.saturating_sub(offered).saturating_sub(sold);
    if free != expected {
        report.breach(
            "each stamp sold or offered has a serial",
            "inventory",
            format!("{free} free, of {stock} in blocks {offered} offered and {sold} sold"),
        );
    }
}
