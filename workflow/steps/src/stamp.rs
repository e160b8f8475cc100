//! Stamping one document: claim, affix, store, commit.

use crate::TRIES;
use bubuh_core::{
    document::{self, Claim, Document, FirstClaim, Output, Reason},
    id::{DocumentId, Sha256},
};
use bubuh_store::{
    Ambient, Error, Files, Queues, Table,
    files::{Standing, Stored},
    issuer::{Affix, Affixed, Affixer},
};

/// Hexadecimal digits of a lease holder's name: 128 bits, as rows are to stay below a write unit.
const HOLDER_DIGITS: usize = 32;

/// What a worker needs.
pub struct Stamper<A> {
    /// The table.
    pub table: Table,
    /// The buckets.
    pub files: Files,
    /// The queues.
    pub queues: Queues,
    /// Who puts the stamp on.
    pub issuer: A,
    /// Clock and randomness.
    pub ambient: Ambient,
    /// How long others wait for this worker, in milliseconds. Only liveness hangs on it.
    pub lease_ms: u64,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The document is stamped.
    Stamped,
    /// The document was refused; stamp and serial went back.
    Refused,
    /// Every try failed; a case is open.
    Stalled,
    /// Another worker has it, or nothing is to be done. Sweep resends if that worker dies.
    Nothing,
}

