//! The issuer that a deployment is set up with: `ISSUER` names it, `embedded` unless set.

use crate::{
    Embedded, Key, Setup,
    peruri::{Account, Asking, Form, Hosts, Limits, Peruri},
};
use bubuh_core::queue::BATCH;
use bubuh_gateway::Http;
use bubuh_store::{
    Ambient, Aws, Error,
    issuer::{Either, EmbeddedMint},
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

/// Whoever puts the stamp on: the stamp engine here, or Peruri.
pub type Issuer = Either<Embedded<Key>, Peruri<Http>>;
/// Wherever serials come from: they are made here, or by Peruri.
pub type Serials = Either<EmbeddedMint, Peruri<Http>>;

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

/// Whoever puts the stamp on, as the environment says, and how long other workers wait for one that has a document, in
/// milliseconds.
///
/// # Errors
/// [`Error::Setting`] says which setting is wrong.
pub async fn issuer(aws: &Aws, ambient: Ambient) -> Result<(Issuer, u64), Error> {
    Ok(match named()? {
        Named::Peruri => (Either::Right(peruri(aws, ambient).await?), REMOTE_LEASE_MS),
        Named::Embedded => {
            let setup = Setup {
                secret: aws.secret(&setting("SIGNING_SECRET_ARN")?).await?,
                verify_base_url: setting("VERIFY_BASE_URL")?,
                kms_key: optional("SIGNING_KEY_ARN").map(|arn| aws.kms_key(arn)),
                tsa_url: optional("TSA_URL"),
                tsa_policy: optional("TSA_POLICY"),
                ambient,
            };
            (Either::Left(setup.open()?), LEASE_MS)
        }
    })
}

/// Wherever serials come from, as the environment says.
///
/// # Errors
/// [`Error::Setting`] says which setting is wrong.
pub async fn serials(aws: &Aws, ambient: Ambient) -> Result<Serials, Error> {
    Ok(match named()? {
        Named::Embedded => Either::Left(EmbeddedMint(ambient)),
        Named::Peruri => Either::Right(peruri(aws, ambient).await?),
    })
}

/// How many documents a worker may have at the issuer at a time: a batch, or its part of the issuer's limit.
///
/// # Errors
/// [`Error::Setting`] says which setting is wrong.
pub fn documents_a_worker() -> Result<u64, Error> {
    Ok(match named()? {
        Named::Embedded => BATCH,
        Named::Peruri => u64::try_from(limits()?.at_once.max(1))
            .unwrap_or(BATCH)
            .min(BATCH),
    })
}

/// What each worker may use of the issuer's limits.
fn limits() -> Result<Limits, Error> {
    let (at_once, per_second): (u32, u32) = (
        number_or("ISSUER_AT_ONCE", 1)?,
        number_or("ISSUER_PER_SECOND", 0)?,
    );
    let (single, bulk): (u32, u32) = (
        number_or("STAMPS_CONCURRENCY", 1)?,
        number_or("BULK_CONCURRENCY", 0)?,
    );
    let workers = single.saturating_add(bulk).max(1);
    Ok(Limits {
        at_once: usize::try_from(at_once / workers).unwrap_or(usize::MAX),
        per_second: (per_second > 0).then(|| (per_second / workers).max(1)),
    })
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
    let http = Http::new(CONNECT, WHOLE_CALL)
        .map_err(|e| wrong("ISSUER_HOSTS", &e.to_string()))?
        .reading_up_to(ANSWER_BYTES);
    Ok(Peruri::new(hosts, account, form, asking, http, ambient).within(limits()?))
}
