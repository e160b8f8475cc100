//! Xendit's Payment Requests, Payment Methods and Refunds APIs.
//!
//! Xendit has two families: `POST /v3/payment_requests`
//! (<https://docs.xendit.co/apidocs/create-payment-request>) and the one its client libraries
//! speak, `POST /payment_requests` (<https://developers.xendit.co/api-reference/payments-api/>).
//! This is the second: it documents an `idempotency-key` for a payment request and a list by
//! `reference_id`. The first documents neither, and there a charge whose reply was lost could never
//! be found by the order. Refunds are one API for both
//! (<https://docs.xendit.co/apidocs/refund-payment-request>).
//!
//! Disputes are not read: Xendit has them for cards, which are not offered here.

mod body;
mod interpret;
mod read;

use crate::{
    ChargeRequest, Charged, Error, Gateway, RefundReply, RefundRequest, RefundSeen, Status,
    TransactionStatus, Transport, check,
    client::{Client, json},
    reply::Reply,
};
use bytes::Bytes;
use http::Method as Verb;
use interpret::{Call, interpret};
use read::{Payment, Refund, RefundStatus, Wanted};
use secrecy::SecretString;

/// What the ids of payment requests begin with, and the ids of orders never.
const PREFIX: &str = "pr-";
/// Rows a page; the API gives no more.
const PAGE: usize = 100;
/// Pages read before giving up: far more refunds than one payment can have.
const PAGES: usize = 20;

/// A client of Xendit, or of anything with the same HTTP API.
#[derive(Debug, Clone)]
pub struct Xendit<T> {
    client: Client<T>,
}

impl<T: Transport> Xendit<T> {
    /// `base_url` without path, as `https://api.xendit.co`; the key is never printed or logged.
    pub fn new(base_url: impl Into<String>, secret_key: SecretString, transport: T) -> Self {
        Self {
            client: Client::new(base_url, secret_key, transport),
        }
    }

    async fn get(&self, id: &str, path: &str) -> Result<Reply, Error> {
        let reply = self
            .client
            .send(Verb::GET, path, None, Bytes::new())
            .await?;
        interpret(Call::Other(id), reply.status(), reply.body())
    }

    /// All rows of a list.
    async fn list(&self, id: &str, path: &str) -> Result<Vec<Reply>, Error> {
        let mut rows = Vec::new();
        let mut after = String::new();
        for _ in 0..PAGES {
            let page = self.get(id, &format!("{path}limit={PAGE}{after}")).await?;
            if page.raw("data").is_none_or(|data| !data.is_array()) {
                return Err(Error::MalformedReply("no data".to_owned()));
            }
            rows.extend(page.list("data"));
            let more = page.text("has_more").as_deref() == Some("true");
            match rows.last().and_then(|row| row.text("id")) {
                Some(last) if more => {
                    check::id("id", &last)?;
                    after = format!("&after_id={last}");
                }
                _ => return Ok(rows),
            }
        }
        Err(Error::MalformedReply("a list without end".to_owned()))
    }

    /// The payment request of this id; of several of an order the one that is paid, else the last.
    async fn wanted(&self, id: &str) -> Result<Wanted, Error> {
        check::id("id", id)?;
        if id.starts_with(PREFIX) {
            return Wanted::read(&self.get(id, &format!("/payment_requests/{id}")).await?);
        }
        let path = format!("/payment_requests?reference_id={id}&");
        let rows = self.list(id, &path).await?;
        let mut wanted = rows
            .iter()
            .map(Wanted::read)
            .collect::<Result<Vec<_>, Error>>()?;
        wanted.retain(|wanted| wanted.order_id == id);
        wanted
            .into_iter()
            .max_by_key(|wanted| (wanted.says_paid(), wanted.created_at_ms))
            .ok_or_else(|| Error::NotFound { id: id.to_owned() })
    }

    /// What buyers paid. A payment request tells what is wanted, and may have expired before a late
    /// payment came; only its payments tell what came in.
    async fn payments(&self, wanted: &Wanted) -> Result<Vec<Payment>, Error> {
        let path = format!("/v2/payment_methods/{}/payments?", wanted.method_id);
        let rows = self.list(&wanted.id, &path).await?;
        let mut payments = rows
            .iter()
            .map(Payment::read)
            .collect::<Result<Vec<_>, Error>>()?;
        payments.retain(|payment| payment.of == wanted.id);
        Ok(payments)
    }

