//! `/v1/openapi.json`: what the API is. The document is made of the handlers by a test, which fails when it is another;
//! here it only stands to be sent.

use axum::response::{IntoResponse, Response};
use bubuh_core::id::Sha256;
use bubuh_edge::{
    address::IfNoneMatch,
    answer::Cached,
    api::{Gives, Says, Sketch},
};
use http::header;
use std::sync::LazyLock;

/// The OpenAPI 3.1 document of all functions.
pub const DOCUMENT: &str = include_str!("../openapi.json");

/// It changes with a deployment only.
const CACHED: &str = "public, max-age=300";

static TAG: LazyLock<Sha256> = LazyLock::new(|| Sha256::of(DOCUMENT.as_bytes()));

/// The document itself.
pub(crate) struct Document;

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
    }
}

impl Gives for Document {
    fn describe(sketch: &mut Sketch<'_>) {
        sketch.json::<serde_json::Map<String, serde_json::Value>>(200, "An OpenAPI 3.1 document.");
    }
}

pub(crate) const SHOW: Says = Says::new("describeApi", "This document");

pub(crate) async fn show(asked: IfNoneMatch) -> Cached<Document> {
    Cached::new(&asked, TAG.as_str(), CACHED, Document)
}
