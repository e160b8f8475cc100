//! `/v1/desk/sales`: the switch of degraded mode.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::{id::AccountId, sales::Switch};
use bubuh_edge::{Body, Operator, Problem, api::Says, time::Time};
use bubuh_gateway::Gateway;
use bubuh_steps::Switchboard;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest time for which sales may be closed ahead, in minutes: a week.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// How the switch is to stand.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TurnSales")]
pub(crate) struct Turn {
    /// Whether new orders are taken.
    open: bool,
    /// For how long not; until somebody opens them if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MINUTES_MAX))]
    minutes: Option<u32>,
}

/// How the switch stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sales")]
pub(crate) struct View {
    open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_since: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_until: Option<Time>,
    /// Who turned it last.
    by: String,
}

impl View {
    fn new(switch: &Switch, now_ms: u64) -> Self {
        let closed = switch.closed_at(now_ms);
        Self {
            open: closed.is_none(),
            closed_since: closed.map(|closed| Time::of(closed.since_ms)),
            closed_until: closed.and_then(|closed| closed.until_ms.map(Time::of)),
            by: switch.by.clone(),
        }
    }
}

pub(crate) const TURN: Says = Says::new("turnSales", "Stops new orders, or takes them again")
    .details(
        "For operators. Whatever is ordered is still credited, stamped and refunded. The same request twice does nothing \
         more.",
    )
    .example(r#"{"open":true}"#);

pub(crate) async fn turn<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(account): Operator,
    body: Body<Turn>,
) -> Result<Json<View>, Problem> {
    let desk = &app.cases.desk;
    let switches = Switchboard {
        table: desk.table.clone(),
        ambient: desk.ambient.clone(),
    };
    let switch = turned(&switches, &account, &body.value).await?;
    Ok(Json(View::new(&switch, desk.ambient.now_ms())))
}

async fn turned(
    switches: &Switchboard,
    account: &AccountId,
    turn: &Turn,
) -> Result<Switch, Problem> {
    let by = account.as_str();
    match (turn.open, turn.minutes) {
        (true, None) => Ok(switches.open(by).await?),
        (true, Some(_)) => Err(Problem::invalid("minutes", "belongs to closing only")),
        (false, Some(minutes)) if !(1..=MINUTES_MAX).contains(&minutes) => Err(Problem::invalid(
            "minutes",
            &format!("must be from 1 to {MINUTES_MAX}, which is a week"),
        )),
        (false, minutes) => Ok(switches.close(minutes, by).await?),
    }
}
