//! Where all the money is, by the rows against the bank's own books.

use super::settle::Picture;
use crate::Run;
use bubuh_core::{
    audit::Rows,
    lot::{Bucket, Lot},
    order::OrderState,
    refund::RefundState,
};
use std::{collections::BTreeSet, fmt};

/// Sums in rupiah, and counts that must be zero.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sums {
    /// What the bank took from buyers.
    captured: u64,
    /// What the buyers have for it: stamps, used or not, at their price.
    credited: u64,
    /// What the bank gave back.
    refunded: u64,
    /// What has to go back still: refunds under way, and in open cases.
    open: u64,
    /// Payments of which more went back than came in.
    beyond: usize,
    /// Payments that were refunded more often than our rows say, or twice under one key.
    double: usize,
    /// Orders that still wait.
    waiting: usize,
}

fn kept(lot: &Lot) -> u64 {
    let buckets = [Bucket::Available, Bucket::Reserved, Bucket::Stamped];
    let stamps: u32 = buckets.iter().map(|b| lot.bucket(*b).get()).sum();
    lot.unit_price.get() * u64::from(stamps)
}

impl Sums {
    pub(super) fn of(run: &Run, picture: &Picture) -> Self {
        let rows = &picture.whole.rows;
        let charges: Vec<_> = run
            .stack
            .payments()
            .with(|bank, _| bank.transactions().cloned().collect());
        let mut sums = Self {
            credited: rows.lots.iter().map(kept).sum(),
            open: open(rows),
            waiting: rows
                .orders
                .iter()
                .filter(|o| o.state == OrderState::AwaitingPayment)
                .count(),
            ..Self::default()
        };
        for charge in charges {
            sums.captured += charge.captured;
            sums.refunded += charge.refunded();
            sums.beyond += usize::from(charge.refunded() > charge.captured);
            let keys: BTreeSet<_> = charge.refunds.iter().map(|r| &r.refund_key).collect();
            let ours = rows.refunds.iter().filter(|r| {
                r.transaction.as_str() == charge.transaction_id && r.state == RefundState::Refunded
            });
            let twice = keys.len() != charge.refunds.len() || charge.refunds.len() > ours.count();
            sums.double += usize::from(twice);
        }
        sums
    }

    /// What does not hold.
    pub(super) fn wrong(&self) -> Vec<String> {
        let whole = self.credited + self.refunded + self.open == self.captured;
        let zero = self.beyond + self.double + self.waiting == 0;
        let mut wrong = Vec::new();
        if !whole || !zero {
            wrong.push(self.to_string());
        }
        wrong
    }
}

fn open(rows: &Rows) -> u64 {
    let open = rows.refunds.iter().filter(|refund| refund.is_open());
    open.map(|refund| refund.amount.get()).sum()
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "bank captured {} = credited {} + refunded {} + open {}; {} payments refunded beyond \
             their capture, {} refunded twice, {} orders that still wait",
            self.captured,
            self.credited,
            self.refunded,
            self.open,
            self.beyond,
            self.double,
            self.waiting
        )
    }
}
