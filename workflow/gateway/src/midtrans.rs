//! Midtrans's Core API. <https://docs.midtrans.com/reference>

mod body;
mod check;
mod interpret;

use crate::{
    ChargeRequest, Charged, Error, Gateway, Instructions, Method, RefundReply, RefundRequest,
    Status, TransactionStatus, Transport, reply::Reply,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderValue, Method as Verb, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use interpret::{Call, interpret};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// A client of Midtrans, or of anything with the same HTTP API.
#[derive(Debug, Clone)]
pub struct Midtrans<T> {
    base_url: String,
    server_key: SecretString,
    transport: T,
}

impl<T: Transport> Midtrans<T> {
    /// `base_url` without path, as `https://api.midtrans.com`; the key is never printed or logged.
    pub fn new(base_url: impl Into<String>, server_key: SecretString, transport: T) -> Self {
        let mut base_url = base_url.into();
        base_url.truncate(base_url.trim_end_matches('/').len());
        Self {
            base_url,
            server_key,
            transport,
        }
    }

    /// The reply's JSON and the gateway's code, for codes that mean the call was taken.
    async fn call(
        &self,
        call: Call<'_>,
        verb: Verb,
        path: &str,
        body: Bytes,
    ) -> Result<(Reply, u16), Error> {
        let request = Request::builder()
            .method(verb)
            .uri(format!("{}{path}", self.base_url))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, self.authorization()?)
            .body(body)
            .map_err(|_| Error::InvalidRequest {
                field: "base_url",
                reason: "is no URL",
            })?;
        let reply = self.transport.send(request).await?;
        interpret(call, reply.status(), reply.body())
    }

    fn authorization(&self) -> Result<HeaderValue, Error> {
        let pair = format!("{}:", self.server_key.expose_secret());
        let mut value =
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).map_err(|_| {
                Error::InvalidRequest {
                    field: "server_key",
                    reason: "can't be sent",
                }
            })?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn transition(&self, id: &str, verb: Verb, step: &str) -> Result<Status, Error> {
        check::id("id", id)?;
        let (reply, code) = self
            .call(
                Call::Status(id),
                verb,
                &format!("/v2/{id}/{step}"),
                Bytes::new(),
            )
            .await?;
        let mut status = Status::read(&reply, code)?;
        // A status does not repeat the QRIS code, but its picture has a fixed place.
        if status.instructions.is_none() && status.payment_type == "qris" {
            status.instructions = Some(Instructions::Qris {
                qr_string: None,
                qr_url: Some(self.qr_url(&status.transaction_id)),
            });
        }
        Ok(status)
    }

    fn qr_url(&self, transaction_id: &str) -> String {
        format!("{}/v2/qris/{transaction_id}/qr-code", self.base_url)
    }
}

impl<T: Transport> Gateway for Midtrans<T> {
    async fn charge(&self, request: &ChargeRequest) -> Result<Charged, Error> {
        check::charge(request)?;
        let (reply, _) = self
            .call(
                Call::Charge(&request.order_id),
                Verb::POST,
                "/v2/charge",
                json(&body::Charge::from(request))?,
            )
            .await?;
        let transaction_id = reply.required("transaction_id")?;
        let instructions = reply.instructions().or_else(|| {
            matches!(request.method, Method::Qris).then(|| Instructions::Qris {
                qr_string: None,
                qr_url: Some(self.qr_url(&transaction_id)),
            })
        });
        Ok(Charged {
            order_id: reply.required("order_id")?,
            gross_amount: reply.amount("gross_amount")?,
            instructions: instructions
                .ok_or_else(|| Error::MalformedReply("no virtual account".to_owned()))?,
            expires_at_ms: reply.time_ms("expiry_time"),
            transaction_id,
        })
    }

    async fn status(&self, id: &str) -> Result<Status, Error> {
        self.transition(id, Verb::GET, "status").await
    }

    async fn cancel(&self, id: &str) -> Result<Status, Error> {
        self.transition(id, Verb::POST, "cancel").await
    }

    async fn expire(&self, id: &str) -> Result<Status, Error> {
        self.transition(id, Verb::POST, "expire").await
    }

    async fn refund(&self, id: &str, request: &RefundRequest) -> Result<RefundReply, Error> {
        check::id("id", id)?;
        check::refund(request)?;
        let body = json(&body::Refund::from(request))?;
        let path = format!("/v2/{id}/refund");
        let (reply, status_code) = self.call(Call::Refund(id), Verb::POST, &path, body).await?;
        let status = reply.text("transaction_status").unwrap_or_default();
        Ok(RefundReply {
            status_code,
            transaction_id: reply.text("transaction_id"),
            refund_key: reply.text("refund_key"),
            refund_amount: reply.amount("refund_amount").ok(),
            transaction_status: TransactionStatus::parse(&status),
        })
    }
}

fn json(body: &impl Serialize) -> Result<Bytes, Error> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|_| Error::InvalidRequest {
            field: "body",
            reason: "can't be written as JSON",
        })
}
