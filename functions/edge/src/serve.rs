//! Serving: an `axum` router on Lambda's HTTP events.

use crate::caller::identify;
use axum::{Router, middleware, response::Response};
use http::{HeaderValue, header};
use lambda_http::Error;

/// The router with callers identified, unknown addresses answered as a problem, and nothing left to caches that does
/// not ask for it: most answers are one caller's.
pub fn edged(router: Router) -> Router {
    router
        .fallback(|| async { crate::Problem::not_found() })
        .layer(middleware::from_fn(identify))
        .layer(middleware::map_response(unstored))
}

async fn unstored(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-store"));
    answer
}

/// Serves a router until the environment ends.
///
/// # Errors
/// When the runtime's API fails.
pub async fn http(router: Router) -> Result<(), Error> {
    lambda_http::run(edged(router)).await
}
