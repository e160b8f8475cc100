//! `/v1/events`: what the caller's webhooks were told, or are to be.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::{
    event::{About, Attempt, Delivery, Event, Outcome, Telling},
    hook::Topic,
    id::{EventId, HookId},
};
use bubuh_edge::{Caller, Problem, address::Start, api::Says, time::Time};
use bubuh_gateway::Gateway;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Events on one page of the list.
const PAGE: i32 = 50;

/// What happened, and who was told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
struct View {
    /// Its name in `webhook-id`.
    id: EventId,
    #[serde(rename = "type")]
    topic: Topic,
    at: Time,
    data: About,
    /// Empty until it was first looked at.
    deliveries: Vec<DeliveryView>,
}

/// How far the telling of one webhook is.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
struct DeliveryView {
    webhook: HookId,
    state: Telling,
    /// When it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Time>,
    /// The newest tries, the oldest first.
    attempts: Vec<AttemptView>,
}

/// A try, and what became of it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
struct AttemptView {
    at: Time,
    result: ResultView,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

/// What became of a try.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AttemptResult")]
enum ResultView {
    /// It was heard.
    Heard,
    /// It was answered, but not by a 2xx.
    Refused,
    /// Nobody could be reached there.
    Unreachable,
    /// No answer came, or none in time.
    NoAnswer,
}

impl From<&Event> for View {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id,
            topic: event.topic,
            at: Time::of(event.at_ms),
            data: event.about.clone(),
            deliveries: event.to.iter().map(DeliveryView::from).collect(),
        }
    }
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        let owed = delivery.state == Telling::Owed;
        Self {
            webhook: delivery.hook,
            state: delivery.state,
            next_at: owed.then(|| Time::of(delivery.next_at_ms)),
            attempts: delivery.attempts.iter().map(AttemptView::from).collect(),
        }
    }
}

impl From<&Attempt> for AttemptView {
    fn from(attempt: &Attempt) -> Self {
        let (result, status) = match attempt.outcome {
            Outcome::Answered(status) if attempt.outcome.heard() => {
                (ResultView::Heard, Some(status))
            }
            Outcome::Answered(status) => (ResultView::Refused, Some(status)),
            Outcome::Unreachable => (ResultView::Unreachable, None),
            Outcome::NoAnswer => (ResultView::NoAnswer, None),
        };
        Self {
            at: Time::of(attempt.at_ms),
            result,
            status,
        }
    }
}

/// A page of events, the newest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Events {
    events: Vec<View>,
    /// `from` of the next page; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) const LIST: Says = Says::new(
    "listEvents",
    "What the caller's webhooks were told, or are to be, the newest first",
)
.details("Kept for 30 days after the last try.");

pub(crate) async fn list<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
    Start(from): Start,
) -> Result<Json<Events>, Problem> {
    let table = &app.hooks.table;
    let found = table.events(&account, from.as_deref(), PAGE).await?;
    Ok(Json(Events {
        events: found.rows.iter().map(View::from).collect(),
        next: found.next,
    }))
}
