//! The routes for owners and for the public.

use crate::{documents, openapi, page, queue, verify};
use axum::Router;
use bubuh_edge::api::Mount;
use bubuh_steps::Desk;
use std::sync::Arc;

/// The routes.
pub fn router(desk: Desk) -> Router {
    routes(Router::new()).with_state(Arc::new(desk))
}

/// Mounts the routes.
pub fn routes<M: Mount<Arc<Desk>>>(to: M) -> M {
    to.post("/v1/documents", documents::create, documents::CREATE)
        .get("/v1/documents", documents::list, documents::LIST)
        .get("/v1/documents/{id}", documents::show, documents::SHOW)
        .delete("/v1/documents/{id}", documents::cancel, documents::CANCEL)
        .post(
            "/v1/documents/{id}/erase",
            documents::erase,
            documents::ERASE,
        )
        .post(
            "/v1/documents/{id}/upload",
            documents::upload,
            documents::UPLOAD,
        )
        .post(
            "/v1/documents/{id}/complete",
            documents::complete,
            documents::COMPLETE,
        )
        .get("/v1/queue", queue::show, queue::SHOW)
        .get("/v1/verify/{serial}", verify::show, verify::SHOW)
        .get("/v/{serial}", page::show, page::SHOW)
        // What the QR code says.
        .get("/V/{serial}", page::show, page::SHOW_UPPER)
        .get("/v1/openapi.json", openapi::show, openapi::SHOW)
}
