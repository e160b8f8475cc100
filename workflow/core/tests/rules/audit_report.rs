//! What the audit tells besides what is broken, and that it tells it the same each time.

use crate::{
    rows::whole,
    support::{T0, order_id, transaction},
};
use bubuh_core::{
    audit::{Rows, audit},
    ledger::Entry,
    money::{Rupiah, Stamps},
};

#[test]
fn the_audit_counts_what_there_is() {
    let counts = audit(&whole().rows()).counts;
    assert_eq!((counts.orders, counts.credited, counts.payments), (2, 2, 3));
    assert_eq!(
        (counts.refunds, counts.documents, counts.stamped),
        (3, 4, 1)
    );
    assert_eq!((counts.serials, counts.entries), (3, 7));
    let rupiah = [
        counts.captured,
        counts.refunded,
        counts.stamps_owed,
        counts.stamps_delivered,
        counts.refunds_payable,
    ]
    .map(Rupiah::get);
    assert_eq!(rupiah, [130_000, 20_000, 30_000, 10_000, 70_000]);
}

#[test]
fn the_audit_says_the_same_in_whatever_order_the_rows_were_read() {
    let mut rows = whole().rows();
    rows.lots
        .iter_mut()
        .for_each(|lot| lot.refunding = Stamps::ONE);
    rows.documents.iter_mut().for_each(|d| d.output = None);
    rows.entries.truncate(3);
    let report = audit(&rows);
    assert!(report.breaches.len() > 5);
    rows.orders.reverse();
    rows.payments.reverse();
    rows.refunds.reverse();
    rows.lots.reverse();
    rows.documents.reverse();
    rows.blocks.reverse();
    rows.bindings.reverse();
    rows.entries.reverse();
    assert_eq!(audit(&rows), report);
}

#[test]
fn a_loss_that_a_chargeback_makes_good_is_no_part_of_what_the_bank_took() {
    let [amount, unused, payable] = [20_000, 15_000, 10_000].map(Rupiah::new);
    let (order, paid) = (order_id("o"), transaction("o"));
    let entry = Entry::charged_back(order, &paid, amount, (unused, payable), T0).unwrap();
    assert_eq!(entry.balanced(), Ok(Rupiah::new(25_000)));
    let rows = Rows {
        entries: vec![entry],
        ..Rows::default()
    };
    assert_eq!(audit(&rows).counts.charged_back, amount);
}
