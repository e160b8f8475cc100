//! `POST /refunds`: taken as pending, decided later.

use super::{answer::Flaw, page, wire};
use crate::bank::{
    Api, Bank, Call, FaultKind,
    refund::{Ask, Flaw as Why},
};
use crate::query::Query;
use serde::Deserialize;
use serde_json::Value;

const REASONS: [&str; 5] = [
    "FRAUDULENT",
    "DUPLICATE",
    "REQUESTED_BY_CUSTOMER",
    "CANCELLATION",
    "OTHERS",
];

#[derive(Deserialize)]
struct Create {
    payment_request_id: String,
    #[serde(default)]
    reference_id: Option<String>,
    /// All that is left, if absent.
    #[serde(default)]
    amount: Option<u64>,
    reason: String,
}

impl Bank {
    pub(super) fn refund_request(
        &mut self,
        now_ms: u64,
        key: Option<&str>,
        body: &Value,
    ) -> Result<Value, Flaw> {
        let create =
            Create::deserialize(body).map_err(|error| Flaw::invalid(&error.to_string()))?;
        let tx = self.of_request(&create.payment_request_id)?.clone();
        if let Some(key) = key
            && let Some(first) = tx
                .refunds
                .iter()
                .find(|refund| refund.idempotency_key.as_deref() == Some(key))
        {
            let same = create.amount.is_none_or(|amount| amount == first.amount)
                && create.reference_id.as_deref() == Some(first.refund_key.as_str());
            return match same {
                true => Ok(wire::refund(&tx, first)),
                false => Err(Flaw::duplicate()),
            };
        }
        if !REASONS.contains(&create.reason.as_str()) {
            return Err(Flaw::invalid("reason"));
        }
        if tx.refunding() > 0 {
            let words = "wait for the pending refund";
            return Err(Flaw::new(400, "REFUND_IN_PROGRESS", words));
        }
        let ask = Ask {
            key: create.reference_id.filter(|key| !key.is_empty()),
            amount: create.amount,
            reason: create.reason,
            decides_at_ms: Some(now_ms.saturating_add(self.settings.refund_pending_ms)),
            fails: false,
            idempotency_key: key.map(str::to_owned),
        };
        let (tx, refund) = self.give_back(now_ms, &tx, ask).map_err(|why| match why {
            Why::Method => Flaw::new(403, "REFUND_NOT_SUPPORTED", "not for this channel"),
            Why::State => Flaw::new(400, "INELIGIBLE_TRANSACTION_STATUS", "not refundable"),
            Why::Nothing => Flaw::invalid("amount"),
            Why::TooMuch => Flaw::new(400, "REFUND_AMOUNT_EXCEEDED", "more than is left"),
        })?;
        let fault = self.fire(FaultKind::RefundFails, Call::Refund, &tx.order_id, now_ms);
        if fault.is_some() {
            let mut next = tx.clone();
            for one in next.refunds.iter_mut().filter(|one| one.id == refund.id) {
                one.fails = true;
            }
            self.store(next);
        }
        Ok(wire::refund(&tx, &refund))
    }

    pub(super) fn refund_list(&self, query: &Query) -> Result<Value, Flaw> {
        let wanted = query.one("payment_request_id");
        let rows = self
            .transactions()
            .filter(|tx| tx.api == Api::Xendit)
            .filter(|tx| wanted.is_none_or(|wanted| tx.transaction_id == wanted))
            .flat_map(|tx| tx.refunds.iter().map(|refund| wire::refund(tx, refund)));
        page::of(rows.collect(), query)
    }

    pub(super) fn refund_of(&self, id: &str) -> Result<Value, Flaw> {
        self.transactions()
            .filter(|tx| tx.api == Api::Xendit)
            .flat_map(|tx| tx.refunds.iter().map(|refund| wire::refund(tx, refund)))
            .find(|row| row["id"] == id)
            .ok_or_else(Flaw::not_found)
    }
}
