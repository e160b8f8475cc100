//! What a reply means.

use super::read;
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
    let told = reply.as_ref().and_then(read::code);
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
            for_good: for_good(code),
        }),
        (500..=599, _) => Some(Error::Unavailable {
            code,
            message: message(),
        }),
        _ => Some(Error::MalformedReply(format!("status_code {code}"))),
    }
}

/// Denied by the payment provider (202), not valid (400), not offered for the method (402), or not
/// possible in the transaction's state (412). Not 401 (the key can be corrected) nor 414 (the
/// merchant's balance can be filled). <https://docs.midtrans.com/reference/code-4xx>
fn for_good(code: u16) -> bool {
    matches!(code, 202 | 400 | 402 | 412)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_merchant_balance_is_no_final_refusal_of_a_refund() {
        assert!(for_good(412));
        assert!(!for_good(414));
        assert!(!for_good(401));
    }
}
