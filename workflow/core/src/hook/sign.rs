//! Signing as <https://www.standardwebhooks.com> has it: HMAC-SHA256 over the message's id, its time and its body.

use crate::id::HookId;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use std::fmt;

/// What a webhook's messages are signed with. Never stored: it is derived from the service's one master secret, the
/// webhook's name and the time it was made at, so a copy of the table tells nobody how to sign.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret of a webhook that was made at this time.
    #[must_use]
    pub fn of(master: &[u8], hook: HookId, made_at_ms: u64) -> Self {
        let name = format!("bubuh webhook secret {hook} {made_at_ms}");
        Self(mac(master, &[name.as_bytes()]))
    }

    /// As its owner is shown it.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// The bytes that sign.
    #[must_use]
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // A key of any length is one for HMAC (RFC 2104), which the type does not know.
    let Ok(mut mac) = Hmac::<sha2::Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The signature of a message by one secret, as it stands in `webhook-signature`.
#[must_use]
pub fn signing(secret: &[u8], id: &str, timestamp_s: u64, body: &str) -> String {
    let time = timestamp_s.to_string();
    let parts = [id, ".", &time, ".", body].map(str::as_bytes);
    format!("v1,{}", STANDARD.encode(mac(secret, &parts)))
}

/// `webhook-signature`: one signature by each secret, the newest first.
#[must_use]
pub fn signature<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    id: &str,
    timestamp_s: u64,
    body: &str,
) -> String {
    let secrets = secrets.into_iter();
    let each = secrets.map(|secret| signing(secret.bytes(), id, timestamp_s, body));
    each.collect::<Vec<_>>().join(" ")
}
