//! What is sent by itself, and what it met.

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Uri,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde::{Deserialize, Serialize};

/// What an attempt to deliver a notification met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivered {
    /// An HTTP status.
    Answered(u16),
    /// No connection, or no answer in time.
    Unanswered,
}

/// A notification to send now.
#[derive(Debug, Clone)]
pub struct Due {
    /// To tell [`Remote::delivered`](crate::Remote::delivered).
    pub id: u64,
    /// The order it is about; at the issuer, the batch.
    pub order_id: String,
    /// The whole request: method, URL, headers and body.
    pub request: Request<Bytes>,
}

/// Whether something can be sent there.
pub(crate) fn is_absolute(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| {
        uri.authority().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
    })
}

/// A `POST` of this JSON.
pub(crate) fn json_post(url: &str, body: String) -> Option<Request<Bytes>> {
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().ok()?;
    for name in [CONTENT_TYPE, ACCEPT] {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(name, json);
    }
    Some(request)
}
