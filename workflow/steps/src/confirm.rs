//! Refunds that the gateway's status shows. Whoever asks for the status sees them, so a refund that
//! nobody waits for any more is booked too, and so is one that somebody else made.

use crate::{
    TRIES,
    error::Error,
    hooks::wants,
    refund::{book, shown},
    stamp::busy,
};
use bubuh_core::{
    case::Case,
    hook::Topic,
    id::{AccountId, OrderId, RefundKey, TransactionId},
    refund::{Answer, Elsewhere, Refund, found_elsewhere},
};
use bubuh_gateway::Status;
use bubuh_store::{Ambient, Error as StoreError, Table};

/// Where refunds are booked, and whose they are.
pub(crate) struct Books<'a> {
    pub(crate) table: &'a Table,
    pub(crate) ambient: &'a Ambient,
    pub(crate) order: OrderId,
    pub(crate) account: &'a AccountId,
}

impl Books<'_> {
    /// Books what was refunded. A person who was asked to see to it must not pay the money out again.
    pub(crate) async fn confirm(&self, status: &Status) -> Result<(), Error> {
        for (place, made) in status.refunds.iter().enumerate() {
            let key = made.refund_key.clone();
            let ours = match key.as_deref().map(str::parse::<RefundKey>) {
                Some(Ok(key)) => self.table.refund(self.order, key).await?,
                _ => None,
            };
            let awaited = |r: &Refund| r.was_sent() && shown(status, r) == Some(true);
            match ours {
                Some(refund) if awaited(&refund) => {
                    let made = Answer::Made;
                    book(self.table, self.ambient, self.order, refund.key, made).await?;
                }
                Some(refund) if !refund.ended_otherwise() => {}
                // Somebody else's; or ours, though it was made or called off in another way.
                _ => {
                    let told = wants(self.table, self.account, Topic::RefundRefunded).await?;
                    let seen = Elsewhere {
                        key: key.unwrap_or_else(|| format!("#{place}")),
                        amount: made.amount,
                        told,
                    };
                    self.found_elsewhere(&status.transaction_id, &seen).await?;
                }
            }
        }
        Ok(())
    }

    async fn found_elsewhere(&self, transaction: &str, seen: &Elsewhere) -> Result<(), Error> {
        let (table, order) = (self.table, self.order);
        let transaction = TransactionId::new(transaction)?;
        for _ in 0..TRIES {
            // Not booked yet: the next look finds it again.
            let Some(payment) = table.payment(order, &transaction).await? else {
                return Ok(());
            };
            let known = table.refunds(order).await?;
            let case = self.open_case(&known, &transaction).await?;
            let lots = table.lots_of(self.account, order).await?;
            let now_ms = self.ambient.now_ms();
            let known = (known.as_slice(), case.as_ref());
            let writes = found_elsewhere(seen, &payment, known, &lots, now_ms)?;
            match table.commit(&writes).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// The case of the payment's open refund; it has one open refund at most.
    async fn open_case(
        &self,
        refunds: &[Refund],
        transaction: &TransactionId,
    ) -> Result<Option<Case>, Error> {
        let mut own = refunds.iter().filter(|r| r.transaction == *transaction);
        match own.find(|r| r.is_open()) {
            Some(open) => Ok(self.table.case_of(open).await?),
            None => Ok(None),
        }
    }
}
