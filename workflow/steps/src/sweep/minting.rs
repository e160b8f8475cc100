//! Serials from an issuer that keeps books: none that it made is lost, whatever becomes of its answers.

use super::Sweep;
use crate::{TRIES, error::Error, stamp::busy};
use bubuh_core::{
    id::Serial,
    minting::{self, Minting, Step},
    write::Write,
};
use bubuh_store::issuer::{Mint, Minted};

/// Blocks of serials asked for in one call at most: what comes is written within the minute of one call of the sweep.
const BLOCKS_ASKED_MAX: usize = 125;
/// Serials whose rows are read in one request (AWS quota).
const READ_AT_ONCE: usize = 100;

impl<G, M: Mint> Sweep<G, M> {
    /// One step: collects what is under way, looks for what was lost, or asks for what is missing. Gives how many serials
    /// were added.
    pub(super) async fn restock_by_books(&self, missing: usize) -> Result<usize, Error> {
        let table = &self.sales.table;
        let minting = table.minting().await?;
        let now_ms = self.sales.ambient.now_ms();
        match minting.step(now_ms) {
            Step::Wait => Ok(0),
            Step::Ask if missing == 0 => Ok(0),
            Step::Ask => self.ask(&minting, missing.min(BLOCKS_ASKED_MAX)).await,
            Step::Collect(batch) => match self.mint.collect(&batch).await? {
                Some(serials) => {
                    let added = self.enter(&serials).await?;
                    self.turn(minting.came()?.1).await?;
                    Ok(added)
                }
                None => Ok(0),
            },
            Step::Search { since_ms } => {
                let found = self.mint.unstamped(since_ms).await?;
                let added = self.enter(&found).await?;
                self.turn(minting.searched(now_ms)?.1).await?;
                if added > 0 {
                    tracing::warn!(added, "serials whose answer was lost entered the inventory");
                }
                Ok(added)
            }
        }
    }

    /// Asks for serials, and puts those that come into the inventory.
    async fn ask(&self, minting: &Minting, blocks: usize) -> Result<usize, Error> {
        let mut count = blocks.saturating_mul(self.block_size);
        if let Some(balance) = self.mint.balance().await? {
            // `infra/template.yaml` makes a metric of this field.
            tracing::info!(issuer_balance = balance, "the issuer's balance");
            // A call beyond it would bring nothing at all.
            count = count.min(usize::try_from(balance).unwrap_or(usize::MAX));
        }
        if count == 0 {
            return Ok(0);
        }
        let wanted = u32::try_from(count).map_err(|_| bubuh_core::Error::Overflow)?;
        let (asked, writes) = minting.ask(wanted, self.sales.ambient.now_ms())?;
        // Whoever loses here, or never learns that it won, does not ask: the row says what is to be done next.
        if !self.sales.table.commit_if_first(&writes).await? {
            return Ok(0);
        }
        let Minted {
            serials,
            batch,
            lost,
        } = match self.mint.mint(count).await {
            Ok(minted) => minted,
            Err(error) => {
                self.turn(asked.came()?.1).await?;
                return Err(error.into());
            }
        };
        let added = self.enter(&serials).await?;
        match (batch, lost) {
            (Some(batch), _) => self.turn(asked.promised(&batch)?.1).await?,
            (None, None) => self.turn(asked.came()?.1).await?,
            // It stays asked, and is searched for once no call can take effect any more.
            (None, Some(why)) => tracing::warn!(why, "the issuer may have made serials"),
        }
        Ok(added)
    }

    /// Moves the row on. Somebody who was faster has seen all that was seen here, or will.
    async fn turn(&self, writes: Vec<Write>) -> Result<(), Error> {
        self.sales.table.commit_if_first(&writes).await?;
        Ok(())
    }

    /// Puts those of these serials into the inventory that never were in it. Gives how many.
    async fn enter(&self, serials: &[Serial]) -> Result<usize, Error> {
        let mut added = 0_usize;
        for few in serials.chunks(READ_AT_ONCE) {
            added = added.saturating_add(self.enter_few(few).await?);
        }
        Ok(added)
    }

    async fn enter_few(&self, serials: &[Serial]) -> Result<usize, Error> {
        let table = &self.sales.table;
        let mut added = 0_usize;
        for _ in 0..TRIES {
            let known = table.ties(serials).await?;
            let strange: Vec<Serial> = serials
                .iter()
                .filter(|serial| !known.contains_key(*serial))
                .cloned()
                .collect();
            let mut beaten = false;
            for writes in minting::enter(&strange, self.block_size, table.capacity_slots())? {
                let entered = writes.iter().filter(|w| matches!(w, Write::Enter(_)));
                let count = entered.count();
                if table.commit_if_first(&writes).await? {
                    added = added.saturating_add(count);
                } else {
                    beaten = true;
                }
            }
            if !beaten {
                return Ok(added);
            }
        }
        Err(busy().into())
    }
}
