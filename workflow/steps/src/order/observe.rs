//! What the gateway says of an order, and what follows. A notification is only a hint to look.

use super::Sales;
use crate::{TRIES, confirm::Books, error::Error, hooks::wants, stamp::busy};
use bubuh_core::{
    case::{Case, CaseKind},
    hook::Topic,
    id::{OrderId, TransactionId},
    order::{Observed, ObservedState, Order, observe},
    payment::Method,
    settlement::await_payout,
};
use bubuh_gateway::{Gateway, Status, TransactionStatus};

impl<G: Gateway> Sales<G> {
    /// Asks the gateway where a payment is and does what follows. Called for every notification and
    /// by sweep; a notification is only a hint to look.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such order; gateway and storage errors are worth a retry.
    pub async fn observe(&self, id: OrderId, transaction: Option<&str>) -> Result<Order, Error> {
        let (order, _) = self.look(id, transaction).await?;
        Ok(order)
    }

    /// As [`Sales::observe`], for a notification that names no order: the gateway knows whose the
    /// payment is.
    ///
    /// # Errors
    /// As [`Sales::observe`].
    pub async fn observe_transaction(&self, transaction: &str) -> Result<Order, Error> {
        let status = self.gateway.status(transaction).await?;
        let id = status.order_id.parse().map_err(|_| Error::NotFound)?;
        self.observe(id, Some(transaction)).await
    }

    /// As [`Sales::observe`]; tells also what the gateway says of the payment.
    pub(super) async fn look(
        &self,
        id: OrderId,
        transaction: Option<&str>,
    ) -> Result<(Order, Option<Observed>), Error> {
        let order = self.table.order(id).await?.ok_or(Error::NotFound)?;
        let name = id.to_string();
        let status = match self.gateway.status(transaction.unwrap_or(&name)).await {
            Ok(status) => status,
            Err(bubuh_gateway::Error::NotFound { .. }) if transaction.is_none() => {
                return Ok((self.never_charged(order).await?, None));
            }
            Err(e) => return Err(e.into()),
        };
        if status.order_id != name {
            return Err(Error::NotFound);
        }
        let Some(seen) = seen(&status, order.method)? else {
            self.unclear(&order, &status).await?;
            return Ok((order, None));
        };
        let order = self.apply(order, &seen).await?;
        let books = Books {
            table: &self.table,
            ambient: &self.ambient,
            order: id,
            account: &order.account,
        };
        books.confirm(&status).await?;
        Ok((order, Some(seen)))
    }

    /// A person must look, once: nobody may act on a word that is not known.
    async fn unclear(&self, order: &Order, status: &Status) -> Result<(), Error> {
        let kind = CaseKind::PaymentUnclear(status.transaction_id.clone());
        let note = format!(
            "order {}: the gateway says {:?}, {:?}",
            order.id, status.transaction_status, status.fraud_status
        );
        let now_ms = self.ambient.now_ms();
        let case = Case::open(kind, order.account.clone(), note, now_ms, 0).of(order.id);
        self.table.commit_if_first(&[case.create()]).await?;
        Ok(())
    }

    async fn apply(&self, mut order: Order, seen: &Observed) -> Result<Order, Error> {
        for _ in 0..TRIES {
            let payment = self.table.payment(order.id, &seen.transaction).await?;
            let lots = match &payment {
                Some(_) if seen.state == ObservedState::Disputed => {
                    self.table.lots_of(&order.account, order.id).await?
                }
                _ => Vec::new(),
            };
            if payment.is_none() && seen.state.has_money() {
                order.told = wants(&self.table, &order.account, Topic::OrderCredited).await?;
            }
            let now_ms = self.ambient.now_ms();
            let writes = observe(&order, payment.as_ref(), &lots, seen, now_ms)?;
            let writes = await_payout(writes, self.settle_within_ms, now_ms);
            if writes.is_empty() {
                self.follow_up(&order, seen).await;
                return Ok(order);
            }
            match self.table.commit(&writes).await {
                Ok(()) | Err(bubuh_store::Error::Lost { .. }) => {
                    order = self.table.order(order.id).await?.ok_or(Error::NotFound)?;
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// What a booked capture sets going. Both are also found by sweep, so a failure here only delays.
    async fn follow_up(&self, order: &Order, seen: &Observed) {
        if seen.state != ObservedState::Captured {
            return;
        }
        if let Err(error) = self.queues.wake(&order.account).await {
            tracing::warn!(%error, order = %order.id, "no wake was sent");
        }
        let refunds = match self.table.refunds(order.id).await {
            Ok(refunds) => refunds,
            Err(error) => {
                tracing::warn!(%error, order = %order.id, "refunds were not looked at");
                return;
            }
        };
        for refund in refunds.iter().filter(|r| r.due_at_ms.is_some()) {
            if let Err(error) = self.workflows.ensure(refund).await {
                tracing::warn!(%error, refund = %refund.key, "no workflow was started");
            }
        }
    }

    async fn never_charged(&self, order: Order) -> Result<Order, Error> {
        match order.expire_uncharged(self.ambient.now_ms()) {
            Ok(writes) => match self.table.commit(&writes).await {
                Ok(()) | Err(bubuh_store::Error::Lost { .. }) => {
                    self.table.order(order.id).await?.ok_or(Error::NotFound)
                }
                Err(e) => Err(e.into()),
            },
            Err(_) => Ok(order),
        }
    }
}

/// What a gateway status means to the rules; `None`: a word nobody may act on.
fn seen(status: &Status, method: Method) -> Result<Option<Observed>, Error> {
    let state = match status.transaction_status {
        TransactionStatus::Chargeback | TransactionStatus::PartialChargeback => {
            ObservedState::Disputed
        }
        _ if status.captured() => ObservedState::Captured,
        TransactionStatus::Pending | TransactionStatus::Authorize => ObservedState::Pending,
        TransactionStatus::Expire => ObservedState::Expired,
        TransactionStatus::Cancel => ObservedState::Cancelled,
        TransactionStatus::Deny | TransactionStatus::Failure => ObservedState::Denied,
        _ => {
            tracing::error!(order = %status.order_id, status = ?status.transaction_status,
                "the gateway says something unknown");
            return Ok(None);
        }
    };
    Ok(Some(Observed {
        transaction: TransactionId::new(status.transaction_id.clone())?,
        state,
        amount: status.gross_amount,
        method: status.method.unwrap_or(method),
    }))
}
