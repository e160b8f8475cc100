//! One step of a refund, as the state machine calls it.

use crate::{TRIES, confirm::Books, error::Error, hooks::wants, stamp::busy};
use bubuh_core::{
    hook::Topic,
    id::{OrderId, RefundKey},
    refund::{Answer, Next, Refund, plan, settle},
};
use bubuh_gateway::{Gateway, RefundRequest, Status};
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
        for _ in 0..TRIES {
            let refund = self
                .table
                .refund(order, key)
                .await?
                .ok_or(Error::NotFound)?;
            let payment = self
                .table
                .payment(order, &refund.transaction)
                .await?
                .ok_or(Error::NotFound)?;
            let (writes, call) = match plan(&refund, &payment, self.ambient.now_ms())? {
                // It was asked for and then made or called off in another way: a worker that died over
                // that may have had it made under our key as well.
                Next::Done if refund.ended_otherwise() && refund.attempts > 0 => {
                    let status = self.gateway.status(refund.transaction.as_str()).await?;
                    self.confirm(&refund, &status).await?;
                    return Ok(refund);
                }
                Next::Done => return Ok(refund),
                Next::Look => {
                    let status = self.gateway.status(refund.transaction.as_str()).await?;
                    let answer = match shown(&status, &refund) {
                        Some(true) => Answer::Made,
                        Some(false) | None => Answer::Refused,
                    };
                    return book(&self.table, &self.ambient, order, key, answer).await;
                }
                Next::Stop(writes) => (writes, false),
                Next::Call(writes) => (writes, true),
            };
            match self.table.commit(&writes).await {
                Ok(()) if call => {
                    let (answer, status) = self.ask(&refund).await;
                    let booked = book(&self.table, &self.ambient, order, key, answer).await?;
                    // It may have been made or called off in another way meanwhile.
                    return match status {
                        Some(status) if booked.ended_otherwise() => {
                            self.confirm(&refund, &status).await?;
                            Ok(booked)
                        }
                        None if booked.ended_otherwise() => Err(busy().into()),
                        _ => Ok(booked),
                    };
                }
                Ok(()) => {}
                // Another worker was here, or this attempt's reply was lost: the row tells.
                Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// Books whatever the gateway shows of a refund's payment.
    async fn confirm(&self, refund: &Refund, status: &Status) -> Result<(), Error> {
        let books = Books {
            table: &self.table,
            ambient: &self.ambient,
            order: refund.order,
            account: &refund.account,
        };
        books.confirm(status).await.map(|_| ())
    }

    /// Asks the gateway, then believes only its status.
    async fn ask(&self, refund: &Refund) -> (Answer, Option<Status>) {
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
        let Ok(status) = self.gateway.status(transaction).await else {
            return (Answer::Unclear, None);
        };
        let answer = match shown(&status, refund) {
            Some(true) => Answer::Made,
            // Refused because an earlier call is still under way is no refusal.
            None if status.refund_under_way(&request.refund_key) => Answer::Unclear,
            None if refused_for_good => Answer::Refused,
            Some(false) | None => Answer::Unclear,
        };
        (answer, Some(status))
    }
}

/// Whether the gateway shows this refund, and if so in its amount.
pub(crate) fn shown(status: &Status, refund: &Refund) -> Option<bool> {
    let made = status.refund(&refund.key.to_string())?;
    Some(made.amount == refund.amount)
}

/// Writes what the gateway's answer means for a refund, and gives the row it leaves.
pub(crate) async fn book(
    table: &Table,
    ambient: &Ambient,
    order: OrderId,
    key: RefundKey,
    answer: Answer,
) -> Result<Refund, Error> {
    for _ in 0..TRIES {
        let mut refund = table.refund(order, key).await?.ok_or(Error::NotFound)?;
        if answer == Answer::Made {
            refund.told = wants(table, &refund.account, Topic::RefundRefunded).await?;
        }
        let payment = table
            .payment(order, &refund.transaction)
            .await?
            .ok_or(Error::NotFound)?;
        let case = table.case_of(&refund).await?;
        let writes = settle(&refund, &payment, case.as_ref(), answer, ambient.now_ms())?;
        if writes.is_empty() {
            return Ok(refund);
        }
        match table.commit(&writes).await {
            Ok(()) | Err(StoreError::Lost { .. }) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Err(busy().into())
}
