//! The purchase function: orders, their payment, and the gateway's notifications.

mod account;
mod events;
mod notification;
mod orders;
mod receipt;
mod view;
mod webhooks;

use axum::{Router, response::NoContent};
use bubuh_edge::api::{Mount, Says};
use bubuh_gateway::{Gateway, notification::Proof};
use bubuh_steps::{HookDesk, Sales};
use std::sync::Arc;

/// What the routes share.
pub struct App<G> {
    /// Selling.
    pub sales: Sales<G>,
    /// What owners ask of webhooks.
    pub hooks: HookDesk,
    /// What proves the gateway's notifications.
    pub proof: Proof,
}

/// The routes.
pub fn router<G: Gateway + 'static>(app: App<G>) -> Router {
    let gateway = app.proof.gateway();
    notifications::<G, _>(routes::<G, _>(Router::new()), gateway).with_state(Arc::new(app))
}

/// Mounts what a gateway calls.
pub fn notifications<G: Gateway + 'static, M: Mount<Arc<App<G>>>>(to: M, gateway: &str) -> M {
    to.post(
        &format!("/v1/payments/{gateway}/notifications"),
        notification::receive::<G>,
        notification::says(gateway),
    )
}

/// Mounts the routes that there are with any gateway.
pub fn routes<G: Gateway + 'static, M: Mount<Arc<App<G>>>>(to: M) -> M {
    to.post("/v1/orders", orders::create::<G>, orders::CREATE)
        .get("/v1/orders", orders::list::<G>, orders::LIST)
        .get("/v1/orders/{id}", orders::show::<G>, orders::SHOW)
        .get(
            "/v1/orders/{id}/receipt",
            orders::receipt::<G>,
            orders::RECEIPT,
        )
        .post(
            "/v1/orders/{id}/cancel",
            orders::cancel::<G>,
            orders::CANCEL,
        )
        .post(
            "/v1/orders/{id}/refund",
            orders::refund::<G>,
            orders::REFUND,
        )
        .post(
            "/v1/orders/{id}/refunds/{key}/pay-to",
            orders::pay_to::<G>,
            orders::PAY_TO,
        )
        .post(
            "/v1/orders/{id}/refunds/{key}/keep",
            orders::keep::<G>,
            orders::KEEP,
        )
        .get("/v1/account", account::show::<G>, account::SHOW)
        .post("/v1/webhooks", webhooks::create::<G>, webhooks::CREATE)
        .get("/v1/webhooks", webhooks::list::<G>, webhooks::LIST)
        .delete("/v1/webhooks/{id}", webhooks::delete::<G>, webhooks::DELETE)
        .post(
            "/v1/webhooks/{id}/rotate",
            webhooks::rotate::<G>,
            webhooks::ROTATE,
        )
        .get("/v1/events", events::list::<G>, events::LIST)
        // Anyone could say that a batch of serials is made, so nothing is done: the sweep asks every few seconds.
        .post(
            "/v1/issuer/batches",
            || async { NoContent },
            Says::new("hearOfBatch", "The issuer says that serials are made"),
        )
}
