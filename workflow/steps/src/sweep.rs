//! The sweep: what a crash, a lost message or a silent gateway left behind is taken up again.
//!
//! It may run twice or in parallel: whatever it does is one conditional write or an idempotent call.

mod minting;
mod restock;

use crate::{Sales, SettlementDesk, error::Error, settlement::late};
use bubuh_core::{
    document::{self, Document, DocumentState, Reason, WAIT_AT_MOST_MS},
    id::DocumentId,
    money::Stamps,
    write::Write,
};
use bubuh_gateway::Gateway;
use bubuh_store::{Due, Files, issuer::Mint};
use futures::{StreamExt, stream};

/// What sweeping needs.
pub struct Sweep<G, M> {
    /// Orders and their gateway; its table, queues, workflows and clock are used for all.
    pub sales: Sales<G>,
    /// The buckets.
    pub files: Files,
    /// Where serials come from.
    pub mint: M,
    /// How many blocks of serials are kept open, so that reservations don't meet at one.
    pub open_blocks: usize,
    /// Serials in a fresh block.
    pub block_size: usize,
    /// Serials that are kept free to be sold, so that no order has to wait for the issuer.
    pub sellable: Stamps,
    /// Where the gateway's settlement files are; none: it sends none.
    pub settlements: Option<SettlementDesk>,
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
/// Rows of a kind looked at together: what one waits for, such as a gateway that hangs, holds up no
/// more than its own kind.
const AT_ONCE: usize = 8;
/// How long a pass takes up new rows, in milliseconds; the rest is left to the next one.
const PASS_MS: u64 = 25_000;

impl<G: Gateway, M: Mint> Sweep<G, M> {
    /// One pass over everything that is due, the longest due first.
    ///
    /// # Errors
    /// Only when nothing could be looked at; a single row's failure is counted and logged.
    pub async fn pass(&self) -> Result<Swept, Error> {
        let minted = match self.restock().await {
            Ok(minted) => minted,
            Err(error) => {
                tracing::error!(%error, "no serials were added");
                0
            }
        };
        let now_ms = self.sales.ambient.now_ms();
        let until_ms = now_ms.saturating_add(PASS_MS);
        self.take_up().await;
        let (mut orders, mut documents, mut refunds) = (Vec::new(), Vec::new(), Vec::new());
        let (mut payments, mut statements, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
        for due in self.sales.table.due(now_ms, PER_SHARD).await? {
            match due {
                Due::Order(_) => orders.push(due),
                Due::Document(_) => documents.push(due),
                Due::Refund(..) => refunds.push(due),
                Due::Payment(..) => payments.push(due),
                Due::Statement(_) => statements.push(due),
                Due::Block(_) => blocks.push(due),
            }
        }
        let (orders, documents, refunds, payments, statements, blocks) = futures::join!(
            self.each(orders, until_ms),
            self.each(documents, until_ms),
            self.each(refunds, until_ms),
            self.each(payments, until_ms),
            self.each(statements, until_ms),
            self.each(blocks, until_ms),
        );
        let mut swept = Swept {
            minted,
            ..Swept::default()
        };
        for part in [orders, documents, refunds, payments, statements, blocks] {
            swept.looked_at = swept.looked_at.saturating_add(part.looked_at);
            swept.failed = swept.failed.saturating_add(part.failed);
        }
        Ok(swept)
    }

    async fn each(&self, rows: Vec<Due>, until_ms: u64) -> Swept {
        stream::iter(rows)
            .map(|due| async move {
                if self.sales.ambient.now_ms() > until_ms {
                    return None;
                }
                let done = self.one(due.clone(), until_ms).await;
                if let Err(error) = &done {
                    tracing::warn!(%error, ?due, "stays due");
                }
                Some(done.is_err())
            })
            .buffer_unordered(AT_ONCE)
            .fold(Swept::default(), |mut swept, failed| async move {
                if let Some(failed) = failed {
                    swept.looked_at = swept.looked_at.saturating_add(1);
                    swept.failed = swept.failed.saturating_add(usize::from(failed));
                }
                swept
            })
            .await
    }

    /// Does what is due. What fails is put off, so that it makes way for the rest.
    async fn one(&self, due: Due, until_ms: u64) -> Result<(), Error> {
        match due {
            Due::Order(id) => {
                let Some(order) = self.sales.table.order(id).await? else {
                    return Ok(());
                };
                if !self.is_due(order.due_at_ms) {
                    return Ok(());
                }
                let done = self.sales.overdue(id).await;
                if done.is_err() {
                    self.sales.put_off(&order).await?;
                }
                done
            }
            Due::Refund(order, key) => {
                let Some(refund) = self.sales.table.refund(order, key).await? else {
                    return Ok(());
                };
                if !self.is_due(refund.due_at_ms) {
                    return Ok(());
                }
                // Put off also when it runs: a workflow that is alive moves the row itself.
                let writes = refund.put_off(self.sales.ambient.now_ms())?;
                self.write(&writes).await?;
                Ok(self.sales.workflows.ensure(&refund).await?)
            }
            Due::Document(id) => self.document(id).await,
            Due::Block(id) => self.settle(id).await,
            Due::Payment(order, transaction) => late(&self.sales, order, &transaction).await,
            Due::Statement(id) => match &self.settlements {
                Some(desk) => desk.read_on(&self.sales, id, until_ms).await,
                None => Ok(()),
            },
        }
    }

    /// Takes up settlement files that came. What fails is found at the next pass.
    async fn take_up(&self) {
        if let Some(desk) = &self.settlements
            && let Err(error) = desk.take_up(&self.sales).await
        {
            tracing::error!(%error, "settlement files stay in the inbox");
        }
    }

    fn is_due(&self, due_at_ms: Option<u64>) -> bool {
        due_at_ms.is_some_and(|due| due <= self.sales.ambient.now_ms())
    }

    /// Writes a decision, or leaves it to whoever was faster. Gives whether it was written.
    async fn write(&self, writes: &[Write]) -> Result<bool, Error> {
        Ok(self.sales.table.commit_if_first(writes).await?)
    }

    async fn document(&self, id: DocumentId) -> Result<(), Error> {
        let Some(document) = self.sales.table.document(id).await? else {
            return Ok(());
        };
        if !self.is_due(document.due_at_ms) {
            return Ok(());
        }
        let now_ms = self.sales.ambient.now_ms();
        let queues = &self.sales.queues;
        match document.state {
            DocumentState::AwaitingUpload => {
                let key = Document::source_key(id);
                let uploaded = self.files.newest_upload(&key).await?.is_some();
                let writes = if uploaded {
                    document::look_again(&document, now_ms)?
                } else {
                    document::abandon(&document, now_ms)
                        .or_else(|_| document::await_upload(&document, now_ms))?
                };
                if self.write(&writes).await? && uploaded {
                    queues.accept(id).await?;
                }
            }
            DocumentState::AwaitingStamp => {
                if now_ms.saturating_sub(document.since_ms) >= WAIT_AT_MOST_MS {
                    self.write(&document::abandon(&document, now_ms)?).await?;
                } else if self
                    .write(&document::look_again(&document, now_ms)?)
                    .await?
                {
                    queues.accept(id).await?;
                }
            }
            DocumentState::Queued | DocumentState::Stamping => {
                let lane = match document.ticket {
                    Some(ticket) => self.sales.line.progress(ticket.lane).await,
                    None => None,
                };
                if let Some(lane) = lane
                    && let Some(writes) = document::await_turn(&document, &lane, now_ms)?
                {
                    self.write(&writes).await?;
                } else if self
                    .write(&document::look_again(&document, now_ms)?)
                    .await?
                {
                    queues.stamp(&document).await?;
                }
            }
            DocumentState::Abandoned if document.source.is_some() => {
                self.write(&document::purged(&document, now_ms)?).await?;
            }
            DocumentState::Stamped
            | DocumentState::Rejected
            | DocumentState::Cancelled
            | DocumentState::Abandoned => {
                self.purge(&document).await?;
                self.write(&document::purged(&document, now_ms)?).await?;
            }
            DocumentState::Stalled => {}
        }
        Ok(())
    }

    /// Deletes an ended document's upload, by version; of an erased one also the stamped file.
    async fn purge(&self, document: &Document) -> Result<(), Error> {
        let key = Document::source_key(document.id);
        if let Some(source) = &document.source {
            self.files.delete_upload(&key, &source.version_id).await?;
        }
        while let Some((version_id, _)) = self.files.newest_upload(&key).await? {
            self.files.delete_upload(&key, &version_id).await?;
        }
        if let Some(key) = document.output_key().filter(|_| document.is_erased()) {
            let reason = Reason {
                code: "erased".to_owned(),
                message_id: "Dihapus atas permintaan pemiliknya.".to_owned(),
                message_en: "Deleted at its owner's request.".to_owned(),
            };
            self.files.bury(&key, &reason).await?;
        }
        Ok(())
    }
}
