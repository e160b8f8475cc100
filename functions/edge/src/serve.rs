//! Serving: an `axum` router on Lambda's HTTP events.

use crate::{
    caller::identify,
    share::{self, Share},
};
use axum::{Router, middleware, response::Response};
use bubuh_store::number;
use governor::clock::DefaultClock;
use http::{HeaderValue, header};
use lambda_http::Error;
use std::{num::NonZeroU32, sync::Arc};

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

/// Serves a router until the environment ends, to each account as often as its share says (`ACCOUNT_SHARE`, requests a
/// second of each worker).
///
/// # Errors
/// When the share is no number above 0, or the runtime's API fails.
pub async fn http(router: Router) -> Result<(), Error> {
    let share: NonZeroU32 = number("ACCOUNT_SHARE")?;
    let share = Arc::new(Share::new(share));
    let kept = middleware::from_fn_with_state(share, share::keep::<DefaultClock>);
    lambda_http::run(edged(router.layer(kept))).await
}
