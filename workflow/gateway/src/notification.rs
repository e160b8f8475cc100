//! Notifications a gateway posts to us: proven to be the gateway's, then only a hint to ask for the
//! status. Midtrans signs its own ([`verify`]), Xendit sends a token ([`xendit::verify`]).
//! <https://docs.midtrans.com/docs/https-notification-webhooks>

mod mac;
mod proof;
pub mod xendit;

pub use proof::Proof;

use crate::{TransactionStatus, midtrans::read::word, reply::Reply};
use http::{HeaderMap, header::CONTENT_TYPE};
use mac::Mac;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha512};

/// Largest notification read, in bytes; real ones have 1 to 2 KiB.
pub const LIMIT_BYTES: usize = 64 * 1024;

/// Why a notification is not believed. None is worth a retry: the same bytes stay wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// More than [`LIMIT_BYTES`]; nothing was read.
    #[error("larger than 64 KiB")]
    TooLarge,
    /// No JSON object.
    #[error("no JSON object")]
    NotJson,
    /// A field or header that proves it, or says whom it is about, is absent.
    #[error("no {0}")]
    Missing(&'static str),
    /// A field that is signed is not a text, or not one of its form.
    #[error("{0} has a wrong form")]
    WrongForm(&'static str),
    /// The signature or the token is not the gateway's.
    #[error("the signature does not hold")]
    Forged,
}

/// Whether the headers say that the body is JSON in UTF-8, as both gateways send it.
#[must_use]
pub fn says_json(headers: &HeaderMap) -> bool {
    let told = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let Some((kind, parameters)) = told.map(|text| text.split_once(';').unwrap_or((text, "")))
    else {
        return false;
    };
    let parameter = parameters.trim().to_ascii_lowercase();
    let utf8 = ["", "charset=utf-8", "charset=\"utf-8\""].contains(&parameter.as_str());
    kind.trim().eq_ignore_ascii_case("application/json") && utf8
}

impl Rejection {
    /// Always false.
    #[must_use]
    pub fn retryable(&self) -> bool {
        false
    }
}

/// Whom a proven notification is about: what to ask the status of, and no more. Xendit's refund
/// events may name no order, and its payment method events no transaction; one of both is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The order.
    pub order_id: Option<String>,
    /// The gateway's id of the charge.
    pub transaction_id: Option<String>,
}

impl From<Notification> for Hint {
    fn from(told: Notification) -> Self {
        Self {
            order_id: Some(told.order_id),
            transaction_id: told.transaction_id,
        }
    }
}

/// A notification whose signature holds. Only `order_id`, `status_code` and `gross_amount` are
/// signed, so act on none of it but the id: ask for the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The order.
    pub order_id: String,
    /// The gateway's id of the charge, if told.
    pub transaction_id: Option<String>,
    /// What it says the transaction's status is.
    pub transaction_status: TransactionStatus,
    /// The gateway's status code, three digits.
    pub status_code: String,
    /// The amount as signed, such as "100000.00".
    pub gross_amount: String,
    /// How it was paid, as the gateway names it.
    pub payment_type: Option<String>,
}

/// Reads a notification and checks its signature in constant time. No I/O.
///
/// # Errors
/// [`Rejection`].
pub fn verify(raw_body: &[u8], server_key: &SecretString) -> Result<Notification, Rejection> {
    if raw_body.len() > LIMIT_BYTES {
        return Err(Rejection::TooLarge);
    }
    let fields = Reply::parse(raw_body).ok_or(Rejection::NotJson)?;
    let order_id = signed(&fields, "order_id", |text| !text.is_empty())?;
    let status_code = signed(&fields, "status_code", is_code)?;
    let gross_amount = signed(&fields, "gross_amount", is_amount)?;
    let claimed = signed(&fields, "signature_key", |text| text.len() == 128)?;
    let expected = signature(&order_id, &status_code, &gross_amount, server_key);
    let claimed = Mac::of(claimed.to_ascii_lowercase().as_bytes());
    if !claimed.is(&Mac::of(expected.as_bytes())) {
        return Err(Rejection::Forged);
    }
    let status = fields.text("transaction_status").unwrap_or_default();
    Ok(Notification {
        transaction_id: fields.text("transaction_id").filter(|id| !id.is_empty()),
        transaction_status: word(&status),
        payment_type: fields.text("payment_type"),
        order_id,
        status_code,
        gross_amount,
    })
}

/// The signature of a notification: SHA-512 in lower-case hex over the texts as they are sent.
#[must_use]
pub fn signature(
    order_id: &str,
    status_code: &str,
    gross_amount: &str,
    server_key: &SecretString,
) -> String {
    let mut hash = Sha512::new();
    for part in [
        order_id,
        status_code,
        gross_amount,
        server_key.expose_secret(),
    ] {
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

fn signed(
    fields: &Reply,
    field: &'static str,
    legal: fn(&str) -> bool,
) -> Result<String, Rejection> {
    match fields.raw(field) {
        None | Some(Value::Null) => Err(Rejection::Missing(field)),
        Some(Value::String(text)) if legal(text) => Ok(text.clone()),
        Some(_) => Err(Rejection::WrongForm(field)),
    }
}

// The parts are hashed without separators: fixed forms keep digits from moving between them.

fn is_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}

fn is_amount(text: &str) -> bool {
    let whole = text.split('.').next().unwrap_or_default();
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    crate::amount::parse(text).is_some() && text.trim() == text && !leading_zero
}
