//! The bucket of settlement files. A file is put under `inbox/`; once taken up it stands under
//! `statements/`, named by its digest, for as long as books are kept, and its version leaves the inbox.

use crate::{
    error::{Error, classify},
    files::missing,
};
use aws_sdk_s3::{Client, primitives::ByteStream};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::id::Sha256;

const INBOX: &str = "inbox/";
const STATEMENTS: &str = "statements/";
/// Files looked at together; the rest waits for the next look.
const LISTED_MAX: i32 = 100;

/// The bucket.
#[derive(Debug, Clone)]
pub struct Settlements {
    client: Client,
    bucket: String,
}

/// A file that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// What it is called.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What tells its content from others'.
    pub tag: String,
}

/// One version of a file that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// The version that was read.
    pub version: Option<String>,
}

impl Settlements {
    /// The bucket of this name.
    #[must_use]
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self {
            client,
            bucket: bucket.into(),
        }
    }

    /// Puts a file into the inbox; one of the same name that waits there is overtaken, not lost: both
    /// versions stay in the bucket.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Error> {
        self.write(format!("{INBOX}{name}"), bytes).await
    }

    /// Files that came, some of them.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn inbox(&self) -> Result<Vec<Arrived>, Error> {
        let page = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(INBOX)
            .max_keys(LISTED_MAX)
            .send()
            .await
            .map_err(|e| classify("list settlement files", &e))?;
        let files = page.contents().iter().filter_map(|object| {
            // A folder that a person made in the console is an empty object.
            let name = object.key()?.strip_prefix(INBOX)?;
            (!name.is_empty() && !name.ends_with('/')).then(|| Arrived {
                name: name.to_owned(),
                size: object
                    .size()
                    .and_then(|n| u64::try_from(n).ok())
                    .unwrap_or(0),
                tag: object.e_tag().unwrap_or_default().to_owned(),
            })
        });
        Ok(files.collect())
    }

    /// Reads a file of the inbox. `None`: another reader was here.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn take(&self, name: &str) -> Result<Option<Taken>, Error> {
        self.read(format!("{INBOX}{name}")).await
    }

    /// Keeps a file under its digest; what is kept already is the same.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn keep(&self, sha256: &Sha256, bytes: Vec<u8>) -> Result<(), Error> {
        self.write(kept(sha256), bytes).await
    }

    /// A file that is kept.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Unreadable`] when it is gone or its digest differs.
    pub async fn kept(&self, sha256: &Sha256) -> Result<Vec<u8>, Error> {
        let unreadable = |why: &str| Error::Unreadable {
            what: kept(sha256),
            why: why.to_owned(),
        };
        let found = self.read(kept(sha256)).await?;
        let bytes = found.ok_or_else(|| unreadable("it is gone"))?.bytes;
        if Sha256::of(&bytes) == *sha256 {
            Ok(bytes)
        } else {
            Err(unreadable("its digest is another"))
        }
    }

    /// Takes the version that was read out of the inbox; a newer one stays.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn discard(&self, name: &str, version: Option<String>) -> Result<(), Error> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(format!("{INBOX}{name}"))
            .set_version_id(version)
            .send()
            .await
            .map(|_| ())
            .map_err(|e| classify("clear a settlement file", &e))
    }

    async fn write(&self, key: String, bytes: Vec<u8>) -> Result<(), Error> {
        let digest = STANDARD.encode(Sha256::of(&bytes).bytes()?);
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("text/csv")
            .checksum_sha256(digest)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map(|_| ())
            .map_err(|e| classify("store a settlement file", &e))
    }

    async fn read(&self, key: String) -> Result<Option<Taken>, Error> {
        let found = self.client.get_object().bucket(&self.bucket).key(key);
        let object = match found.send().await {
            Ok(object) => object,
            Err(e) if missing(&e) => return Ok(None),
            Err(e) => return Err(classify("read a settlement file", &e)),
        };
        let version = object.version_id().filter(|v| *v != "null");
        let version = version.map(ToOwned::to_owned);
        let body = object.body.collect().await;
        let body = body.map_err(|e| Error::Unavailable {
            doing: "read a settlement file to its end",
            why: e.to_string(),
        })?;
        Ok(Some(Taken {
            bytes: body.to_vec(),
            version,
        }))
    }
}

fn kept(sha256: &Sha256) -> String {
    format!("{STATEMENTS}{sha256}.csv")
}
