//! What can happen in a random sequence, and to whom.

use bubuh_core::{document::Lacks, order::ObservedState, refund::Answer};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Pass(u64),
    Restock,
    Place(u8),
    Charge(u8),
    /// Transaction, status, and whether the amount is right.
    Observe(u8, ObservedState, bool),
    CancelOrder(u8),
    LookAgain(u8),
    /// Key, transaction, count.
    Ask(u8, u8, u32),
    Plan(u8),
    Settle(u8, Answer),
    /// A person, or the buyer, sees to a refund.
    Hand(u8, Hand),
    /// A dispute's end: transaction, and whether it was won.
    Decide(u8, bool),
    /// Somebody refunded at the gateway: transaction, key, amount.
    Elsewhere(u8, u8, u64),
    Announce(u8),
    Accept(u8),
    Wait(u8, Lacks),
    Reject(u8),
    Claim(u8),
    /// A worker that holds a fence stores the stamped file.
    Store(u8),
    Commit(u8),
    Refuse(u8),
    CancelDocument(u8),
    Abandon(u8),
    Resend(u8),
    Purge(u8),
    Erase(u8),
    Redrive(u8),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Hand {
    PayTo,
    Keep,
    Paid,
    Retry,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) worker: usize,
    /// Whether the worker reads the rows before it decides.
    pub(crate) fresh: bool,
    /// Whether another worker reads the same rows and does the same a moment later.
    pub(crate) race: bool,
    pub(crate) event: Event,
}
