//! Xendit's webhooks. Nothing in them is signed: a token that only Xendit and we know comes in a
//! header, so whoever holds it can say anything, and what is said is only a hint to ask.
//! <https://docs.xendit.co/apidocs/payment-webhook-notification>,
//! <https://docs.xendit.co/apidocs/refund-webhook-notification>

use super::{Hint, LIMIT_BYTES, Rejection, mac::Mac};
use crate::reply::Reply;
use secrecy::{ExposeSecret, SecretString};

/// The header that carries the token.
pub const TOKEN_HEADER: &str = "x-callback-token";

/// How deep `data` is looked for in `data`, as the documentation's own samples nest it.
const DEPTH: usize = 3;

/// Checks the token in constant time, then reads whom the webhook is about. No I/O.
///
/// # Errors
/// [`Rejection`]; `token` is the header's value, if there was one.
pub fn verify(
    token: Option<&[u8]>,
    raw_body: &[u8],
    expected: &SecretString,
) -> Result<Hint, Rejection> {
    if raw_body.len() > LIMIT_BYTES {
        return Err(Rejection::TooLarge);
    }
    let token = token.ok_or(Rejection::Missing(TOKEN_HEADER))?;
    if !same(token, expected) {
        return Err(Rejection::Forged);
    }
    let mut data = Reply::parse(raw_body).ok_or(Rejection::NotJson)?;
    let event = data.text("event").unwrap_or_default();
    for _ in 0..DEPTH {
        match data.object("data") {
            Some(inner) => data = inner,
            None => break,
        }
    }
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    // A refund's reference is its key; the order is in the metadata that we sent along.
    let order_id = match event.starts_with("refund.") {
        true => data
            .object("metadata")
            .and_then(|metadata| filled(metadata.text("order_id"))),
        false => filled(data.text("reference_id")),
    };
    let transaction_id = filled(data.text("payment_request_id"));
    if order_id.is_none() && transaction_id.is_none() {
        return Err(Rejection::Missing("reference_id"));
    }
    Ok(Hint {
        order_id,
        transaction_id,
    })
}

/// A token that is not set up is nobody's.
fn same(token: &[u8], expected: &SecretString) -> bool {
    let expected = expected.expose_secret().as_bytes();
    let equal = Mac::of(token).is(&Mac::of(expected));
    !expected.is_empty() && equal
}
