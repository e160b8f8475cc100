//! What this face answers: a resource, or `{error_code, message}`.
//! <https://docs.xendit.co/apidocs/refund-payment-request>

use crate::answer::json_reply;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

pub(super) fn taken(body: &Value) -> Response<Bytes> {
    json_reply(StatusCode::OK, body)
}

/// A refusal.
#[derive(Debug)]
pub(super) struct Flaw {
    http: u16,
    code: &'static str,
    message: String,
}

impl Flaw {
    pub(super) fn new(http: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            http,
            code,
            message: message.into(),
        }
    }

    pub(super) fn invalid(what: &str) -> Self {
        Self::new(400, "API_VALIDATION_ERROR", what)
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "DATA_NOT_FOUND", "no such id")
    }

    pub(super) fn duplicate() -> Self {
        let words = "the idempotency key was used with another body";
        Self::new(409, "DUPLICATE_ERROR", words)
    }

    /// A fault on demand, told as the gateway tells such a code.
    pub(super) fn fault(http: u16) -> Self {
        let code = match http {
            400 => "INSUFFICIENT_BALANCE",
            401 => "INVALID_API_KEY",
            403 => "REQUEST_FORBIDDEN_ERROR",
            404 => "DATA_NOT_FOUND",
            409 => "DUPLICATE_ERROR",
            429 => "RATE_LIMIT_EXCEEDED",
            503 => "CHANNEL_UNAVAILABLE",
            _ => "SERVER_ERROR",
        };
        Self::new(http, code, "Sandbox fault")
    }

    pub(super) fn reply(&self) -> Response<Bytes> {
        let http = StatusCode::from_u16(self.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json_reply(
            http,
            &json!({ "error_code": self.code, "message": self.message }),
        )
    }
}