impl<A: Affixer> Stamper<A> {
    /// Works on a document until it is stamped or refused, or another worker owns it.
    ///
    /// # Errors
    /// Any [`Error`]: the document stays claimed until the lease ends, then another may try.
    pub async fn stamp(&self, id: DocumentId) -> Result<Done, Error> {
        let holder = self.holder()?;
        let first = FirstClaim::new(
            id,
            &holder,
            self.issuer.key_id(),
            self.lease_ms,
            self.ambient.now_ms(),
        );
        if let Some(claimed) = self.table.claim_first(&first).await? {
            return self.work(&claimed).await;
        }
        for _ in 0..TRIES {
            let Some(document) = self.table.document(id).await? else {
                return Ok(Done::Nothing);
            };
            let claim = document::claim(
                &document,
                &holder,
                self.issuer.key_id(),
                self.lease_ms,
                self.ambient.now_ms(),
            );
            match claim {
                Ok(Claim::Take(claimed, writes)) => match self.table.commit(&writes).await {
                    Ok(()) => return self.work(&claimed).await,
                    // Lost, or its reply lost: the row tells which, for it names the holder.
                    Err(Error::Lost { .. }) => {}
                    Err(e) => return Err(e),
                },
                Ok(Claim::Held(claimed)) => return self.work(&claimed).await,
                Ok(Claim::Stall(writes)) => match self.table.commit(&writes).await {
                    Ok(()) => return Ok(Done::Stalled),
                    Err(Error::Lost { .. }) => {}
                    Err(e) => return Err(e),
                },
                Ok(Claim::Nothing) | Err(bubuh_core::Error::Leased { .. }) => {
                    return Ok(Done::Nothing);
                }
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy())
    }

    /// A name that no other delivery has.
    fn holder(&self) -> Result<String, Error> {
        let digest = Sha256::of(&self.ambient.random()?);
        Ok(digest.as_str().chars().take(HOLDER_DIGITS).collect())
    }

    async fn work(&self, claimed: &Document) -> Result<Done, Error> {
        let (Some(source), Some(reservation), Some(affixing), Some(key)) = (
            &claimed.source,
            &claimed.reservation,
            &claimed.affixing,
            claimed.output_key(),
        ) else {
            return Err(Error::Unreadable {
                what: claimed.id.to_string(),
                why: "a claimed document has a source, a reservation and a time".to_owned(),
            });
        };
        let request = Affix {
            serial: reservation.serial.clone(),
            document_type: claimed.document_type,
            placement: claimed.placement.clone(),
            place: source.place,
            affixing: affixing.clone(),
            source_sha256: claimed.sha256.clone(),
        };
        // An earlier worker may have stored its file and died before the commit.
        if claimed.fence > 1
            && let Some(standing) = self.files.output(&key).await?
        {
            return self.adopt(claimed, &request, standing).await;
        }
        let source_key = Document::source_key(claimed.id);
        let bytes = self
            .files
            .source(&source_key, source, &claimed.sha256)
            .await?;
        let stored = match self.issuer.affix(bytes, &request).await? {
            Affixed::File(stamped) => {
                let output = output(&stamped)?;
                match self.files.store(&key, stamped).await? {
                    Stored::Now => return self.commit(claimed, output).await,
                    Stored::Before => self.files.output(&key).await?,
                }
            }
            Affixed::Refused(reason) => match self.files.store_tombstone(&key, &reason).await? {
                Stored::Now => return self.refuse(claimed, reason).await,
                Stored::Before => self.files.output(&key).await?,
            },
        };
        let standing = stored.ok_or_else(|| Error::Unavailable {
            doing: "read what stands at the output key",
            why: "nothing is there".to_owned(),
        })?;
        self.adopt(claimed, &request, standing).await
    }

    /// What is stored wins, whoever stored it: a file is committed, a tombstone refuses.
    async fn adopt(
        &self,
        claimed: &Document,
        request: &Affix,
        standing: Standing,
    ) -> Result<Done, Error> {
        match standing {
            Standing::File(stored) => {
                self.issuer.check(&stored, claimed.size_bytes, request)?;
                let output = output(&stored)?;
                self.commit(claimed, output).await
            }
            Standing::Tombstone(reason) => self.refuse(claimed, reason).await,
        }
    }

    async fn commit(&self, claimed: &Document, output: Output) -> Result<Done, Error> {
        let done = self
            .finish(claimed, Done::Stamped, |row, now_ms| {
                document::commit(row, claimed.fence, output.clone(), now_ms)
            })
            .await?;
        if let (Done::Stamped, Some(promise)) = (done, claimed.promised) {
            // `infra/template.yaml` makes a metric of this field: promises are held against what became of them.
            let eta_missed_s = promise.missed_by_ms(self.ambient.now_ms()) / 1_000;
            tracing::info!(document = %claimed.id, eta_missed_s, "stamped");
        }
        Ok(done)
    }

    async fn refuse(&self, claimed: &Document, reason: Reason) -> Result<Done, Error> {
        let done = self
            .finish(claimed, Done::Refused, |row, now_ms| {
                document::refuse(row, claimed.fence, reason.clone(), now_ms)
            })
            .await?;
        // A stamp came back; what waits for it is also retried by sweep.
        if let Err(error) = self.queues.wake(&claimed.account).await {
            tracing::warn!(%error, document = %claimed.id, "no wake was sent");
        }
        Ok(done)
    }

    /// Writes an end under this worker's fence, or finds that it is written already.
    async fn finish(
        &self,
        claimed: &Document,
        done: Done,
        decide: impl Fn(&Document, u64) -> Result<Vec<bubuh_core::write::Write>, bubuh_core::Error>,
    ) -> Result<Done, Error> {
        let mut row = claimed.clone();
        for _ in 0..TRIES {
            let writes = match decide(&row, self.ambient.now_ms()) {
                Ok(writes) => writes,
                // Another worker owns it, or has ended it the other way.
                Err(
                    bubuh_core::Error::Fenced { .. } | bubuh_core::Error::IllegalTransition { .. },
                ) => {
                    return Ok(Done::Nothing);
                }
                Err(e) => return Err(e.into()),
            };
            match self.table.commit(&writes).await {
                Ok(()) => return Ok(done),
                Err(Error::Lost { .. }) => match self.table.document(claimed.id).await? {
                    Some(current) => row = current,
                    None => return Ok(Done::Nothing),
                },
                Err(e) => return Err(e),
            }
        }
        Err(busy())
    }
}

fn output(bytes: &[u8]) -> Result<Output, Error> {
    Ok(Output {
        sha256: Sha256::of(bytes),
        size_bytes: u64::try_from(bytes.len()).map_err(|_| bubuh_core::Error::Overflow)?,
    })
}

pub(crate) fn busy() -> Error {
    Error::Unavailable {
        doing: "decide",
        why: "other writers were faster each time".to_owned(),
    }
}
