//! From an uploaded file to a queued document: check, pin, reserve, bind, queue.

use crate::{Line, TRIES, stamp::busy};
use bubuh_core::{
    document::{
        self, Document, DocumentState, EXAMINATIONS_MAX, Grant, Lacks, Place, Placement, Reason,
        SIZE_MAX_BYTES, Source,
    },
    id::{AccountId, BlockId, DocumentId, Serial, Sha256},
    inventory::Take,
    lot::Lot,
    money::Stamps,
    ticket::Lane,
    write::Write,
};
use bubuh_store::{Ambient, Error, Files, Queues, Table};

/// The verdict on a file before anything is reserved.
pub trait Preflight: Send + Sync {
    /// Whether a stamp can be put on this file, and where.
    ///
    /// # Errors
    /// The [`Reason`] for its owner.
    fn check(&self, file: Vec<u8>, placement: &Placement) -> Result<Place, Reason>;
}

/// What the intake needs.
pub struct Intake<P> {
    /// The table.
    pub table: Table,
    /// The buckets.
    pub files: Files,
    /// The queues.
    pub queues: Queues,
    /// The lanes.
    pub line: Line,
    /// The check of a file.
    pub preflight: P,
    /// Clock and randomness.
    pub ambient: Ambient,
}

/// Whether a message is delivered for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is.
    First,
    /// An earlier delivery ended without an acknowledgement: it failed, or killed its worker.
    Again,
}

/// What became of a document that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It has a stamp, a serial and a place in the queue.
    Queued,
    /// It waits for a stamp or a serial.
    Waiting(Lacks),
    /// It was refused; nothing was reserved.
    Rejected,
    /// There is no file yet, or it is past this.
    Nothing,
}

/// Lots a reservation chooses among: the oldest few, at random against conflicts.
const OLDEST_FEW: usize = 4;
/// Open blocks a reservation chooses among, so that few meet at one; one read unit holds some seventy.
const BLOCKS_FEW: i32 = 32;
/// Waiting documents one wake looks at; more are woken by another message.
const WOKEN_AT_ONCE: i32 = 100;

impl<P: Preflight> Intake<P> {
    /// Takes a document as far as it goes now.
    ///
    /// A file that is delivered again is put on the sweep's list before it is examined again, and
    /// refused when examining it has not ended too often: queues give up, rows do not.
    ///
    /// # Errors
    /// Any [`Error`]: offer it again; nothing is reserved twice.
    pub async fn accept(&self, id: DocumentId, delivery: Delivery) -> Result<Accepted, Error> {
        let Some(mut document) = self.table.document(id).await? else {
            return Ok(Accepted::Nothing);
        };
        // Queued by an earlier try that may have died before it sent.
        if document.state == DocumentState::Queued && document.fence == 0 {
            self.queues.stamp(&document).await?;
            return Ok(Accepted::Queued);
        }
        if !document.may_be_accepted() {
            return Ok(Accepted::Nothing);
        }
        if let Some(pinned) = document.source.clone() {
            return self.reserve(document, pinned).await;
        }
        let key = Document::source_key(id);
        let Some(newest) = self.files.newest_upload(&key).await? else {
            return Ok(Accepted::Nothing);
        };
        if document.tries >= EXAMINATIONS_MAX {
            return self.reject(&document, unexaminable()).await;
        }
        if delivery == Delivery::Again {
            let writes = document::look_again(&document, self.ambient.now_ms())?;
            self.table.commit(&writes).await?;
            match self.table.document(id).await? {
                Some(row) if row.state == DocumentState::AwaitingUpload => document = row,
                _ => return Ok(Accepted::Nothing),
            }
        }
        match self.fit(&document, newest).await? {
            Found::Fit(source) => self.reserve(document, source).await,
            Found::Unfit(reason) => self.reject(&document, reason).await,
            Found::Missing => Ok(Accepted::Nothing),
        }
    }

