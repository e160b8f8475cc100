//! Refunds that the gateway's status shows. Whoever asks for the status sees them, so a refund that
//! nobody waits for any more is booked too, and so is one that somebody else made.

use super::Sales;
use crate::{
    TRIES,
    error::Error,
    refund::{book, shown},
    stamp::busy,
};
use bubuh_core::{
    case::Case,
    id::{RefundKey, TransactionId},
    order::Order,
    refund::{Answer, Elsewhere, Refund, found_elsewhere},
};
use bubuh_gateway::{Gateway, Status};
use bubuh_store::Error as StoreError;

impl<G: Gateway> Sales<G> {
    /// Books what was refunded. A person who was asked to see to it must not pay the money out again.
    pub(super) async fn confirm_refunds(
        &self,
        order: &Order,
        status: &Status,
    ) -> Result<(), Error> {
        for (place, made) in status.refunds.iter().enumerate() {
            let ours = match made.refund_key.as_deref().map(str::parse::<RefundKey>) {
                Some(Ok(key)) => self.table.refund(order.id, key).await?,
                _ => None,
            };
            match ours {
                Some(refund) if refund.was_sent() && shown(status, &refund) == Some(true) => {
                    book(
                        &self.table,
                        &self.ambient,
                        order.id,
                        refund.key,
                        Answer::Made,
                    )
                    .await?;
                }
                Some(_) => {}
                None => {
                    let key = made.refund_key.clone();
                    let seen = Elsewhere {
                        key: key.unwrap_or_else(|| format!("#{place}")),
                        amount: made.amount,
                    };
                    self.found_elsewhere(order, &status.transaction_id, &seen)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn found_elsewhere(
        &self,
        order: &Order,
        transaction: &str,
        seen: &Elsewhere,
    ) -> Result<(), Error> {
        let transaction = TransactionId::new(transaction)?;
        for _ in 0..TRIES {
            // Not booked yet: the next look finds it again.
            let Some(payment) = self.table.payment(order.id, &transaction).await? else {
                return Ok(());
            };
            let known = self.table.refunds(order.id).await?;
            let case = self.open_case(&known, &transaction).await?;
            let lots = self.lots(order).await?;
            let now_ms = self.ambient.now_ms();
            let known = (known.as_slice(), case.as_ref());
            let writes = found_elsewhere(seen, &payment, known, &lots, now_ms)?;
            match self.table.commit(&writes).await {
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
        match own.find(|r| r.is_open()).and_then(|r| r.case) {
            Some(id) => Ok(self.table.case(id).await?),
            None => Ok(None),
        }
    }
}
