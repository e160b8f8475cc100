//! The sweep: what a crash, a lost message or a silent gateway left behind is taken up again.
//!
//! It may run twice or in parallel: whatever it does is one conditional write or an idempotent call.

use crate::{Sales, error::Error};
use bubuh_core::{
    document::{self, Document, DocumentState, WAIT_AT_MOST_MS},
    id::{BlockId, DocumentId, OrderId, RefundKey},
    inventory::{Block, OPEN_BLOCKS},
    write::Write,
};
use bubuh_gateway::Gateway;
use bubuh_store::{Due, Error as StoreError, Files, issuer::Mint};

/// What sweeping needs.
pub struct Sweep<G, M> {
    /// Orders and their gateway; its table, queues, workflows and clock are used for all.
    pub sales: Sales<G>,
    /// The buckets.
    pub files: Files,
    /// Where serials come from.
    pub mint: M,
    /// Serials in a fresh block.
    pub block_size: usize,
}

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows looked at.
    pub looked_at: usize,
    /// Rows whose step failed; they stay due.
    pub failed: usize,
    /// Serials added to the inventory.
    pub minted: usize,
}

/// Rows of each shard in one pass.
const PER_SHARD: i32 = 25;
/// Blocks opened in one transaction (two items each, 100 at most).
const BLOCKS_AT_ONCE: usize = 25;

impl<G: Gateway, M: Mint> Sweep<G, M> {
    /// One pass over everything that is due.
    ///
    /// # Errors
    /// Only when nothing could be looked at; a single row's failure is counted and logged.
    pub async fn pass(&self) -> Result<Swept, Error> {
        let mut swept = Swept {
            minted: self.restock().await?,
            ..Swept::default()
        };
        let now_ms = self.sales.ambient.now_ms();
        for due in self.sales.table.due(now_ms, PER_SHARD).await? {
            swept.looked_at = swept.looked_at.saturating_add(1);
            let done = match due {
                Due::Order(id) => self.order(id).await,
                Due::Document(id) => self.document(id).await,
                Due::Refund(order, key) => self.refund(order, key).await,
            };
            if let Err(error) = done {
                swept.failed = swept.failed.saturating_add(1);
                tracing::warn!(%error, ?due, "stays due");
            }
        }
        Ok(swept)
    }

    /// Keeps enough blocks of serials open. Gives how many serials were added.
    ///
    /// # Errors
    /// Storage's and the issuer's.
    pub async fn restock(&self) -> Result<usize, Error> {
        let open = self.sales.table.open_blocks().await?.len();
        let mut missing = OPEN_BLOCKS.saturating_sub(open);
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
                    blocks.push(Write::Block(Block::fresh(id, serials)));
                }
            }
            self.sales.table.commit(&blocks).await?;
        }
        Ok(minted)
    }

    async fn order(&self, id: OrderId) -> Result<(), Error> {
        match self.sales.table.order(id).await? {
            Some(order) if self.is_due(order.due_at_ms) => self.sales.overdue(id).await,
            _ => Ok(()),
        }
    }

    async fn refund(&self, order: OrderId, key: RefundKey) -> Result<(), Error> {
        match self.sales.table.refund(order, key).await? {
            Some(refund) if self.is_due(refund.due_at_ms) => {
                Ok(self.sales.workflows.ensure(&refund).await?)
            }
            _ => Ok(()),
        }
    }

    fn is_due(&self, due_at_ms: Option<u64>) -> bool {
        due_at_ms.is_some_and(|due| due <= self.sales.ambient.now_ms())
    }

    async fn document(&self, id: DocumentId) -> Result<(), Error> {
        let Some(document) = self.sales.table.document(id).await? else {
            return Ok(());
        };
        if !self.is_due(document.due_at_ms) {
            return Ok(());
        }
        let now_ms = self.sales.ambient.now_ms();
        let writes = match document.state {
            DocumentState::AwaitingUpload => {
                let key = Document::source_key(id);
                if self.files.newest_upload(&key).await?.is_some() {
                    return Ok(self.sales.queues.accept(id).await?);
                }
                document::abandon(&document, now_ms)?
            }
            DocumentState::AwaitingStamp => {
                if now_ms.saturating_sub(document.since_ms) < WAIT_AT_MOST_MS {
                    return Ok(self.sales.queues.accept(id).await?);
                }
                document::abandon(&document, now_ms)?
            }
            DocumentState::Queued | DocumentState::Stamping => {
                self.sales.queues.stamp(id, &document.account).await?;
                document::resent(&document, now_ms)?
            }
            DocumentState::Stamped
            | DocumentState::Rejected
            | DocumentState::Cancelled
            | DocumentState::Abandoned => {
                self.purge(&document).await?;
                document::purged(&document, now_ms)?
            }
            DocumentState::Stalled => return Ok(()),
        };
        match self.sales.table.commit(&writes).await {
            Ok(()) | Err(StoreError::Lost { .. }) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// Deletes an ended document's upload, by version.
    async fn purge(&self, document: &Document) -> Result<(), Error> {
        let key = Document::source_key(document.id);
        if let Some(source) = &document.source {
            self.files
                .delete_upload(&source.key, &source.version_id)
                .await?;
        }
        while let Some((version_id, _)) = self.files.newest_upload(&key).await? {
            self.files.delete_upload(&key, &version_id).await?;
        }
        Ok(())
    }
}
