//! One state of the model: everything that outlives a request.

use crate::{cloud::Object, process::Running, rows::Rows};
use bubuh_core::{
    id::{BlockId, DocumentId, OrderId, RefundKey, TransactionId},
    order::ObservedState,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// A message on its way: queues, notifications and running workflows alike. It comes at least once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Message {
    Accept(DocumentId),
    Wake,
    Stamp(DocumentId),
    Notify(TransactionId),
    Refund(RefundKey),
}

/// A row that sweep may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Due {
    Document(DocumentId),
    Order(OrderId),
    Refund(RefundKey),
    Block(BlockId),
}

/// The payment gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Gateway {
    pub(crate) transactions: BTreeMap<TransactionId, ObservedState>,
    pub(crate) refunds: BTreeSet<RefundKey>,
    /// Refused for good.
    pub(crate) refuses: BTreeSet<RefundKey>,
}

/// How often each thing may still happen: what bounds a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    /// A process dies right after a request was applied.
    pub crashes: u8,
    /// A write is applied, its reply is lost, and the client sends it again.
    pub repeats: u8,
    /// A message is delivered again while it is being worked on.
    pub duplicates: u8,
    /// A message is lost for good.
    pub drops: u8,
    /// A minute passes while processes stand still: leases end, rows become due.
    pub minutes: u8,
    /// The issuer refuses a file; the next worker's try may be taken.
    pub refusals: u8,
    /// An owner cancels a document.
    pub cancels: u8,
    /// An owner has a document erased.
    pub erasures: u8,
    /// An operator redrives a stalled document.
    pub redrives: u8,
    /// An owner uploads again, a fit file or an unfit one.
    pub uploads: u8,
    /// The buyer pays.
    pub payments: u8,
    /// The buyer cancels the order.
    pub order_cancels: u8,
    /// The buyer asks a stamp back, each time under another key.
    pub asks: u8,
    /// The gateway answers unclearly, or refuses to do what it was asked.
    pub gateway_faults: u8,
    /// The payer's bank disputes a payment.
    pub disputes: u8,
}

impl Budget {
    /// Nothing goes wrong and nobody asks for anything.
    pub const NOTHING: Self = Self {
        crashes: 0,
        repeats: 0,
        duplicates: 0,
        drops: 0,
        minutes: 0,
        refusals: 0,
        cancels: 0,
        erasures: 0,
        redrives: 0,
        uploads: 0,
        payments: 0,
        order_cancels: 0,
        asks: 0,
        gateway_faults: 0,
        disputes: 0,
    };
}

impl fmt::Display for Budget {
    /// Only what may happen at all.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = format!("{self:?}")
            .replace([' ', '{', '}'], "")
            .replace("Budget", "");
        let some: Vec<&str> = all.split(',').filter(|one| !one.ends_with(":0")).collect();
        f.write_str(&some.join(" "))
    }
}

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) now_ms: u64,
    pub(crate) rows: Rows,
    /// What stands at output keys.
    pub(crate) objects: BTreeMap<String, Object>,
    /// The newest upload: its version, and whether it is fit.
    pub(crate) uploads: BTreeMap<DocumentId, (u8, bool)>,
    pub(crate) gateway: Gateway,
    pub(crate) queue: BTreeMap<Message, u8>,
    pub(crate) running: Vec<Running>,
    /// What this minute's sweep has looked at.
    pub(crate) swept: BTreeSet<Due>,
    pub(crate) left: Budget,
    /// A worker whose fence had been overtaken has ended a document.
    pub(crate) overtaken: bool,
    /// Nothing failed so far, and no message was lost.
    pub(crate) faultless: bool,
    /// How often time passed because nothing else could happen.
    pub(crate) waits: u8,
}

impl State {
    pub(crate) fn send(&mut self, message: Message) {
        let count = self.queue.entry(message).or_default();
        *count = count.saturating_add(1);
    }

    /// Takes one of these messages off the queue.
    pub(crate) fn take(&mut self, message: &Message) {
        if let Some(count) = self.queue.get_mut(message) {
            *count -= 1;
            if *count == 0 {
                self.queue.remove(message);
            }
        }
    }

    /// Nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.running.is_empty() && self.queue.is_empty()
    }
}
