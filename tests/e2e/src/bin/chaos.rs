//! The chaos run: `cargo run --release --bin chaos -- [--documents N] [--orders N] [--seed S]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bubuh_e2e::chaos::{Size, run};
use clap::Parser;
use std::process::ExitCode;

/// Buys and stamps on the local stack while everything around it fails; exits with 1 if anything
/// was lost, double or burnt
#[derive(Parser, Debug)]
struct Args {
    /// How many documents
    #[arg(long, default_value_t = 2_000)]
    documents: usize,
    /// How many orders
    #[arg(long, default_value_t = 500)]
    orders: usize,
    /// Where chance starts
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    let size = Size {
        documents: args.documents,
        orders: args.orders,
        seed: args.seed,
    };
    let outcome = run(size).await;
    println!("{outcome}");
    if outcome.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
