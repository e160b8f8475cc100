//! The payment gateway of the environment. Midtrans and the sandbox differ in address and key only.

use bubuh_gateway::{Http, Midtrans, SecretString};
use bubuh_store::{Aws, Error, setting};
use serde::Deserialize;
use std::time::Duration;

/// Below every function's time-out, so that the outcome can still be written.
const CONNECT: Duration = Duration::from_secs(3);
const WHOLE_CALL: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Secret {
    server_key: String,
}

/// The gateway's server key, from the secret `GATEWAY_SECRET_ARN` names.
///
/// # Errors
/// [`Error::Setting`] when the secret is not `{"server_key": …}`.
pub async fn server_key(aws: &Aws) -> Result<SecretString, Error> {
    let text = aws.secret(&setting("GATEWAY_SECRET_ARN")?).await?;
    serde_json::from_str::<Secret>(&text)
        .map(|secret| SecretString::from(secret.server_key))
        // The error's text could quote the key.
        .map_err(|_| Error::Setting {
            name: "GATEWAY_SECRET_ARN",
            why: "is not {\"server_key\": …}".to_owned(),
        })
}

/// A client of the gateway at `GATEWAY_BASE_URL`.
///
/// # Errors
/// [`Error::Setting`] when TLS can't be set up.
pub fn midtrans(server_key: &SecretString) -> Result<Midtrans<Http>, Error> {
    let http = Http::new(CONNECT, WHOLE_CALL).map_err(|e| Error::Setting {
        name: "GATEWAY_BASE_URL",
        why: e.to_string(),
    })?;
    Ok(Midtrans::new(
        setting("GATEWAY_BASE_URL")?,
        server_key.clone(),
        http,
    ))
}
