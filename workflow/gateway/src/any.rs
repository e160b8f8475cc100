//! A gateway chosen when the program starts.

use crate::{
    ChargeRequest, Charged, Error, Gateway, Midtrans, RefundReply, RefundRequest, Status,
    Transport, Xendit,
};
use secrecy::SecretString;

/// One of the gateways there are adapters for.
#[derive(Debug, Clone)]
pub enum AnyGateway<T> {
    /// Midtrans.
    Midtrans(Midtrans<T>),
    /// Xendit.
    Xendit(Xendit<T>),
}

impl<T: Transport> AnyGateway<T> {
    /// The gateway of this name, `midtrans` or `xendit`; none of another.
    pub fn named(
        name: &str,
        base_url: impl Into<String>,
        key: SecretString,
        transport: T,
    ) -> Option<Self> {
        match name {
            "midtrans" => Some(Self::Midtrans(Midtrans::new(base_url, key, transport))),
            "xendit" => Some(Self::Xendit(Xendit::new(base_url, key, transport))),
            _ => None,
        }
    }
}

impl<T: Transport> Gateway for AnyGateway<T> {
    async fn charge(&self, request: &ChargeRequest) -> Result<Charged, Error> {
        match self {
            Self::Midtrans(gateway) => gateway.charge(request).await,
            Self::Xendit(gateway) => gateway.charge(request).await,
        }
    }
    async fn status(&self, id: &str) -> Result<Status, Error> {
        match self {
            Self::Midtrans(gateway) => gateway.status(id).await,
            Self::Xendit(gateway) => gateway.status(id).await,
        }
    }
    async fn cancel(&self, id: &str) -> Result<Status, Error> {
        match self {
            Self::Midtrans(gateway) => gateway.cancel(id).await,
            Self::Xendit(gateway) => gateway.cancel(id).await,
        }
    }
    async fn expire(&self, id: &str) -> Result<Status, Error> {
        match self {
            Self::Midtrans(gateway) => gateway.expire(id).await,
            Self::Xendit(gateway) => gateway.expire(id).await,
        }
    }
    async fn refund(&self, id: &str, request: &RefundRequest) -> Result<RefundReply, Error> {
        match self {
            Self::Midtrans(gateway) => gateway.refund(id, request).await,
            Self::Xendit(gateway) => gateway.refund(id, request).await,
        }
    }
}
