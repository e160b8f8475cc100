//! `/v1/desk`: the whole at a glance.

use crate::App;
use axum::{Json, extract::State};
use bubuh_edge::{Operator, Problem, api::Says};
use bubuh_gateway::Gateway;
use bubuh_steps::overview::Glance;
use std::sync::Arc;

pub(crate) const SHOW: Says = Says::new(
    "showDesk",
    "Lanes, uploads, what is overdue, cases, serials and sales at a glance",
)
.details("For operators.");

pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(_): Operator,
) -> Result<Json<Glance>, Problem> {
    let desk = &app.cases.desk;
    let glance = Glance::take(&desk.table, &desk.queues, desk.ambient.now_ms());
    Ok(Json(glance.await?))
}
