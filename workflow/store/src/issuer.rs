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

/// What came of a call for serials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Minted {
    /// Serials that are there.
    pub serials: Vec<Serial>,
    /// The issuer's name for those that it makes later.
    pub batch: Option<String>,
    /// Why there may be more, of which no answer tells.
    pub lost: Option<String>,
}

/// Makes serials for the inventory, in the background: an issuer's call may be slow.
pub trait Mint: Send + Sync {
    /// Whether serials cost something and the issuer knows which it made: then what is asked is written down before the
    /// call, and what an answer did not bring is looked for in the issuer's books.
    fn keeps_books(&self) -> bool {
        false
    }

    /// New serials, never given before; perhaps fewer than asked for.
    ///
    /// # Errors
    /// [`Error`] only when the issuer certainly made none.
    fn mint(&self, count: usize) -> impl Future<Output = Result<Minted, Error>> + Send;

    /// How many serials may still be asked for; `None`: any number.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: ask again.
    fn balance(&self) -> impl Future<Output = Result<Option<u64>, Error>> + Send {
        std::future::ready(Ok(None))
    }

    /// What a batch brought; `None`: nothing yet.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: ask again.
    fn collect(
        &self,
        _batch: &str,
    ) -> impl Future<Output = Result<Option<Vec<Serial>>, Error>> + Send {
        std::future::ready(Ok(None))
    }

    /// The serials made since then that are on no document, by the issuer's books.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: ask again.
    fn unstamped(&self, _since_ms: u64) -> impl Future<Output = Result<Vec<Serial>, Error>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

/// The embedded development issuer's serials: 80 random bits each.
#[derive(Clone)]
pub struct EmbeddedMint(pub Ambient);

impl Mint for EmbeddedMint {
    async fn mint(&self, count: usize) -> Result<Minted, Error> {
        let serials = (0..count).map(|_| {
            let [bits @ .., _, _, _, _, _, _] = self.0.random()?;
            Ok(Serial::of_bits(bits))
        });
        Ok(Minted {
            serials: serials.collect::<Result<_, Error>>()?,
            ..Minted::default()
        })
    }
}

/// One of two issuers, as a setting says.
pub enum Either<A, B> {
    /// The one.
    Left(A),
    /// The other.
    Right(B),
}

impl<A: Affixer, B: Affixer> Affixer for Either<A, B> {
    async fn affix(&self, source: Vec<u8>, request: &Affix) -> Result<Affixed, Error> {
        match self {
            Self::Left(issuer) => issuer.affix(source, request).await,
            Self::Right(issuer) => issuer.affix(source, request).await,
        }
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, request: &Affix) -> Result<(), Error> {
        match self {
            Self::Left(issuer) => issuer.check(stored, source_size_bytes, request),
            Self::Right(issuer) => issuer.check(stored, source_size_bytes, request),
        }
    }

    fn key_id(&self) -> &str {
        match self {
            Self::Left(issuer) => issuer.key_id(),
            Self::Right(issuer) => issuer.key_id(),
        }
    }
}

impl<A: Mint, B: Mint> Mint for Either<A, B> {
    fn keeps_books(&self) -> bool {
        match self {
            Self::Left(mint) => mint.keeps_books(),
            Self::Right(mint) => mint.keeps_books(),
        }
    }

    async fn mint(&self, count: usize) -> Result<Minted, Error> {
        match self {
            Self::Left(mint) => mint.mint(count).await,
            Self::Right(mint) => mint.mint(count).await,
        }
    }

    async fn balance(&self) -> Result<Option<u64>, Error> {
        match self {
            Self::Left(mint) => mint.balance().await,
            Self::Right(mint) => mint.balance().await,
        }
    }

    async fn collect(&self, batch: &str) -> Result<Option<Vec<Serial>>, Error> {
        match self {
            Self::Left(mint) => mint.collect(batch).await,
            Self::Right(mint) => mint.collect(batch).await,
        }
    }

    async fn unstamped(&self, since_ms: u64) -> Result<Vec<Serial>, Error> {
        match self {
            Self::Left(mint) => mint.unstamped(since_ms).await,
            Self::Right(mint) => mint.unstamped(since_ms).await,
        }
    }
}
