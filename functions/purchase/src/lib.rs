//! The purchase function: orders, their payment, and the gateway's notifications.

mod account;
mod notification;
mod orders;
mod receipt;
mod view;

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use bubuh_gateway::{Gateway, notification::Proof};
use bubuh_steps::Sales;
use std::sync::Arc;

/// What the routes share.
pub struct App<G> {
    /// Selling.
    pub sales: Sales<G>,
    /// What proves the gateway's notifications.
    pub proof: Proof,
}

/// The routes.
pub fn router<G: Gateway + 'static>(app: App<G>) -> Router {
    Router::new()
        .route(
            "/v1/orders",
            post(orders::create::<G>).get(orders::list::<G>),
        )
        .route("/v1/orders/{id}", get(orders::show::<G>))
        .route("/v1/orders/{id}/receipt", get(orders::receipt::<G>))
        .route("/v1/orders/{id}/cancel", post(orders::cancel::<G>))
        .route("/v1/orders/{id}/refund", post(orders::refund::<G>))
        .route(
            "/v1/orders/{id}/refunds/{key}/pay-to",
            post(orders::pay_to::<G>),
        )
        .route(
            "/v1/orders/{id}/refunds/{key}/keep",
            post(orders::keep::<G>),
        )
        .route("/v1/account", get(account::show::<G>))
        .route(
            &format!("/v1/payments/{}/notifications", app.proof.gateway()),
            post(notification::receive::<G>),
        )
        // Anyone could say that a batch of serials is made, so nothing is done: the sweep asks every few seconds.
        .route(
            "/v1/issuer/batches",
            post(|| async { StatusCode::NO_CONTENT }),
        )
        .with_state(Arc::new(app))
}
