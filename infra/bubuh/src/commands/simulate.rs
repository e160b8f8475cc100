//! `bubuh simulate`: a deadline day on AWS's limits, before it comes.

use crate::Error;
use bubuh_deadline::{Arrivals, PROFILE, Report, Settings, json, simulate, svg, text};
use std::{path::PathBuf, process::ExitCode, thread};

/// How many times as many documents, when nothing else is asked for.
const SCALES: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
/// Of the larger ones only the last hours are simulated, in seconds: it is there that something breaks.
const LAST_S: u64 = 2 * 60 * 60;

/// Arguments of `bubuh simulate`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// The last four days before a deadline, some four million documents; and what breaks first with 2, 5 and 10 times as many
    DeadlineDay(Day),
}

#[derive(clap::Args, Debug)]
struct Day {
    /// So many times as many documents, in one run; without it 1 in full, and the last hours of 2, 5 and 10
    #[arg(long, value_name = "TIMES")]
    scale: Option<f64>,
    /// Arrivals of your own: lines `second,documents[,account]`, each until the time of the next
    #[arg(long, value_name = "FILE.csv")]
    arrivals: Option<PathBuf>,
    /// The profile of infra/deadline/runbook.toml to raise limits by; `default` raises none
    #[arg(long, value_name = "NAME", default_value = PROFILE)]
    profile: String,
    /// A limit, a parameter of the template or a habit of users to change; may be given many times
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Only the last so many hours of the arrivals
    #[arg(long, value_name = "HOURS")]
    last: Option<u64>,
    /// What decides every random number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write the curves of the first run as a picture
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

/// Simulates and prints. Exit code 1 when a document was lost.
///
/// # Errors
/// For a setting or a table of arrivals that can't be read.
pub fn run(args: Args) -> Result<ExitCode, Error> {
    let Command::DeadlineDay(day) = args.command;
    let settings = settings(&day)?;
    let arrivals = arrivals(&day, &settings)?;
    let reports = runs(&day, &settings, &arrivals)?;
    if let (Some(path), Some(first)) = (&day.svg, reports.first()) {
        std::fs::write(path, svg(first)).map_err(Error::file("write", path))?;
    }
    if day.json {
        println!("{}", json(&reports).map_err(wrong)?);
    } else {
        println!("{}", text(&reports));
    }
    let lost = reports.iter().any(|report| report.lost > 0);
    Ok(if lost {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn wrong(error: bubuh_deadline::Error) -> Error {
    Error::Simulate {
        detail: error.to_string(),
    }
}

fn settings(day: &Day) -> Result<Settings, Error> {
    let template = Settings::of_template().map_err(wrong)?;
    let settings = template.with_profile(&day.profile).map_err(wrong)?;
    let set = day
        .set
        .iter()
        .try_fold(settings, |settings, text| settings.with(text));
    set.map_err(wrong)
}

fn arrivals(day: &Day, settings: &Settings) -> Result<Arrivals, Error> {
    match &day.arrivals {
        Some(path) => {
            let table = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
            Arrivals::parse(&table).map_err(wrong)
        }
        None => {
            let of = |name: &str| settings.get(name).map_err(wrong);
            Ok(Arrivals::deadline(of("bulk_documents")?, of("bulk_rate")?))
        }
    }
}

/// The runs that were asked for, side by side.
fn runs(day: &Day, settings: &Settings, arrivals: &Arrivals) -> Result<Vec<Report>, Error> {
    let last = |seconds: u64| arrivals.lasts_s().saturating_sub(seconds);
    let wanted: Vec<(f64, u64)> = match day.scale {
        Some(scale) => vec![(scale, 0)],
        None => SCALES
            .into_iter()
            .map(|scale| (scale, if scale > 1.0 { last(LAST_S) } else { 0 }))
            .collect(),
    };
    let from_s = day.last.map(|hours| last(hours.saturating_mul(3_600)));
    let run = |scale: f64, of_its_own: u64| {
        let settings = settings.clone().at(scale, day.seed);
        simulate(&settings, arrivals, from_s.unwrap_or(of_its_own)).map_err(wrong)
    };
    thread::scope(|scope| {
        let running: Vec<_> = wanted
            .iter()
            .map(|(scale, from_s)| scope.spawn(move || run(*scale, *from_s)))
            .collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err(stopped())))
            .collect()
    })
}

fn stopped() -> Error {
    Error::Simulate {
        detail: "a run ended too early".to_owned(),
    }
}
