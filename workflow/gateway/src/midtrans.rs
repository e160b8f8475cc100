//! Midtrans's Core API. <https://docs.midtrans.com/reference>

mod body;
mod interpret;
pub(crate) mod read;

use crate::{
    ChargeRequest, Charged, Error, Gateway, Instructions, Method, RefundReply, RefundRequest,
    Status, Transport, check,
    client::{Client, json},
    reply::Reply,
};
use bubuh_core::payment::Method as Paid;
use bytes::Bytes;
use http::Method as Verb;
use interpret::{Call, interpret};
use secrecy::SecretString;

/// A client of Midtrans, or of anything with the same HTTP API.
#[derive(Debug, Clone)]
pub struct Midtrans<T> {
    client: Client<T>,
}

impl<T: Transport> Midtrans<T> {
    /// `base_url` without path, as `https://api.midtrans.com`; the key is never printed or logged.
    pub fn new(base_url: impl Into<String>, server_key: SecretString, transport: T) -> Self {
        Self {
            client: Client::new(base_url, server_key, transport),
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
        let reply = self.client.send(verb, path, None, body).await?;
        interpret(call, reply.status(), reply.body())
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
        let mut status = read::status(&reply, code)?;
        // A status does not repeat the QRIS code, but its picture has a fixed place.
        if status.instructions.is_none() && status.method == Some(Paid::Qris) {
            status.instructions = Some(Instructions::Qris {
                qr_string: None,
                qr_url: Some(self.qr_url(&status.transaction_id)),
            });
        }
        Ok(status)
    }

    fn qr_url(&self, transaction_id: &str) -> String {
        self.client
            .url(&format!("/v2/qris/{transaction_id}/qr-code"))
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
        let instructions = read::instructions(&reply).or_else(|| {
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
            expires_at_ms: read::time_ms(&reply, "expiry_time"),
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
        let (reply, code) = self.call(Call::Refund(id), Verb::POST, &path, body).await?;
        Ok(RefundReply {
            made: code == 200,
            transaction_id: reply.text("transaction_id"),
            refund_key: reply.text("refund_key"),
            refund_amount: reply.amount("refund_amount").ok(),
        })
    }
}
