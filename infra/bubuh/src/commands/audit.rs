//! `bubuh audit`: every invariant of money, stamps and serials, over all rows, files and the gateway.

use crate::{Error, books, stack::ready::Ready};
use bubuh_steps::audit::IN_FLIGHT_MS;
use std::{path::PathBuf, process::ExitCode};

/// Arguments of `bubuh audit`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The state directory of a running `bubuh up`; with TABLE set, the environment's stack instead
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Believe the gateway at once instead of giving differences ten minutes
    #[arg(long)]
    strict: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Prints the report; exit code 1 on any breach.
///
/// # Errors
/// When there is no stack, or something can't be read.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let (aws, place) = Ready::reach(args.state.as_deref()).await?;
    let in_flight_ms = if args.strict { 0 } else { IN_FLIGHT_MS };
    let report = books::audit(&aws, &place, in_flight_ms).await?;
    if args.json {
        println!("{}", serde_json::to_string(&report).unwrap_or_default());
    } else {
        println!("{}", books::text(&report));
    }
    Ok(if report.breaches.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
