//! Why there is no time-stamp.

use thiserror::Error;

/// Why a response gave no time-stamp that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// No time-stamp response.
    #[error("the authority's answer is no time-stamp response")]
    Unreadable,
    /// The authority refused.
    #[error("the authority refused: {reason}{}", quoted(.text))]
    Rejected {
        /// Why.
        reason: Rejection,
        /// In the authority's own words; may be empty.
        text: String,
    },
    /// The authority will answer later.
    #[error("the authority asks to wait")]
    Waiting,
    /// The time-stamp is for something else.
    #[error("the time-stamp is for something else")]
    WrongImprint,
    /// The time-stamp answers another question.
    #[error("the time-stamp answers another request")]
    WrongNonce,
    /// The time-stamp was made under another policy than was asked for.
    #[error("the time-stamp was made under another policy")]
    WrongPolicy,
    /// The certificate is not one for time-stamps only, or not the one that the token names.
    #[error("the signing certificate is not the authority's")]
    WrongCertificate,
    /// The signature does not fit, or is of a kind that is not understood.
    #[error("the signature of the time-stamp is not valid")]
    BadSignature,
    /// The token is longer than the room that was kept for it.
    #[error("the time-stamp is longer than the {room} bytes that were kept for it")]
    TooLong {
        /// The room, in bytes.
        room: usize,
    },
    /// The certificate leads to no configured root.
    #[error("the authority is unknown: its certificate leads to no configured root")]
    Untrusted,
}

impl TimestampError {
    /// Whether asking again, anew, may help. Otherwise settings or the authority itself are at fault.
    #[must_use]
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unreadable | Self::Waiting | Self::WrongImprint | Self::WrongNonce => true,
            Self::Rejected { reason, .. } => reason.passes(),
            Self::WrongPolicy
            | Self::WrongCertificate
            | Self::BadSignature
            | Self::TooLong { .. }
            | Self::Untrusted => false,
        }
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(" ({text:?})")
}

/// Why an authority refused (RFC 3161, PKIFailureInfo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Rejection {
    /// The digest's algorithm.
    #[error("it does not know the digest algorithm")]
    BadAlgorithm,
    /// Not permitted or not supported.
    #[error("it does not permit this request")]
    BadRequest,
    /// Not readable for it.
    #[error("it could not read the request")]
    BadData,
    /// Its clock is not available.
    #[error("its clock is not available")]
    NoTime,
    /// The policy.
    #[error("it does not work under this policy")]
    BadPolicy,
    /// An extension.
    #[error("it does not know an extension")]
    BadExtension,
    /// Something asked for can't be had.
    #[error("it lacks some information")]
    NoInformation,
    /// It failed.
    #[error("its system failed")]
    SystemFailure,
    /// It did not say.
    #[error("it gave no reason")]
    Unsaid,
}

impl Rejection {
    /// By the bit that is set.
    pub(super) const fn of_bit(bit: usize) -> Option<Self> {
        Some(match bit {
            0 => Self::BadAlgorithm,
            2 => Self::BadRequest,
            5 => Self::BadData,
            14 => Self::NoTime,
            15 => Self::BadPolicy,
            16 => Self::BadExtension,
            17 => Self::NoInformation,
            25 => Self::SystemFailure,
            _ => return None,
        })
    }

    /// Whether this passes by itself.
    const fn passes(self) -> bool {
        matches!(self, Self::NoTime | Self::SystemFailure | Self::Unsaid)
    }
}
