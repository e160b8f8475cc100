//! `bubuh verify`: what a stamped file proves, offline.

use crate::identity;
use crate::password;
use bubuh_pdf::{Report, Trust};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

const NOT_VALID: u8 = 1;
const UNREADABLE: u8 = 2;

/// Verify the stamps of a PDF offline. Exit code 0: valid, 1: not valid, 2: unreadable.
#[derive(clap::Args)]
pub struct Args {
    /// The PDF to verify.
    file: PathBuf,
    /// Root certificates of issuers to trust, as PEM, one or several a file; may be repeated. The local development
    /// root when absent.
    #[arg(long)]
    root: Vec<PathBuf>,
    /// Root certificates of time-stamp authorities to trust, as PEM; may be repeated.
    #[arg(long)]
    tsa_root: Vec<PathBuf>,
    /// Read the document's password from the first line of the standard input; a file that opens for everybody needs
    /// none.
    #[arg(long)]
    password_stdin: bool,
    /// The state directory that holds the development identity.
    #[arg(long, default_value = ".bubuh")]
    state: PathBuf,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// A sentence when the roots cannot be read; an unreadable file is no error but exit code 2.
pub fn run(args: Args) -> Result<ExitCode, String> {
    let trust = Trust {
        issuers: if args.root.is_empty() {
            identity::local_root(&args.state)?
        } else {
            identity::roots(&args.root)?
        },
        authorities: identity::roots(&args.tsa_root)?,
    };
    let opening = password::opening(args.password_stdin)?;
    let bytes = match fs::read(&args.file) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("cannot read {}: {error}", args.file.display());
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    let report = bubuh_pdf::verify_within(&bytes, &trust, &opening);
    if args.json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        println!("{text}");
    } else {
        print(&report);
    }
    Ok(match (report.readable, report.valid) {
        (false, _) => ExitCode::from(UNREADABLE),
        (true, false) => ExitCode::from(NOT_VALID),
        (true, true) => ExitCode::SUCCESS,
    })
}

fn print(report: &Report) {
    println!("{}\n{}", report.summary_en, report.summary_id);
    for stamp in &report.stamps {
        println!("- {}\n  {}", stamp.sentence_en, stamp.sentence_id);
    }
    for other in &report.other_signatures {
        println!("- {}\n  {}", other.sentence_en, other.sentence_id);
    }
}
