//! Xendit's face of the bank: payment requests, payment methods and refunds.
//! <https://developers.xendit.co/api-reference/payments-api/>

mod answer;
mod charge;
pub(super) mod event;
mod page;
mod refund;
mod wire;

use super::{Api, Bank, Call, State, Transaction, auth};
use crate::{answer::Outcome, query::Query};
use answer::Flaw;
use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Ask<'a> {
    Create,
    List,
    Get(&'a str),
    Payments(&'a str),
    Expire(&'a str),
    Refund,
    Refunds,
    GetRefund(&'a str),
}

impl Ask<'_> {
    fn call(self) -> Call {
        match self {
            Self::Create => Call::Charge,
            Self::Expire(_) => Call::Expire,
            Self::Refund => Call::Refund,
            _ => Call::Status,
        }
    }
}

impl Bank {
    pub(super) fn xendit(
        &mut self,
        now_ms: u64,
        request: &Request<Bytes>,
        parts: &[&str],
    ) -> Outcome {
        let ask = match (request.method(), parts) {
            (&Method::POST, ["payment_requests"]) => Ask::Create,
            (&Method::GET, ["payment_requests"]) => Ask::List,
            (&Method::GET, ["payment_requests", id]) => Ask::Get(id),
            (&Method::GET, ["v2", "payment_methods", id, "payments"]) => Ask::Payments(id),
            (&Method::POST, ["v2", "payment_methods", id, "expire"]) => Ask::Expire(id),
            (&Method::POST, ["refunds"]) => Ask::Refund,
            (&Method::GET, ["refunds"]) => Ask::Refunds,
            (&Method::GET, ["refunds", id]) => Ask::GetRefund(id),
            _ => return Flaw::not_found().reply().into(),
        };
        if !auth::holds(request.headers(), &self.settings.server_key) {
            let flaw = Flaw::new(401, "INVALID_API_KEY", "API key is not authorized");
            return flaw.reply().into();
        }
        let body = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        let query = Query::read(request.uri().query().unwrap_or_default());
        let order_id = self.asked_about(ask, &body, &query);
        let call = ask.call();
        self.with_faults(now_ms, call, &order_id, |bank, failing| {
            let result = match failing {
                Some(code) => Err(Flaw::fault(code)),
                None => bank.xendit_answer(now_ms, ask, request, &body, &query),
            };
            result.map_or_else(|flaw| flaw.reply(), |body| answer::taken(&body))
        })
    }

    fn xendit_answer(
        &mut self,
        now_ms: u64,
        ask: Ask<'_>,
        request: &Request<Bytes>,
        body: &Value,
        query: &Query,
    ) -> Result<Value, Flaw> {
        let key = request
            .headers()
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok());
        match ask {
            Ask::Create => self.payment_request(now_ms, key, body),
            Ask::List => self.payment_requests(query),
            Ask::Get(id) => self.of_request(id).map(wire::payment_request),
            Ask::Payments(id) => {
                let rows = wire::payments(self.of_method(id)?);
                page::of(rows, query)
            }
            Ask::Expire(id) => {
                let tx = self.of_method(id)?.clone();
                if tx.state != State::Pending {
                    let words = "payment method is not active";
                    return Err(Flaw::new(400, "INACTIVE_PAYMENT_METHOD", words));
                }
                let closed = self.close(&tx, State::Expire, now_ms);
                Ok(wire::payment_method(&closed))
            }
            Ask::Refund => self.refund_request(now_ms, key, body),
            Ask::Refunds => self.refund_list(query),
            Ask::GetRefund(id) => self.refund_of(id),
        }
    }

    /// Which order a call is about, for faults that wait for one.
    fn asked_about(&self, ask: Ask<'_>, body: &Value, query: &Query) -> String {
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        let order = |tx: Result<&Transaction, Flaw>| tx.map(|tx| tx.order_id.clone());
        match ask {
            Ask::Create => text("reference_id"),
            Ask::List => query.one("reference_id").unwrap_or_default().to_owned(),
            Ask::Get(id) => order(self.of_request(id)).unwrap_or_default(),
            Ask::Payments(id) | Ask::Expire(id) => order(self.of_method(id)).unwrap_or_default(),
            Ask::Refund => order(self.of_request(&text("payment_request_id"))).unwrap_or_default(),
            Ask::Refunds => {
                let id = query.one("payment_request_id").unwrap_or_default();
                order(self.of_request(id)).unwrap_or_default()
            }
            Ask::GetRefund(_) => String::new(),
        }
    }

    fn of_request(&self, id: &str) -> Result<&Transaction, Flaw> {
        let seq = self.by_id.get(id).ok_or_else(Flaw::not_found)?;
        self.state
            .transactions
            .get(seq)
            .filter(|tx| tx.api == Api::Xendit)
            .ok_or_else(Flaw::not_found)
    }

    fn of_method(&self, id: &str) -> Result<&Transaction, Flaw> {
        let of = id.strip_prefix("pm-").ok_or_else(Flaw::not_found)?;
        self.of_request(&format!("pr-{of}"))
    }

    /// As the gateway does after a time it does not tell: the same key is then another call.
    pub fn forget_idempotency_keys(&mut self) {
        for tx in self.state.transactions.values_mut() {
            tx.asked = None;
            for refund in &mut tx.refunds {
                refund.idempotency_key = None;
            }
        }
        self.by_key.clear();
        self.changed();
    }
}
