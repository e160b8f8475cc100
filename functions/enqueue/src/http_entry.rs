//! The routes for owners and for the public.

use crate::{documents, page, queue, verify};
use axum::{
    Router,
    routing::{get, post},
};
use bubuh_steps::Desk;
use std::sync::Arc;

/// The routes.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route(
            "/v1/documents",
            post(documents::create).get(documents::list),
        )
        .route(
            "/v1/documents/{id}",
            get(documents::show).delete(documents::cancel),
        )
        .route("/v1/documents/{id}/upload", post(documents::upload))
        .route("/v1/documents/{id}/complete", post(documents::complete))
        .route("/v1/queue", get(queue::show))
        .route("/v1/verify/{serial}", get(verify::show))
        .route("/v/{serial}", get(page::show))
        .route("/V/{serial}", get(page::show))
        .with_state(Arc::new(desk))
}
