//! The run beside what `bubuh simulate` says of the same arrivals, workers and server.

use super::{BULK_BATCH, CONCURRENCY, people::LOOK, percentile};
use bubuh_deadline::{Expected, LoadRun};
use serde_json::json;
use std::{fmt, fs, time::Duration};

/// What was measured and what was simulated.
#[derive(Debug)]
pub struct Simulated {
    request_ms: f64,
    /// The machine's load average when the run was over: how many processes wanted a processor.
    load_average: f64,
    rows: [Row; 3],
}

#[derive(Debug)]
struct Row {
    what: &'static str,
    unit: &'static str,
    measured: f64,
    simulated: f64,
}

/// The run as the simulation is told it.
pub(super) fn run(office: usize, came: &[Duration], idle_ms: &[u64]) -> LoadRun {
    let ms = |of: Duration| u64::try_from(of.as_millis()).unwrap_or(u64::MAX);
    LoadRun {
        office,
        citizens_ms: came.iter().map(|at| ms(*at)).collect(),
        workers: CONCURRENCY.map(|(_, workers)| workers),
        bulk_batch: BULK_BATCH,
        look_ms: u32::try_from(LOOK.as_millis()).expect("not so long"),
        idle_p50_ms: whole(percentile(idle_ms, 50)),
    }
}

fn whole(ms: u64) -> f64 {
    f64::from(u32::try_from(ms).unwrap_or(u32::MAX))
}

impl Simulated {
    pub(super) fn of(run: &LoadRun, loaded_ms: &[u64], stamped: Duration) -> Self {
        const SEED: u64 = 1;
        let Expected {
            request_ms,
            wait_ms: [p50_ms, p95_ms],
            all_in_ms,
        } = run.expected(SEED).expect("a simulation");
        let documents = whole((run.office + run.citizens_ms.len()) as u64);
        let wait = |what, of_hundred, simulated| Row {
            what,
            unit: "ms",
            measured: whole(percentile(loaded_ms, of_hundred)),
            simulated,
        };
        Self {
            request_ms,
            load_average: load_average(),
            rows: [
                wait("citizens' wait, p50", 50, p50_ms),
                wait("citizens' wait, p95", 95, p95_ms),
                Row {
                    what: "stamped",
                    unit: "documents a second",
                    measured: documents / stamped.as_secs_f64(),
                    simulated: documents * 1_000.0 / all_in_ms.max(1.0),
                },
            ],
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> serde_json::Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "what": row.what,
                "unit": row.unit,
                "measured": row.measured,
                "simulated": row.simulated,
                "off_percent": row.off_percent(),
            })
        });
        json!({
            "server_request_ms": self.request_ms,
            "load_average": self.load_average,
            "rows": rows.collect::<Vec<_>>(),
        })
    }
}

impl Row {
    /// By how much the simulation is off, in hundredths of what was measured.
    fn off_percent(&self) -> f64 {
        (self.simulated / self.measured - 1.0) * 100.0
    }
}

impl fmt::Display for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "measured against simulated, with {:.1} ms for a request as on the idle stack (load average {:.1}):",
            self.request_ms, self.load_average
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "  {:<20} {:>8.1} {:>8.1} {} ({:+.0} %)",
                row.what,
                row.measured,
                row.simulated,
                row.unit,
                row.off_percent()
            )?;
        }
        Ok(())
    }
}

/// Of the last minute; 0 where it is not told.
fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let first = text.split_whitespace().next();
    first.and_then(|n| n.parse().ok()).unwrap_or_default()
}
