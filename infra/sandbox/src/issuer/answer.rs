//! What the issuer answers: its codes are in the body, under HTTP 200 even for failures.

use super::Call;
use crate::answer::json_reply;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

pub(super) type Answer = Result<Response<Bytes>, Refusal>;

/// A failure, as its code says it.
#[derive(Debug)]
pub(super) struct Refusal {
    http: StatusCode,
    code: String,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            http: StatusCode::OK,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// The code that a fault on demand asks for.
    pub(super) fn fault(code: u16) -> Self {
        Self::new(&format!("{code:02}"), "sandbox fault")
    }

    /// A token nobody knows, or that is over.
    pub(super) fn token() -> Self {
        Self::new("99", "token expired").under(StatusCode::UNAUTHORIZED)
    }

    pub(super) fn field(name: &str) -> Self {
        Self::new("90", format!("{name} is missing or not as expected"))
    }

    pub(super) fn balance() -> Self {
        Self::new("05", "saldo tidak mencukupi")
    }

    pub(super) fn under(self, http: StatusCode) -> Self {
        Self { http, ..self }
    }

    /// Signing has a form of its own, but for the token. No call, if nothing is at that path.
    pub(super) fn reply(&self, call: Option<Call>) -> Response<Bytes> {
        let body = if call == Some(Call::Sign) && self.http == StatusCode::OK {
            json!({ "status": "False", "errorCode": self.code, "errorMessage": self.message })
        } else {
            json!({ "statusCode": self.code, "message": self.message })
        };
        json_reply(self.http, &body)
    }
}

pub(super) fn taken(body: &Value) -> Response<Bytes> {
    json_reply(StatusCode::OK, body)
}
