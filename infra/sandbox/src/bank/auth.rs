//! Basic authentication with the server key as the user name.

use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_gateway::SecretString;
use http::{HeaderMap, header::AUTHORIZATION};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

pub(super) fn holds(headers: &HeaderMap, server_key: &SecretString) -> bool {
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|pair| STANDARD.decode(pair).ok())
        .unwrap_or_default();
    let expected = format!("{}:", server_key.expose_secret());
    bool::from(given.ct_eq(expected.as_bytes()))
}
