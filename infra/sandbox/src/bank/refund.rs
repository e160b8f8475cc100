//! Money goes back: `POST /v2/{id}/refund`, and what it shares with other APIs.

use super::{
    Api, Bank, Call, FaultKind, Payment, Refund, RefundState, State, Transaction,
    answer::Refusal,
    wire::{self, Fields},
};
use serde::Deserialize;
use serde_json::Value;

/// A refund to make, whichever API asks for it.
#[derive(Debug, Default)]
pub(super) struct Ask {
    /// The merchant's; one is made up if absent.
    pub(super) key: Option<String>,
    /// All that is left, if absent.
    pub(super) amount: Option<u64>,
    pub(super) reason: String,
    /// When it is decided; at once, if absent.
    pub(super) decides_at_ms: Option<u64>,
    pub(super) fails: bool,
    pub(super) idempotency_key: Option<String>,
}

/// Why a refund is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A virtual account's payment.
    Method,
    /// Not paid, or paid too long ago.
    State,
    /// Nothing asked.
    Nothing,
    /// More than is left.
    TooMuch,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    refund_key: Option<String>,
    #[serde(default)]
    amount: Option<u64>,
    #[serde(default)]
    reason: Option<String>,
}

impl Bank {
    pub(super) fn refund(
        &mut self,
        now_ms: u64,
        id: &str,
        order_id: &str,
        body: &Value,
    ) -> Result<Fields, Refusal> {
        let tx = self.find(id).ok_or_else(Refusal::not_found)?.clone();
        let request =
            Request::deserialize(body).map_err(|error| Refusal::invalid(&error.to_string()))?;
        let key = request.refund_key.filter(|key| !key.is_empty());
        // Before any other rule: the same key is the same refund, also once nothing is left.
        if let Some(made) = tx
            .refunds
            .iter()
            .find(|made| key.as_deref() == Some(made.refund_key.as_str()))
        {
            return Ok(wire::refunded(&tx, made));
        }
        let waits = self.fire(FaultKind::RefundPending, Call::Refund, order_id, now_ms);
        let fails = waits.is_some()
            && self
                .fire(FaultKind::RefundFails, Call::Refund, order_id, now_ms)
                .is_some();
        let ask = Ask {
            key,
            amount: request.amount,
            reason: request.reason.unwrap_or_default(),
            decides_at_ms: waits.map(|fault| now_ms.saturating_add(fault.delay_ms)),
            fails,
            idempotency_key: None,
        };
        match self.give_back(now_ms, &tx, ask) {
            Ok((tx, refund)) => Ok(wire::refunded(&tx, &refund)),
            Err(Flaw::Method | Flaw::State) => Err(Refusal::state()),
            Err(Flaw::Nothing) => Err(Refusal::invalid("amount")),
            Err(Flaw::TooMuch) => Err(Refusal::new(412, "Refund amount exceeds what is left")),
        }
    }

    /// Takes a refund, and unless it is decided later makes it.
    pub(super) fn give_back(
        &mut self,
        now_ms: u64,
        tx: &Transaction,
        ask: Ask,
    ) -> Result<(Transaction, Refund), Flaw> {
        self.refundable(tx, now_ms)?;
        let left = tx.remaining().saturating_sub(tx.refunding());
        let amount = ask.amount.unwrap_or(left);
        if amount == 0 {
            return Err(Flaw::Nothing);
        }
        if amount > left {
            return Err(Flaw::TooMuch);
        }
        let number = self.number();
        let refund = Refund {
            id: number,
            refund_key: ask.key.unwrap_or_else(|| self.uuid(number)),
            amount,
            reason: ask.reason,
            at_ms: now_ms,
            state: RefundState::Pending,
            decides_at_ms: ask.decides_at_ms,
            fails: ask.fails,
            idempotency_key: ask.idempotency_key,
        };
        let mut next = tx.clone();
        next.refunds.push(refund.clone());
        if refund.decides_at_ms.is_some() {
            self.store(next.clone());
            return Ok((next, refund));
        }
        let next = self.decide(&next, refund.id, true, now_ms);
        let refund = next.refunds.last().cloned().unwrap_or(refund);
        Ok((next, refund))
    }

    /// Ends a pending refund, and tells the merchant. One that finds its money gone fails.
    pub(super) fn decide(
        &mut self,
        tx: &Transaction,
        refund_id: u64,
        made: bool,
        at_ms: u64,
    ) -> Transaction {
        let mut next = tx.clone();
        let left = next.remaining();
        let Some(refund) = next.refunds.iter_mut().find(|one| one.id == refund_id) else {
            return next;
        };
        let made = made && refund.amount <= left;
        refund.state = match made {
            true => RefundState::Made,
            false => RefundState::Failed,
        };
        refund.decides_at_ms = None;
        let decided = refund.clone();
        if made {
            next.state = if next.remaining() == 0 {
                State::Refund
            } else {
                State::PartialRefund
            };
        }
        self.store(next.clone());
        match next.api {
            Api::Midtrans => self.notify(&next, at_ms),
            Api::Xendit => self.notify_refund(&next, &decided, at_ms),
        }
        next
    }

    /// Paid, by a method that can be refunded, and not too long ago.
    fn refundable(&self, tx: &Transaction, now_ms: u64) -> Result<(), Flaw> {
        if !matches!(tx.payment, Payment::Qris { .. }) {
            return Err(Flaw::Method);
        }
        let paid = matches!(tx.state, State::Settlement | State::PartialRefund);
        let last_ms = tx
            .settled_at_ms
            .map(|at_ms| at_ms.saturating_add(self.settings.refund_window_ms));
        if paid && last_ms.is_some_and(|last_ms| now_ms <= last_ms) {
            Ok(())
        } else {
            Err(Flaw::State)
        }
    }
}
