//! Chaos: many documents and orders while everything around them fails.
//!
//! Functions are killed, the emulator is held up, replies are cut after applying, events come twice,
//! and the bank fails too. When that ends everything must come to its end by itself; then the books
//! are audited and every file is read by programs that are not ours.

mod check;
mod files;
mod outputs;
mod people;
mod plan;
mod proxy;
mod remote;
mod rules;
mod settle;
mod sums;
mod weather;

pub use plan::{Plan, Size};

use crate::Run;
use bubuh::{books, stack::Options};
use bubuh_core::audit::Report;
use people::People;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use weather::Weather;

/// How long everything may take under faults, and to its end after them.
const UNDER_FAULTS: Duration = Duration::from_secs(1_200);
const AFTER_FAULTS: Duration = Duration::from_secs(420);
/// How long repeated messages may stay in the queues.
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

/// More at once than on a laptop in peace: under faults workers mostly wait.
const CONCURRENCY: [(&str, &str); 2] = [("UploadsConcurrency", "12"), ("StampsConcurrency", "12")];

/// What a run came to.
#[derive(Debug)]
pub struct Outcome {
    size: Size,
    begun: Instant,
    /// The last upload and order, the end of the faults, the end of everything, the end of checks.
    marks: Vec<(&'static str, Duration)>,
    calls: u64,
    fired: BTreeMap<String, usize>,
    read: outputs::Read,
    doubled: usize,
    dead_letters: u64,
    sums: sums::Sums,
    report: Report,
    /// What does not hold; nothing, if all does.
    pub violations: Vec<String>,
}

/// Runs it all.
pub async fn run(size: Size) -> Outcome {
    let run = Run::start_with(Options {
        fault_proxy: true,
        parameters: CONCURRENCY
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
        ..Options::default()
    })
    .await;
    let plan = Plan::new(size);
    let people = People::new(&run, &plan).await;
    let mut weather = Weather::new(&run.stack, size.seed);
    let (begun, stop) = (Instant::now(), AtomicBool::new(false));
    let mut marks = Vec::new();
    let mut again = BTreeSet::new();

    // Faults end when nearly all has come to its end under them.
    let nearly = (plan.documents.len() / 50).max(5);
    let busy = async {
        let life = async {
            people.live(&plan).await;
            begun.elapsed()
        };
        let watch = settle::settled(&run, &plan, &people, &mut again, nearly, UNDER_FAULTS);
        let (sent, _) = futures::join!(life, watch);
        stop.store(true, Ordering::Relaxed);
        sent
    };
    let (sent, ()) = futures::join!(busy, weather.blow(&stop));
    marks.push(("all was sent", sent));
    marks.push(("faults ended", begun.elapsed()));
    println!("  faults ended");
    settle::settled(&run, &plan, &people, &mut again, 0, AFTER_FAULTS).await;
    marks.push(("all was at its end", begun.elapsed()));

    // Whatever was delivered before is delivered once more, after the end.
    let doubled: Vec<_> = plan.documents.iter().filter(|d| d.doubled).collect();
    for document in &doubled {
        people.uploaded_again(document).await;
        people.queued_again(document).await;
    }
    let left = settle::drained(&run, DRAINED_WITHIN).await;
    marks.push(("queues were empty", begun.elapsed()));
    let report = run.audit().await;
    let picture = settle::Picture::take(&run).await;
    let mut violations = check::rows(&run, &plan, &picture, &report);
    marks.push(("books were audited", begun.elapsed()));
    let sums = sums::Sums::of(&run, &picture);
    violations.extend(sums.wrong());
    violations.extend(remote::wrong(&run).await);
    let (read, wrong) = outputs::check(&run, &plan, &picture).await;
    violations.extend(wrong);
    marks.push(("files were read", begun.elapsed()));
    let fired = weather.fired().await;
    let never = fired.iter().filter(|(_, count)| **count == 0);
    violations.extend(never.map(|(name, _)| format!("a fault never fired: {name}")));
    if left > 0 {
        violations.push(format!("{left} messages are still in the queues"));
    }
    let mut dead_letters = 0;
    for queue in ["UploadsDeadLettersUrl", "StampsDeadLettersUrl"] {
        dead_letters += run.depth(queue).await;
    }
    let outcome = Outcome {
        size,
        begun,
        marks,
        calls: weather.calls().await,
        fired,
        read,
        doubled: doubled.len(),
        dead_letters,
        sums,
        report,
        violations,
    };
    run.end().await;
    outcome
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size {
            documents,
            orders,
            seed,
        } = self.size;
        writeln!(f, "{documents} documents, {orders} orders, seed {seed}")?;
        for (what, at) in &self.marks {
            writeln!(f, "  {:>6.1} s  {what}", at.as_secs_f64())?;
        }
        writeln!(f, "{} calls through the fault proxy; faults:", self.calls)?;
        for (name, count) in &self.fired {
            writeln!(f, "  {count:>6}  {name}")?;
        }
        writeln!(
            f,
            "  {:>6}  documents with every event doubled",
            self.doubled
        )?;
        writeln!(
            f,
            "  {:>6}  messages given up by the queues",
            self.dead_letters
        )?;
        writeln!(f, "stamped files read by:")?;
        for (reader, count) in &self.read {
            writeln!(f, "  {count:>6}  {reader}")?;
        }
        writeln!(f, "{}\n{}", self.sums, books::text(&self.report))?;
        for violation in &self.violations {
            writeln!(f, "VIOLATION {violation}")?;
        }
        let all = self.begun.elapsed().as_secs_f64();
        write!(f, "{} violations, {all:.0} s in all", self.violations.len())
    }
}
