//! `POST /v2/{id}/refund`.

use super::{
    Bank, Payment, Refund, State, Transaction,
    answer::Refusal,
    wire::{self, Fields},
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    refund_key: Option<String>,
    /// All that is left, if absent.
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
        self.refundable(&tx, now_ms)?;
        let amount = request.amount.unwrap_or_else(|| tx.remaining());
        if amount == 0 {
            return Err(Refusal::invalid("amount"));
        }
        if amount > tx.remaining() {
            return Err(Refusal::new(412, "Refund amount exceeds what is left"));
        }
        let number = self.number();
        let refund = Refund {
            id: number,
            refund_key: key.unwrap_or_else(|| self.uuid(number)),
            amount,
            reason: request.reason.unwrap_or_default(),
            at_ms: now_ms,
        };
        let mut next = tx;
        next.refunds.push(refund.clone());
        next.state = if next.remaining() == 0 {
            State::Refund
        } else {
            State::PartialRefund
        };
        self.store(next.clone());
        self.notify(&next, now_ms);
        Ok(wire::refunded(&next, &refund))
    }

    /// Paid, by a method that can be refunded, and not too long ago.
    fn refundable(&self, tx: &Transaction, now_ms: u64) -> Result<(), Refusal> {
        let by_code = matches!(tx.payment, Payment::Qris { .. });
        let paid = matches!(tx.state, State::Settlement | State::PartialRefund);
        let last_ms = tx
            .settled_at_ms
            .map(|at_ms| at_ms.saturating_add(self.settings.refund_window_ms));
        if by_code && paid && last_ms.is_some_and(|last_ms| now_ms <= last_ms) {
            Ok(())
        } else {
            Err(Refusal::state())
        }
    }
}
