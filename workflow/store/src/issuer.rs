//! The issuer port: where serials come from and who puts the stamp on a file.

use crate::{ambient::Ambient, error::Error};
use bubuh_core::{
    document::{Affixing, DocumentType, Place, Placement, Reason},
    id::{Serial, Sha256},
};
use std::future::Future;

/// What is put on a file. Frozen before the first try, so that every try asks the same.
#[derive(Debug, Clone)]
pub struct Affix {
    /// The serial.
    pub serial: Serial,
    /// The document's kind.
    pub document_type: DocumentType,
    /// Where, as it was asked for.
    pub placement: Placement,
    /// Where, as it was pinned; none in rows from before places were.
    pub place: Option<Place>,
    /// When, and with which key.
    pub affixing: Affixing,
    /// The source's digest.
    pub source_sha256: Sha256,
}

/// What became of an affix call.
#[derive(Debug)]
pub enum Affixed {
    /// The stamped file. Another call may give other bytes: the first one stored wins.
    File(Vec<u8>),
    /// The file can't be stamped, ever.
    Refused(Reason),
}

/// Puts stamps on files. A call is keyed by the serial and the source's digest, may be repeated, and
/// never changes to another serial.
pub trait Affixer: Send + Sync {
    /// Puts the stamp on the file.
    ///
    /// # Errors
    /// [`Error`]: retry with the same request.
    fn affix(
        &self,
        source: Vec<u8>,
        request: &Affix,
    ) -> impl Future<Output = Result<Affixed, Error>> + Send;

    /// Whether these stored bytes are that stamp on that file, whoever made them.
    ///
    /// # Errors
    /// [`Error::Unreadable`] says what is wrong with them.
    fn check(&self, stored: &[u8], source_size_bytes: u64, request: &Affix) -> Result<(), Error>;

    /// The name of the key new stamps are signed with.
    fn key_id(&self) -> &str;
}

/// Makes serials for the inventory, in the background: an issuer's call may be slow.
pub trait Mint: Send + Sync {
    /// New serials, never given before.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn mint(&self, count: usize) -> impl Future<Output = Result<Vec<Serial>, Error>> + Send;
}

/// The embedded development issuer's serials: 80 random bits each.
#[derive(Clone)]
pub struct EmbeddedMint(pub Ambient);

impl Mint for EmbeddedMint {
    async fn mint(&self, count: usize) -> Result<Vec<Serial>, Error> {
        (0..count)
            .map(|_| {
                let [bits @ .., _, _, _, _, _, _] = self.0.random()?;
                Ok(Serial::of_bits(bits))
            })
            .collect()
    }
}
