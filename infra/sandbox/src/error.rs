//! The one error of serving the sandbox.

/// Why the sandbox can't start or keep its state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or socket failed.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// The state file is there but can't be read; it is left as it is.
    #[error("the state file can't be read: {0}")]
    State(#[from] serde_json::Error),
    /// A setting is not legal.
    #[error("{0}")]
    Setting(String),
}

impl Error {
    /// Whether trying again may help without a change.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}
