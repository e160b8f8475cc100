//! What breaks first, run by run: the first limit that was met, and what its meeting did to people.

use super::{Report, text::limit};
use crate::limits::Hit;
use serde::Serialize;
use std::fmt::Write as _;

/// An announcement's answer is to come within this, in seconds.
const ANSWERED_WITHIN_S: f64 = 2.0;
/// Who waited longer than this for a stamp was kept waiting, in seconds.
const STAMPED_WITHIN_S: f64 = 60.0;

/// A run in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Breaks {
    /// The profile of the runbook.
    pub profile: String,
    /// How many times as many documents as the curve says.
    pub scale: f64,
    /// The first limit that refused something, else the first that made documents wait; none: no limit was met.
    pub first: Option<Hit>,
    /// What gave way.
    pub degrades: Vec<String>,
    /// In nobody's hands.
    pub lost: u64,
    /// Of a hundred that came, announced to their owner as accepted.
    pub accepted: f64,
    /// Of a hundred that waited a minute or longer, stamped within the first promised range; none: nobody waited so long.
    pub promised: Option<f64>,
    /// The range's width against such a wait: the median.
    pub width_to_wait: f64,
}

impl Breaks {
    pub(crate) fn of(r: &Report) -> Self {
        let waited = &r.promised_long;
        Self {
            profile: r.profile.clone(),
            scale: r.scale,
            first: r.breaks_first().cloned(),
            degrades: degrades(r),
            lost: r.lost,
            accepted: r.accepted as f64 * 100.0 / r.arrived.max(1) as f64,
            promised: (waited.documents > 0).then_some(waited.inside),
            width_to_wait: waited.width_to_wait,
        }
    }
}

fn degrades(r: &Report) -> Vec<String> {
    let mut told = Vec::new();
    let slowest = |of: &super::Apart| of.outside.p99_s.max(of.peak.p99_s);
    let (answered_s, queued_s) = (slowest(&r.accept), slowest(&r.upload_to_queued));
    if r.given_up > 0 {
        told.push(format!("{} gave up before they were accepted", r.given_up));
    }
    if answered_s > ANSWERED_WITHIN_S {
        told.push(format!("announcements come again (p99 {answered_s:.0} s)"));
    }
    let [uploads, documents, _] = r.queue_peaks;
    if queued_s > STAMPED_WITHIN_S {
        told.push(format!(
            "uploads wait for their number (most {uploads}, p99 {queued_s:.0} s)"
        ));
    }
    let stamped_s = slowest(&r.upload_to_stamped);
    if stamped_s > STAMPED_WITHIN_S {
        told.push(format!(
            "documents wait in the lane (most {documents}, upload to stamped p99 {stamped_s:.0} s)"
        ));
    }
    if r.dead_letters > 0 {
        let dead = r.dead_letters;
        told.push(format!("{dead} messages went to the dead letters"));
    }
    if told.is_empty() && r.turned_away > 0 {
        told.push("orders and looks come again".to_owned());
    }
    told
}

/// All runs, for a person at a terminal.
pub(super) fn table(out: &mut String, runs: &[Report]) -> std::fmt::Result {
    writeln!(out, "\nwhat breaks first")?;
    for b in runs.iter().map(Breaks::of) {
        let first = b.first.as_ref().map_or_else(|| "nothing".to_owned(), limit);
        writeln!(out, "{} at {}x: {first}", b.profile, b.scale)?;
        for degrades in &b.degrades {
            writeln!(out, "    {degrades}")?;
        }
        let waited = b.promised.map_or_else(String::new, |inside| {
            format!(
                ", {inside:.1} % of who waited a minute were stamped within their first range (range / wait {:.2})",
                b.width_to_wait
            )
        });
        writeln!(
            out,
            "    lost {}, accepted {:.2} %{waited}",
            b.lost, b.accepted
        )?;
    }
    Ok(())
}