    async fn refunds(&self, wanted: &Wanted) -> Result<Vec<Refund>, Error> {
        let path = format!("/refunds?payment_request_id={}&", wanted.id);
        let rows = self.list(&wanted.id, &path).await?;
        rows.iter().map(Refund::read).collect()
    }

    async fn described(&self, wanted: Wanted) -> Result<Status, Error> {
        let payments = self.payments(&wanted).await?;
        let refunds = match payments.iter().any(|payment| payment.succeeded) {
            true => self.refunds(&wanted).await?,
            false => Vec::new(),
        };
        read::status(wanted, &payments, &refunds)
    }

    /// Closes the code or the account, so that it takes no more money.
    async fn close(&self, id: &str) -> Result<Status, Error> {
        let wanted = self.wanted(id).await?;
        let before = self.described(wanted.clone()).await?;
        if before.transaction_status != TransactionStatus::Pending {
            return Err(Error::Refused {
                code: 409,
                message: "it is not pending".to_owned(),
                for_good: true,
            });
        }
        let path = format!("/v2/payment_methods/{}/expire", wanted.method_id);
        let reply = self
            .client
            .send(Verb::POST, &path, None, json(&body::Nothing {})?)
            .await?;
        interpret(Call::Other(id), reply.status(), reply.body())?;
        self.described(self.wanted(&wanted.id).await?).await
    }
}

impl<T: Transport> Gateway for Xendit<T> {
    /// The order is the idempotency key: the same request gives the same charge, another one of
    /// the order is a duplicate.
    async fn charge(&self, request: &ChargeRequest) -> Result<Charged, Error> {
        check::charge(request)?;
        let order_id = request.order_id.as_str();
        if order_id.starts_with(PREFIX) {
            return Err(Error::InvalidRequest {
                field: "order_id",
                reason: "must not look like a payment request's",
            });
        }
        let body = json(&body::Charge::new(request)?)?;
        let key = Some(("idempotency-key", order_id));
        let reply = self
            .client
            .send(Verb::POST, "/payment_requests", key, body)
            .await?;
        let reply = interpret(Call::Charge(order_id), reply.status(), reply.body())?;
        let wanted = Wanted::read(&reply)?;
        Ok(Charged {
            instructions: wanted
                .instructions
                .ok_or_else(|| Error::MalformedReply("nothing to pay to".to_owned()))?,
            transaction_id: wanted.id,
            order_id: wanted.order_id,
            gross_amount: wanted.amount,
            expires_at_ms: wanted.expires_at_ms,
        })
    }

    async fn status(&self, id: &str) -> Result<Status, Error> {
        self.described(self.wanted(id).await?).await
    }

    async fn cancel(&self, id: &str) -> Result<Status, Error> {
        self.close(id).await
    }

    async fn expire(&self, id: &str) -> Result<Status, Error> {
        self.close(id).await
    }

    /// Looks for the key first: how long Xendit keeps idempotency keys is not documented, and a
    /// refund is tried for days. The idempotency key guards calls at the same time.
    async fn refund(&self, id: &str, request: &RefundRequest) -> Result<RefundReply, Error> {
        check::refund(request)?;
        let wanted = self.wanted(id).await?;
        let key = request.refund_key.as_str();
        let known = self.refunds(&wanted).await?.into_iter();
        let of_key = |refund: &Refund| refund.seen.refund_key.as_deref() == Some(key);
        if let Some(refund) = known.into_iter().find(of_key) {
            return answer(refund, &wanted.id);
        }
        let body = json(&body::Refund::new(&wanted, request))?;
        let header = Some(("idempotency-key", key));
        let reply = self
            .client
            .send(Verb::POST, "/refunds", header, body)
            .await?;
        let reply = interpret(Call::Other(id), reply.status(), reply.body())?;
        answer(Refund::read(&reply)?, &wanted.id)
    }
}

/// A failed refund stays failed under its key.
fn answer(refund: Refund, transaction_id: &str) -> Result<RefundReply, Error> {
    let RefundSeen { refund_key, amount } = refund.seen;
    match refund.status {
        RefundStatus::Made | RefundStatus::UnderWay => Ok(RefundReply {
            made: refund.status == RefundStatus::Made,
            transaction_id: Some(transaction_id.to_owned()),
            refund_key,
            refund_amount: Some(amount),
        }),
        RefundStatus::Failed(why) => Err(Error::Refused {
            code: 200,
            message: why,
            for_good: true,
        }),
    }
}
