//! `/v1/desk/stories` and `/v1/desk/events`: one thing from its beginning to its end; an event told once more.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::id::EventId;
use bubuh_edge::{At, Operator, Problem, answer::Accepted, api::Says, time::Time};
use bubuh_gateway::Gateway;
use bubuh_steps::overview::{Event, Fact, Timeline, replay as tell_again};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// What happened, and when.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Happened")]
struct Then {
    at: Time,
    what: String,
}

/// What holds now, or comes next.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fact")]
struct Now {
    what: String,
    /// The time that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Time>,
}

/// The story of one thing, in English.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Story {
    /// What it is, and whose.
    subject: String,
    /// The oldest first.
    events: Vec<Then>,
    now: Vec<Now>,
}

impl From<Timeline> for Story {
    fn from(timeline: Timeline) -> Self {
        let then = |Event { at_ms, what }| Then {
            at: Time::of(at_ms),
            what,
        };
        let now = |Fact { what, at_ms }| Now {
            what,
            at: at_ms.map(Time::of),
        };
        Self {
            subject: timeline.subject,
            events: timeline.events.into_iter().map(then).collect(),
            now: timeline.now.into_iter().map(now).collect(),
        }
    }
}

pub(crate) const SHOW: Says = Says::new(
    "showStory",
    "An order, document, event or serial from beginning to end",
)
.details("For operators. Names of files and bank accounts are not shown.");

pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(_): Operator,
    At(name): At<String>,
) -> Result<Json<Story>, Problem> {
    let timeline = Timeline::read(&app.cases.desk.table, &name).await?;
    Ok(Json(timeline.into()))
}

pub(crate) const REPLAY: Says = Says::new(
    "replayEvent",
    "Tells an event once more, under its old name, to the webhooks that it was told to",
)
.details("For operators.");

pub(crate) async fn replay<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Operator(account): Operator,
    At(id): At<EventId>,
) -> Result<Accepted<Story>, Problem> {
    let desk = &app.cases.desk;
    let timeline = tell_again(&desk.table, id, desk.ambient.now_ms()).await?;
    tracing::info!(event = %id, by = %account, "told once more");
    Ok(Accepted(timeline.into()))
}
