//! The issuer that a deployment is set up with: `ISSUER` names it, `embedded` unless set.

use crate::{
    Embedded, Key, Setup,
    peruri::{Account, Asking, Form, Hosts, Limits, Peruri},
};
use bubuh_core::id::Serial;
use bubuh_gateway::Http;
use bubuh_store::{
    Ambient, Aws, Error,
    issuer::{Affix, Affixed, Affixer, EmbeddedMint, Mint, Minted},
    number_or, optional, setting,
};
use std::time::Duration;

/// Making a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// A call with its answer: a document is sent, or Peruri signs, which was seen to take half a minute.
const WHOLE_CALL: Duration = Duration::from_secs(35);
/// Largest answer, in bytes: a stamped document.
const ANSWER_BYTES: usize = 64 << 20;
/// How long other workers wait for one, in milliseconds. A stamp of the embedded issuer takes well under a second.
const LEASE_MS: u64 = 20_000;
/// The same for an issuer whose calls may take longer: a worker that outlives it has the same stamp made as the next one.
const REMOTE_LEASE_MS: u64 = 60_000;

/// Whoever puts the stamp on.
pub enum Issuer {
    /// The stamp engine here.
    Embedded(Box<Embedded<Key>>),
    /// Peruri.
    Peruri(Box<Peruri<Http>>),
}

/// Wherever serials come from.
pub enum Serials {
    /// They are made here.
    Embedded(EmbeddedMint),
    /// Peruri makes them.
    Peruri(Box<Peruri<Http>>),
}

enum Named {
    Embedded,
    Peruri,
}

fn named() -> Result<Named, Error> {
    match optional("ISSUER").as_deref() {
        None | Some("embedded") => Ok(Named::Embedded),
        Some("peruri") => Ok(Named::Peruri),
        Some(_) => Err(Error::Setting {
            name: "ISSUER",
            why: "is neither embedded nor peruri".to_owned(),
        }),
    }
}

impl Issuer {
    /// As the environment says.
    ///
    /// # Errors
    /// [`Error::Setting`] says which setting is wrong.
    pub async fn chosen(aws: &Aws, ambient: Ambient) -> Result<Self, Error> {
        Ok(match named()? {
            Named::Peruri => Self::Peruri(Box::new(peruri(aws, ambient).await?)),
            Named::Embedded => {
                let setup = Setup {
                    secret: aws.secret(&setting("SIGNING_SECRET_ARN")?).await?,
                    verify_base_url: setting("VERIFY_BASE_URL")?,
                    kms_key: optional("SIGNING_KEY_ARN").map(|arn| aws.kms_key(arn)),
                    tsa_url: optional("TSA_URL"),
                    tsa_policy: optional("TSA_POLICY"),
                    ambient,
                };
                Self::Embedded(Box::new(setup.open()?))
            }
        })
    }

    /// How long other workers wait for one that has a document, in milliseconds.
    #[must_use]
    pub const fn lease_ms(&self) -> u64 {
        match self {
            Self::Embedded(_) => LEASE_MS,
            Self::Peruri(_) => REMOTE_LEASE_MS,
        }
    }
}

impl Serials {
    /// As the environment says.
    ///
    /// # Errors
    /// [`Error::Setting`] says which setting is wrong.
    pub async fn chosen(aws: &Aws, ambient: Ambient) -> Result<Self, Error> {
        Ok(match named()? {
            Named::Embedded => Self::Embedded(EmbeddedMint(ambient)),
            Named::Peruri => Self::Peruri(Box::new(peruri(aws, ambient).await?)),
        })
    }
}

async fn peruri(aws: &Aws, ambient: Ambient) -> Result<Peruri<Http>, Error> {
    let wrong = |name, why: &str| Error::Setting {
        name,
        why: why.to_owned(),
    };
    let secret = aws.secret(&setting("ISSUER_SECRET_ARN")?).await?;
    // The error's text could quote the password.
    let account: Account = serde_json::from_str(&secret)
        .map_err(|_| wrong("ISSUER_SECRET_ARN", "is not {\"user\", \"password\"}"))?;
    let hosts = Hosts::read(&setting("ISSUER_HOSTS")?)
        .ok_or_else(|| wrong("ISSUER_HOSTS", "is neither a URL nor five of them"))?;
    let form = optional("ISSUER_SHARED_FOLDER").map_or(Form::Hosted, |folder| Form::OnPremises {
        folder: folder.into(),
    });
    let asking = optional("ISSUER_RETURN_URL")
        .map_or(Asking::Single, |return_url| Asking::Batch { return_url });
    let (at_once, per_second): (u32, u32) = (
        number_or("ISSUER_AT_ONCE", 1)?,
        number_or("ISSUER_PER_SECOND", 0)?,
    );
    let (single, bulk): (u32, u32) = (
        number_or("STAMPS_CONCURRENCY", 1)?,
        number_or("BULK_CONCURRENCY", 0)?,
    );
    // Each worker keeps to its part.
    let workers = single.saturating_add(bulk).max(1);
    let limits = Limits {
        at_once: usize::try_from(at_once / workers).unwrap_or(usize::MAX),
        per_second: (per_second > 0).then(|| (per_second / workers).max(1)),
    };
    let http = Http::new(CONNECT, WHOLE_CALL)
        .map_err(|e| wrong("ISSUER_HOSTS", &e.to_string()))?
        .reading_up_to(ANSWER_BYTES);
    Ok(Peruri::new(hosts, account, form, asking, http, ambient).within(limits))
}

impl Affixer for Issuer {
    async fn affix(&self, source: Vec<u8>, request: &Affix) -> Result<Affixed, Error> {
        match self {
            Self::Embedded(issuer) => issuer.affix(source, request).await,
            Self::Peruri(issuer) => issuer.affix(source, request).await,
        }
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, request: &Affix) -> Result<(), Error> {
        match self {
            Self::Embedded(issuer) => issuer.check(stored, source_size_bytes, request),
            Self::Peruri(issuer) => issuer.check(stored, source_size_bytes, request),
        }
    }

    fn key_id(&self) -> &str {
        match self {
            Self::Embedded(issuer) => issuer.key_id(),
            Self::Peruri(issuer) => issuer.key_id(),
        }
    }
}

impl Mint for Serials {
    fn keeps_books(&self) -> bool {
        match self {
            Self::Embedded(mint) => mint.keeps_books(),
            Self::Peruri(mint) => mint.keeps_books(),
        }
    }

    async fn mint(&self, count: usize) -> Result<Minted, Error> {
        match self {
            Self::Embedded(mint) => mint.mint(count).await,
            Self::Peruri(mint) => mint.mint(count).await,
        }
    }

    async fn balance(&self) -> Result<Option<u64>, Error> {
        match self {
            Self::Embedded(mint) => mint.balance().await,
            Self::Peruri(mint) => mint.balance().await,
        }
    }

    async fn collect(&self, batch: &str) -> Result<Option<Vec<Serial>>, Error> {
        match self {
            Self::Embedded(mint) => mint.collect(batch).await,
            Self::Peruri(mint) => mint.collect(batch).await,
        }
    }

    async fn unstamped(&self, since_ms: u64) -> Result<Vec<Serial>, Error> {
        match self {
            Self::Embedded(mint) => mint.unstamped(since_ms).await,
            Self::Peruri(mint) => mint.unstamped(since_ms).await,
        }
    }
}
