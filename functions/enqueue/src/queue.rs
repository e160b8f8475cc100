//! `/v1/queue`: how far each lane has come. The same for everyone, so that millions who wait ask a cache; each computes
//! place and range from its own ticket as [`bubuh_core::queue::Progress::eta`] does, or asks for its document.

use axum::{Json, extract::State};
use bubuh_core::{queue::Progress, ticket::Lane};
use bubuh_edge::{Problem, address::IfNoneMatch, answer::Cached, api::Says, time::Time};
use bubuh_steps::Desk;
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// Short enough to be honest, long enough that a cache answers: the lanes are looked at every five seconds.
const CACHED: &str = "public, max-age=2, stale-while-revalidate=5";

/// How far the queue has come.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Queue {
    /// The lanes that somebody looked at lately.
    lanes: BTreeMap<Lane, LaneView>,
}

/// A lane of the queue.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LaneProgress")]
struct LaneView {
    /// When this was seen.
    at: Time,
    /// Tickets up to this one are served, or are being served.
    served: u64,
    /// The last ticket that was given.
    issued: u64,
    /// Documents that wait or are being stamped.
    waiting: u64,
    /// Documents finished in an hour, hardly less and hardly more. A document with ticket `n` is finished not before
    /// `at + (n - served) / fastest` hours, and not after `at + (n - served) / slowest` hours and `own_seconds`.
    per_hour: PerHour,
    own_seconds: u64,
}

/// Documents finished in an hour.
#[derive(Serialize, JsonSchema)]
struct PerHour {
    slowest: u64,
    fastest: u64,
}

impl From<&Progress> for LaneView {
    fn from(lane: &Progress) -> Self {
        let (slowest, fastest) = lane.per_hour();
        Self {
            at: Time::of(lane.at_ms),
            served: lane.served(),
            issued: lane.issued,
            waiting: lane.waiting(),
            per_hour: PerHour { slowest, fastest },
            own_seconds: bubuh_core::queue::ITS_OWN_MS / 1_000,
        }
    }
}

pub(crate) const SHOW: Says = Says::new("showQueue", "How far each lane of the queue has come")
    .details("The same for everyone. Who waits computes place and range from the ticket of the document.");

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    asked: IfNoneMatch,
) -> Result<Cached<Json<Queue>>, Problem> {
    let snapshot = desk.line.snapshot().await?;
    let now_ms = desk.ambient.now_ms();
    let lanes = snapshot.lanes.keys();
    let lanes = lanes.filter_map(|lane| Some((*lane, snapshot.lane(*lane, now_ms)?.into())));
    let queue = Queue {
        lanes: lanes.collect(),
    };
    // A lane that nobody looked at for long is left out, which is another answer of the same version.
    let tag = format!("{}-{}", snapshot.version, queue.lanes.len());
    Ok(Cached::new(&asked, &tag, CACHED, Json(queue)))
}
