//! Many seeds of the simulator: `cargo run --release --bin bubuh-faults -- --seeds 10000`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bubuh_faults::{
    cloud::Variant,
    many,
    remote::Serials,
    sim::{Aim, Coverage, Setting, Sums, run, run_here},
    world::STACK,
};
use clap::Parser;
use std::{
    collections::BTreeSet,
    ops::Range,
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

/// Many small allocations are a fifth of a world's cost with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Simulates the whole service under faults, one world a seed
#[derive(Parser, Debug)]
struct Args {
    /// How many seeds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first one
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Worlds at once
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Then hunt each fault that no request of a kind has met, in at most so many worlds each
    #[arg(long, value_name = "WORLDS", default_value_t = 2_000)]
    hunt: u64,
    /// Print the whole schedule of one seed instead
    #[arg(long, value_name = "SEED")]
    replay: Option<u64>,
    /// The fault that was hunted in the world that is replayed
    #[arg(long, value_name = "FAULT at REQUEST", requires = "replay")]
    aim: Option<Aim>,
    /// Find the first seed that sees each loss of a guarantee instead
    #[arg(long)]
    variants: bool,
    /// Have so many documents stamped by a remote issuer, with faults at every call, instead: half of them with serials
    /// asked for one by one, half in batches
    #[arg(long, value_name = "DOCUMENTS")]
    issuer: Option<u32>,
}

fn setting(seed: u64) -> Setting {
    Setting {
        seed,
        ..Setting::default()
    }
}

fn code(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn replay(seed: u64, aim: Option<Aim>) -> ExitCode {
    let outcome = run(Setting {
        told: true,
        aim,
        ..setting(seed)
    });
    for line in &outcome.schedule {
        println!("{line}");
    }
    for problem in &outcome.problems {
        println!("PROBLEM {problem}");
    }
    if outcome.problems.is_empty() {
        println!("seed {seed}: all holds");
    }
    code(outcome.problems.is_empty())
}

/// Does the same on so many threads, and waits for all.
fn on_each(threads: usize, work: impl Fn() + Sync) {
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let thread = thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, &work).unwrap();
        }
    });
}

/// Many documents through a remote issuer.
fn issuer(seed: u64, documents: u32) -> ExitCode {
    let half = |n: u64, serials| many::Setting {
        seed: seed + n,
        documents: documents / 2,
        more: documents / 10,
        per_mille: 20,
        serials,
    };
    let halves = [half(0, Serials::Single), half(1, Serials::Batch)];
    let counted = thread::scope(|scope| {
        let running = halves.map(|half| scope.spawn(move || (half, many::run(half))));
        running.map(|half| half.join().unwrap())
    });
    let mut good = true;
    for (half, counted) in counted {
        println!("{:?}, seed {}: {counted}", half.serials, half.seed);
        for problem in &counted.problems {
            println!("PROBLEM {problem}");
        }
        good &= counted.problems.is_empty();
    }
    code(good)
}

/// The first seed in whose world the loss of this guarantee is seen, and how.
fn first_seen(variant: Variant, seeds: u64, threads: usize) -> Option<(u64, Vec<String>)> {
    let (next, first) = (AtomicU64::new(0), Mutex::new(None::<(u64, Vec<String>)>));
    on_each(threads, || {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            let over = first.lock().unwrap().as_ref().is_some_and(|f| f.0 < seed);
            if seed >= seeds || over {
                return;
            }
            let broken = Setting {
                variant: Some(variant),
                ..setting(seed)
            };
            let problems = run_here(broken).problems;
            let mut first = first.lock().unwrap();
            if !problems.is_empty() && first.as_ref().is_none_or(|f| seed < f.0) {
                *first = Some((seed, problems));
            }
        }
    });
    first.into_inner().unwrap()
}

/// Each world without one guarantee is seen to be broken, or this fails.
fn variants(seeds: u64, threads: usize) -> ExitCode {
    let mut all = true;
    for variant in Variant::ALL {
        match first_seen(variant, seeds, threads) {
            Some((seed, problems)) => println!("{variant:?}: seed {seed}: {}", problems.join("; ")),
            None => {
                println!("{variant:?}: not seen in {seeds} seeds");
                all = false;
            }
        }
    }
    code(all)
}

