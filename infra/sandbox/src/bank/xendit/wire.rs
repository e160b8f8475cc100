//! Transactions as this API writes them.
//! <https://developers.xendit.co/api-reference/payments-api/>

use crate::bank::{Payment, Refund, RefundState, State, Transaction};
use jiff::Timestamp;
use serde_json::{Value, json};

/// "2021-12-31T23:59:59Z"
pub(super) fn time(at_ms: u64) -> String {
    let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
    let instant = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
    instant.to_string()
}

/// The one name that a payment request, its method and its payment share after their prefixes.
fn name(tx: &Transaction) -> &str {
    let id = tx.transaction_id.as_str();
    id.strip_prefix("pr-").unwrap_or(id)
}

pub(super) fn payment_request(tx: &Transaction) -> Value {
    json!({
        "id": tx.transaction_id,
        "reference_id": tx.order_id,
        "business_id": "SANDBOX",
        "amount": wanted(tx),
        "currency": "IDR",
        "country": "ID",
        "payment_method": payment_method(tx),
        "status": status(tx),
        "actions": [],
        "created": time(tx.charged_at_ms),
        "updated": time(tx.settled_at_ms.unwrap_or(tx.charged_at_ms)),
    })
}

/// What was asked: another amount that was paid shows in the payment only.
fn wanted(tx: &Transaction) -> u64 {
    tx.asked_amount.unwrap_or(tx.gross_amount)
}

/// A payment after its time does not open the payment request again: only the payment tells of it.
fn status(tx: &Transaction) -> &'static str {
    let late = tx
        .settled_at_ms
        .is_some_and(|at_ms| at_ms >= tx.expires_at_ms);
    match tx.state {
        State::Pending => "PENDING",
        State::Expire => "EXPIRED",
        State::Cancel => "CANCELED",
        State::Deny => "FAILED",
        _ if late => "EXPIRED",
        State::Settlement | State::PartialRefund | State::Refund | State::Chargeback => "SUCCEEDED",
    }
}

pub(super) fn payment_method(tx: &Transaction) -> Value {
    let (kind, place, channel) = match &tx.payment {
        Payment::Qris { qr_string } => (
            "QR_CODE",
            "qr_code",
            json!({
                "channel_code": "QRIS",
                "channel_properties": {
                    "qr_string": qr_string,
                    "expires_at": time(tx.expires_at_ms),
                },
            }),
        ),
        Payment::BankTransfer { bank, va_number } => (
            "VIRTUAL_ACCOUNT",
            "virtual_account",
            json!({
                "amount": wanted(tx),
                "currency": "IDR",
                "channel_code": bank.to_ascii_uppercase(),
                "channel_properties": {
                    "virtual_account_number": va_number,
                    "expires_at": time(tx.expires_at_ms),
                },
            }),
        ),
    };
    json!({
        "id": format!("pm-{}", name(tx)),
        "type": kind,
        "reference_id": tx.order_id,
        "reusability": "ONE_TIME_USE",
        "status": if tx.state == State::Pending { "ACTIVE" } else { "EXPIRED" },
        place: channel,
    })
}

/// What was paid, if anything was; a refused attempt is a payment that failed.
pub(super) fn payments(tx: &Transaction) -> Vec<Value> {
    match (tx.captured, tx.state) {
        (0, State::Deny) => vec![payment(tx, "FAILED")],
        (0, _) => Vec::new(),
        _ => vec![payment(tx, "SUCCEEDED")],
    }
}

pub(super) fn payment(tx: &Transaction, status: &str) -> Value {
    json!({
        "id": format!("py-{}", name(tx)),
        "payment_request_id": tx.transaction_id,
        "reference_id": tx.order_id,
        "amount": if tx.captured == 0 { wanted(tx) } else { tx.captured },
        "currency": "IDR",
        "country": "ID",
        "status": status,
        "payment_method": payment_method(tx),
        "created": time(tx.settled_at_ms.unwrap_or(tx.charged_at_ms)),
    })
}

pub(super) fn refund(tx: &Transaction, refund: &Refund) -> Value {
    let (status, failure) = match refund.state {
        RefundState::Pending => ("PENDING", None),
        RefundState::Made => ("SUCCEEDED", None),
        RefundState::Failed => ("FAILED", Some("REFUND_FAILED")),
    };
    json!({
        "id": format!("rfd-{}", refund.id),
        "payment_request_id": tx.transaction_id,
        "payment_id": format!("py-{}", name(tx)),
        "reference_id": refund.refund_key,
        "amount": refund.amount,
        "currency": "IDR",
        "country": "ID",
        "status": status,
        "failure_code": failure,
        "reason": refund.reason,
        "created": time(refund.at_ms),
        "metadata": { "order_id": tx.order_id },
    })
}
