//! Orders: place, charge, observe, cancel, ask back.

mod ask;
mod confirm;
mod payout;

use crate::{TRIES, error::Error, stamp::busy};
use bubuh_core::{
    id::{AccountId, IdempotencyKey, OrderId, Sha256, TransactionId},
    lot::Lot,
    money::{Rupiah, Stamps},
    order::{
        Instructions, Observed, ObservedState, Order, OrderState, PAY_WITHIN_MS, VirtualAccount,
        Wanted, observe,
    },
    payment::Method,
};
use bubuh_gateway::{Bank, ChargeRequest, Gateway, Status, TransactionStatus};
use bubuh_store::{Ambient, Queues, Table, Workflows};

/// What selling needs.
pub struct Sales<G> {
    /// The table.
    pub table: Table,
    /// The queues.
    pub queues: Queues,
    /// The refund state machine.
    pub workflows: Workflows,
    /// The payment gateway.
    pub gateway: G,
    /// Clock and randomness.
    pub ambient: Ambient,
    /// What one stamp costs.
    pub unit_price: Rupiah,
}

/// What a buyer asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// How many stamps.
    pub quantity: Stamps,
    /// How to pay.
    pub method: Method,
    /// The hash of the request's body.
    pub hash: Sha256,
}

impl<G: Gateway> Sales<G> {
    /// Places an order and charges it. The order is written first, under an id made of the account
    /// and the key: the same request gives the same order and the same charge, however often it comes.
    ///
    /// When the gateway can't be reached the order is given without instructions; reading it
    /// ([`Sales::order`]) asks again.
    ///
    /// # Errors
    /// [`Error::KeyReused`] for the same key with another request.
    pub async fn place(&self, account: &AccountId, request: Request) -> Result<Order, Error> {
        let wanted = Wanted {
            id: OrderId::derive(&[account.as_str(), "POST /v1/orders", request.key.as_str()]),
            account: account.clone(),
            quantity: request.quantity,
            method: request.method,
            request_hash: request.hash.clone(),
            unit_price: self.unit_price,
        };
        let (placed, writes) = Order::place(wanted, self.ambient.now_ms())?;
        let order = match self.table.commit(&writes).await {
            Ok(()) => placed,
            Err(bubuh_store::Error::Lost { .. }) => self
                .table
                .order(placed.id)
                .await?
                .filter(|order| order.request_hash == request.hash)
                .ok_or(Error::KeyReused)?,
            Err(e) => return Err(e.into()),
        };
        self.charge(order).await
    }

    /// An order of the caller's, charged if it was not yet.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's.
    pub async fn order(&self, account: &AccountId, id: OrderId) -> Result<Order, Error> {
        let order = self
            .table
            .order(id)
            .await?
            .filter(|order| order.account == *account)
            .ok_or(Error::NotFound)?;
        self.charge(order).await
    }

    /// Charges an order that has no instructions. The gateway takes an order id once, so a repeated
    /// charge finds the first.
    async fn charge(&self, order: Order) -> Result<Order, Error> {
        let now_ms = self.ambient.now_ms();
        let to_pay = order.state == OrderState::AwaitingPayment && order.instructions.is_none();
        let left_ms = order.expires_at_ms.saturating_sub(now_ms);
        if !to_pay || left_ms < 60_000 {
            return Ok(order);
        }
        let instructions = match self.instructions(&order, left_ms).await {
            Ok(instructions) => instructions,
            Err(Error::Gateway(error)) => {
                tracing::warn!(%error, order = %order.id, "not charged yet");
                return Ok(order);
            }
            Err(e) => return Err(e),
        };
        let writes = order.charged(instructions)?;
        match self.table.commit(&writes).await {
            Ok(()) | Err(bubuh_store::Error::Lost { .. }) => {
                Ok(self.table.order(order.id).await?.ok_or(Error::NotFound)?)
            }
            Err(e) => Err(e.into()),
        }
    }

