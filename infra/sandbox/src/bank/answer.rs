//! What the bank answers.

use super::wire::Fields;
use crate::answer::json_reply;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// A reply about a transaction. As at the real gateway, its code is in the body under HTTP 200.
pub(super) fn taken(fields: Fields) -> Response<Bytes> {
    json_reply(StatusCode::OK, &Value::Object(fields))
}

/// A refusal of the API.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// 412: the state of the transaction does not allow it.
    pub(super) fn state() -> Self {
        Self::new(412, "Merchant cannot modify the status of the transaction")
    }

    pub(super) fn invalid(what: &str) -> Self {
        Self::new(
            400,
            format!("One or more parameters in the payload is invalid: {what}"),
        )
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Transaction doesn't exist.")
    }

    /// Codes that proxies and servers give, too, come as the HTTP status as well.
    pub(super) fn reply(&self, id: String) -> Response<Bytes> {
        let http = match self.code {
            401 | 429 | 500.. => StatusCode::from_u16(self.code).unwrap_or_default(),
            _ => StatusCode::OK,
        };
        let body = json!({
            "status_code": self.code.to_string(),
            "status_message": self.message,
            "id": id,
        });
        json_reply(http, &body)
    }
}
