//! What can go wrong.

use crate::{GateError, Refusal, TimestampError};
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
    /// There is no time-stamp that can be used.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// The result did not pass the gate and was discarded.
    #[error(transparent)]
    Gate(#[from] GateError),
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Signer(_) => true,
            Self::Timestamp(error) => error.retryable(),
            Self::Refused(_) | Self::Request(_) | Self::Identity(_) | Self::Gate(_) => false,
        }
    }
}