/// What all worlds together showed.
#[derive(Default)]
struct Found {
    coverage: Coverage,
    sums: Sums,
    worlds: u64,
    failed: u64,
}

impl Found {
    fn add(&mut self, setting: Setting) {
        let (seed, aim) = (setting.seed, setting.aim.clone());
        let mut outcome = run_here(setting);
        self.worlds += 1;
        if aim.is_none() {
            outcome.coverage.seen_in(seed);
        }
        self.coverage.merge(outcome.coverage);
        self.sums.add(outcome.sums);
        if !outcome.problems.is_empty() {
            let aim = aim.map_or_else(String::new, |aim| format!(" --aim '{aim}'"));
            println!("--replay {seed}{aim}: {}", outcome.problems.join("\n    "));
            self.failed += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.coverage.merge(other.coverage);
        self.sums.add(other.sums);
        self.worlds += other.worlds;
        self.failed += other.failed;
    }
}

/// Does the same on every thread and puts together what was found.
fn everywhere(threads: usize, work: impl Fn(&mut Found) + Sync) -> Found {
    let all = Mutex::new(Found::default());
    on_each(threads, || {
        let mut mine = Found::default();
        work(&mut mine);
        all.lock().unwrap().merge(mine);
    });
    all.into_inner().unwrap()
}

fn seeds(threads: usize, range: Range<u64>) -> Found {
    let next = AtomicU64::new(range.start);
    everywhere(threads, |found| {
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            if !range.contains(&seed) {
                return;
            }
            found.add(setting(seed));
        }
    })
}

/// Hunts each fault that was not met, also those at requests that are first seen on the hunt: in worlds that make the
/// request, then in others. Gives those that were never met.
fn hunt(found: &mut Found, threads: usize, range: &Range<u64>) -> BTreeSet<Aim> {
    let mut escaped = BTreeSet::new();
    loop {
        let mut missing = found.coverage.missing();
        missing.retain(|(aim, _)| !escaped.contains(aim));
        if missing.is_empty() {
            escaped.retain(|aim| !found.coverage.met(aim));
            return escaped;
        }
        let (missing, lost) = (Mutex::new(missing), Mutex::new(&mut escaped));
        found.merge(everywhere(threads, |found| {
            loop {
                let Some((aim, worlds)) = missing.lock().unwrap().pop() else {
                    return;
                };
                let mut tries = worlds.into_iter().chain(range.clone());
                while !found.coverage.met(&aim) {
                    let Some(seed) = tries.next() else {
                        lost.lock().unwrap().insert(aim.clone());
                        break;
                    };
                    found.add(Setting {
                        aim: Some(aim.clone()),
                        ..setting(seed)
                    });
                }
            }
        }));
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(seed) = args.replay {
        return replay(seed, args.aim);
    }
    if args.variants {
        return variants(args.seeds, args.threads);
    }
    if let Some(documents) = args.issuer {
        return issuer(args.from, documents);
    }
    let begun = Instant::now();
    let mut found = seeds(
        args.threads,
        args.from..args.from.saturating_add(args.seeds),
    );
    let a_second = found.worlds as f64 / begun.elapsed().as_secs_f64();
    let (met, pairs) = found.coverage.pairs();
    println!(
        "{} worlds, {a_second:.1} a second, {} requests of {} kinds, {} faults, {met} of {pairs} pairs met, {} failed",
        found.worlds,
        found.coverage.requests(),
        found.coverage.sites(),
        found.coverage.fired(),
        found.failed,
    );
    println!("seeds from {}: {}", args.from, found.sums);
    let escaped = if args.hunt == 0 {
        let never = found.coverage.missing().into_iter();
        never.map(|(aim, _)| aim).collect()
    } else {
        let tries = args.from..args.from.saturating_add(args.hunt);
        hunt(&mut found, args.threads, &tries)
    };
    let (met, pairs) = found.coverage.pairs();
    println!(
        "after the hunt: {} worlds, {met} of {pairs} pairs of a fault and a kind of request met, {} failed",
        found.worlds, found.failed,
    );
    let mut missed = false;
    for aim in &escaped {
        let rare = found.coverage.rare(aim);
        missed |= !rare;
        println!("never: {aim}{}", if rare { " (rare)" } else { "" });
    }
    code(found.failed == 0 && (!missed || args.hunt == 0))
}
