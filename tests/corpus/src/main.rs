//! `bubuh-corpus PATH...`: stamps every PDF below the paths, each in a process of its own with limits, asks other
//! programs about the results, prints what became of each that is not simply stamped, and the totals.

use bubuh_corpus::child::{Fate, count_here, stamp_here};
use bubuh_corpus::runner::{Asked, ask_pyhanko, run};
use bubuh_corpus::table::{Totals, write_csv};
use bubuh_corpus::{Bench, pdfs_below, tools};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

/// Stamp every PDF below some folders and ask other programs what they think of the results.
#[derive(Parser)]
struct Args {
    /// Files and folders.
    #[arg(required_unless_present_any = ["one", "count"])]
    paths: Vec<PathBuf>,
    /// Keep the stamped files here, numbered as in the table.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write the table here, as CSV.
    #[arg(long)]
    table: Option<PathBuf>,
    /// How many documents at once; as many as there are processors when absent.
    #[arg(long)]
    jobs: Option<usize>,
    /// Only stamp and verify; ask no other program.
    #[arg(long)]
    alone: bool,
    /// Also compare how the stamped pages look, in two renderers.
    #[arg(long, conflicts_with = "alone")]
    pixels: bool,
    /// The serial of every stamp.
    #[arg(long, default_value = "7K3M9Q2X8R4T6W1Z")]
    serial: String,
    /// Print how many pages `lopdf` sees.
    #[arg(long, hide = true)]
    count: Option<PathBuf>,
    /// Stamp one file here: SERIAL INPUT OUTPUT. What the program calls itself with.
    #[arg(long, num_args = 3, hide = true)]
    one: Option<Vec<String>>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    if let Some([serial, input, output]) = args.one.as_deref() {
        // A panic is reported as an outcome; its trace would hide what matters.
        std::panic::set_hook(Box::new(|_| {}));
        stamp_here(serial, input.as_ref(), output.as_ref())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = args.count {
        std::panic::set_hook(Box::new(|_| {}));
        count_here(&file)?;
        return Ok(ExitCode::SUCCESS);
    }
    let scratch = tempfile::tempdir()?;
    let folder = args.out.unwrap_or_else(|| scratch.path().join("stamped"));
    std::fs::create_dir_all(&folder)?;
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(pdfs_below(path)?);
    }
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let asked = Asked {
        program: std::env::current_exe()?,
        serial: args.serial,
        jobs: args.jobs.unwrap_or(jobs).max(1),
        judged: !args.alone,
        pixels: args.pixels,
        folder: folder.clone(),
    };
    let bar = ProgressBar::new(u64::try_from(files.len())?)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {eta}")?);
    let mut rows = run(&files, &asked, |row| {
        if !row.holds() {
            bar.println(row.to_string());
        }
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    if asked.judged {
        let root = scratch.path().join("root.pem");
        std::fs::write(&root, Bench::new()?.identity.root_pem)?;
        match tools::pyhanko() {
            Some(python) => ask_pyhanko(&mut rows, &folder, &python, &root)?,
            None => println!("pyHanko is missing and was not asked"),
        }
    }
    let mut totals = Totals::default();
    for row in &rows {
        if !row.holds() || (matches!(row.fate, Fate::Refused(_)) && row.sound == Some(true)) {
            println!("{row}");
        }
        totals.count(row);
    }
    println!("{totals}");
    if let Some(path) = args.table {
        write_csv(&rows, std::fs::File::create(path)?)?;
    }
    Ok(if totals.hold() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
