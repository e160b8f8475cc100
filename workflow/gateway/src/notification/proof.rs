//! How notifications are proven, whichever gateway is chosen.

use super::{Hint, Rejection, verify, xendit};
use http::HeaderMap;
use secrecy::SecretString;

/// What proves a notification of the chosen gateway.
#[derive(Debug, Clone)]
pub enum Proof {
    /// Midtrans's: a signature with the server key.
    Midtrans(SecretString),
    /// Xendit's: the callback token in a header.
    Xendit(SecretString),
}

impl Proof {
    /// The gateway's name, as in the route of its notifications.
    #[must_use]
    pub fn gateway(&self) -> &'static str {
        match self {
            Self::Midtrans(_) => "midtrans",
            Self::Xendit(_) => "xendit",
        }
    }

    /// Whom a notification is about, if it is the gateway's.
    ///
    /// # Errors
    /// [`Rejection`].
    pub fn check(&self, headers: &HeaderMap, raw_body: &[u8]) -> Result<Hint, Rejection> {
        match self {
            Self::Midtrans(server_key) => verify(raw_body, server_key).map(Hint::from),
            Self::Xendit(token) => {
                let told = headers.get(xendit::TOKEN_HEADER);
                xendit::verify(told.map(|value| value.as_bytes()), raw_body, token)
            }
        }
    }
}
