//! The one error of the rules.

/// Why a rule refused. None of these is worth a blind retry: the same inputs give the same answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Arithmetic left the range of the type.
    #[error("an amount left its range")]
    Overflow,
    /// A text is not a legal value of the named field.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field as the caller names it.
        field: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The row is in a state in which the event means nothing; reload and look again.
    #[error("{event} is not possible in state {state}")]
    IllegalTransition {
        /// The state the row is in.
        state: &'static str,
        /// The event that was offered.
        event: &'static str,
    },
    /// The worker's fence is older than the row's: another worker owns the document now.
    #[error("fence {held} has been overtaken by {current}")]
    Fenced {
        /// The fence the worker holds.
        held: u64,
        /// The fence on the row.
        current: u64,
    },
    /// A live lease of another worker stands until the given time.
    #[error("leased until {until_ms}")]
    Leased {
        /// Milliseconds since the epoch.
        until_ms: u64,
    },
    /// The legs of a ledger entry do not balance.
    #[error("ledger entry {entry} does not balance")]
    Unbalanced {
        /// The entry's id.
        entry: String,
    },
}

impl Error {
    /// Whether the same call can succeed later without anything else changing.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Leased { .. })
    }
}
