//! From an uploaded file to a queued document: check, pin, reserve, bind, queue.

use crate::{Line, Stock, TRIES, hooks::wants, stamp::busy};
use bubuh_core::{
    document::{
        self, Document, DocumentState, EXAMINATIONS_MAX, Grant, Lacks, Place, Placement, Reason,
        Source, WAITING_MAX,
    },
    hook::Topic,
    id::{AccountId, DocumentId, Sha256},
    lot::Lot,
    money::Stamps,
    ticket::Lane,
    write::Write,
};
use bubuh_store::{Ambient, Error, Files, Queues, Table, files::Upload};
use std::collections::BTreeMap;

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
    /// Serials in hand.
    pub stock: Stock,
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

/// Documents by name, as they were a moment ago.
pub type Rows = BTreeMap<DocumentId, Document>;

/// What became of a document, and the document if it is to be sent.
type Taken = Result<(Accepted, Option<Document>), Error>;

/// Lots a reservation chooses among: the oldest few, at random against conflicts.
const OLDEST_FEW: usize = 4;
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
        let (accepted, queued) = self.take_in(id, None, delivery).await?;
        if let Some(document) = queued {
            self.queues.stamp(&document).await?;
        }
        Ok(accepted)
    }

    /// As [`Intake::accept`], from a row that was read for it a moment ago. What it queues is given back, for the caller
    /// to send: [`Queues::stamp_all`] takes several at once.
    ///
    /// # Errors
    /// As [`Intake::accept`].
    pub async fn take_in(
        &self,
        id: DocumentId,
        row: Option<Document>,
        delivery: Delivery,
    ) -> Result<(Accepted, Option<Document>), Error> {
        let row = match row {
            Some(row) => Some(row),
            None => self.table.document(id).await?,
        };
        let Some(document) = row else {
            return Ok((Accepted::Nothing, None));
        };
        // Queued by an earlier try that may have died before it sent.
        if document.state == DocumentState::Queued && document.fence == 0 {
            return Ok((Accepted::Queued, Some(document)));
        }
        if !document.may_be_accepted() {
            return Ok((Accepted::Nothing, None));
        }
        self.examine(document, delivery).await
    }

    /// The rows of several documents, read together. It only saves requests: what is not among them is read when its
    /// turn comes, and what has changed since is seen by the condition of what is decided on it.
    pub async fn rows(&self, ids: Vec<DocumentId>) -> Rows {
        match self.table.documents_by_id(&ids).await {
            Ok(rows) => rows.into_iter().map(|row| (row.id, row)).collect(),
            Err(error) => {
                tracing::warn!(%error, "the rows are read one by one");
                Rows::new()
            }
        }
    }

    async fn examine(&self, mut document: Document, delivery: Delivery) -> Taken {
        let id = document.id;
        if let Some(pinned) = document.source.clone() {
            return self.reserve(document, pinned).await;
        }
        if delivery == Delivery::Again || document.tries >= EXAMINATIONS_MAX {
            let key = Document::source_key(id);
            if self.files.newest_upload(&key).await?.is_none() {
                return Ok((Accepted::Nothing, None));
            }
            if document.tries >= EXAMINATIONS_MAX {
                return Ok((self.reject(&document, unexaminable()).await?, None));
            }
            let writes = document::look_again(&document, self.ambient.now_ms())?;
            self.table.commit(&writes).await?;
            match self.table.document(id).await? {
                Some(row) if row.state == DocumentState::AwaitingUpload => document = row,
                _ => return Ok((Accepted::Nothing, None)),
            }
        }
        match self.fit(&document).await? {
            Found::Fit(source) => self.reserve(document, source).await,
            Found::Unfit(reason) => Ok((self.reject(&document, reason).await?, None)),
            Found::Missing => Ok((Accepted::Nothing, None)),
        }
    }

    /// Queues what an account has waiting, until its stamps or the serials run out.
    ///
    /// # Errors
    /// As [`Intake::accept`].
    pub async fn wake(&self, account: &AccountId) -> Result<(), Error> {
        let waiting = self.table.waiting(account, WOKEN_AT_ONCE).await?;
        let more = waiting.len() >= usize::try_from(WOKEN_AT_ONCE).unwrap_or(usize::MAX);
        let mut queued = Vec::new();
        let woken = self.wake_each(waiting, &mut queued).await;
        self.queues.stamp_all(&queued).await?;
        if woken? && more {
            self.queues.wake(account).await?;
        }
        Ok(())
    }

    /// Gives whether all of them went on.
    async fn wake_each(
        &self,
        waiting: Vec<DocumentId>,
        queued: &mut Vec<Document>,
    ) -> Result<bool, Error> {
        for id in waiting {
            let (accepted, document) = self.take_in(id, None, Delivery::First).await?;
            if let Accepted::Waiting(_) = accepted {
                return Ok(false);
            }
            queued.extend(document);
        }
        Ok(true)
    }

    /// Checks the upload and, if it is fit, says what to pin.
    async fn fit(&self, document: &Document) -> Result<Found, Error> {
        let key = Document::source_key(document.id);
        let (version_id, bytes) = match self.files.upload(&key, document.size_bytes).await? {
            Some(Upload::Whole { version_id, bytes }) => (version_id, bytes),
            Some(Upload::OfOtherSize) => return Ok(Found::Unfit(differs())),
            None => return Ok(Found::Missing),
        };
        if Sha256::of(&bytes) != document.sha256 {
            return Ok(Found::Unfit(differs()));
        }
        Ok(match self.preflight.check(bytes, &document.placement) {
            Ok(place) => Found::Fit(Source {
                version_id,
                place: Some(place),
            }),
            Err(reason) => Found::Unfit(reason),
        })
    }

    async fn reject(&self, document: &Document, reason: Reason) -> Result<Accepted, Error> {
        // A row of its own, read only where there is nothing to stamp.
        let told = wants(&self.table, &document.account, Topic::DocumentRejected).await?;
        let document = &Document {
            told,
            ..document.clone()
        };
        let writes = document::reject(document, reason, self.ambient.now_ms())?;
        match self.table.commit(&writes).await {
            Ok(()) => Ok(Accepted::Rejected),
            Err(Error::Lost { .. }) => Ok(Accepted::Nothing),
            Err(e) => Err(e),
        }
    }

    async fn reserve(&self, mut document: Document, source: Source) -> Taken {
        let mut ticket = None;
        for _ in 0..TRIES {
            let (lots, hooks) = self.table.lots_and_hooks(&document.account).await?;
            document.told = hooks.want(&Topic::OF_DOCUMENTS);
            let under_way = Stamps::sum(lots.iter().map(|lot| lot.reserved))?;
            let lane = Lane::of(under_way);
            let lot = self.one_of(lots)?;
            let offer = match &lot {
                Some(_) => self.stock.serial().await?,
                None => None,
            };
            let (Some(lot), Some(offer)) = (&lot, offer) else {
                let lacks = lacking(lot.as_ref());
                if document.lacks == Some(lacks) {
                    return Ok((Accepted::Waiting(lacks), None));
                }
                if lacks == Lacks::Stamp && self.too_many_wait(&document).await? {
                    return Ok((self.reject(&document, unpaid()).await?, None));
                }
                // Waiting is written first, then stamps are looked for once more: a credit that
                // came in between is seen here, a later one wakes what it finds waiting.
                match self.wait(&document, &source, lacks).await? {
                    Some(waiting) => document = waiting,
                    None => return self.moved_on(document.id).await,
                }
                continue;
            };
            let ticket = match ticket {
                Some(taken) => taken,
                None => *ticket.insert(self.line.ticket(lane).await?),
            };
            let progress = self.line.progress(ticket.lane).await;
            let now_ms = self.ambient.now_ms();
            let grant = Grant {
                source: source.clone(),
                lot,
                offer: offer.clone(),
                ticket,
                promised: progress.and_then(|lane| lane.promise(ticket.number, now_ms)),
            };
            let writes = document::accept(&document, grant, now_ms)?;
            match self.table.commit(&writes).await {
                Ok(()) => {
                    document.ticket = Some(ticket);
                    return Ok((Accepted::Queued, Some(document)));
                }
                Err(Error::Lost { write }) => match writes.get(write) {
                    // The document itself has moved on, or this very decision had been applied: then the serial is its.
                    Some(Write::Document(_)) => return self.moved_on(document.id).await,
                    // It is another document's, or was given back for being held too long: the next one.
                    Some(Write::Bind { offer, document }) => {
                        tracing::warn!(serial = %offer.serial, %document, "was not to be had");
                    }
                    // The lot was taken from meanwhile: choose again.
                    _ => self.stock.put_back(offer),
                },
                Err(e) => return Err(e),
            }
        }
        Err(busy())
    }

    /// Whether a document comes when as many of its account's already wait unpaid as may.
    async fn too_many_wait(&self, document: &Document) -> Result<bool, Error> {
        if document.state != DocumentState::AwaitingUpload {
            return Ok(false);
        }
        let (account, most) = (&document.account, i32::from(WAITING_MAX));
        let waiting = self.table.waiting(account, most).await?;
        Ok(waiting.len() >= usize::from(WAITING_MAX))
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

    async fn moved_on(&self, id: DocumentId) -> Taken {
        match self.table.document(id).await? {
            Some(row) if row.state == DocumentState::Queued && row.fence == 0 => {
                Ok((Accepted::Queued, Some(row)))
            }
            Some(row) if row.may_be_accepted() => Err(busy()),
            _ => Ok((Accepted::Nothing, None)),
        }
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

fn unpaid() -> Reason {
    Reason {
        code: "too_many_unpaid".to_owned(),
        message_id: format!(
            "Sudah {WAITING_MAX} dokumen Anda menunggu meterai. Beli meterai atau batalkan sebagian, \
             lalu buat dokumen baru dan unggah lagi."
        ),
        message_en: format!(
            "{WAITING_MAX} of your documents wait for stamps already. Buy stamps or cancel some of \
             them, then create a new document and upload again."
        ),
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
