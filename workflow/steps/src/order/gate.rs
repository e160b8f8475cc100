//! The sales gate: an order is written together with its claim on serials, or not at all.

use super::Sales;
use crate::{TRIES, error::Error};
use bubuh_core::{
    capacity::{Capacity, cover},
    order::Order,
    write::Write,
};
use bubuh_store::Error as StoreError;

impl<G> Sales<G> {
    /// For how long new orders wait until the queue is shorter, if it is known to be too long.
    async fn drains_first(&self, now_ms: u64) -> Option<u64> {
        let longest_ms = self.longest_wait_ms?;
        let known = self.line.known().await;
        known.drains_first_ms(longest_ms, now_ms)
    }

    /// Writes a new order and its claim.
    pub(super) async fn open_for(
        &self,
        order: &Order,
        placing: &[Write],
        now_ms: u64,
    ) -> Result<(), Error> {
        let switch = self.table.sales_switch().await?;
        if let Some(closed) = switch.closed_at(now_ms) {
            return Err(Error::SalesClosed {
                for_ms: closed.until_ms.map(|until| until.saturating_sub(now_ms)),
            });
        }
        if let Some(for_ms) = self.drains_first(now_ms).await {
            return Err(Error::SalesClosed {
                for_ms: Some(for_ms),
            });
        }
        let slots = self.table.capacity_slots();
        let own = Capacity::claim(order.id, order.quantity, self.allowance, slots);
        let mut claims = vec![own];
        for _ in 0..TRIES {
            let writes = [placing, claims.as_slice()].concat();
            match self.table.commit(&writes).await {
                Ok(()) => return Ok(()),
                // The order is there; else a slot has less than it had when it was chosen.
                Err(lost @ StoreError::Lost { write: 0 }) => return Err(lost.into()),
                Err(StoreError::Lost { .. }) => {
                    let free = self.table.capacity().await?;
                    let sold_out = Error::SoldOut {
                        asked: order.quantity,
                    };
                    claims = cover(&free, order.quantity, self.allowance).ok_or(sold_out)?;
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(crate::stamp::busy().into())
    }
}
