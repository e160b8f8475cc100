//! What the controls under `/sandbox/` have in common.

use crate::answer::json_reply;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Why a control did nothing.
pub(crate) struct Flaw(pub(crate) StatusCode, pub(crate) String);

impl Flaw {
    pub(crate) fn unknown() -> Self {
        Self(StatusCode::NOT_FOUND, "no such control".to_owned())
    }
}

impl From<&'static str> for Flaw {
    fn from(words: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, words.to_owned())
    }
}

/// An empty body means an empty object.
pub(crate) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Flaw> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|flaw| Flaw(StatusCode::BAD_REQUEST, flaw.to_string()))
}

pub(crate) fn reply(result: Result<Value, Flaw>) -> Response<Bytes> {
    match result {
        Ok(body) => json_reply(StatusCode::OK, &body),
        Err(Flaw(status, words)) => json_reply(status, &json!({ "error": words })),
    }
}
