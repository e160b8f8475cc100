//! The one error of the adapters. Retry is the default; giving up is explicit.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Why an adapter call did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A condition did not hold: the row has changed. Reload and decide again. Also what a write
    /// answers when it had been applied before and its reply was lost.
    #[error("a condition did not hold (write {write})")]
    Lost {
        /// Which write of the list failed first.
        write: usize,
    },
    /// The service did not do it now, or its reply was lost: the outcome is unknown. Reload, decide
    /// again, and write under the same keys and conditions.
    #[error("{doing}: {why}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// The service's words.
        why: String,
    },
    /// The service refuses this call however often it is made.
    #[error("{doing} was refused: {why}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// The service's words.
        why: String,
    },
    /// A row or object is not what this version can read.
    #[error("{what} can't be read: {why}")]
    Unreadable {
        /// Which row or object.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// A setting is missing or wrong.
    #[error("setting {name}: {why}")]
    Setting {
        /// The environment variable.
        name: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A rule refused.
    #[error(transparent)]
    Rule(#[from] bubuh_core::Error),
}

impl Error {
    /// Whether trying again later can help without a change of code or settings.
    #[must_use]
    pub fn retryable(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::Unavailable { .. } => true,
            Self::Rule(rule) => rule.retryable(),
            Self::Refused { .. } | Self::Unreadable { .. } | Self::Setting { .. } => false,
        }
    }
}

/// Sorts an SDK error into retry or refuse, by the service's error code.
pub(crate) fn classify<E, R>(doing: &'static str, error: &SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    let code = error.code().unwrap_or_default();
    let why = format!(
        "{code} {}",
        error.message().unwrap_or("the call did not complete")
    );
    // A code that says "never like this"; everything else may pass.
    let refused = matches!(
        code,
        "ValidationException"
            | "AccessDenied"
            | "AccessDeniedException"
            | "ResourceNotFoundException"
            | "NoSuchBucket"
            | "InvalidKeyUsageException"
            | "InvalidParameterValue"
            | "NotFoundException"
            | "UnrecognizedClientException"
            | "AWS.SimpleQueueService.NonExistentQueue"
    ) || matches!(error, SdkError::ConstructionFailure(_));
    if refused {
        Error::Refused { doing, why }
    } else {
        Error::Unavailable { doing, why }
    }
}
