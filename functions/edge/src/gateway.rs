//! The payment gateway of the environment: `GATEWAY` names it, `midtrans` unless set. A gateway and
//! its sandbox differ in address and key only.

use bubuh_gateway::{AnyGateway, Http, SecretString, notification::Proof};
use bubuh_store::{Aws, Error, setting};
use serde::Deserialize;
use std::time::Duration;

/// Below every function's time-out, so that the outcome can still be written.
const CONNECT: Duration = Duration::from_secs(3);
const WHOLE_CALL: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Secret {
    server_key: String,
    /// What Xendit's notifications carry.
    #[serde(default)]
    callback_token: String,
}

/// A gateway, and what proves its notifications.
#[derive(Debug)]
pub struct Chosen {
    /// Its client.
    pub gateway: AnyGateway<Http>,
    /// The proof.
    pub proof: Proof,
}

/// The gateway at `GATEWAY_BASE_URL`, with the keys in the secret `GATEWAY_SECRET_ARN` names.
///
/// # Errors
/// [`Error::Setting`] when there is no such gateway, the secret lacks what it needs, or TLS can't
/// be set up.
pub async fn chosen(aws: &Aws) -> Result<Chosen, Error> {
    let name = std::env::var("GATEWAY").unwrap_or_default();
    let secret = secret(&aws.secret(&setting("GATEWAY_SECRET_ARN")?).await?)?;
    choose(&name, setting("GATEWAY_BASE_URL")?, secret)
}

fn secret(text: &str) -> Result<Secret, Error> {
    // The error's text could quote the key.
    serde_json::from_str(text).map_err(|_| Error::Setting {
        name: "GATEWAY_SECRET_ARN",
        why: "is not {\"server_key\": …}".to_owned(),
    })
}

fn choose(name: &str, base_url: String, secret: Secret) -> Result<Chosen, Error> {
    let name = if name.is_empty() { "midtrans" } else { name };
    let key = SecretString::from(secret.server_key);
    let proof = match name {
        "midtrans" => Proof::Midtrans(key.clone()),
        // Without a token no notification could be believed.
        "xendit" if secret.callback_token.is_empty() => {
            return Err(Error::Setting {
                name: "GATEWAY_SECRET_ARN",
                why: "has no callback_token".to_owned(),
            });
        }
        _ => Proof::Xendit(secret.callback_token.into()),
    };
    let http = Http::new(CONNECT, WHOLE_CALL).map_err(|e| Error::Setting {
        name: "GATEWAY_BASE_URL",
        why: e.to_string(),
    })?;
    let gateway = AnyGateway::named(name, base_url, key, http).ok_or_else(|| Error::Setting {
        name: "GATEWAY",
        why: "is neither midtrans nor xendit".to_owned(),
    })?;
    Ok(Chosen { gateway, proof })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(name: &str, text: &str) -> Result<Chosen, Error> {
        choose(name, "https://gateway.test".to_owned(), secret(text)?)
    }

    #[test]
    fn the_environment_names_the_gateway_and_midtrans_is_the_one_unless_set() {
        let both = r#"{"server_key":"k","callback_token":"t"}"#;
        for (name, gateway) in [
            ("", "midtrans"),
            ("midtrans", "midtrans"),
            ("xendit", "xendit"),
        ] {
            let chosen = chosen(name, both).unwrap();
            assert_eq!(chosen.proof.gateway(), gateway);
            let same = matches!(
                (&chosen.gateway, gateway),
                (AnyGateway::Midtrans(_), "midtrans") | (AnyGateway::Xendit(_), "xendit")
            );
            assert!(same, "{name}");
        }
        assert!(chosen("doku", both).is_err());
    }

    #[test]
    fn a_secret_that_lacks_what_the_gateway_needs_is_refused_without_quoting_it() {
        assert!(chosen("midtrans", r#"{"server_key":"k"}"#).is_ok());
        for (name, text) in [
            ("xendit", r#"{"server_key":"hush"}"#),
            ("xendit", r#"{"server_key":"hush","callback_token":""}"#),
            ("midtrans", r#"{"key":"hush"}"#),
            ("midtrans", "hush"),
        ] {
            let error = chosen(name, text).unwrap_err();
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }
}
