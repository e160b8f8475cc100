//! What a simulation found.

mod breaks;
mod promises;
mod svg;
mod text;

pub use breaks::Breaks;
pub use promises::Kept100;
pub(crate) use promises::Promises;
pub use svg::svg;
pub use text::text;

use crate::{
    cost::{self, Instead, Line},
    error::Error,
    histogram::Histogram,
    limits::Hit,
};
use serde::Serialize;

/// Percentiles in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Took {
    /// How many.
    pub count: u64,
    /// Half took at most so long.
    pub p50_s: f64,
    /// 90 in a hundred.
    pub p90_s: f64,
    /// 99 in a hundred.
    pub p99_s: f64,
}

impl Took {
    pub(crate) fn of(histogram: &Histogram) -> Self {
        let at = |permille| histogram.permille(permille) as f64 / 1_000.0;
        Self {
            count: histogram.count(),
            p50_s: at(500),
            p90_s: at(900),
            p99_s: at(990),
        }
    }
}

/// A duration outside of the peak minutes and in them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Apart {
    /// Of what began outside of them.
    pub outside: Took,
    /// Of what began in them.
    pub peak: Took,
}

impl Apart {
    pub(crate) fn of([outside, peak]: &[Histogram; 2]) -> Self {
        Self {
            outside: Took::of(outside),
            peak: Took::of(peak),
        }
    }
}

/// An hour of the curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HourTold {
    /// From 0.
    pub hour: u64,
    /// Documents that came.
    pub arrived: u64,
    /// From the request that announces a document to its answer.
    pub accept: Took,
    /// From the upload to a place in the queue.
    pub upload_to_queued: Took,
    /// From the upload to the stamp, in everyone's lane.
    pub upload_to_stamped: Took,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FunctionTold {
    /// Its name in the template.
    pub name: &'static str,
    /// Most environments at work at once.
    pub peak: u64,
    /// Invocations.
    pub invocations: u64,
    /// Of them, cold.
    pub cold_starts: u64,
    /// An invocation's time on average, in milliseconds.
    pub mean_ms: f64,
}

/// A minute, for the picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MinuteTold {
    /// From the curve's start.
    pub minute: u64,
    /// Documents that came, a second.
    pub arrived_per_s: f64,
    /// Documents that were stamped, a second.
    pub stamped_per_s: f64,
    /// The most uploads that waited to be looked at.
    pub uploads_waiting: u64,
    /// The most documents that waited for a worker.
    pub documents_waiting: u64,
    /// The longest wait from upload to stamp of what was uploaded in it, in seconds.
    pub longest_s: f64,
    /// Most environments at work of each function.
    pub at_work: Vec<u64>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The profile of the runbook.
    pub profile: String,
    /// How many times as many documents as the curve says.
    pub scale: f64,
    /// What decided every random number.
    pub seed: u64,
    /// Seconds of the curve that were left out at its start.
    pub from_s: u64,
    /// When the curve ended, and when the last document was at its end, in seconds.
    pub curve_ends_s: u64,
    /// See `curve_ends_s`.
    pub ended_s: u64,
    /// Settings that differ from AWS's defaults and the template's: name, value, default.
    pub raised: Vec<(String, f64, f64)>,
    /// Documents that came.
    pub arrived: u64,
    /// Of them, announced to their owner as accepted.
    pub accepted: u64,
    /// Stamped.
    pub stamped: u64,
    /// Whose owners gave up before they were accepted.
    pub given_up: u64,
    /// Neither at their end nor lost when the simulation ended.
    pub waiting: u64,
    /// In nobody's hands: no message, no call and no owner would ever move them.
    pub lost: u64,
    /// Requests that were turned away and came again.
    pub turned_away: u64,
    /// From the request that announces a document to its answer, tries included.
    pub accept: Apart,
    /// From the upload to a place in the queue.
    pub upload_to_queued: Apart,
    /// From the upload to the stamp, in everyone's lane.
    pub upload_to_stamped: Apart,
    /// The same in the bulk lane.
    pub bulk_to_stamped: Took,
    /// Documents that nothing was promised.
    pub unpromised: u64,
    /// How the first promises held.
    pub promised: Kept100,
    /// Of documents that waited a minute or longer.
    pub promised_long: Kept100,
    /// The functions.
    pub functions: Vec<FunctionTold>,
    /// Most environments at work at once in the account, those with reserved concurrency apart.
    pub account_peak: u64,
    /// Most documents that waited at once: uploads, everyone's and the bulk lane together, the bulk lane.
    pub queue_peaks: [u64; 3],
    /// Messages that went to the dead letters; their rows were sent again.
    pub dead_letters: u64,
    /// Limits that were met, the first one first.
    pub limits: Vec<Hit>,
    /// Write units a document, without indexes and with, over all that was asked for.
    pub write_units: [f64; 2],
    /// What it costs.
    pub cost: Vec<Line>,
    /// What the same flow would cost as one execution of an orchestrator for each document.
    pub instead: Vec<Instead>,
    /// Hour by hour.
    pub hours: Vec<HourTold>,
    /// Minute by minute.
    #[serde(skip)]
    pub minutes: Vec<MinuteTold>,
}

impl Report {
    /// Dollars per million documents, without what is told besides: of the documents' own way, and with orders and looks.
    #[must_use]
    pub fn usd_per_million(&self) -> [f64; 2] {
        cost::usd_per_million(&self.cost)
    }

    /// The limit that was met first: one that refused something, else one that made documents wait.
    #[must_use]
    pub fn breaks_first(&self) -> Option<&Hit> {
        let refusing = self.limits.iter().find(|hit| hit.refuses);
        refusing.or_else(|| self.limits.first())
    }
}

/// The reports as JSON.
///
/// # Errors
/// [`Error::Unreadable`] when a number is none.
pub fn json(reports: &[Report]) -> Result<String, Error> {
    let breaks: Vec<Breaks> = reports.iter().map(Breaks::of).collect();
    serde_json::to_string_pretty(&serde_json::json!({ "runs": reports, "breaks_first": breaks }))
        .map_err(|e| Error::Unreadable {
            file: "the report",
            why: e.to_string(),
        })
}
