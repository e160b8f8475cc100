//! What the bank answers.

use super::wire::Fields;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};

/// What becomes of a request.
#[derive(Debug)]
pub struct Outcome {
    /// The reply; none if it is lost and the connection must break.
    pub response: Option<Response<Bytes>>,
    /// How long to wait before replying, or breaking, in milliseconds. The change is made already.
    pub delay_ms: u64,
}

impl From<Response<Bytes>> for Outcome {
    fn from(response: Response<Bytes>) -> Self {
        Self {
            response: Some(response),
            delay_ms: 0,
        }
    }
}

pub(super) fn json_reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    typed(status, "application/json", body.to_string())
}

pub(super) fn typed(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

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
