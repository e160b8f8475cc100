//! The audit: every invariant over all rows, as counts and breaches.

use crate::{
    capacity::Slot,
    case::{Case, CaseKind},
    document::{Document, DocumentState},
    event::{About, Event},
    hook::Topic,
    id::{AccountId, DocumentId, Serial, Sha256, TransactionId},
    inventory::{Block, Tie, Ties},
    ledger::{Entry, EntryKind, LedgerAccount, Side},
    lot::{Bucket, Lot, LotId},
    money::{Rupiah, Stamps},
    order::{Order, OrderState},
    payment::{Payment, PaymentState},
    refund::{Made, Refund, RefundReason, RefundState},
    settlement::Statement,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

mod attended;
mod books;
mod capacity;
mod payments;
mod refunds;
mod serials;
mod settlement;
mod stamps;
mod told;

/// Every row that an invariant speaks of.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Orders.
    pub orders: Vec<Order>,
    /// Captured payments.
    pub payments: Vec<Payment>,
    /// Refunds.
    pub refunds: Vec<Refund>,
    /// Lots.
    pub lots: Vec<Lot>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Blocks of serials.
    pub blocks: Vec<Block>,
    /// Free serial capacity, by slot.
    pub capacity: Vec<Slot>,
    /// What the rows of serials say.
    pub bindings: Vec<(Serial, Tie)>,
    /// Ledger entries.
    pub entries: Vec<Entry>,
    /// Cases, open and closed.
    pub cases: Vec<Case>,
    /// Settlement files.
    pub statements: Vec<Statement>,
    /// What was told to webhooks, or is to be.
    pub events: Vec<Event>,
}

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Breach {
    /// Which one.
    pub invariant: &'static str,
    /// The row or pair of rows.
    pub subject: String,
    /// What is wrong.
    pub detail: String,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Orders.
    pub orders: usize,
    /// Orders that bought stamps.
    pub credited: usize,
    /// Captured payments.
    pub payments: usize,
    /// Refunds, in any state.
    pub refunds: usize,
    /// Documents.
    pub documents: usize,
    /// Documents with a stamp.
    pub stamped: usize,
    /// Ledger entries.
    pub entries: usize,
    /// Serials known to the inventory.
    pub serials: usize,
    /// Serials in blocks.
    pub stock: i64,
    /// Serials that no sold or offered stamp claims; below zero after late payments.
    pub sellable: i64,
    /// Rupiah captured.
    pub captured: Rupiah,
    /// Rupiah confirmed refunded.
    pub refunded: Rupiah,
    /// Rupiah of usable or reserved stamps.
    pub stamps_owed: Rupiah,
    /// Rupiah of stamps on documents.
    pub stamps_delivered: Rupiah,
    /// Rupiah that has to go back.
    pub refunds_payable: Rupiah,
    /// Rupiah that payers' banks dispute.
    pub disputed: Rupiah,
    /// Rupiah that payers' banks took back.
    pub charged_back: Rupiah,
    /// Rupiah that went back though the stamps are used.
    pub losses: Rupiah,
    /// Rupiah that payouts lacked and a person gave up.
    pub written_off: Rupiah,
    /// Rupiah of payments that were paid out, before fees.
    pub settled: Rupiah,
    /// Rupiah that the gateway kept for its work.
    pub gateway_fees: Rupiah,
    /// Payments and refunds at the gateway too young to be missed here.
    pub in_flight: usize,
    /// Stamped files in storage.
    pub files: usize,
    /// Open cases.
    pub cases: usize,
}

/// The audit's result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was counted.
    pub counts: Counts,
    /// What is broken; empty when the books are whole.
    pub breaches: Vec<Breach>,
}

impl Report {
    /// Adds a breach.
    pub fn breach(&mut self, invariant: &'static str, subject: impl ToString, detail: String) {
        self.breaches.push(Breach {
            invariant,
            subject: subject.to_string(),
            detail,
        });
    }
}

/// Checks every invariant. The rows must be one consistent view, or suspects re-read by the caller.
#[must_use]
pub fn audit(rows: &Rows) -> Report {
    let mut report = Report::default();
    report.counts.orders = rows.orders.len();
    report.counts.payments = rows.payments.len();
    report.counts.refunds = rows.refunds.len();
    report.counts.documents = rows.documents.len();
    report.counts.entries = rows.entries.len();
    report.counts.cases = rows.cases.iter().filter(|c| c.closed.is_none()).count();
    books::check(rows, &mut report);
    payments::check(rows, &mut report);
    stamps::check(rows, &mut report);
    refunds::check(rows, &mut report);
    serials::check(rows, &mut report);
    capacity::check(rows, &mut report);
    settlement::check(rows, &mut report);
    attended::check(rows, &mut report);
    told::check(rows, &mut report);
    report.breaches.sort();
    report
}
