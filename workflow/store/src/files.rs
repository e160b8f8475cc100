//! The two buckets: uploads (versioned) and stamped files (written once).

mod chunks;
mod links;

pub use links::Link;

use crate::error::{Error, classify};
use aws_sdk_s3::{Client, error::ProvideErrorMetadata, primitives::ByteStream};
use backon::{ExponentialBuilder, Retryable};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::{
    document::{Reason, Source},
    id::Sha256,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a read fails whose body broke off.
const BROKEN_OFF: &str = "read a file to its end";
/// How often it is read again then.
const BROKEN_OFF_TRIES: usize = 3;
/// How often a file is deleted for which another stands there at once: each is a late worker's.
const BURIALS: usize = 5;
/// Room left behind a file, in bytes, in which a stamp can be appended.
const STAMP_ROOM: usize = 32 * 1024;
/// Most that is set aside before a byte has come, in bytes.
const MOST_AT_ONCE: usize = 64 * 1024 * 1024;

/// The buckets.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    uploads: String,
    stamped: String,
}

/// What became of a write-once put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The object is ours.
    Now,
    /// Something is there already; read it.
    Before,
}

/// What stands at an output key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A file.
    File(Vec<u8>),
    /// The mark of a document that was refused or cancelled: no file will ever stand here.
    Tombstone(Reason),
}

/// What was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// A file of the size that was asked for.
    Whole {
        /// The object's version.
        version_id: String,
        /// The file.
        bytes: Vec<u8>,
    },
    /// A file of another size; it was not read.
    OfOtherSize,
}

/// What a read found; no bytes when the object has another size than was asked for.
struct Read {
    version_id: String,
    bytes: Option<Vec<u8>>,
}

/// A tombstone's content; no PDF starts like it.
#[derive(Serialize, Deserialize)]
struct Tombstone {
    bubuh_tombstone: Reason,
}

fn tombstone(reason: &Reason) -> Result<Vec<u8>, Error> {
    let mark = Tombstone {
        bubuh_tombstone: reason.clone(),
    };
    serde_json::to_vec(&mark).map_err(|e| Error::Refused {
        doing: "store a tombstone",
        why: e.to_string(),
    })
}

fn standing(bytes: Vec<u8>) -> Standing {
    match serde_json::from_slice::<Tombstone>(&bytes) {
        Ok(mark) => Standing::Tombstone(mark.bubuh_tombstone),
        Err(_) => Standing::File(bytes),
    }
}

impl Files {
    /// The buckets of these names.
    #[must_use]
    pub fn new(client: Client, uploads: impl Into<String>, stamped: impl Into<String>) -> Self {
        Self {
            client,
            uploads: uploads.into(),
            stamped: stamped.into(),
        }
    }

