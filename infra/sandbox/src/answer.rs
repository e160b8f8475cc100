//! What becomes of a request, and how replies are made.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

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

pub(crate) fn json_reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    typed(status, "application/json", body.to_string())
}

pub(crate) fn typed(
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

/// What a proxy before the service says when it has something else in mind.
pub(crate) fn garbled(code: u16) -> Response<Bytes> {
    let status = StatusCode::from_u16(code).unwrap_or_default();
    typed(status, "text/html", "<html><body>Maintenance</body></html>")
}
