//! The bank: pure. Time comes in as an argument and never from a clock; ids come from a seed and a
//! counter, so the same calls at the same times give the same bank.

mod answer;
mod auth;
mod buyer;
mod charge;
mod control;
mod fault;
mod notify;
mod open;
mod refund;
mod route;
mod settlement;
mod steps;
mod transaction;
mod wire;
mod xendit;

pub use buyer::{BuyerError, Pay};
pub use control::Books;
pub use fault::{Call, FaultKind, FaultSpec, Fired};
pub use settlement::{Fees, SettlementFaults};
pub use transaction::{Api, Asked, Payment, Refund, RefundState, State, Transaction};

use crate::{Delivered, Due, Outcome, Remote, fault::Faults, ids};
use bubuh_gateway::SecretString;
use bytes::Bytes;
use http::Request;
use notify::Delivery;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How long after its payment a QRIS payment can be refunded: seven days, if the payer's issuer is
/// not the acquirer. <https://docs.midtrans.com/reference-link/refund-transaction>
pub(crate) const REFUND_WINDOW_MS: u64 = 7 * 24 * 60 * 60 * 1000;

/// A sandbox's choice: long enough to be met pending, short enough to be waited for.
pub(crate) const REFUND_PENDING_MS: u64 = 60_000;

/// Largest single amount, so that no sum of amounts leaves its type.
const LARGEST_RUPIAH: u64 = 1_000_000_000_000;

/// What a bank is given at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The key that calls must carry and Midtrans's notifications are signed with.
    pub server_key: SecretString,
    /// The token that Xendit's notifications carry; none is sent unless set.
    pub callback_token: Option<SecretString>,
    /// Where this API is, for the links in its replies.
    pub public_url: String,
    /// Where ids start; another seed gives other ids.
    pub seed: u64,
    /// Factor on the waits between notifications: 1.0 is the real gateway's 2 to 210 minutes.
    pub retry_scale: f64,
    /// How long after its payment a QRIS payment can be refunded, in milliseconds.
    pub refund_window_ms: u64,
    /// How long a refund asked through Xendit's API is pending, in milliseconds.
    pub refund_pending_ms: u64,
    /// What it keeps of a payment.
    pub fees: Fees,
}

impl Settings {
    /// The real gateway's times, ids from seed 0.
    #[must_use]
    pub fn new(server_key: SecretString) -> Self {
        Self {
            server_key,
            callback_token: None,
            public_url: "http://sandbox.invalid".to_owned(),
            seed: 0,
            retry_scale: 1.0,
            refund_window_ms: REFUND_WINDOW_MS,
            refund_pending_ms: REFUND_PENDING_MS,
            fees: Fees::default(),
        }
    }
}

/// All a bank knows, to be stored and restored. Holds no key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    next: u64,
    notification_url: Option<String>,
    transactions: BTreeMap<u64, Transaction>,
    deliveries: BTreeMap<u64, Delivery>,
    #[serde(flatten)]
    faults: Faults<FaultSpec, Fired>,
}

/// The bank.
#[derive(Debug)]
pub struct Bank {
    settings: Settings,
    state: Snapshot,
    /// Grows with each change of `state`.
    revision: u64,
    /// `transaction_id` to its place. This and the following are derived from `state`.
    by_id: BTreeMap<String, u64>,
    /// `order_id` to the place of its latest charge.
    by_order: BTreeMap<String, u64>,
    /// Idempotency key to the place of the charge it made.
    by_key: BTreeMap<String, u64>,
    /// When, and for which transaction, something happens by itself.
    timers: BTreeSet<(u64, u64)>,
    /// When, and which, notification is due.
    queue: BTreeSet<(u64, u64)>,
    /// Notifications held back, by order.
    held: BTreeMap<String, Vec<u64>>,
}

