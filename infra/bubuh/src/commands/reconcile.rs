//! `bubuh reconcile`: books a settlement file and tells how gateway, ledger and file agree.

use crate::{
    Error,
    reconcile::{self, csv, day, html},
    stack::ready::Ready,
};
use bubuh_core::settlement::{Statement, StatementState, report::Report};
use bubuh_store::Ambient;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What the command answers when the file is refused.
const REFUSED: u8 = 2;

/// Arguments of `bubuh reconcile`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A settlement file to book first; the same file again changes nothing
    #[arg(value_name = "FILE.csv")]
    file: Option<PathBuf>,
    /// The day of the report in Jakarta, as 2026-11-25; today if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<jiff::civil::Date>,
    /// Where the report is written
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Don't ask the gateway about each payment of the day
    #[arg(long)]
    no_ask: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// The state directory of a running `bubuh up`; with TABLE set, the environment's stack instead
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// Writes `reconciliation-DAY.csv` and `.html`; exit code 0 when all agree, 1 on any break, 2 when the file
/// is refused.
///
/// # Errors
/// When there is no stack, or something can't be read or written.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let (aws, place) = Ready::reach(args.state.as_deref()).await?;
    let mut statement = None;
    if let Some(path) = &args.file {
        let bytes = std::fs::read(path).map_err(Error::file("read", path))?;
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into());
        statement = Some(reconcile::read_file(&aws, &place, (&name, bytes)).await?);
    }
    let now_ms = Ambient::system().now_ms();
    let date = args.day.or_else(|| day::of(now_ms));
    let (date, bounds) = date
        .and_then(|date| Some((date.to_string(), day::bounds(date)?)))
        .ok_or_else(|| Error::Reconcile {
            detail: "there is no such day".to_owned(),
        })?;
    let report = reconcile::of_day(&aws, &place, bounds, !args.no_ask).await?;
    let rows = csv::rows(&report).map_err(|e| Error::Reconcile {
        detail: e.to_string(),
    })?;
    let files = [
        write(&args.out, &format!("reconciliation-{date}.csv"), &rows)?,
        write(
            &args.out,
            &format!("reconciliation-{date}.html"),
            html::page(&report, &date, now_ms).as_bytes(),
        )?,
    ];
    if args.json {
        let told = json!({ "day": date, "statement": statement, "report": report, "files": files });
        println!("{told}");
    } else {
        println!("{}", text(&date, statement.as_ref(), &report, &files));
    }
    Ok(match statement {
        Some(row) if row.state == StatementState::Refused => ExitCode::from(REFUSED),
        _ if report.clean() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(dir).map_err(Error::file("make", dir))?;
    let path = dir.join(name);
    std::fs::write(&path, bytes).map_err(Error::file("write", &path))?;
    Ok(path)
}

/// The report for a person at a terminal.
fn text(date: &str, statement: Option<&Statement>, report: &Report, files: &[PathBuf]) -> String {
    use bubuh_core::settlement::report::Match;
    let mut lines = Vec::new();
    match statement {
        Some(row) if row.state == StatementState::Refused => lines.push(format!(
            "{}: refused, nothing was booked: {}",
            row.name,
            row.refused.as_deref().unwrap_or_default()
        )),
        Some(row) => lines.push(format!(
            "{}: {} lines booked: paid {}, fees {}, kept back {}",
            row.name, row.booked, row.sums.paid, row.sums.fees, row.sums.kept
        )),
        None => {}
    }
    let turnover = &report.turnover;
    lines.push(format!(
        "{date}: captured {}, paid out {}, fees {}, refunded {}, kept back {}, disputed {}",
        turnover.captured,
        turnover.settled,
        turnover.fees,
        turnover.refunded,
        turnover.kept,
        turnover.disputed
    ));
    lines.push(format!(
        "matched {}, waiting {}, broken {}; open breaks {}, other open cases {}",
        report.count(Match::Matched),
        report.count(Match::Waiting),
        report.count(Match::Broken),
        report.open.len(),
        report.other_cases
    ));
    for open in &report.open {
        lines.push(format!("  {}  {:<20} {}", open.case, open.kind, open.note));
    }
    lines.extend(files.iter().map(|file| format!("wrote {}", file.display())));
    lines.join("\n")
}
