//! `bubuh simulate`: a deadline day on AWS's limits, before it comes.

use crate::Error;
use bubuh_deadline::{Arrivals, DEFAULT, PROFILE, Report, Settings, json, simulate, svg, text};
use std::{num::NonZero, path::PathBuf, process::ExitCode, sync::Mutex, thread};

/// How many times as many documents, when nothing else is asked for.
const SCALES: [f64; 4] = [1.0, 2.0, 5.0, 10.0];
/// Of all but the first only the last hours are simulated, in seconds: it is there that something breaks.
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
    /// So many times as many documents; without it 1 in full, and the last hours of 2, 5 and 10
    #[arg(long, value_name = "TIMES")]
    scale: Option<f64>,
    /// Arrivals of your own: lines `second,documents[,account]`, each until the time of the next
    #[arg(long, value_name = "FILE.csv")]
    arrivals: Option<PathBuf>,
    /// The profile of infra/deadline/runbook.toml to raise limits by; `default` raises none. Without it and without
    /// a scale both, else the runbook's
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
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
    let arrivals = arrivals(&day)?;
    let reports = runs(&day, &arrivals)?;
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

fn settings(day: &Day, profile: &str) -> Result<Settings, Error> {
    let template = Settings::of_template().map_err(wrong)?;
    let settings = template.with_profile(profile).map_err(wrong)?;
    let set = day
        .set
        .iter()
        .try_fold(settings, |settings, text| settings.with(text));
    set.map_err(wrong)
}

fn arrivals(day: &Day) -> Result<Arrivals, Error> {
    match &day.arrivals {
        Some(path) => {
            let table = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
            Arrivals::parse(&table).map_err(wrong)
        }
        None => {
            let settings = settings(day, DEFAULT)?;
            let of = |name: &str| settings.get(name).map_err(wrong);
            Ok(Arrivals::deadline(of("bulk_documents")?, of("bulk_rate")?))
        }
    }
}

/// The runs that were asked for, as many side by side as there are processors.
fn runs(day: &Day, arrivals: &Arrivals) -> Result<Vec<Report>, Error> {
    let wanted = wanted(day, arrivals)?;
    let todo = Mutex::new(wanted.into_iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = todo.lock().map_err(|_| stopped())?.next();
            let Some((place, (settings, from_s))) = next else {
                return Ok(done);
            };
            let report = simulate(&settings, arrivals, from_s).map_err(wrong)?;
            done.push((place, report));
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let done: Result<Vec<Vec<(usize, Report)>>, Error> = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .map(|one| one.unwrap_or_else(|_| Err(stopped())))
            .collect()
    });
    let mut done: Vec<(usize, Report)> = done?.into_iter().flatten().collect();
    done.sort_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, report)| report).collect())
}

/// With what, and from which second of the curve on.
fn wanted(day: &Day, arrivals: &Arrivals) -> Result<Vec<(Settings, u64)>, Error> {
    let profiles = match (&day.profile, day.scale) {
        (Some(profile), _) => vec![profile.as_str()],
        (None, Some(_)) => vec![PROFILE],
        (None, None) => vec![PROFILE, DEFAULT],
    };
    let scales = day.scale.map_or_else(|| SCALES.to_vec(), |one| vec![one]);
    let last = |seconds: u64| arrivals.lasts_s().saturating_sub(seconds);
    let asked = day.last.map(|hours| last(hours.saturating_mul(3_600)));
    let mut wanted = Vec::new();
    for profile in profiles {
        for scale in &scales {
            let settings = settings(day, profile)?.at(*scale, day.seed);
            let from_s = if wanted.is_empty() { 0 } else { last(LAST_S) };
            wanted.push((settings, asked.unwrap_or(from_s)));
        }
    }
    Ok(wanted)
}

fn stopped() -> Error {
    Error::Simulate {
        detail: "a run ended too early".to_owned(),
    }
}
