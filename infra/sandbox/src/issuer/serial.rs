//! A serial, and what became of it.

use bubuh_pdf::{DocumentKind, Placement};
use serde::{Deserialize, Serialize};

/// A serial that was minted: paid for, and to be put on one document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Serial {
    pub(super) seq: u64,
    /// Its text.
    pub sn: String,
    /// What the document was said to be.
    pub kind: DocumentKind,
    /// The document's name, as told when it was minted.
    pub file: String,
    /// The batch it came with.
    pub batch: Option<String>,
    /// When, in milliseconds since the epoch.
    pub minted_at_ms: u64,
    /// Its stamp, once there is one.
    pub signed: Option<Signed>,
}

/// What the first signing of a serial fixed: the same again gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signed {
    /// SHA-256 of the document, in hexadecimal.
    pub source_sha256: String,
    /// When, in seconds since 1970 UTC.
    pub at_unix_s: i64,
    /// Where.
    pub placement: Placement,
    /// The address under which the stamp is said to be verified.
    pub verify_url: String,
}

impl Serial {
    /// As the API says it.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.signed.is_some() {
            "STAMP"
        } else {
            "NOTSTAMP"
        }
    }

    /// When it last changed, in milliseconds since the epoch.
    #[must_use]
    pub fn changed_at_ms(&self) -> u64 {
        let stamped = self.signed.as_ref().map(|signed| signed.at_unix_s);
        stamped
            .and_then(|at| u64::try_from(at).ok())
            .map_or(self.minted_at_ms, |at| at.saturating_mul(1_000))
    }
}
