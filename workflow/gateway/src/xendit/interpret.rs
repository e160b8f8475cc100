//! What a reply means: the HTTP status, and the `error_code` beside it.
//! <https://docs.xendit.co/apidocs/refund-payment-request>

use crate::{Error, reply::Reply};
use http::StatusCode;

/// What was asked, as far as it changes what a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call<'a> {
    /// A charge of this order.
    Charge(&'a str),
    /// Something else about this order or payment request.
    Other(&'a str),
}

/// Refused however often it is asked. Not what an operator can change (a balance to fill, a key, a
/// right, a setting), and not what is unknown here.
const FOR_GOOD: [&str; 11] = [
    "API_VALIDATION_ERROR",
    "INVALID_VALUE_ERROR",
    "REFUND_NOT_SUPPORTED",
    "PARTIAL_REFUND_NOT_SUPPORTED",
    "REFUND_AMOUNT_EXCEEDED",
    "MAXIMUM_REFUND_AMOUNT_REACHED",
    "PARTIAL_REFUND_COUNTS_EXCEEDED",
    "INELIGIBLE_TRANSACTION",
    "INELIGIBLE_TRANSACTION_STATUS",
    "INACTIVE_PAYMENT_REQUEST",
    "INACTIVE_PAYMENT_METHOD",
];

/// Refused now, and perhaps not later; told under 400.
const NOT_NOW: [&str; 4] = [
    "REFUND_IN_PROGRESS",
    "TEMPORARILY_UNAVAILABLE",
    "RATE_LIMIT_EXCEEDED",
    "PAYMENT_REQUEST_RATE_LIMITED",
];

/// The reply's JSON, if the call was taken.
pub(super) fn interpret(call: Call<'_>, http: StatusCode, body: &[u8]) -> Result<Reply, Error> {
    let reply = Reply::parse(body);
    if http.is_success() {
        return match reply {
            // An error is not hidden by a friendly status.
            Some(reply) if reply.raw("error_code").is_none() => Ok(reply),
            _ => Err(Error::MalformedReply("no JSON object".to_owned())),
        };
    }
    let text = |field| reply.as_ref().and_then(|reply| reply.text(field));
    let word = text("error_code").unwrap_or_default();
    let told = format!("{word}: {}", text("message").unwrap_or_default());
    let message = told.chars().take(200).collect();
    let code = http.as_u16();
    Err(match (code, call) {
        (429, _) => Error::RateLimited,
        (400..=499, _) if NOT_NOW.contains(&word.as_str()) => Error::RateLimited,
        (404, Call::Other(id)) => Error::NotFound { id: id.to_owned() },
        (409, Call::Charge(order_id)) => Error::DuplicateOrder {
            order_id: order_id.to_owned(),
        },
        // A duplicate is told with 400 at places.
        (400, Call::Charge(order_id)) if duplicate(&word) => Error::DuplicateOrder {
            order_id: order_id.to_owned(),
        },
        (300..=499, _) => Error::Refused {
            code,
            message,
            for_good: FOR_GOOD.contains(&word.as_str()),
        },
        (500..=599, _) => Error::Unavailable { code, message },
        _ => Error::MalformedReply(format!("HTTP status {code}")),
    })
}

fn duplicate(word: &str) -> bool {
    matches!(word, "DUPLICATE_ERROR" | "IDEMPOTENCY_ERROR")
}