    /// Queues what an account has waiting, until its stamps or the serials run out.
    ///
    /// # Errors
    /// As [`Intake::accept`].
    pub async fn wake(&self, account: &AccountId) -> Result<(), Error> {
        let waiting = self.table.waiting(account, WOKEN_AT_ONCE).await?;
        let more = waiting.len() >= usize::try_from(WOKEN_AT_ONCE).unwrap_or(usize::MAX);
        for id in waiting {
            if let Accepted::Waiting(_) = self.accept(id, Delivery::First).await? {
                return Ok(());
            }
        }
        if more {
            self.queues.wake(account).await?;
        }
        Ok(())
    }

    /// Checks an upload, given by version and size, and, if it is fit, says what to pin.
    async fn fit(&self, document: &Document, upload: (String, u64)) -> Result<Found, Error> {
        let key = Document::source_key(document.id);
        let (version_id, size_bytes) = upload;
        if size_bytes != document.size_bytes || size_bytes > SIZE_MAX_BYTES {
            return Ok(Found::Unfit(differs()));
        }
        let Some(bytes) = self.files.upload(&key, &version_id).await? else {
            return Ok(Found::Missing);
        };
        let sha256 = Sha256::of(&bytes);
        if sha256 != document.sha256 {
            return Ok(Found::Unfit(differs()));
        }
        Ok(match self.preflight.check(bytes, &document.placement) {
            Ok(place) => Found::Fit(Source {
                key,
                version_id,
                sha256,
                size_bytes,
                place: Some(place),
            }),
            Err(reason) => Found::Unfit(reason),
        })
    }

    async fn reject(&self, document: &Document, reason: Reason) -> Result<Accepted, Error> {
        let writes = document::reject(document, reason, self.ambient.now_ms())?;
        match self.table.commit(&writes).await {
            Ok(()) => Ok(Accepted::Rejected),
            Err(Error::Lost { .. }) => Ok(Accepted::Nothing),
            Err(e) => Err(e),
        }
    }

    async fn reserve(&self, mut document: Document, source: Source) -> Result<Accepted, Error> {
        let mut ticket = None;
        for _ in 0..TRIES {
            let lots = self.table.lots(&document.account).await?;
            let under_way = Stamps::sum(lots.iter().map(|lot| lot.reserved))?;
            let lane = Lane::of(under_way);
            let lot = self.one_of(lots)?;
            let serial = match &lot {
                Some(_) => self.a_serial().await?,
                None => None,
            };
            let (Some(lot), Some(serial)) = (&lot, serial) else {
                let lacks = lacking(lot.as_ref());
                if document.lacks == Some(lacks) {
                    return Ok(Accepted::Waiting(lacks));
                }
                // Waiting is written first, then stamps are looked for once more: a credit that
                // came in between is seen here, a later one wakes what it finds waiting.
                match self.wait(&document, &source, lacks).await? {
                    Some(waiting) => document = waiting,
                    None => return self.moved_on(document.id).await,
                }
                continue;
            };
            let take = serial.1.clone();
            let ticket = match ticket {
                Some(taken) => taken,
                None => *ticket.insert(self.line.ticket(lane).await?),
            };
            let progress = self.line.progress(ticket.lane).await;
            let now_ms = self.ambient.now_ms();
            let grant = Grant {
                source: source.clone(),
                lot,
                serial,
                ticket,
                promised: progress.and_then(|lane| lane.promise(ticket.number, now_ms)),
            };
            let writes = document::accept(&document, grant, now_ms)?;
            match self.table.commit(&writes).await {
                Ok(()) => {
                    document.ticket = Some(ticket);
                    self.queues.stamp(&document).await?;
                    return Ok(Accepted::Queued);
                }
                Err(Error::Lost { write }) => match writes.get(write) {
                    // The document itself has moved on, or this very decision had been applied.
                    Some(Write::Document(_)) => return self.moved_on(document.id).await,
                    // A serial that is tied to a document already must not be offered again.
                    Some(Write::Bind { serial, document }) => {
                        tracing::error!(%serial, %document, "the inventory offers a used serial");
                        self.skip(take).await?;
                    }
                    // The lot or the block was taken from meanwhile: choose again.
                    _ => {}
                },
                Err(e) => return Err(e),
            }
        }
        Err(busy())
    }

