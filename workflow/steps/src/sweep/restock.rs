//! Restocking: the issuer is slow and its call not idempotent, so serials are fetched before anybody asks.

use super::Sweep;
use crate::error::Error;
use bubuh_core::{capacity, id::BlockId, inventory::Block};
use bubuh_store::issuer::Mint;

/// Blocks written in one transaction: two items each, beside one for each slot of capacity; 100 at most.
const BLOCKS_AT_ONCE: usize = 16;

impl<G, M: Mint> Sweep<G, M> {
    /// Keeps enough blocks open and enough serials free to be sold. Gives how many serials were added.
    ///
    /// # Errors
    /// Storage's and the issuer's.
    pub async fn restock(&self) -> Result<usize, Error> {
        let table = &self.sales.table;
        let open = table.open_blocks().await?.len();
        let free: i64 = table.capacity().await?.iter().map(|slot| slot.free).sum();
        let short = i64::from(self.sellable.get()).saturating_sub(free);
        let short = usize::try_from(short.max(0)).unwrap_or_default();
        let mut missing = self
            .open_blocks
            .saturating_sub(open)
            .max(short.div_ceil(self.block_size.max(1)));
        let mut minted = 0_usize;
        while missing > 0 {
            let count = missing.min(BLOCKS_AT_ONCE);
            missing = missing.saturating_sub(count);
            let mut blocks = Vec::new();
            for _ in 0..count {
                let serials = self.mint.mint(self.block_size).await?;
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
