//! How webhooks are called: `WEBHOOK_REACH` says which addresses may be, `WEBHOOK_SECRET_ARN` names the secret that theirs
//! are derived from.

use bubuh_gateway::{Http, Reach, SecretString};
use bubuh_store::{Aws, Error, setting};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);
/// As long as <https://www.standardwebhooks.com> asks senders to wait at least; below the time in which a try counts as
/// being made ([`bubuh_core::event::CALL_MS`]).
const WHOLE_CALL: Duration = Duration::from_secs(15);

/// Which addresses may be called: public ones, unless it is said that this machine's may be too.
///
/// # Errors
/// [`Error::Setting`] for any other word.
pub fn reach() -> Result<Reach, Error> {
    named(&std::env::var("WEBHOOK_REACH").unwrap_or_default())
}

fn named(word: &str) -> Result<Reach, Error> {
    match word {
        "" | "public" => Ok(Reach::Public),
        "loopback" => Ok(Reach::Loopback),
        _ => Err(Error::Setting {
            name: "WEBHOOK_REACH",
            why: "is neither public nor loopback".to_owned(),
        }),
    }
}

/// What webhooks' secrets are derived from.
///
/// # Errors
/// [`Error::Setting`] when it is not set or shorter than a key; the secret store's.
pub async fn master(aws: &Aws) -> Result<SecretString, Error> {
    let master = aws.secret(&setting("WEBHOOK_SECRET_ARN")?).await?;
    if master.len() < 32 {
        return Err(Error::Setting {
            name: "WEBHOOK_SECRET_ARN",
            why: "is shorter than 32 characters".to_owned(),
        });
    }
    Ok(master.into())
}

/// The way to webhooks.
///
/// # Errors
/// [`Error::Setting`] when TLS can't be set up.
pub fn transport() -> Result<Http, Error> {
    Http::outside(reach()?, CONNECT, WHOLE_CALL).map_err(|e| Error::Setting {
        name: "WEBHOOK_REACH",
        why: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_called_unless_it_is_said_otherwise() {
        for (word, reach) in [
            ("", Reach::Public),
            ("public", Reach::Public),
            ("loopback", Reach::Loopback),
        ] {
            assert_eq!(named(word).unwrap(), reach);
        }
        assert!(named("all").is_err());
    }

    #[test]
    fn a_call_ends_before_its_try_counts_as_lost() {
        let call_ms = u64::try_from(WHOLE_CALL.as_millis()).unwrap();
        assert!(call_ms < bubuh_core::event::CALL_MS);
    }
}
