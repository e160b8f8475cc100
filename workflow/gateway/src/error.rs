//! The one error of the gateway clients.

/// Why a call to the gateway gave no answer to act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The order id was charged before and is not expired: ask for its status instead.
    #[error("order {order_id} was charged before")]
    DuplicateOrder {
        /// The order id of the charge.
        order_id: String,
    },
    /// The gateway knows no such order or transaction.
    #[error("the gateway knows no transaction {id}")]
    NotFound {
        /// The order or transaction id asked for.
        id: String,
    },
    /// The request breaks a rule of the gateway and was not sent.
    #[error("{field}: {reason}")]
    InvalidRequest {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The gateway read the request and refused it; nothing was applied.
    #[error("the gateway refused with {code}: {message}")]
    Refused {
        /// The gateway's status code.
        code: u16,
        /// The gateway's words, for logs and operators.
        message: String,
        /// Whether the same request will be refused whenever it is made. Each adapter tells, as
        /// the same code means one thing here and another there; what it does not know is not.
        for_good: bool,
    },
    /// Not now: too many requests, or the gateway asks to wait; nothing was applied.
    #[error("the gateway asks to slow down")]
    RateLimited,
    /// The gateway failed (5xx); whether the request was applied is unknown.
    #[error("the gateway failed with {code}: {message}")]
    Unavailable {
        /// The gateway's status code.
        code: u16,
        /// The gateway's words.
        message: String,
    },
    /// No connection: the request never left, nothing was applied.
    #[error("the gateway was not reached: {0}")]
    NotSent(String),
    /// The request left and no whole reply came; whether it was applied is unknown.
    #[error("the gateway's reply was lost: {0}")]
    LostReply(String),
    /// A reply came that can't be read; whether the request was applied is unknown.
    #[error("the gateway's reply can't be read: {0}")]
    MalformedReply(String),
}

impl Error {
    /// Whether the same call may succeed later without anything else changing. A charge whose
    /// [`outcome is unknown`](Self::outcome_unknown) may be retried too: the order id guards it.
    #[must_use]
    pub fn retryable(&self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Unavailable { .. } | Self::NotSent(_) | Self::LostReply(_)
        )
    }

    /// Whether the gateway may have applied the request. Never treat such an error as a refusal.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Unavailable { .. } | Self::LostReply(_) | Self::MalformedReply(_)
        )
    }

    /// Whether a refund that failed so will never be made by asking again with its key. Check the
    /// status for the key before giving money back elsewhere.
    #[must_use]
    pub fn refund_refused_for_good(&self) -> bool {
        match self {
            Self::Refused { for_good, .. } => *for_good,
            Self::InvalidRequest { .. } => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Error> {
        let text = || "x".to_owned();
        vec![
            Error::DuplicateOrder { order_id: text() },
            Error::NotFound { id: text() },
            Error::InvalidRequest {
                field: "order_id",
                reason: "empty",
            },
            Error::Refused {
                code: 412,
                message: text(),
                for_good: true,
            },
            Error::Refused {
                code: 414,
                message: text(),
                for_good: false,
            },
            Error::RateLimited,
            Error::Unavailable {
                code: 503,
                message: text(),
            },
            Error::NotSent(text()),
            Error::LostReply(text()),
            Error::MalformedReply(text()),
        ]
    }

    #[test]
    fn time_outs_5xx_and_429_are_retried_and_nothing_else_is() {
        let retried: Vec<bool> = all().iter().map(Error::retryable).collect();
        assert_eq!(
            retried,
            [
                false, false, false, false, false, true, true, true, true, false
            ]
        );
    }

    #[test]
    fn no_error_is_both_of_unknown_outcome_and_a_final_refusal() {
        for error in all() {
            assert!(
                !(error.outcome_unknown() && error.refund_refused_for_good()),
                "{error:?}"
            );
        }
    }
}