impl Bank {
    /// A bank without history.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::restore(settings, Snapshot::default())
    }

    /// A bank that goes on where another stopped.
    #[must_use]
    pub fn restore(settings: Settings, state: Snapshot) -> Self {
        let rows = || state.transactions.values();
        let mut held: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for delivery in state.deliveries.values().filter(|delivery| delivery.held) {
            held.entry(delivery.order_id.clone())
                .or_default()
                .push(delivery.id);
        }
        Self {
            held,
            by_id: rows()
                .map(|tx| (tx.transaction_id.clone(), tx.seq))
                .collect(),
            by_order: rows().map(|tx| (tx.order_id.clone(), tx.seq)).collect(),
            by_key: rows()
                .filter_map(|tx| Some((tx.asked.as_ref()?.key.clone(), tx.seq)))
                .collect(),
            timers: rows()
                .filter_map(|tx| Some((tx.timer_ms()?, tx.seq)))
                .collect(),
            queue: state
                .deliveries
                .values()
                .filter_map(|delivery| Some((delivery.due_ms?, delivery.id)))
                .collect(),
            settings,
            state,
            revision: 0,
        }
    }

    /// All it knows.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.state
    }

    /// Grows with each change of [`snapshot`](Self::snapshot).
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Every transaction, oldest first.
    pub fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        self.state.transactions.values()
    }

    /// The transaction of this id, or the latest of this order.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Transaction> {
        let seq = self.by_id.get(id).or_else(|| self.by_order.get(id))?;
        self.state.transactions.get(seq)
    }

    /// When something happens by itself next: an expiry, a late payment, a refund's end or a
    /// notification.
    #[must_use]
    pub fn next_event_ms(&self) -> Option<u64> {
        let first = |set: &BTreeSet<(u64, u64)>| set.first().map(|(at_ms, _)| *at_ms);
        let queue = self.state.notification_url.as_ref().map(|_| &self.queue);
        [first(&self.timers), queue.and_then(first)]
            .into_iter()
            .flatten()
            .min()
    }

    /// Lets everything happen that is due by now. Every entry point does so first.
    pub fn advance(&mut self, now_ms: u64) {
        while let Some(&(at_ms, seq)) = self.timers.first().filter(|(at_ms, _)| *at_ms <= now_ms) {
            self.timers.pop_first();
            let Some(tx) = self.state.transactions.get(&seq).cloned() else {
                continue;
            };
            if tx.settles_at_ms.is_some() {
                self.settle(&tx, tx.settles_amount, at_ms);
            } else if tx.state == State::Pending {
                self.close(&tx, State::Expire, at_ms);
            } else if let Some(refund) = tx.next_refund() {
                self.decide(&tx, refund.id, !refund.fails, at_ms);
            }
        }
    }

    /// Stores a transaction under its indexes.
    fn store(&mut self, tx: Transaction) {
        self.changed();
        if let Some(timer) = self
            .state
            .transactions
            .get(&tx.seq)
            .and_then(Transaction::timer_ms)
        {
            self.timers.remove(&(timer, tx.seq));
        }
        if let Some(timer) = tx.timer_ms() {
            self.timers.insert((timer, tx.seq));
        }
        self.by_id.insert(tx.transaction_id.clone(), tx.seq);
        if let Some(asked) = &tx.asked {
            self.by_key.insert(asked.key.clone(), tx.seq);
        }
        // An old charge that changes does not take the order from a newer one.
        let latest = self.by_order.entry(tx.order_id.clone()).or_insert(tx.seq);
        *latest = (*latest).max(tx.seq);
        self.state.transactions.insert(tx.seq, tx);
    }

    /// Ends a transaction without money, and tells the merchant.
    fn close(&mut self, tx: &Transaction, state: State, at_ms: u64) -> Transaction {
        let closed = Transaction {
            state,
            ..tx.clone()
        };
        self.store(closed.clone());
        self.notify(&closed, at_ms);
        closed
    }

    /// Takes the buyer's money, and tells the merchant.
    fn settle(&mut self, tx: &Transaction, amount: u64, at_ms: u64) -> Transaction {
        let settled = Transaction {
            state: State::Settlement,
            asked_amount: (amount != tx.gross_amount).then_some(tx.gross_amount),
            gross_amount: amount,
            captured: amount,
            settles_at_ms: None,
            settled_at_ms: Some(at_ms),
            ..tx.clone()
        };
        self.store(settled.clone());
        self.notify(&settled, at_ms);
        settled
    }

    fn changed(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }

    /// A number never given before.
    fn number(&mut self) -> u64 {
        self.changed();
        self.state.next = self.state.next.saturating_add(1);
        self.state.next
    }

    fn uuid(&self, number: u64) -> String {
        ids::uuid(self.settings.seed, number)
    }
}

impl Remote for Bank {
    type Snapshot = Snapshot;

    fn advance(&mut self, now_ms: u64) {
        Self::advance(self, now_ms);
    }

    fn handle(&mut self, now_ms: u64, request: &Request<Bytes>) -> Outcome {
        Self::handle(self, now_ms, request)
    }

    fn snapshot(&self) -> &Snapshot {
        Self::snapshot(self)
    }

    fn revision(&self) -> u64 {
        Self::revision(self)
    }

    fn next_event_ms(&self) -> Option<u64> {
        Self::next_event_ms(self)
    }

    fn due(&mut self, now_ms: u64) -> Vec<Due> {
        self.due_notifications(now_ms)
    }

    fn delivered(&mut self, now_ms: u64, id: u64, met: Delivered) {
        self.notification_result(now_ms, id, met);
    }
}
