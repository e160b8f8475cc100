//! The one error of the steps.

use bubuh_core::money::Stamps;

/// Why a step did not end as asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Storage.
    #[error(transparent)]
    Store(#[from] bubuh_store::Error),
    /// The payment gateway.
    #[error(transparent)]
    Gateway(#[from] bubuh_gateway::Error),
    /// The idempotency key was used for another request.
    #[error("the Idempotency-Key was used with another request")]
    KeyReused,
    /// The inventory can't cover the order.
    #[error("{asked} stamps are more than can be sold now")]
    SoldOut {
        /// How many were asked for.
        asked: Stamps,
    },
    /// No orders are taken.
    #[error("sales are closed")]
    SalesClosed {
        /// When they open again, in milliseconds from now, if that is known.
        for_ms: Option<u64>,
    },
    /// Some of a file's chunks have not come.
    #[error("{missing} of {count} chunks have not come, the first is {first}")]
    ChunksMissing {
        /// How many have not.
        missing: usize,
        /// How many there are.
        count: usize,
        /// The first that has not, from 0.
        first: usize,
    },
    /// The chunks put together are not the announced file.
    #[error("the chunks put together are not the announced file")]
    ChunksDiffer,
    /// There is no such row, or it is another account's: to the caller that is the same.
    #[error("not found")]
    NotFound,
}

impl Error {
    /// Whether trying again later can help.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Store(e) => e.retryable(),
            Self::Gateway(e) => e.retryable(),
            Self::SoldOut { .. } | Self::SalesClosed { .. } => true,
            Self::KeyReused | Self::ChunksMissing { .. } | Self::ChunksDiffer | Self::NotFound => {
                false
            }
        }
    }
}

impl From<bubuh_core::Error> for Error {
    fn from(e: bubuh_core::Error) -> Self {
        Self::Store(e.into())
    }
}
