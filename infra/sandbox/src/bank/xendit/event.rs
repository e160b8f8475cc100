//! Webhooks. <https://docs.xendit.co/docs/payments-api-webhooks>

use super::wire::{self, time};
use crate::bank::{Refund, RefundState, State, Transaction};
use serde_json::{Value, json};

/// The event of a transaction's present state, if there is one for it.
pub(in crate::bank) fn of_transaction(tx: &Transaction, now_ms: u64) -> Option<String> {
    let (event, data) = match tx.state {
        State::Settlement => ("payment.succeeded", wire::payment(tx, "SUCCEEDED")),
        State::Deny => ("payment.failed", wire::payment(tx, "FAILED")),
        State::Expire | State::Cancel => ("payment_method.expired", wire::payment_method(tx)),
        State::Pending | State::PartialRefund | State::Refund | State::Chargeback => return None,
    };
    Some(body(event, data, now_ms))
}

/// A refund's end, with its word.
pub(in crate::bank) fn of_refund(
    tx: &Transaction,
    refund: &Refund,
    now_ms: u64,
) -> (&'static str, String) {
    let event = match refund.state {
        RefundState::Failed => "refund.failed",
        RefundState::Made | RefundState::Pending => "refund.succeeded",
    };
    (event, body(event, wire::refund(tx, refund), now_ms))
}

fn body(event: &str, data: Value, now_ms: u64) -> String {
    let body = json!({
        "event": event,
        "business_id": "SANDBOX",
        "created": time(now_ms),
        "data": data,
    });
    body.to_string()
}