    /// Writes that a document waits. Gives the row, or `None` when it has moved on.
    async fn wait(
        &self,
        document: &Document,
        source: &Source,
        lacks: Lacks,
    ) -> Result<Option<Document>, Error> {
        let now_ms = self.ambient.now_ms();
        let writes = document::wait(document, source.clone(), lacks, now_ms)?;
        if !self.table.commit_if_first(&writes).await? {
            return Ok(None);
        }
        let row = self.table.document(document.id).await?;
        Ok(row.filter(|row| row.state == DocumentState::AwaitingStamp))
    }

    async fn moved_on(&self, id: DocumentId) -> Result<Accepted, Error> {
        match self.table.document(id).await? {
            Some(row) if row.state == DocumentState::Queued && row.fence == 0 => {
                self.queues.stamp(&row).await?;
                Ok(Accepted::Queued)
            }
            Some(row) if row.may_be_accepted() => Err(busy()),
            _ => Ok(Accepted::Nothing),
        }
    }

    async fn skip(&self, take: Take) -> Result<(), Error> {
        self.table.commit_if_first(&[Write::Take(take)]).await?;
        Ok(())
    }

    fn one_of(&self, mut lots: Vec<Lot>) -> Result<Option<Lot>, Error> {
        lots.retain(|lot| lot.usable() > Stamps::ZERO);
        lots.truncate(OLDEST_FEW);
        if lots.is_empty() {
            return Ok(None);
        }
        let index = self.ambient.pick(lots.len())?;
        Ok(Some(lots.swap_remove(index)))
    }

    /// A serial of one of a few open blocks, from anywhere in their list on; of any, if those are used up or the list
    /// ends there.
    async fn a_serial(&self) -> Result<Option<(Serial, Take)>, Error> {
        let anywhere = Sha256::of(&self.ambient.random()?);
        let anywhere = BlockId::derive(&["anywhere", anywhere.as_str()]);
        let few = self.table.open_blocks_from(anywhere, BLOCKS_FEW).await?;
        if let Some(next) = self.serial_of(few).await? {
            return Ok(Some(next));
        }
        let all = self.table.open_blocks().await?;
        self.serial_of(all).await
    }

    async fn serial_of(&self, mut open: Vec<BlockId>) -> Result<Option<(Serial, Take)>, Error> {
        while !open.is_empty() {
            let id = open.swap_remove(self.ambient.pick(open.len())?);
            if let Some(block) = self.table.block(id).await?
                && let Some(next) = block.next()?
            {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }
}

enum Found {
    Fit(Source),
    Unfit(Reason),
    Missing,
}

const fn lacking(lot: Option<&Lot>) -> Lacks {
    match lot {
        Some(_) => Lacks::Serial,
        None => Lacks::Stamp,
    }
}

fn unexaminable() -> Reason {
    Reason {
        code: "unexaminable".to_owned(),
        message_id: "Berkas ini tidak dapat diperiksa walau dicoba berkali-kali. Simpan ulang \
                     sebagai PDF, lalu buat dokumen baru dan unggah lagi."
            .to_owned(),
        message_en: "This file could not be examined in many tries. Save it as a PDF again, then \
                     create a new document and upload it."
            .to_owned(),
    }
}

fn differs() -> Reason {
    Reason {
        code: "upload_differs".to_owned(),
        message_id: "Berkas yang diunggah bukan berkas yang diumumkan (ukuran atau SHA-256 \
                     berbeda). Buat dokumen baru dan unggah lagi."
            .to_owned(),
        message_en: "The uploaded file is not the announced one (size or SHA-256 differs). \
                     Create a new document and upload again."
            .to_owned(),
    }
}
