//! The controls under `/sandbox/`.

use super::{Bank, BuyerError, FaultSpec, Transaction};
use crate::control::{self, Flaw, parse};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the bank holds, in rupiah. `captured = refunded + charged_back + remaining`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// What buyers paid.
    pub captured: u64,
    /// What was given back.
    pub refunded: u64,
    /// What payers' banks took back.
    pub charged_back: u64,
    /// What is left.
    pub remaining: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Url {
    url: String,
}

impl Bank {
    /// The sums over all transactions.
    #[must_use]
    pub fn books(&self) -> Books {
        let mut books = Books::default();
        for tx in self.transactions() {
            books.captured = books.captured.saturating_add(tx.captured);
            books.refunded = books.refunded.saturating_add(tx.refunded());
            books.charged_back = books.charged_back.saturating_add(tx.charged_back);
            books.remaining = books.remaining.saturating_add(tx.remaining());
        }
        books
    }

    pub(super) fn control(
        &mut self,
        now_ms: u64,
        request: &Request<Bytes>,
        path: &[&str],
    ) -> Response<Bytes> {
        control::reply(self.act(now_ms, request, path))
    }

    fn act(&mut self, now_ms: u64, request: &Request<Bytes>, path: &[&str]) -> Result<Value, Flaw> {
        let body = request.body();
        match (request.method(), path) {
            (&Method::POST, ["orders", id, "pay"]) => {
                Ok(row(&self.pay(now_ms, id, parse(body)?)?))
            }
            (&Method::POST, ["orders", id, "deny"]) => Ok(row(&self.deny(now_ms, id)?)),
            (&Method::POST, ["orders", id, "chargeback"]) => {
                Ok(row(&self.charge_back(now_ms, id)?))
            }
            (&Method::POST, ["orders", id, "dispute-won"]) => {
                Ok(row(&self.win_dispute(now_ms, id)?))
            }
            (&Method::POST, ["orders", id, "dashboard-refund"]) => {
                let Amount { amount } = parse(body)?;
                Ok(row(&self.refund_in_dashboard(now_ms, id, amount)?))
            }
            (&Method::POST, ["orders", id, "refunds", key, "made"]) => {
                Ok(row(&self.decide_refund(now_ms, id, key, true)?))
            }
            (&Method::POST, ["orders", id, "refunds", key, "failed"]) => {
                Ok(row(&self.decide_refund(now_ms, id, key, false)?))
            }
            (&Method::POST, ["idempotency-keys", "forget"]) => {
                self.forget_idempotency_keys();
                Ok(json!({}))
            }
            (&Method::GET, ["transactions"]) => {
                let transactions: Vec<Value> = self.transactions().map(row).collect();
                Ok(json!({ "transactions": transactions, "books": self.books() }))
            }
            (&Method::GET, ["notifications"]) => {
                let deliveries: Vec<_> = self.state.deliveries.values().collect();
                Ok(json!({ "notifications": deliveries }))
            }
            (&Method::GET, ["faults"]) => Ok(json!(self.state.faults)),
            (&Method::POST, ["faults"]) => {
                let id = self.set_fault(parse::<FaultSpec>(body)?)?;
                Ok(json!({ "id": id }))
            }
            (&Method::DELETE, ["faults"]) => {
                self.clear_faults();
                Ok(json!({}))
            }
            (&Method::PUT, ["notification-url"]) => {
                let Url { url } = parse(body)?;
                self.set_notification_url(&url)?;
                Ok(json!({ "url": url }))
            }
            _ => Err(Flaw::unknown()),
        }
    }
}

impl From<BuyerError> for Flaw {
    fn from(error: BuyerError) -> Self {
        let status = match error {
            BuyerError::NotFound => StatusCode::NOT_FOUND,
            BuyerError::Amount => StatusCode::BAD_REQUEST,
            BuyerError::State(_) | BuyerError::AccountClosed => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}

/// A transaction for audits: the stored row and its sums, amounts as whole rupiah.
fn row(tx: &Transaction) -> Value {
    json!({
        "transaction_id": tx.transaction_id,
        "order_id": tx.order_id,
        "payment": tx.payment,
        "transaction_status": tx.state,
        "gross_amount": tx.gross_amount,
        "captured": tx.captured,
        "refunded": tx.refunded(),
        "refunding": tx.refunding(),
        "charged_back": tx.charged_back,
        "remaining": tx.remaining(),
        "refunds": tx.refunds,
        "charged_at_ms": tx.charged_at_ms,
        "expires_at_ms": tx.expires_at_ms,
        "settled_at_ms": tx.settled_at_ms,
    })
}