    async fn instructions(&self, order: &Order, left_ms: u64) -> Result<Instructions, Error> {
        let minutes = left_ms.min(PAY_WITHIN_MS).div_euclid(60_000);
        let request = ChargeRequest {
            order_id: order.id.to_string(),
            gross_amount: order.total,
            method: match order.method {
                Method::Qris => bubuh_gateway::Method::Qris,
                Method::BankTransfer => bubuh_gateway::Method::BankTransfer { bank: Bank::Bca },
            },
            expiry_minutes: u32::try_from(minutes).unwrap_or(1).max(1),
            expires_at_ms: order.expires_at_ms,
            item_name: Some(format!("{} e-Meterai", order.quantity)),
        };
        let (transaction, told) = match self.gateway.charge(&request).await {
            Ok(charged) => (charged.transaction_id, Some(charged.instructions)),
            Err(bubuh_gateway::Error::DuplicateOrder { .. }) => {
                let status = self.gateway.status(&request.order_id).await?;
                (status.transaction_id, status.instructions)
            }
            Err(e) => return Err(e.into()),
        };
        let (mut qr_text, mut qr_url, mut virtual_account) = (None, None, None);
        match told {
            Some(bubuh_gateway::Instructions::Qris {
                qr_string,
                qr_url: url,
            }) => {
                qr_text = qr_string;
                qr_url = url;
            }
            Some(bubuh_gateway::Instructions::VirtualAccount { bank, number }) => {
                virtual_account = Some(VirtualAccount { bank, number });
            }
            None => {}
        }
        Ok(Instructions {
            transaction: TransactionId::new(transaction)?,
            qr_text,
            qr_url,
            virtual_account,
        })
    }

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

    /// As [`Sales::observe`]; tells also where the gateway says that the payment is.
    async fn look(
        &self,
        id: OrderId,
        transaction: Option<&str>,
    ) -> Result<(Order, Option<ObservedState>), Error> {
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
            return Ok((order, None));
        };
        let order = self.apply(order, &seen).await?;
        self.confirm_refunds(&order, &status).await?;
        Ok((order, Some(seen.state)))
    }

    async fn apply(&self, mut order: Order, seen: &Observed) -> Result<Order, Error> {
        for _ in 0..TRIES {
            let payment = self.table.payment(order.id, &seen.transaction).await?;
            let lots = match &payment {
                Some(_) if seen.state == ObservedState::Disputed => self.lots(&order).await?,
                _ => Vec::new(),
            };
            let now_ms = self.ambient.now_ms();
            let writes = observe(&order, payment.as_ref(), &lots, seen, now_ms)?;
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

    /// The lots of an order.
    async fn lots(&self, order: &Order) -> Result<Vec<Lot>, Error> {
        let mut lots = self.table.lots(&order.account).await?;
        lots.retain(|lot| lot.id.order == order.id);
        Ok(lots)
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

    /// Looks at an order that is past its time to pay, or closed.
    ///
    /// # Errors
    /// As [`Sales::observe`].
    pub async fn overdue(&self, id: OrderId) -> Result<(), Error> {
        let (mut order, mut there) = self.look(id, None).await?;
        let over = order.state != OrderState::AwaitingPayment
            || self.ambient.now_ms() >= order.expires_at_ms;
        // Over here and still open there: end it there too, then look once more.
        if over && there == Some(ObservedState::Pending) {
            match self.gateway.expire(&id.to_string()).await {
                Ok(_) | Err(bubuh_gateway::Error::Refused { .. }) => {}
                Err(e) => return Err(e.into()),
            }
            (order, there) = self.look(id, None).await?;
        }
        tracing::info!(order = %id, state = order.state.name(), ?there, "looked at");
        self.put_off(&order).await
    }

    /// Puts the next look at an order off.
    ///
    /// # Errors
    /// Storage's.
    pub async fn put_off(&self, order: &Order) -> Result<(), Error> {
        if order.state == OrderState::Credited {
            return Ok(());
        }
        let writes = order.look_again(self.ambient.now_ms())?;
        self.table.commit_if_first(&writes).await?;
        Ok(())
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
