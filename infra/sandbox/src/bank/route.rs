//! Requests in, replies out.

use super::{
    Bank, Call, FaultKind, Payment,
    answer::{Refusal, taken},
    auth,
    wire::Fields,
};
use crate::{
    answer::{Outcome, garbled, typed},
    qr,
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;

impl Bank {
    /// Answers one request, of the API or of the controls.
    pub fn handle(&mut self, now_ms: u64, request: &Request<Bytes>) -> Outcome {
        self.advance(now_ms);
        let path = request.uri().path();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::GET, ["sandbox", "settlement.csv"]) => {
                let query = request.uri().query().unwrap_or_default();
                self.settlement_file(query).into()
            }
            (_, ["sandbox", control @ ..]) => self.control(now_ms, request, control).into(),
            (&Method::GET, ["v2", "qris", id, "qr-code"]) => self.picture(id).into(),
            (&Method::POST, ["v2", "charge"]) => self.call(now_ms, request, Call::Charge, ""),
            (&Method::GET, ["v2", id, "status"]) => self.call(now_ms, request, Call::Status, id),
            (&Method::POST, ["v2", id, "cancel"]) => self.call(now_ms, request, Call::Cancel, id),
            (&Method::POST, ["v2", id, "expire"]) => self.call(now_ms, request, Call::Expire, id),
            (&Method::POST, ["v2", id, "refund"]) => self.call(now_ms, request, Call::Refund, id),
            (_, ["payment_requests" | "refunds", ..] | ["v2", "payment_methods", ..]) => {
                self.xendit(now_ms, request, &parts)
            }
            _ => self
                .refuse(&Refusal::new(404, "The requested resource is not found"))
                .into(),
        }
    }

    fn call(&mut self, now_ms: u64, request: &Request<Bytes>, call: Call, id: &str) -> Outcome {
        if !auth::holds(request.headers(), &self.settings.server_key) {
            let words = "Transaction cannot be authorized with the current client/server key.";
            return self.refuse(&Refusal::new(401, words)).into();
        }
        let body = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
        let order_id = self.order_of(call, id, &body);
        self.with_faults(now_ms, call, &order_id, |bank, failing| {
            let result = match (failing, call) {
                (Some(code), _) => Err(Refusal::new(code, "Sandbox fault")),
                (None, Call::Charge) => bank.charge(now_ms, &body),
                (None, Call::Status) => {
                    let fields = bank.status(id);
                    fields.map(|fields| bank.odd(fields, &order_id, now_ms))
                }
                (None, Call::Cancel) => bank.cancel(now_ms, id),
                (None, Call::Expire) => bank.expire(now_ms, id),
                (None, Call::Refund) => bank.refund(now_ms, id, &order_id, &body),
                (None, Call::Pay | Call::Notification) => Err(Refusal::not_found()),
            };
            bank.answer(result)
        })
    }

    /// Answers a call of any API, with the faults that wait for it. `answer` is told the code to
    /// fail with, without applying anything, if it must.
    pub(super) fn with_faults(
        &mut self,
        now_ms: u64,
        call: Call,
        order_id: &str,
        answer: impl FnOnce(&mut Self, Option<u16>) -> Response<Bytes>,
    ) -> Outcome {
        if let Some(fault) = self.fire(FaultKind::ErrorBeforeApplying, call, order_id, now_ms) {
            return answer(self, Some(fault.code.unwrap_or(500))).into();
        }
        let mut outcome = Outcome::from(answer(self, None));
        if let Some(fault) = self.fire(FaultKind::GarbledReply, call, order_id, now_ms) {
            outcome.response = Some(garbled(fault.code.unwrap_or(200)));
        }
        if let Some(fault) = self.fire(FaultKind::Delay, call, order_id, now_ms) {
            outcome.delay_ms = fault.delay_ms;
        }
        if let Some(fault) = self.fire(FaultKind::ReplyLost, call, order_id, now_ms) {
            outcome.response = None;
            outcome.delay_ms = outcome.delay_ms.max(fault.delay_ms);
        }
        outcome
    }

    /// A status that says other things than the documentation knows.
    fn odd(&mut self, mut fields: Fields, order_id: &str, now_ms: u64) -> Fields {
        for (kind, field, usual) in [
            (FaultKind::OddStatus, "transaction_status", "on_hold"),
            (FaultKind::OddFraud, "fraud_status", ""),
            (FaultKind::OddAmount, "gross_amount", ""),
        ] {
            if let Some(fault) = self.fire(kind, Call::Status, order_id, now_ms) {
                let word = fault.word.unwrap_or_else(|| usual.to_owned());
                fields.insert(field.to_owned(), word.into());
            }
        }
        fields
    }

    /// Which order a call is about, for faults that wait for one.
    fn order_of(&self, call: Call, id: &str, body: &Value) -> String {
        if call == Call::Charge {
            let order_id = body.pointer("/transaction_details/order_id");
            return order_id
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
        }
        self.find(id).map_or(id, |tx| &tx.order_id).to_owned()
    }

    fn answer(&mut self, result: Result<Fields, Refusal>) -> Response<Bytes> {
        match result {
            Ok(fields) => taken(fields),
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn refuse(&mut self, refusal: &Refusal) -> Response<Bytes> {
        refusal.reply(self.uuid(0))
    }

    fn picture(&mut self, transaction_id: &str) -> Response<Bytes> {
        let qr_string = match self.find(transaction_id).map(|tx| &tx.payment) {
            Some(Payment::Qris { qr_string }) => qr_string,
            _ => return self.refuse(&Refusal::not_found()),
        };
        match qr::picture(qr_string) {
            Some(png) => typed(StatusCode::OK, "image/png", png),
            None => self.refuse(&Refusal::new(500, "The code can't be drawn")),
        }
    }
}
