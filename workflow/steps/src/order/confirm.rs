//! Refunds that the gateway's status shows. Whoever asks for the status sees them, so a refund that
//! nobody waits for any more is booked too.

use super::Sales;
use crate::{
    error::Error,
    refund::{book, shown},
};
use bubuh_core::{
    id::{OrderId, RefundKey},
    refund::Answer,
};
use bubuh_gateway::{Gateway, Status};

impl<G: Gateway> Sales<G> {
    /// Books what was refunded under a key of ours. A person who was asked to see to it must not pay
    /// the money out again.
    pub(super) async fn confirm_refunds(&self, id: OrderId, status: &Status) -> Result<(), Error> {
        for made in &status.refunds {
            let Some(Ok(key)) = made.refund_key.as_deref().map(str::parse::<RefundKey>) else {
                continue;
            };
            match self.table.refund(id, key).await? {
                Some(refund) if refund.was_sent() && shown(status, &refund) == Some(true) => {
                    book(&self.table, &self.ambient, id, key, Answer::Made).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
