//! What can be wrong with what a simulation is told.

/// A simulation that can't begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A data file of this crate, or the template, can't be read.
    #[error("{file}: {why}")]
    Unreadable {
        /// Which.
        file: &'static str,
        /// Why.
        why: String,
    },
    /// There is no such setting.
    #[error("there is no setting `{name}`; there are: {known}")]
    UnknownSetting {
        /// What was asked for.
        name: String,
        /// All there are.
        known: String,
    },
    /// There is no such profile.
    #[error("there is no profile `{0}` in infra/deadline/runbook.toml")]
    UnknownProfile(String),
    /// A setting must be a number that is not negative.
    #[error("`{0}` is not a setting: write NAME=NUMBER")]
    NotASetting(String),
    /// A line of a curve can't be read.
    #[error("line {line} of the arrivals: {why}")]
    Arrivals {
        /// From 1.
        line: usize,
        /// Why.
        why: &'static str,
    },
    /// A rule of the core could not be followed.
    #[error("the rules: {0}")]
    Rule(#[from] bubuh_core::Error),
}

impl Error {
    /// Nothing here gets better by trying again.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        false
    }
}
