//! Transactions as the API writes them. Field names and samples:
//! <https://docs.midtrans.com/reference>

use super::{Payment, Refund, RefundState, State, Transaction};
use crate::time::in_jakarta as time;
use serde_json::{Map, Value, json};

pub(super) type Fields = Map<String, Value>;

/// "100000.00"
pub(super) fn amount(rupiah: u64) -> String {
    format!("{rupiah}.00")
}

fn put(fields: &mut Fields, name: &str, value: impl Into<Value>) {
    fields.insert(name.to_owned(), value.into());
}

/// What every reply about a transaction has.
pub(super) fn common(tx: &Transaction, code: u16, message: &str) -> Fields {
    let mut fields = Fields::new();
    put(&mut fields, "status_code", code.to_string());
    put(&mut fields, "status_message", message);
    put(&mut fields, "transaction_id", tx.transaction_id.as_str());
    put(&mut fields, "order_id", tx.order_id.as_str());
    put(&mut fields, "merchant_id", "SANDBOX");
    put(&mut fields, "gross_amount", amount(tx.gross_amount));
    put(&mut fields, "currency", "IDR");
    put(&mut fields, "transaction_time", time(tx.charged_at_ms));
    put(&mut fields, "transaction_status", tx.state.as_str());
    let fraud = if tx.state == State::Deny {
        "deny"
    } else {
        "accept"
    };
    put(&mut fields, "fraud_status", fraud);
    put(&mut fields, "expiry_time", time(tx.expires_at_ms));
    if let Some(at_ms) = tx.settled_at_ms {
        put(&mut fields, "settlement_time", time(at_ms));
    }
    match &tx.payment {
        Payment::Qris { .. } => {
            put(&mut fields, "payment_type", "qris");
            put(&mut fields, "acquirer", "gopay");
        }
        Payment::BankTransfer { bank, va_number } => {
            put(&mut fields, "payment_type", "bank_transfer");
            if bank == "permata" {
                put(&mut fields, "permata_va_number", va_number.as_str());
            } else {
                let accounts = json!([{ "bank": bank, "va_number": va_number }]);
                put(&mut fields, "va_numbers", accounts);
            }
        }
    }
    fields
}

/// The reply to a charge; only this one carries the code to scan.
pub(super) fn charged(tx: &Transaction, public_url: &str) -> Fields {
    let message = match &tx.payment {
        Payment::Qris { .. } => "QRIS transaction is created",
        Payment::BankTransfer { .. } => "Success, Bank Transfer transaction is created",
    };
    let mut fields = common(tx, 201, message);
    if let Payment::Qris { qr_string } = &tx.payment {
        let url = format!("{public_url}/v2/qris/{}/qr-code", tx.transaction_id);
        let action = json!([{ "name": "generate-qr-code", "method": "GET", "url": url }]);
        put(&mut fields, "actions", action);
        put(&mut fields, "qr_string", qr_string.as_str());
    }
    fields
}

/// A status, or with another message the reply to a step.
pub(super) fn status(tx: &Transaction, code: u16, message: &str) -> Fields {
    let mut fields = common(tx, code, message);
    // What is taken and not made is not told: nobody may count on it.
    let made = tx.refunds.iter().filter(|r| r.state == RefundState::Made);
    let made: Vec<Value> = made.map(listed).collect();
    if !made.is_empty() {
        put(&mut fields, "refund_amount", amount(tx.refunded()));
        put(&mut fields, "refunds", made);
    }
    fields
}

fn listed(refund: &Refund) -> Value {
    json!({
        "refund_chargeback_id": refund.id,
        "refund_key": refund.refund_key,
        "refund_amount": amount(refund.amount),
        "reason": refund.reason,
        "created_at": time(refund.at_ms),
        "bank_confirmed_at": time(refund.at_ms),
    })
}

/// The reply to a refund; here `refund_amount` is this refund's alone.
pub(super) fn refunded(tx: &Transaction, refund: &Refund) -> Fields {
    let mut fields = common(tx, 200, "Success, refund request is approved");
    put(&mut fields, "refund_chargeback_id", refund.id);
    put(&mut fields, "refund_key", refund.refund_key.as_str());
    put(&mut fields, "refund_amount", amount(refund.amount));
    fields
}

/// The code a status call gives.
pub(super) fn status_code(state: State) -> u16 {
    match state {
        State::Pending => 201,
        State::Expire => 407,
        State::Deny => 202,
        _ => 200,
    }
}

/// The code a notification gives: an expiry's differs from the status call's.
pub(super) fn notification_code(state: State) -> u16 {
    match state {
        State::Expire => 202,
        other => status_code(other),
    }
}
