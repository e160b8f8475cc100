//! What a buyer says of a refund that the gateway can't make: where to pay it, or that the stamps stay.

use super::Sales;
use crate::{TRIES, error::Error, stamp::busy};
use bubuh_core::{
    Error as RuleError,
    case::Case,
    id::{AccountId, OrderId, RefundKey},
    payment::Payment,
    refund::{PayTo, Refund, keep_stamps, pay_to},
    write::Write,
};
use bubuh_gateway::Gateway;
use bubuh_store::Error as StoreError;

impl<G: Gateway> Sales<G> {
    /// Notes where the money is to be paid, and hands the case to whoever pays.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's; a rule error unless it waits for this.
    pub async fn pay_refund_to(
        &self,
        account: &AccountId,
        order: OrderId,
        key: RefundKey,
        to: PayTo,
    ) -> Result<Refund, Error> {
        self.in_hand(account, order, key, |refund, _, case| {
            pay_to(refund, case, to.clone())
        })
        .await
    }

    /// Calls a buyer's refund off: the stamps are usable again, and documents that wait are woken.
    ///
    /// # Errors
    /// As [`Sales::pay_refund_to`].
    pub async fn keep_stamps(
        &self,
        account: &AccountId,
        order: OrderId,
        key: RefundKey,
    ) -> Result<Refund, Error> {
        let now_ms = self.ambient.now_ms();
        let kept = self
            .in_hand(account, order, key, |refund, payment, case| {
                keep_stamps(refund, payment, case, "buyer", now_ms)
            })
            .await?;
        if let Err(error) = self.queues.wake(account).await {
            tracing::warn!(%error, %order, "no wake was sent");
        }
        Ok(kept)
    }

    async fn in_hand(
        &self,
        account: &AccountId,
        order: OrderId,
        key: RefundKey,
        decide: impl Fn(&Refund, &Payment, &Case) -> Result<Vec<Write>, RuleError>,
    ) -> Result<Refund, Error> {
        for _ in 0..TRIES {
            let refund = self
                .table
                .refund(order, key)
                .await?
                .filter(|refund| refund.account == *account)
                .ok_or(Error::NotFound)?;
            let payment = self
                .table
                .payment(order, &refund.transaction)
                .await?
                .ok_or(Error::NotFound)?;
            let Some(case) = self.table.case_of(&refund).await? else {
                return Err(RuleError::IllegalTransition {
                    state: "under way",
                    event: "pay by hand",
                }
                .into());
            };
            let writes = decide(&refund, &payment, &case)?;
            match self.table.commit(&writes).await {
                Ok(()) => return self.table.refund(order, key).await?.ok_or(Error::NotFound),
                Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }
}
