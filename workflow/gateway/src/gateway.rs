//! What Bubuh needs of a payment gateway.

use crate::{ChargeRequest, Charged, Error, RefundReply, RefundRequest, Status};
use std::{future::Future, sync::Arc};

/// A payment gateway. `id` is an order id or the gateway's transaction id; an expired order id can
/// be charged again and then means the latest charge, so prefer the transaction id once known.
pub trait Gateway: Send + Sync {
    /// Asks for a payment.
    ///
    /// # Errors
    /// [`Error::DuplicateOrder`] when the order id has a charge that is not expired: ask for its
    /// status. After an error of unknown outcome, a retry answers the same way if the first call
    /// was applied.
    fn charge(
        &self,
        request: &ChargeRequest,
    ) -> impl Future<Output = Result<Charged, Error>> + Send;

    /// Where a payment is. The only source to credit from.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing was ever charged under `id`.
    fn status(&self, id: &str) -> impl Future<Output = Result<Status, Error>> + Send;

    /// Cancels a payment that is not settled.
    ///
    /// # Errors
    /// [`Error::Refused`] with 412 when it can't be cancelled any more.
    fn cancel(&self, id: &str) -> impl Future<Output = Result<Status, Error>> + Send;

    /// Expires a pending payment; its order id can be charged again.
    ///
    /// # Errors
    /// [`Error::Refused`] with 412 when it is not pending.
    fn expire(&self, id: &str) -> impl Future<Output = Result<Status, Error>> + Send;

    /// Gives money of a settled payment back; the same key never gives it back twice.
    ///
    /// # Errors
    /// See [`Error::refund_refused_for_good`] and [`Error::outcome_unknown`].
    fn refund(
        &self,
        id: &str,
        request: &RefundRequest,
    ) -> impl Future<Output = Result<RefundReply, Error>> + Send;
}

impl<G: Gateway> Gateway for Arc<G> {
    async fn charge(&self, request: &ChargeRequest) -> Result<Charged, Error> {
        self.as_ref().charge(request).await
    }
    async fn status(&self, id: &str) -> Result<Status, Error> {
        self.as_ref().status(id).await
    }
    async fn cancel(&self, id: &str) -> Result<Status, Error> {
        self.as_ref().cancel(id).await
    }
    async fn expire(&self, id: &str) -> Result<Status, Error> {
        self.as_ref().expire(id).await
    }
    async fn refund(&self, id: &str, request: &RefundRequest) -> Result<RefundReply, Error> {
        self.as_ref().refund(id, request).await
    }
}
