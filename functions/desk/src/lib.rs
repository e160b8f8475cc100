//! The desk function: what operators see without a database console, and what they may do. Every route is for operators
//! alone ([`Operator`](bubuh_edge::Operator)); what is done is noted under the operator's own account.

mod cases;
mod glance;
mod sales;
mod story;

use axum::Router;
use bubuh_edge::{
    api::Mount,
    operator::{Operators, marked},
};
use bubuh_gateway::Gateway;
use bubuh_steps::Cases;
use std::sync::Arc;

/// What the routes share.
pub struct App<G> {
    /// Cases, and through them everything else that there is.
    pub cases: Cases<G>,
}

/// The routes, for these operators.
pub fn router<G: Gateway + 'static>(app: App<G>, operators: Operators) -> Router {
    let router = routes::<G, _>(Router::new()).with_state(Arc::new(app));
    marked(router, operators)
}

/// Mounts the routes.
pub fn routes<G: Gateway + 'static, M: Mount<Arc<App<G>>>>(to: M) -> M {
    to.get("/v1/desk", glance::show::<G>, glance::SHOW)
        .get("/v1/desk/cases", cases::list::<G>, cases::LIST)
        .get("/v1/desk/cases/{id}", cases::show::<G>, cases::SHOW)
        .post(
            "/v1/desk/cases/{id}/resolve",
            cases::resolve::<G>,
            cases::RESOLVE,
        )
        .get("/v1/desk/stories/{name}", story::show::<G>, story::SHOW)
        .post(
            "/v1/desk/events/{id}/replay",
            story::replay::<G>,
            story::REPLAY,
        )
        .post("/v1/desk/sales", sales::turn::<G>, sales::TURN)
}
