//! `bubuh submit`: many files, stamped in one go.

use crate::{
    Error,
    client::Client,
    submit::{self, All, Options, Outcome, Row, State, Wish},
};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Something is left to be done, such as buying stamps; the same command goes on.
const NOT_YET: u8 = 2;
/// All has come to its end, and something was refused.
const REFUSED: u8 = 3;

/// Arguments of `bubuh submit`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// PDFs, and directories that are searched for PDFs
    #[arg(required_unless_present = "manifest")]
    paths: Vec<PathBuf>,
    /// A CSV with a column `file`, and perhaps document_type, page, rect, anchor, deadline
    #[arg(long, value_name = "CSV", conflicts_with = "paths")]
    manifest: Option<PathBuf>,
    /// Where the API is; BUBUH_API if not given
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Where stamped files and result.csv go
    #[arg(long, value_name = "DIR", default_value = "stamped")]
    out: PathBuf,
    /// Files sent at a time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// The same content is stamped once in each batch; another name stamps it once more
    #[arg(long, value_name = "NAME", default_value = "")]
    batch: String,
    /// Send nothing unless every file can be stamped and there are stamps for all
    #[arg(long)]
    all_or_none: bool,
    /// The document kind: 2, 3, 4a or 4b
    #[arg(long, default_value = "3")]
    kind: String,
    /// The page from 1; the last one if not given
    #[arg(long)]
    page: Option<u32>,
    /// llx,lly,urx,ury in whole points from the bottom left of the page
    #[arg(long, value_parser = parse_rect, allow_hyphen_values = true)]
    rect: Option<[i32; 4]>,
    /// A phrase on the page that marks the place, such as "Materai"
    #[arg(long, conflicts_with = "rect")]
    anchor: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

fn parse_rect(text: &str) -> Result<[i32; 4], String> {
    submit::sides(text).ok_or_else(|| "four whole numbers are needed: llx,lly,urx,ury".to_owned())
}

/// Has the files stamped; exit code 0 when each is, 2 when something is left to be done, 3 when one was refused. The
/// token is in `BUBUH_TOKEN`, for arguments can be seen by everybody on a machine.
///
/// # Errors
/// The disk's, a manifest's, and a token that is missing or not taken.
pub async fn run(args: Args) -> Result<ExitCode, Error> {
    let missing = |detail: &str| Error::Submit {
        detail: detail.to_owned(),
    };
    let setting = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let api = args.api.clone().or_else(|| setting("BUBUH_API"));
    let api = api.ok_or_else(|| missing("where is the API? Give --api, or set BUBUH_API"))?;
    let token = setting("BUBUH_TOKEN");
    let token = token.ok_or_else(|| missing("set BUBUH_TOKEN to a token of your account"))?;
    std::fs::create_dir_all(&args.out).map_err(Error::file("make", &args.out))?;
    let out = args.out.canonicalize();
    let out = out.map_err(Error::file("open", &args.out))?;
    let items = items(&args, &out)?;
    if items.is_empty() {
        return Err(missing("there is no PDF there"));
    }
    let options = Options {
        out,
        jobs: args.jobs.into(),
        batch: args.batch.clone(),
        all: if args.all_or_none {
            All::OrNone
        } else {
            All::Some
        },
    };
    let bar = bar(items.len());
    let client = Client::patient(api.trim_end_matches('/'), token)?;
    let outcome = submit::run(client, items, &options, |row| {
        bar.inc(1);
        if row.state != State::Stamped {
            bar.println(line(row));
        }
    })
    .await;
    bar.finish_and_clear();
    let outcome = outcome?;
    if args.json {
        println!(
            "{:#}",
            json!({"files": outcome.rows, "not_begun": outcome.not_begun})
        );
    } else {
        tell(&outcome, &options.out);
    }
    Ok(code(&outcome))
}

fn items(args: &Args, out: &Path) -> Result<Vec<submit::Item>, Error> {
    let wish = Wish {
        kind: args.kind.clone(),
        page: args.page,
        rect: args.rect,
        anchor: args.anchor.clone(),
        deadline: None,
    };
    match &args.manifest {
        Some(manifest) => submit::from_manifest(manifest, &wish),
        None => submit::from_paths(&args.paths, out, &wish),
    }
}

/// On a terminal; nothing elsewhere.
fn bar(files: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(files).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} {elapsed:.dim}") {
        bar.set_style(style);
    }
    bar
}

fn line(row: &Row) -> String {
    format!("{}: {}", row.file, row.reason)
}

fn tell(outcome: &Outcome, out: &Path) {
    let mut counts = BTreeMap::new();
    for row in &outcome.rows {
        *counts.entry(row.state).or_insert(0_usize) += 1;
    }
    for (state, count) in counts {
        println!("{count:>6} {}", words(state));
    }
    for row in outcome
        .rows
        .iter()
        .filter(|row| row.state != State::Stamped)
    {
        println!("{}", line(row));
    }
    match &outcome.not_begun {
        Some(why) => println!("{why}"),
        None => println!("{}", out.join("result.csv").display()),
    }
}

const fn words(state: State) -> &'static str {
    match state {
        State::Stamped => "stamped",
        State::Refused => "can't be stamped; no stamp was spent on them",
        State::Duplicate => "the same as another",
        State::UnderWay => "not at their end; run again to fetch them",
        State::AwaitingStamp => {
            "wait for stamps: buy some, they go on by themselves; run again to fetch them"
        }
        State::Failed => "without an answer; run again, nothing is stamped twice",
    }
}

fn code(outcome: &Outcome) -> ExitCode {
    let any = |state| outcome.rows.iter().any(|row| row.state == state);
    let unfinished = [State::UnderWay, State::AwaitingStamp, State::Failed];
    if outcome.not_begun.is_none() && unfinished.into_iter().any(any) {
        ExitCode::from(NOT_YET)
    } else if any(State::Refused) {
        ExitCode::from(REFUSED)
    } else if outcome.not_begun.is_some() {
        ExitCode::from(NOT_YET)
    } else {
        ExitCode::SUCCESS
    }
}
