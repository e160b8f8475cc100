//! Answers whose type says their status.

use crate::address::IfNoneMatch;
use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;

/// 201 with a resource.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// 202 with a resource that goes on by itself.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

/// A page for people. Nothing in it runs or is fetched, so it can't leak who looks; and it is never stored.
#[derive(Debug)]
pub struct Page(pub String);

/// 404 as a page for people.
#[derive(Debug)]
pub struct NoPage(pub Page);

/// Of a page: no script, picture or font from anywhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An answer that caches may keep, for everyone; nothing but its version when the asker has it.
#[derive(Debug)]
pub struct Cached<T> {
    answer: Option<T>,
    tag: String,
    control: &'static str,
}

impl<T> Cached<T> {
    /// An answer of the version `tag`, kept as `control` (a `Cache-Control`) says.
    pub fn new(asked: &IfNoneMatch, tag: &str, control: &'static str, answer: T) -> Self {
        let tag = format!("\"{tag}\"");
        let answer = (!asked.names(&tag)).then_some(answer);
        Self {
            answer,
            tag,
            control,
        }
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        (headers, Html(self.0)).into_response()
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        (StatusCode::NOT_FOUND, self.0).into_response()
    }
}

impl<T: IntoResponse> IntoResponse for Cached<T> {
    fn into_response(self) -> Response {
        let headers = [
            (header::CACHE_CONTROL, self.control.to_owned()),
            (header::ETAG, self.tag),
        ];
        match self.answer {
            Some(answer) => (headers, answer).into_response(),
            None => (StatusCode::NOT_MODIFIED, headers).into_response(),
        }
    }
}
