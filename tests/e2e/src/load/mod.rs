//! Load: one office with many documents, and citizens who come with one each, on the local stack.
//!
//! Citizens come by chance and not when the last one is done (open loop), so a slow service is not spared by the very
//! people it keeps waiting. What an idle stack takes is measured first, on the same stack.

mod cpu;
mod people;
mod simulated;

use crate::Run;
use bubuh::{books, stack::Options};
use cpu::Cpu;
use people::{Citizen, Office, Seen};
use serde_json::json;
use simulated::Simulated;
use std::{
    fmt,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Documents of the one office.
    pub bulk: usize,
    /// Citizens while the office's documents wait.
    pub singles: usize,
    /// Citizens before, one after the other.
    pub idle: usize,
    /// How many citizens come in a second, on average.
    pub per_second: f64,
    /// Where chance starts.
    pub seed: u64,
}

/// What it came to.
#[derive(Debug)]
pub struct Outcome {
    size: Size,
    /// How long citizens waited from their upload's end to their stamp, in milliseconds, ascending.
    pub idle_ms: Vec<u64>,
    /// The same, while the office's documents waited.
    pub loaded_ms: Vec<u64>,
    /// Documents of the office that waited when the first and the last citizen came.
    pub behind: (u64, u64),
    /// Citizens whose stamp came within the range they were promised first, of those who were promised one.
    pub kept: (usize, usize),
    /// How long the office's uploads took to be queued, and then to be stamped. Processor time is of the latter.
    pub office: (Duration, Duration),
    cpu: Cpu,
    /// The same, simulated.
    pub simulated: Simulated,
    /// What does not hold; nothing, if all does.
    pub violations: Vec<String>,
}

/// Batches at work at a time.
const CONCURRENCY: [(&str, u32); 3] = [
    ("UploadsConcurrency", 4),
    ("StampsConcurrency", 4),
    ("BulkConcurrency", 2),
];
/// Documents of the office in a batch. The emulator answers one request after the other: each document in hand is a
/// request that a citizen's may have to wait for.
const BULK_BATCH: u32 = 1;
const PATIENCE: Duration = Duration::from_secs(1_200);

/// Runs it.
pub async fn run(size: Size) -> Outcome {
    let batch = ("BulkBatchSize", BULK_BATCH);
    let parameters = CONCURRENCY.into_iter().chain([batch]);
    let run = Run::start_with(Options {
        parameters: parameters
            .map(|(k, v)| (k.to_owned(), v.to_string()))
            .collect(),
        ..Options::default()
    })
    .await;
    let mut dice = fastrand::Rng::with_seed(size.seed);
    let citizens = Citizen::all(&run, size.idle + size.singles).await;
    let (before, during) = citizens.split_at(size.idle);
    let mut seen = Vec::new();
    for citizen in before {
        seen.push(citizen.comes().await);
    }
    let idle_ms = waits(&seen);

    let office = Office::of(&run, size.bulk).await;
    let begun = Instant::now();
    office.lanes(false).await;
    office.uploads().await;
    office.all_wait(PATIENCE).await;
    let queued = begun.elapsed();
    println!("  {} documents of one office wait", size.bulk);
    let used = Cpu::now(&run);
    let begun = Instant::now();
    office.lanes(true).await;
    let first_behind = office.waiting().await;
    let visits = async {
        let mut coming = tokio::task::JoinSet::new();
        let mut came = Vec::new();
        for citizen in during {
            sleep(Duration::from_secs_f64(
                -dice.f64().max(1e-9).ln() / size.per_second,
            ))
            .await;
            let citizen = citizen.clone();
            came.push(begun.elapsed());
            coming.spawn(async move { citizen.comes().await });
        }
        let last_behind = office.waiting().await;
        let loaded = coming.join_all().await;
        println!("  {} citizens have their stamps", loaded.len());
        (came, loaded, last_behind)
    };
    let stamping = async {
        let unstamped = office.unstamped(PATIENCE).await;
        (unstamped, begun.elapsed(), Cpu::now(&run).since(used))
    };
    let ((came, loaded, last_behind), (unstamped, stamped, cpu)) = futures::join!(visits, stamping);

    let mut violations = Vec::new();
    let all: Vec<&Seen> = seen.iter().chain(&loaded).collect();
    violations.extend(all.iter().flat_map(|seen| seen.errors.clone()));
    violations.extend(office.errors());
    if last_behind == 0 {
        violations.push("the office was done before the last citizen came".to_owned());
    }
    if unstamped > 0 {
        violations.push(format!(
            "{unstamped} documents of the office are not stamped"
        ));
    }
    let report = run.audit().await;
    if !report.breaches.is_empty() {
        violations.push(books::text(&report));
    }
    let promised: Vec<bool> = loaded.iter().filter_map(|seen| seen.kept).collect();
    let loaded_ms = waits(&loaded);
    let simulated = Simulated::of(
        &simulated::run(size.bulk, &came, &idle_ms),
        &loaded_ms,
        stamped,
    );
    let outcome = Outcome {
        size,
        idle_ms,
        loaded_ms,
        behind: (first_behind, last_behind),
        kept: (
            promised.iter().filter(|kept| **kept).count(),
            promised.len(),
        ),
        office: (queued, stamped),
        cpu,
        simulated,
        violations,
    };
    run.end().await;
    outcome
}

