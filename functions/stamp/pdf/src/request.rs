//! What to stamp.

use crate::{Error, Picture, Placement};
use serde::{Deserialize, Serialize};

/// The issuer's document kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DocumentKind {
    /// A deed, security, auction minute or other transaction document.
    #[serde(rename = "2")]
    Transaction,
    /// A statement, agreement or anything else.
    #[default]
    #[serde(rename = "3")]
    Statement,
    /// A receipt of money above Rp5,000,000.
    #[serde(rename = "4a")]
    Receipt,
    /// A settlement of debt above Rp5,000,000.
    #[serde(rename = "4b")]
    Settlement,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Transaction,
        Self::Statement,
        Self::Receipt,
        Self::Settlement,
    ];

    /// The issuer's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Transaction => "2",
            Self::Statement => "3",
            Self::Receipt => "4a",
            Self::Settlement => "4b",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One stamp on one document. The same request, input and in-memory key give the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct StampRequest {
    /// The issuer's serial: 1 to 64 printable ASCII characters.
    pub serial: String,
    /// What the document is.
    pub kind: DocumentKind,
    /// What the QR code says: an `http` or `https` address of at most [`StampRequest::LONGEST_URL`] characters.
    pub verify_url: String,
    /// The issuer's own picture of the stamp, shown instead of our drawing.
    pub picture: Option<Picture>,
    /// Where.
    pub placement: Placement,
    /// When, in seconds since 1970 UTC; fixed by the first attempt, so that a retry says the same.
    pub affixed_at_unix_s: i64,
    /// The SHA-256 that preflight pinned; other input is then an error, not a stamp.
    pub source_sha256: Option<[u8; 32]>,
}

impl StampRequest {
    /// Longest address, in characters; more would need a code too fine to scan.
    pub const LONGEST_URL: usize = 200;
    /// Longest serial, in characters.
    pub const LONGEST_SERIAL: usize = 64;

    pub(crate) fn check(&self) -> Result<(), Error> {
        let printable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if self.serial.is_empty()
            || self.serial.len() > Self::LONGEST_SERIAL
            || !printable(&self.serial)
        {
            return Err(Error::Request(
                "the serial must be 1 to 64 printable ASCII characters",
            ));
        }
        // Any case: in upper case an address makes a coarser code (ISO/IEC 18004, alphanumeric mode).
        let scheme = self.verify_url.split_once("://").map(|(scheme, _)| scheme);
        let web = scheme.is_some_and(|scheme| {
            ["http", "https"]
                .iter()
                .any(|web| web.eq_ignore_ascii_case(scheme))
        });
        if !web || self.verify_url.len() > Self::LONGEST_URL || !printable(&self.verify_url) {
            return Err(Error::Request(
                "the verify URL must be an http(s) address of at most 200 ASCII characters",
            ));
        }
        Ok(())
    }
}
