//! Restocking: the issuer is slow and its call not idempotent, so serials are fetched before anybody asks. And what
//! workers took and did not use goes back.

use super::Sweep;
use crate::error::Error;
use bubuh_core::{
    capacity,
    id::{BlockId, Serial},
    inventory::{self, Block},
};
use bubuh_gateway::Gateway;
use bubuh_store::issuer::Mint;

/// Blocks written in one transaction: two items each, beside one for each slot of capacity; 100 at most.
const BLOCKS_AT_ONCE: usize = 16;

impl<G, M: Mint> Sweep<G, M> {
    /// Keeps enough blocks open and enough serials free to be sold. Gives how many serials were added.
    ///
    /// # Errors
    /// Storage's and the issuer's.
    pub async fn restock(&self) -> Result<usize, Error> {
        let missing = self.missing_blocks().await?;
        if self.mint.keeps_books() {
            self.restock_by_books(missing).await
        } else {
            self.restock_freely(missing).await
        }
    }

    async fn missing_blocks(&self) -> Result<usize, Error> {
        let table = &self.sales.table;
        let open = table.open_blocks().await?.len();
        let free: i64 = table.capacity().await?.iter().map(|slot| slot.free).sum();
        let short = i64::from(self.sellable.get()).saturating_sub(free);
        if short > 0 {
            // `infra/template.yaml` makes a metric of this field.
            tracing::info!(
                serials_short = short,
                "fewer serials are free than are to be"
            );
        }
        let short = usize::try_from(short.max(0)).unwrap_or_default();
        let unsold = short.div_ceil(self.block_size.max(1));
        Ok(self.open_blocks.saturating_sub(open).max(unsold))
    }

    /// From an issuer whose serials cost nothing: what a crash takes along is nothing lost.
    async fn restock_freely(&self, mut missing: usize) -> Result<usize, Error> {
        let table = &self.sales.table;
        let mut minted = 0_usize;
        while missing > 0 {
            let count = missing.min(BLOCKS_AT_ONCE);
            missing = missing.saturating_sub(count);
            let mut blocks = Vec::new();
            for _ in 0..count {
                let serials = self.mint.mint(self.block_size).await?.serials;
                minted = minted.saturating_add(serials.len());
                if let Some(first) = serials.first() {
                    let id = BlockId::derive(&["fresh", first.as_str()]);
                    blocks.push(Block::fresh(id, serials));
                }
            }
            let writes = capacity::stock(blocks, table.capacity_slots())?;
            table.commit(&writes).await?;
        }
        Ok(minted)
    }
}

impl<G: Gateway, M: Mint> Sweep<G, M> {
    /// Gives back what a block handed out and nobody used.
    pub(super) async fn settle(&self, id: BlockId) -> Result<(), Error> {
        let table = &self.sales.table;
        let Some(block) = table.block(id).await? else {
            return Ok(());
        };
        if !self.is_due(block.due_at_ms) {
            return Ok(());
        }
        let under_way: Vec<Serial> = block.under_way().cloned().collect();
        let ties = table.ties(&under_way).await?;
        // Whoever was handed more in between, or tied one, is seen by the conditions: it stays due.
        let writes = inventory::settle(&block, &ties, self.sales.ambient.now_ms())?;
        self.write(&writes).await?;
        Ok(())
    }
}
