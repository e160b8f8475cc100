//! What Bubuh needs of a payment gateway.

use crate::{ChargeRequest, Charged, Error, RefundReply, RefundRequest, Status};
use std::{future::Future, sync::Arc};

/// A payment gateway. `id` is an order id or the gateway's transaction id; an order can have had
/// several charges and then means the one that counts, so prefer the transaction id once known.
pub trait Gateway: Send + Sync {
    /// Asks for a payment. One order never gets a second charge while one is open: the same call
    /// again gives either the same charge or [`Error::DuplicateOrder`], as the gateway has it.
    ///
    /// # Errors
    /// [`Error::DuplicateOrder`] when the order id has a charge: ask for its status. After an error
    /// of unknown outcome, a retry answers the same way if the first call was applied.
    fn charge(
        &self,
        request: &ChargeRequest,
    ) -> impl Future<Output = Result<Charged, Error>> + Send;

    /// Where a payment is. The only source to credit from.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing was ever charged under `id`.
    fn status(&self, id: &str) -> impl Future<Output = Result<Status, Error>> + Send;

    /// Cancels a payment that is not settled; a gateway that knows no cancelling expires it.
    ///
    /// # Errors
    /// [`Error::Refused`] when it can't be cancelled any more.
    fn cancel(&self, id: &str) -> impl Future<Output = Result<Status, Error>> + Send;

    /// Expires a pending payment. Whether its order id can be charged again is the gateway's.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is not pending.
    fn expire(&self, id: &str) -> impl Future<Output = Result<Status, Error>> + Send;

    /// Gives money of a settled payment back, or begins to; the same key never gives it back
    /// twice. What is under way is seen in [`Status::refunding`], what is made in
    /// [`Status::refunds`], and what failed by calling again: refused for good.
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
