//! What an owner asks of a document: announce it, see it, cancel it, have it erased.

use crate::{Line, TRIES, error::Error, stamp::busy};
use bubuh_core::{
    document::{self, Announced, Document, DocumentState, Reason},
    id::{AccountId, DocumentId},
};
use bubuh_store::{
    Ambient, Error as StoreError, Files, Queues, Table,
    files::{Link, Standing, Stored},
};

/// What an owner's requests need.
pub struct Desk {
    /// The table.
    pub table: Table,
    /// The buckets.
    pub files: Files,
    /// The queues.
    pub queues: Queues,
    /// The lanes.
    pub line: Line,
    /// Clock and randomness.
    pub ambient: Ambient,
}

impl Desk {
    /// Announces a document. The same id with the same request is the same document.
    ///
    /// # Errors
    /// [`Error::KeyReused`] for the same key with another request.
    pub async fn announce(&self, new: Announced) -> Result<Document, Error> {
        let hash = new.request_hash.clone();
        let (announced, writes) = Document::announce(new, self.ambient.now_ms())?;
        match self.table.commit(&writes).await {
            Ok(()) => Ok(announced),
            Err(StoreError::Lost { .. }) => self
                .table
                .document(announced.id)
                .await?
                .filter(|row| row.request_hash == hash)
                .ok_or(Error::KeyReused),
            Err(e) => Err(e.into()),
        }
    }

    /// A document of the caller's.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's.
    pub async fn document(&self, account: &AccountId, id: DocumentId) -> Result<Document, Error> {
        self.table
            .document(id)
            .await?
            .filter(|row| row.account == *account)
            .ok_or(Error::NotFound)
    }

    /// A link to upload the announced file; `None` once a file was accepted.
    ///
    /// # Errors
    /// Storage's.
    pub async fn upload_link(&self, document: &Document) -> Result<Option<Link>, Error> {
        if !document.expects_file() {
            return Ok(None);
        }
        let key = Document::source_key(document.id);
        let link = self
            .files
            .upload_link(&key, document.size_bytes, &document.sha256)
            .await?;
        Ok(Some(link))
    }

    /// A link to download the stamped file; `None` before there is one.
    ///
    /// # Errors
    /// Storage's.
    pub async fn download_link(&self, document: &Document) -> Result<Option<Link>, Error> {
        match (document.stamped(), &document.reservation) {
            (Some((key, _)), Some(reservation)) => {
                let name = format!("{}.pdf", reservation.serial);
                Ok(Some(self.files.download_link(&key, &name).await?))
            }
            _ => Ok(None),
        }
    }

    /// Cancels a document that no worker has begun, or that is stalled. A stamp that was reserved
    /// is available again. A stalled one that may be stamped already is tried again instead.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's; a rule error once a worker may be at it.
    pub async fn cancel(&self, account: &AccountId, id: DocumentId) -> Result<Document, Error> {
        for _ in 0..TRIES {
            let row = self.document(account, id).await?;
            if row.state == DocumentState::Stalled {
                // A file stands there after all, or may at the issuer: the next worker finds it and commits it.
                let may_be_stamped =
                    row.may_be_stamped_elsewhere() || !self.tombstone(&row).await?;
                if may_be_stamped {
                    return self.redrive(row).await;
                }
            }
            let tombstoned = row.state == DocumentState::Stalled;
            let writes = document::cancel(&row, tombstoned, self.ambient.now_ms())?;
            if writes.is_empty() {
                return Ok(row);
            }
            match self.table.commit(&writes).await {
                Ok(()) if row.reservation.is_some() => {
                    if let Err(error) = self.queues.wake(account).await {
                        tracing::warn!(%error, document = %id, "no wake was sent");
                    }
                }
                Ok(()) | Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// Has what is personal of a document deleted: its name now, its files within minutes.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for another account's; a rule error while a stamp is on its way.
    pub async fn erase(&self, account: &AccountId, id: DocumentId) -> Result<Document, Error> {
        for _ in 0..TRIES {
            let row = self.document(account, id).await?;
            let writes = document::erase(&row, self.ambient.now_ms())?;
            if writes.is_empty() {
                return Ok(row);
            }
            match self.table.commit(&writes).await {
                Ok(()) | Err(StoreError::Lost { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }

    /// Gives a stalled document a new round of tries.
    ///
    /// # Errors
    /// A rule error unless it is stalled.
    pub async fn redrive(&self, row: Document) -> Result<Document, Error> {
        let writes = document::redrive(&row, self.ambient.now_ms())?;
        match self.table.commit(&writes).await {
            Ok(()) | Err(StoreError::Lost { .. }) => {}
            Err(e) => return Err(e.into()),
        }
        self.queues.stamp(&row).await?;
        self.table.document(row.id).await?.ok_or(Error::NotFound)
    }

    /// Whether a tombstone stands at the output key now.
    async fn tombstone(&self, row: &Document) -> Result<bool, Error> {
        let Some(key) = row.output_key() else {
            return Ok(false);
        };
        let reason = Reason {
            code: "cancelled".to_owned(),
            message_id: "Dibatalkan oleh pemiliknya. Meterainya dikembalikan.".to_owned(),
            message_en: "Cancelled by its owner. The stamp was given back.".to_owned(),
        };
        Ok(match self.files.store_tombstone(&key, &reason).await? {
            Stored::Now => true,
            Stored::Before => {
                matches!(self.files.output(&key).await?, Some(Standing::Tombstone(_)))
            }
        })
    }
}