fn waits(seen: &[Seen]) -> Vec<u64> {
    let mut waits: Vec<u64> = seen.iter().map(|seen| seen.waited_ms).collect();
    waits.sort_unstable();
    waits
}

/// The wait that so many of a hundred did not exceed.
fn percentile(waits: &[u64], of_hundred: usize) -> u64 {
    let index = (waits.len() * of_hundred).div_ceil(100).saturating_sub(1);
    waits.get(index).copied().unwrap_or_default()
}

impl Outcome {
    /// How many times longer than on an idle stack a citizen waited, at the 95th of a hundred.
    #[must_use]
    pub fn slower(&self) -> f64 {
        let p95 =
            |waits: &[u64]| f64::from(u32::try_from(percentile(waits, 95)).unwrap_or(u32::MAX));
        p95(&self.loaded_ms) / p95(&self.idle_ms).max(1.0)
    }

    /// The figures, for programs.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let waits = |waits: &[u64]| {
            json!({
                "count": waits.len(),
                "p50_ms": percentile(waits, 50),
                "p95_ms": percentile(waits, 95),
                "max_ms": waits.last(),
            })
        };
        json!({
            "idle": waits(&self.idle_ms),
            "loaded": waits(&self.loaded_ms),
            "slower_at_p95": self.slower(),
            "office": {
                "documents": self.size.bulk,
                "waiting_at_first_and_last_citizen": [self.behind.0, self.behind.1],
                "uploaded_and_queued_s": self.office.0.as_secs_f64(),
                "stamped_s": self.office.1.as_secs_f64(),
            },
            "promises_kept": [self.kept.0, self.kept.1],
            "cpu_s": { "emulator": self.cpu.emulator.as_secs_f64(), "functions": self.cpu.functions.as_secs_f64() },
            "simulated": self.simulated.json(),
            "violations": self.violations,
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |waits: &[u64]| {
            format!(
                "p50 {} ms, p95 {} ms, at most {} ms",
                percentile(waits, 50),
                percentile(waits, 95),
                waits.last().copied().unwrap_or_default()
            )
        };
        let Size {
            bulk,
            singles,
            idle,
            ..
        } = self.size;
        writeln!(
            f,
            "{idle} citizens on an idle stack, upload to stamp: {}",
            line(&self.idle_ms)
        )?;
        writeln!(
            f,
            "{singles} citizens, while {} to {} of an office's {bulk} documents waited: {} ({:.1} x)",
            self.behind.0,
            self.behind.1,
            line(&self.loaded_ms),
            self.slower()
        )?;
        writeln!(f, "first promises kept: {} of {}", self.kept.0, self.kept.1)?;
        let (queued, stamped) = self.office;
        writeln!(
            f,
            "the office: uploaded and queued in {:.0} s, all stamped {:.0} s after the lanes opened",
            queued.as_secs_f64(),
            stamped.as_secs_f64()
        )?;
        writeln!(
            f,
            "processor time while stamping: emulator {:.1} s, functions {:.1} s",
            self.cpu.emulator.as_secs_f64(),
            self.cpu.functions.as_secs_f64()
        )?;
        write!(f, "{}", self.simulated)?;
        for violation in &self.violations {
            writeln!(f, "VIOLATION {violation}")?;
        }
        Ok(())
    }
}