    /// The newest upload under a key: its version and size in bytes.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn newest_upload(&self, key: &str) -> Result<Option<(String, u64)>, Error> {
        let found = self
            .client
            .head_object()
            .bucket(&self.uploads)
            .key(key)
            .send()
            .await;
        match found {
            Ok(head) => {
                // A size that is not told is not zero: a file must not be refused for it.
                let size = head.content_length().and_then(|n| u64::try_from(n).ok());
                let size = size.ok_or_else(|| Error::Unavailable {
                    doing: "look for an upload",
                    why: "the answer tells no size".to_owned(),
                })?;
                let version = head.version_id().unwrap_or("null").to_owned();
                Ok(Some((version, size)))
            }
            Err(e) if missing(&e) => Ok(None),
            Err(e) => Err(classify("look for an upload", &e)),
        }
    }

    /// The newest upload under a key, read whole if it is of this size. `None`: nothing is there.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn upload(&self, key: &str, size_bytes: u64) -> Result<Option<Upload>, Error> {
        let found = self
            .read(&self.uploads, key, None, Some(size_bytes))
            .await?;
        Ok(found.map(|read| match read.bytes {
            Some(bytes) => Upload::Whole {
                version_id: read.version_id,
                bytes,
            },
            None => Upload::OfOtherSize,
        }))
    }

    /// One version of an upload, whole. `None`: it is not there.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn version(&self, key: &str, version_id: &str) -> Result<Option<Vec<u8>>, Error> {
        self.whole(&self.uploads, key, Some(version_id)).await
    }

    /// The pinned source of a document, with its digest checked.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when it is gone or its digest differs.
    pub async fn source(
        &self,
        key: &str,
        source: &Source,
        sha256: &Sha256,
    ) -> Result<Vec<u8>, Error> {
        let unreadable = |why: &str| Error::Unreadable {
            what: key.to_owned(),
            why: why.to_owned(),
        };
        let bytes = self
            .version(key, &source.version_id)
            .await?
            .ok_or_else(|| unreadable("the pinned version is gone"))?;
        if Sha256::of(&bytes) == *sha256 {
            Ok(bytes)
        } else {
            Err(unreadable("its digest is not the pinned one"))
        }
    }

    /// Deletes one version of an upload; deleting what is gone is fine.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn delete_upload(&self, key: &str, version_id: &str) -> Result<(), Error> {
        self.delete(&self.uploads, key, version_id).await
    }

    async fn delete(&self, bucket: &str, key: &str, version_id: &str) -> Result<(), Error> {
        self.client
            .delete_object()
            .bucket(bucket)
            .key(key)
            .version_id(version_id)
            .send()
            .await
            .map(|_| ())
            .map_err(|e| classify("delete a file", &e))
    }

    /// Stores a stamped file, once: what is there first stays.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the outcome is unknown; a repeated call tells.
    pub async fn store(&self, key: &str, bytes: Vec<u8>) -> Result<Stored, Error> {
        self.put_once(&self.stamped, key, bytes, "application/pdf")
            .await
    }

    /// Stores a tombstone at an output key, once.
    ///
    /// # Errors
    /// As [`Files::store`].
    pub async fn store_tombstone(&self, key: &str, reason: &Reason) -> Result<Stored, Error> {
        let bytes = tombstone(reason)?;
        self.put_once(&self.stamped, key, bytes, "application/json")
            .await
    }

    /// Deletes the file at an output key and leaves a tombstone, so that no late worker's file can stand there after it.
    ///
    /// # Errors
    /// As [`Files::store`].
    pub async fn bury(&self, key: &str, reason: &Reason) -> Result<(), Error> {
        // A file of another size is none: it need not be read to be deleted.
        let size_bytes = u64::try_from(tombstone(reason)?.len()).ok();
        for _ in 0..BURIALS {
            if self.store_tombstone(key, reason).await? == Stored::Now {
                return Ok(());
            }
            let Some(found) = self.read(&self.stamped, key, None, size_bytes).await? else {
                continue;
            };
            match found.bytes.map(standing) {
                Some(Standing::Tombstone(_)) => return Ok(()),
                _ => self.delete(&self.stamped, key, &found.version_id).await?,
            }
        }
        Err(Error::Unavailable {
            doing: "delete a stamped file",
            why: "another stood there each time".to_owned(),
        })
    }

    /// What stands at an output key.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn output(&self, key: &str) -> Result<Option<Standing>, Error> {
        let found = self.whole(&self.stamped, key, None).await?;
        Ok(found.map(standing))
    }

    /// The keys of everything in the bucket of stamped files.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn output_keys(&self) -> Result<Vec<String>, Error> {
        let mut keys = Vec::new();
        let mut from = None;
        loop {
            let page = self
                .client
                .list_objects_v2()
                .bucket(&self.stamped)
                .set_continuation_token(from)
                .send()
                .await
                .map_err(|e| classify("list files", &e))?;
            keys.extend(
                page.contents()
                    .iter()
                    .filter_map(|o| o.key())
                    .map(ToOwned::to_owned),
            );
            from = page.next_continuation_token().map(ToOwned::to_owned);
            if from.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn put_once(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<Stored, Error> {
        let digest = STANDARD.encode(Sha256::of(&bytes).bytes()?);
        let put = self
            .client
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(content_type)
            .checksum_sha256(digest)
            .if_none_match("*")
            .body(ByteStream::from(bytes))
            .send()
            .await;
        match put {
            Ok(_) => Ok(Stored::Now),
            Err(e) if e.code() == Some("PreconditionFailed") => Ok(Stored::Before),
            // Two puts race (`ConditionalRequestConflict`): the next try sees who won.
            Err(e) => Err(classify("store a file", &e)),
        }
    }

    /// An object, whatever its size.
    async fn whole(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<Option<Vec<u8>>, Error> {
        let found = self.read(bucket, key, version_id, None).await?;
        Ok(found.and_then(|read| read.bytes))
    }

    /// The SDK tries calls again, but not a body that broke off: that is done here, or it would cost
    /// the document one of its tries.
    async fn read(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        size_bytes: Option<u64>,
    ) -> Result<Option<Read>, Error> {
        (|| self.read_once(bucket, key, version_id, size_bytes))
            .retry(
                ExponentialBuilder::default()
                    .with_min_delay(Duration::from_millis(50))
                    .with_max_times(BROKEN_OFF_TRIES)
                    .with_jitter(),
            )
            .when(|e| matches!(e, Error::Unavailable { doing, .. } if *doing == BROKEN_OFF))
            .await
    }

    async fn read_once(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        size_bytes: Option<u64>,
    ) -> Result<Option<Read>, Error> {
        let version = version_id.filter(|v| *v != "null").map(ToOwned::to_owned);
        let found = self
            .client
            .get_object()
            .bucket(bucket)
            .key(key)
            .set_version_id(version)
            .send()
            .await;
        match found {
            Ok(object) => {
                let version_id = object.version_id().unwrap_or("null").to_owned();
                // A size that is not told is not another one: a file must not be refused for it.
                let told = object.content_length().and_then(|n| u64::try_from(n).ok());
                if let (Some(told), Some(wanted)) = (told, size_bytes)
                    && told != wanted
                {
                    return Ok(Some(Read {
                        version_id,
                        bytes: None,
                    }));
                }
                let size = usize::try_from(told.unwrap_or_default()).unwrap_or_default();
                let size = size.min(MOST_AT_ONCE);
                // One buffer, with room for what a stamp appends: no copy of the file is made.
                let mut bytes = Vec::with_capacity(size.saturating_add(STAMP_ROOM));
                let mut body = object.body;
                while let Some(part) = body.try_next().await.map_err(|e| Error::Unavailable {
                    doing: BROKEN_OFF,
                    why: e.to_string(),
                })? {
                    bytes.extend_from_slice(&part);
                }
                Ok(Some(Read {
                    version_id,
                    bytes: Some(bytes),
                }))
            }
            Err(e) if missing(&e) => Ok(None),
            Err(e) => Err(classify("read a file", &e)),
        }
    }
}

/// A HEAD answer has no body and so no error code; the client then calls a 404 `NotFound`.
pub(crate) fn missing(error: &impl ProvideErrorMetadata) -> bool {
    matches!(
        error.code(),
        Some("NoSuchKey" | "NotFound" | "NoSuchVersion")
    )
}
