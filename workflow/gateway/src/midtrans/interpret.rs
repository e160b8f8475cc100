//! What a reply means.

use crate::{Error, reply::Reply};
use http::StatusCode;

/// What was asked, as far as it changes what a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call<'a> {
    /// A charge of this order.
    Charge(&'a str),
    /// A refund of this order or transaction.
    Refund(&'a str),
    /// A status, or a step that answers with one, of this order or transaction.
    Status(&'a str),
}

/// The reply's JSON and the gateway's code, if the call was taken.
///
/// The gateway gives its code in the body, at times under HTTP 200 and at times as the HTTP status
/// too; whichever tells of an error counts.
pub(super) fn interpret(
    call: Call<'_>,
    http: StatusCode,
    body: &[u8],
) -> Result<(Reply, u16), Error> {
    let reply = Reply::parse(body);
    let told = reply.as_ref().and_then(Reply::status_code);
    let code = match told {
        Some(told) if http.is_success() || told >= 400 => told,
        None if http.is_success() => {
            return Err(Error::MalformedReply("no status_code".to_owned()));
        }
        _ => http.as_u16(),
    };
    if let Some(error) = refusal(call, code, reply.as_ref()) {
        return Err(error);
    }
    reply
        .map(|reply| (reply, code))
        .ok_or_else(|| Error::MalformedReply("no JSON object".to_owned()))
}

fn refusal(call: Call<'_>, code: u16, reply: Option<&Reply>) -> Option<Error> {
    let text = |field| reply.and_then(|reply| reply.text(field));
    let message = || {
        let words = text("status_message").unwrap_or_default();
        words.chars().take(200).collect()
    };
    match (code, call) {
        (200 | 201, _) => None,
        // The codes of a denied and of an expired transaction, which still is one.
        (202 | 407, Call::Status(_)) if text("transaction_status").is_some() => None,
        (404, Call::Status(id) | Call::Refund(id)) => Some(Error::NotFound { id: id.to_owned() }),
        (406, Call::Charge(order_id)) => Some(Error::DuplicateOrder {
            order_id: order_id.to_owned(),
        }),
        (429, _) => Some(Error::RateLimited),
        (202 | 300..=499, _) => Some(Error::Refused {
            code,
            message: message(),
        }),
        (500..=599, _) => Some(Error::Unavailable {
            code,
            message: message(),
        }),
        _ => Some(Error::MalformedReply(format!("status_code {code}"))),
    }
}
