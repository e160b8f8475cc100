//! A worker's hold of serials, taken ahead from open blocks.

use crate::line::locked;
use bubuh_core::{
    id::{BlockId, Sha256},
    inventory::{Offer, Shelf},
};
use bubuh_store::{Ambient, Error, Table};
use std::sync::Mutex;

/// Open blocks a worker chooses among, so that few meet at one; one read unit holds some seventy.
const BLOCKS_FEW: i32 = 32;

/// Serials for the documents that a worker takes in. It only saves requests: what is lost with it comes back when its
/// blocks are settled.
pub struct Stock {
    table: Table,
    ambient: Ambient,
    shelf: Mutex<Shelf>,
    open: Mutex<Vec<BlockId>>,
    /// One at a time takes: others wait and find what was taken.
    taking: futures::lock::Mutex<()>,
}

impl Stock {
    /// An empty hold.
    #[must_use]
    pub fn new(table: Table, ambient: Ambient) -> Self {
        Self {
            table,
            ambient,
            shelf: Mutex::default(),
            open: Mutex::default(),
            taking: futures::lock::Mutex::new(()),
        }
    }

    /// A serial that nobody else was given; `None` when no block has one.
    ///
    /// # Errors
    /// The table's.
    pub async fn serial(&self) -> Result<Option<Offer>, Error> {
        if let Some(offer) = self.shelved() {
            return Ok(Some(offer));
        }
        let _taking = self.taking.lock().await;
        loop {
            if let Some(offer) = self.shelved() {
                return Ok(Some(offer));
            }
            let Some(block) = self.open_block().await? else {
                return Ok(None);
            };
            self.take(block).await?;
        }
    }

    /// A serial that is known not to have been used may be given again.
    pub fn put_back(&self, offer: Offer) {
        locked(&self.shelf).put_back(offer, self.ambient.now_ms());
    }

    fn shelved(&self) -> Option<Offer> {
        locked(&self.shelf).give(self.ambient.now_ms())
    }

    /// Takes serials of a block; none, when it was used up meanwhile.
    async fn take(&self, id: BlockId) -> Result<(), Error> {
        let now_ms = self.ambient.now_ms();
        let wanted = locked(&self.shelf).wanted(now_ms);
        let block = self.table.hand_out(id, wanted, now_ms).await?;
        let used_up = block.as_ref().is_none_or(|block| block.left() == 0);
        let handed = block.map_or_else(Vec::new, |block| block.handed(wanted));
        let nothing = handed.is_empty();
        locked(&self.shelf).took(handed, now_ms);
        if !used_up {
            return Ok(());
        }
        locked(&self.open).retain(|open| *open != id);
        match self.table.close_block(id).await {
            // What was taken is in hand; who meets the block next tries this again.
            Err(error) if !nothing => tracing::warn!(%error, block = %id, "stays listed as open"),
            closed => closed?,
        }
        Ok(())
    }

    /// The open block it took from last; once that is used up, another of a few from anywhere in their list on, or of
    /// any if the list ends there.
    async fn open_block(&self) -> Result<Option<BlockId>, Error> {
        if let Some(known) = locked(&self.open).last() {
            return Ok(Some(*known));
        }
        let anywhere = Sha256::of(&self.ambient.random()?);
        let anywhere = BlockId::derive(&["anywhere", anywhere.as_str()]);
        let mut found = self.table.open_blocks_from(anywhere, BLOCKS_FEW).await?;
        if found.is_empty() {
            found = self.table.open_blocks().await?;
        }
        if !found.is_empty() {
            // Others read the same list.
            let first = self.ambient.pick(found.len())?;
            found.rotate_left(first);
        }
        let last = found.last().copied();
        *locked(&self.open) = found;
        Ok(last)
    }
}
