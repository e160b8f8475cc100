//! Serving: an `axum` router on Lambda's HTTP events.

use crate::caller::identify;
use axum::{Router, middleware};
use lambda_http::Error;

/// The router with callers identified and unknown addresses answered as a problem.
pub fn edged(router: Router) -> Router {
    router
        .fallback(|| async { crate::Problem::not_found() })
        .layer(middleware::from_fn(identify))
}

/// Serves a router until the environment ends.
///
/// # Errors
/// When the runtime's API fails.
pub async fn http(router: Router) -> Result<(), Error> {
    lambda_http::run(edged(router)).await
}
