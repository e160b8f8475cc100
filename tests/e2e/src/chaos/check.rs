//! Nothing lost, nothing double, nothing burnt: what must hold once everything is at its end.

use super::{plan::Plan, settle::Picture};
use crate::Run;
use bubuh_core::{
    audit::Report,
    document::DocumentState,
    lot::{Bucket, Lot},
    order::OrderState,
};
use std::collections::BTreeSet;

fn count(lots: &[Lot], bucket: Bucket) -> u64 {
    lots.iter()
        .map(|lot| u64::from(lot.bucket(bucket).get()))
        .sum()
}

/// What is wrong with the rows, the books and the bank; nothing, if all holds.
pub(super) fn rows(run: &Run, plan: &Plan, picture: &Picture, report: &Report) -> Vec<String> {
    let mut wrong = picture.open(plan);
    let rows = &picture.whole.rows;
    let mut must = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    for breach in &report.breaches {
        must(false, format!("audit: {breach:?}"));
    }
    let (mut stamped, mut serials) = (0_usize, BTreeSet::new());
    for plan in &plan.documents {
        let Some(row) = picture.document(plan) else {
            continue; // told as open already
        };
        let reason = row.reason.as_ref().map(|reason| reason.code.as_str());
        match row.state {
            DocumentState::Stamped => {
                stamped += 1;
                must(
                    plan.refused.is_none(),
                    format!("{} deserved no stamp", row.id),
                );
                let serial = row.reservation.as_ref().map(|r| r.serial.clone());
                must(
                    serial.is_some_and(|serial| serials.insert(serial)),
                    format!("{} shares its serial", row.id),
                );
            }
            _ => must(
                reason == plan.refused,
                format!("{} was refused: {reason:?}, not {:?}", row.id, plan.refused),
            ),
        }
    }
    let used = rows
        .bindings
        .iter()
        .filter(|(_, tie)| tie.document.is_some())
        .count();
    let bought: u64 = rows
        .orders
        .iter()
        .filter(|order| order.state == OrderState::Credited)
        .map(|order| u64::from(order.quantity.get()))
        .sum();
    let buckets = Bucket::ALL.map(|bucket| count(&rows.lots, bucket));
    let bank = run.stack.payments().with(|bank, _| bank.books());
    let counts = &report.counts;
    for (what, is, be) in [
        ("documents", rows.documents.len(), plan.documents.len()),
        ("orders", rows.orders.len(), plan.orders.len()),
        ("serials that are used", used, stamped),
        ("files in storage", counts.files, stamped),
        ("open cases", counts.cases, 0),
        ("differences with the bank under way", counts.in_flight, 0),
    ] {
        must(is == be, format!("{what}: {is} and not {be}"));
    }
    let stamped = u64::try_from(stamped).unwrap_or_default();
    for (what, is, be) in [
        ("stamps in all buckets", buckets.iter().sum(), bought),
        ("stamps spent", count(&rows.lots, Bucket::Stamped), stamped),
        ("stamps reserved", count(&rows.lots, Bucket::Reserved), 0),
        (
            "stamps being refunded",
            count(&rows.lots, Bucket::Refunding),
            0,
        ),
        ("rupiah captured", counts.captured.get(), bank.captured),
        ("rupiah refunded", counts.refunded.get(), bank.refunded),
    ] {
        must(is == be, format!("{what}: {is} and not {be}"));
    }
    wrong
}
