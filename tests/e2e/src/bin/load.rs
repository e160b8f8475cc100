//! The load run: `cargo run --release --bin load -- [--bulk N] [--singles N] [--per-second R] [--json]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bubuh_e2e::load::{Size, run};
use clap::Parser;
use std::process::ExitCode;

/// One office with many documents, and citizens with one each; exits with 1 if anybody was kept waiting by the office,
/// saw an error, or if the books do not hold
#[derive(Parser, Debug)]
struct Args {
    /// Documents of the office
    #[arg(long, default_value_t = 2_000)]
    bulk: usize,
    /// Citizens who come while they wait
    #[arg(long, default_value_t = 50)]
    singles: usize,
    /// Citizens before, on the idle stack
    #[arg(long, default_value_t = 20)]
    idle: usize,
    /// How many citizens come in a second
    #[arg(long, default_value_t = 2.0)]
    per_second: f64,
    /// Where chance starts
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Figures for programs
    #[arg(long)]
    json: bool,
}

/// So much longer may a citizen wait than on an idle stack.
const SLOWER_MOST: f64 = 5.0;

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = run(Size {
        bulk: args.bulk,
        singles: args.singles,
        idle: args.idle,
        per_second: args.per_second,
        seed: args.seed,
    })
    .await;
    if args.json {
        println!("{:#}", outcome.json());
    } else {
        print!("{outcome}");
    }
    if outcome.violations.is_empty() && outcome.slower() < SLOWER_MOST {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
