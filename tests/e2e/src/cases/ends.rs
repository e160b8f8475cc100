//! How a case ended, by the rows and the bank, against how it must.

use super::{
    act::Buyer,
    file::{Ends, Stamps},
};
use bubuh_core::{
    audit::Rows,
    lot::{Bucket, Lot},
    refund::{Made, Refund, RefundState},
};
use serde::Serialize;

impl Stamps {
    /// Each count under its name in the account's answer.
    pub(super) fn by_name(self) -> [(&'static str, u32); 6] {
        [
            ("available", self.available),
            ("reserved", self.reserved),
            ("stamped", self.stamped),
            ("refunding", self.refunding),
            ("refunded", self.refunded),
            ("held", self.held),
        ]
    }

    fn of<'l>(lots: impl Iterator<Item = &'l Lot>) -> Self {
        lots.fold(Self::default(), |mut sum, lot| {
            let count = |bucket| lot.bucket(bucket).get();
            if lot.disputed {
                sum.held += count(Bucket::Available);
            } else {
                sum.available += count(Bucket::Available);
            }
            sum.reserved += count(Bucket::Reserved);
            sum.stamped += count(Bucket::Stamped);
            sum.refunding += count(Bucket::Refunding);
            sum.refunded += count(Bucket::Refunded);
            sum
        })
    }
}

/// A value's name in rows and answers.
fn name(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_lowercase()
}

/// Paid by a bank transfer of ours.
pub(super) fn by_hand(refund: &Refund) -> bool {
    refund.state == RefundState::Refunded && matches!(refund.made, Some(Made::ByHand(_)))
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

/// What differs.
fn difference(found: &Ends, must: &Ends) -> Result<(), String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, is: String, be: String| {
        if is != be {
            wrong.push(format!("{what}: {is}, not {be}"));
        }
    };
    let text = |words: &[String]| format!("{words:?}");
    compare("orders", text(&found.orders), text(&must.orders));
    for ((what, is), (_, be)) in found
        .stamps
        .by_name()
        .into_iter()
        .zip(must.stamps.by_name())
    {
        compare(what, is.to_string(), be.to_string());
    }
    compare("rupiah back", found.back.to_string(), must.back.to_string());
    let refunds = sorted(must.refunds.clone());
    compare("refunds", text(&found.refunds), text(&refunds));
    let cases = sorted(must.cases.clone());
    compare("open cases", text(&found.cases), text(&cases));
    wrong
        .is_empty()
        .then_some(())
        .ok_or_else(|| wrong.join("; "))
}

/// The same with one thing changed.
fn others(ends: &Ends) -> Vec<(&'static str, Ends)> {
    let changed = |change: &dyn Fn(&mut Ends)| {
        let mut other = ends.clone();
        change(&mut other);
        other
    };
    let word = || "something else".to_owned();
    let mut all = vec![
        ("orders", changed(&|e| e.orders = vec![word()])),
        ("rupiah", changed(&|e| e.back += 1)),
        ("refunds", changed(&|e| e.refunds.push(word()))),
        ("cases", changed(&|e| e.cases.push(word()))),
        ("available", changed(&|e| e.stamps.available += 1)),
        ("reserved", changed(&|e| e.stamps.reserved += 1)),
        ("stamped", changed(&|e| e.stamps.stamped += 1)),
        ("refunding", changed(&|e| e.stamps.refunding += 1)),
        ("refunded", changed(&|e| e.stamps.refunded += 1)),
        ("held", changed(&|e| e.stamps.held += 1)),
    ];
    if !ends.refunds.is_empty() {
        all.push(("a refund", changed(&|e| drop(e.refunds.pop()))));
    }
    if !ends.cases.is_empty() {
        all.push(("a case", changed(&|e| drop(e.cases.pop()))));
    }
    all
}

impl Buyer<'_> {
    pub(super) fn owns(&self, order: bubuh_core::id::OrderId) -> bool {
        self.orders.borrow().iter().any(|(_, id)| *id == order)
    }

    /// What differs.
    pub(super) fn ended(&self, rows: &Rows) -> Result<(), String> {
        difference(&self.found(rows), &self.case.ends)
    }

    /// That any other end would have been noticed: each expectation is changed once.
    pub(super) fn notices(&self, rows: &Rows) -> Result<(), String> {
        let found = self.found(rows);
        for (what, other) in others(&self.case.ends) {
            if difference(&found, &other).is_ok() {
                return Err(format!("another end as to {what} would go unnoticed"));
            }
        }
        Ok(())
    }

    fn found(&self, rows: &Rows) -> Ends {
        let orders = self.orders.borrow();
        let state = |id| {
            let row = rows.orders.iter().find(|row| row.id == id);
            row.map_or_else(|| "nothing".to_owned(), |row| name(row.state))
        };
        let refunds = rows.refunds.iter().filter(|r| self.owns(r.order));
        let cases = rows.cases.iter();
        let cases = cases.filter(|c| c.closed.is_none() && c.account == self.account);
        let paid: u64 = refunds
            .clone()
            .filter(|r| by_hand(r))
            .map(|r| r.amount.get())
            .sum();
        let at_bank = orders.iter().flat_map(|(_, id)| {
            let charges = self.world.charges(&id.to_string());
            charges
                .into_iter()
                .map(|tx| tx.refunded() + tx.charged_back)
        });
        Ends {
            orders: orders.iter().map(|(_, id)| state(*id)).collect(),
            stamps: Stamps::of(rows.lots.iter().filter(|l| self.owns(l.id.order))),
            back: at_bank.sum::<u64>() + paid,
            refunds: sorted(
                refunds
                    .map(|r| format!("{} {} {}", name(r.state), r.amount.get(), name(r.reason)))
                    .collect(),
            ),
            cases: sorted(
                cases
                    .map(|c| format!("{} {}", c.kind.name(), name(c.owner)))
                    .collect(),
            ),
        }
    }
}
