//! Many seeds of the simulator: `cargo run --release -p bubuh-faults -- --seeds 10000`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bubuh_faults::{
    cloud::Variant,
    sim::{Coverage, Setting, run},
};
use clap::Parser;
use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

/// Simulates the whole service under faults, one world a seed
#[derive(Parser, Debug)]
struct Args {
    /// How many seeds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first one
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Print the whole schedule of one seed instead
    #[arg(long, value_name = "SEED")]
    replay: Option<u64>,
    /// Worlds at once
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Find the first seed that sees each loss of a guarantee instead
    #[arg(long)]
    variants: bool,
    /// Print what no fault has met
    #[arg(long)]
    missing: bool,
}

fn setting(seed: u64, told: bool) -> Setting {
    Setting {
        seed,
        variant: None,
        told,
    }
}

fn replay(seed: u64) -> ExitCode {
    let outcome = run(setting(seed, true));
    for line in &outcome.schedule {
        println!("{line}");
    }
    for problem in &outcome.problems {
        println!("PROBLEM {problem}");
    }
    if outcome.problems.is_empty() {
        println!("seed {seed}: all holds");
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Each world without one guarantee is seen to be broken, or this fails.
fn variants(seeds: u64) -> ExitCode {
    let mut all = true;
    for variant in Variant::ALL {
        let broken = |seed| Setting {
            variant: Some(variant),
            ..setting(seed, false)
        };
        let runs = (0..seeds).map(|seed| (seed, run(broken(seed)).problems));
        match runs.into_iter().find(|(_, problems)| !problems.is_empty()) {
            Some((seed, problems)) => println!("{variant:?}: seed {seed}: {}", problems.join("; ")),
            None => {
                println!("{variant:?}: not seen in {seeds} seeds");
                all = false;
            }
        }
    }
    if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(seed) = args.replay {
        return replay(seed);
    }
    if args.variants {
        return variants(args.seeds);
    }
    let begun = Instant::now();
    let next = AtomicU64::new(args.from);
    let end = args.from.saturating_add(args.seeds);
    let (all, failed) = (Mutex::new(Coverage::default()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..args.threads.max(1) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= end {
                        return;
                    }
                    let outcome = run(setting(seed, false));
                    if !outcome.problems.is_empty() {
                        println!("seed {seed}: {}", outcome.problems.join("\n    "));
                        failed.lock().unwrap().push(seed);
                    }
                    all.lock().unwrap().merge(outcome.coverage);
                }
            });
        }
    });
    let (all, failed) = (all.into_inner().unwrap(), failed.into_inner().unwrap());
    let (seen, pairs) = all.pairs();
    println!(
        "{} seeds, {:.1} a second, {} faults at {} kinds of request, {seen} of {pairs} pairs met, {} failed {failed:?}",
        args.seeds,
        args.seeds as f64 / begun.elapsed().as_secs_f64(),
        all.fired(),
        all.sites(),
        failed.len(),
    );
    if args.missing {
        for pair in all.missing() {
            println!("never: {pair}");
        }
    }
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
