//! Orders: place, charge, observe, cancel, ask back.

mod ask;
mod gate;
mod observe;
mod payout;

use crate::{Line, error::Error};
use bubuh_core::{
    id::{AccountId, IdempotencyKey, OrderId, Sha256, TransactionId},
    money::{Rupiah, Stamps},
    order::{
        Instructions, Observed, ObservedState, Order, OrderState, PAY_WITHIN_MS, VirtualAccount,
        Wanted,
    },
    payment::Method,
};
use bubuh_gateway::{Bank, ChargeRequest, Gateway};
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
    /// Serials that new orders leave for payments that come after their order was closed.
    pub allowance: Stamps,
    /// The queue's lanes.
    pub line: Line,
    /// No new orders while everyone's lane takes longer than this, in milliseconds; none: however long it takes.
    pub longest_wait_ms: Option<u64>,
    /// How long the gateway may take to pay a payment out, in milliseconds; none: it sends no settlement
    /// files, and no payout is waited for.
    pub settle_within_ms: Option<u64>,
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
    /// [`Error::KeyReused`] for the same key with another request; for a new order [`Error::SoldOut`] and
    /// [`Error::SalesClosed`].
    pub async fn place(&self, account: &AccountId, request: Request) -> Result<Order, Error> {
        let now_ms = self.ambient.now_ms();
        let (placed, writes) = Order::place(self.wanted(account, &request), now_ms)?;
        let order = match self.open_for(&placed, &writes, now_ms).await {
            Ok(()) => placed,
            // Whatever hinders a new order, one that was placed is given.
            Err(hindrance) => match self.table.order(placed.id).await? {
                Some(order) if order.request_hash == request.hash => order,
                Some(_) => return Err(Error::KeyReused),
                None => return Err(hindrance),
            },
        };
        self.charge(order).await
    }

    /// The order that a request of the account's makes.
    #[must_use]
    pub fn wanted(&self, account: &AccountId, request: &Request) -> Wanted {
        Wanted {
            id: OrderId::derive(&[account.as_str(), "POST /v1/orders", request.key.as_str()]),
            account: account.clone(),
            quantity: request.quantity,
            method: request.method,
            request_hash: request.hash.clone(),
            unit_price: self.unit_price,
        }
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

    /// Looks at an order that is past its time to pay, or closed.
    ///
    /// # Errors
    /// As [`Sales::observe`].
    pub async fn overdue(&self, id: OrderId) -> Result<(), Error> {
        let (mut order, mut there) = self.look(id, None).await?;
        let state = |seen: &Option<Observed>| seen.as_ref().map(|seen| seen.state);
        let over = order.state != OrderState::AwaitingPayment
            || self.ambient.now_ms() >= order.expires_at_ms;
        // Over here and still open there: end it there too, then look once more.
        if over && state(&there) == Some(ObservedState::Pending) {
            match self.gateway.expire(&id.to_string()).await {
                Ok(_) | Err(bubuh_gateway::Error::Refused { .. }) => {}
                Err(e) => return Err(e.into()),
            }
            (order, there) = self.look(id, None).await?;
        }
        // Asked by the order the gateway tells of its newest charge; an earlier one's saved code may be
        // what was paid.
        let saved = order.instructions.as_ref().map(|told| &told.transaction);
        if let (Some(saved), Some(newest)) = (saved.cloned(), &there)
            && saved != newest.transaction
        {
            (order, _) = self.look(id, Some(saved.as_str())).await?;
        }
        let there = state(&there);
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
