//! What a buyer asks of an order after it was placed: cancel it, or unused stamps back.

use super::Sales;
use crate::{TRIES, error::Error, stamp::busy};
use bubuh_core::{
    id::{AccountId, IdempotencyKey, OrderId, RefundKey},
    money::Stamps,
    order::{ObservedState, Order, OrderState},
    refund::Refund,
};
use bubuh_gateway::Gateway;
use bubuh_store::Error as StoreError;

impl<G: Gateway> Sales<G> {
    /// Cancels an order that is not paid. The gateway is asked first, so that a payment under way
    /// is either stopped or seen.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's order; a rule error once it is paid.
    pub async fn cancel(&self, account: &AccountId, id: OrderId) -> Result<Order, Error> {
        let order = self
            .table
            .order(id)
            .await?
            .filter(|order| order.account == *account)
            .ok_or(Error::NotFound)?;
        if order.state == OrderState::AwaitingPayment {
            match self.gateway.cancel(&id.to_string()).await {
                // Refused: it is settled or over; the status tells which.
                Ok(_)
                | Err(
                    bubuh_gateway::Error::NotFound { .. } | bubuh_gateway::Error::Refused { .. },
                ) => {}
                Err(e) => return Err(e.into()),
            }
            // What can still be paid is not cancelled: the buyer is told to try again.
            let (_, there) = self.look(id, None).await?;
            if there.is_some_and(|seen| seen.state == ObservedState::Pending) {
                return Err(busy().into());
            }
        }
        for _ in 0..TRIES {
            let order = self.table.order(id).await?.ok_or(Error::NotFound)?;
            let writes = order.cancel(self.ambient.now_ms())?;
            match self.table.commit(&writes).await {
                Ok(()) | Err(StoreError::Lost { .. }) if !writes.is_empty() => {}
                Ok(()) => return Ok(order),
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// Asks unused stamps of an order back; all of them when `count` is `None`. The same key asks once.
    ///
    /// # Errors
    /// [`Error::KeyReused`] for the same key with another count; [`Error::NotFound`] also for another
    /// account's order; a rule error when they are not unused.
    pub async fn ask_back(
        &self,
        account: &AccountId,
        id: OrderId,
        key: &IdempotencyKey,
        count: Option<Stamps>,
    ) -> Result<Refund, Error> {
        let order = self
            .table
            .order(id)
            .await?
            .filter(|order| order.account == *account)
            .ok_or(Error::NotFound)?;
        let refund_key = RefundKey::derive(&[account.as_str(), &id.to_string(), key.as_str()]);
        for _ in 0..TRIES {
            if let Some(refund) = self.table.refund(id, refund_key).await? {
                if count.is_some_and(|count| Ok(count) != refund.stamps()) {
                    return Err(Error::KeyReused);
                }
                self.start(&refund).await;
                return Ok(refund);
            }
            let payments = self.table.payments(id).await?;
            let payment = payments.iter().find(|p| p.credited).ok_or_else(|| {
                bubuh_core::Error::IllegalTransition {
                    state: order.state.name(),
                    event: "refund",
                }
            })?;
            let lots = self.table.lots_of(account, id).await?;
            let unused = Stamps::sum(lots.iter().map(|lot| lot.usable()))?;
            let (refund, writes) = Refund::ask(
                refund_key,
                payment,
                &lots,
                count.unwrap_or(unused),
                self.ambient.now_ms(),
            )?;
            match self.table.commit(&writes).await {
                Ok(()) => {
                    self.start(&refund).await;
                    return Ok(refund);
                }
                Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// Starts a refund's workflow; if that fails the refund is due, and sweep starts it.
    async fn start(&self, refund: &Refund) {
        if refund.due_at_ms.is_some()
            && let Err(error) = self.workflows.ensure(refund).await
        {
            tracing::warn!(%error, refund = %refund.key, "no workflow was started");
        }
    }
}
