//! One step of a refund, as the state machine calls it.

use crate::{TRIES, error::Error, stamp::busy};
use bubuh_core::{
    id::{OrderId, RefundKey},
    refund::{Answer, Next, Refund, RefundState, plan, settle},
    write::Write,
};
use bubuh_gateway::{Gateway, RefundRequest};
use bubuh_store::{Ambient, Error as StoreError, Table};

/// What refunding needs.
pub struct Refunds<G> {
    /// The table.
    pub table: Table,
    /// The payment gateway.
    pub gateway: G,
    /// Clock and randomness.
    pub ambient: Ambient,
}

impl<G: Gateway> Refunds<G> {
    /// Takes the next step of a refund and gives the row it leaves.
    ///
    /// The attempt is written before the gateway is asked, under a key that never changes: any
    /// number of calls, by any number of workers, refund once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such refund; all others are worth a retry.
    pub async fn step(&self, order: OrderId, key: RefundKey) -> Result<Refund, Error> {
        let refund = self
            .table
            .refund(order, key)
            .await?
            .ok_or(Error::NotFound)?;
        match plan(&refund, self.ambient.now_ms())? {
            Next::Done => return Ok(refund),
            Next::Stop(writes) => match self.table.commit(&writes).await {
                Ok(()) | Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            },
            Next::Call(writes) => {
                match self.table.commit(&writes).await {
                    // Lost: this or another worker's attempt is written; asking again is harmless.
                    Ok(()) | Err(StoreError::Lost { .. }) => {}
                    Err(e) => return Err(e.into()),
                }
                let answer = self.ask(&refund).await;
                return self.settle(order, key, answer).await;
            }
        }
        self.table.refund(order, key).await?.ok_or(Error::NotFound)
    }

    /// Asks the gateway, then believes only its status.
    async fn ask(&self, refund: &Refund) -> Answer {
        let request = RefundRequest {
            refund_key: refund.key.to_string(),
            amount: refund.amount,
            reason: format!("{:?}", refund.reason),
        };
        let transaction = refund.transaction.as_str();
        let refused_for_good = match self.gateway.refund(transaction, &request).await {
            Ok(_) => false,
            Err(error) => {
                tracing::warn!(%error, refund = %refund.key, "the gateway did not refund");
                error.refund_refused_for_good()
            }
        };
        match self.gateway.status(transaction).await {
            Ok(status) => match status.refund(&request.refund_key) {
                Some(made) if made.amount == refund.amount => Answer::Made,
                Some(_) => Answer::Unclear,
                None if refused_for_good => Answer::Refused,
                None => Answer::Unclear,
            },
            Err(_) => Answer::Unclear,
        }
    }

    async fn settle(
        &self,
        order: OrderId,
        key: RefundKey,
        answer: Answer,
    ) -> Result<Refund, Error> {
        for _ in 0..TRIES {
            let refund = self
                .table
                .refund(order, key)
                .await?
                .ok_or(Error::NotFound)?;
            if matches!(refund.state, RefundState::Refunded | RefundState::Stuck) {
                return Ok(refund);
            }
            let payment = self
                .table
                .payment(order, &refund.transaction)
                .await?
                .ok_or(Error::NotFound)?;
            let writes: Vec<Write> = settle(&refund, &payment, answer, self.ambient.now_ms())?;
            if writes.is_empty() {
                return Ok(refund);
            }
            match self.table.commit(&writes).await {
                Ok(()) | Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }
}
