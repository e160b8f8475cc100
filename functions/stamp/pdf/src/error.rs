//! What can go wrong.

use crate::{GateError, Refusal};
use thiserror::Error as ThisError;

/// Why a stamp was not made.
#[derive(Debug, Clone, PartialEq, ThisError)]
pub enum Error {
    /// The document cannot be stamped.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The request itself is wrong: a fault of the caller.
    #[error("{0}")]
    Request(&'static str),
    /// The signing identity is unusable.
    #[error("{0}")]
    Identity(&'static str),
    /// The signer failed this time.
    #[error("signing failed: {0}")]
    Signer(String),
    /// The result did not pass the gate and was discarded.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Signer(_))
    }
}
