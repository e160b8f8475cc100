//! `bubuh-corpus [--out DIR] PATH...`: stamps every PDF and prints what became of each, then the totals.

use bubuh_corpus::{Bench, Outcome, pdfs_below};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (mut keep, mut paths) = (None, Vec::new());
    while let Some(argument) = arguments.next() {
        if argument == "--out" {
            keep = Some(PathBuf::from(
                arguments.next().ok_or("--out needs a folder")?,
            ));
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    if paths.is_empty() {
        return Err("usage: bubuh-corpus [--out DIR] PATH...".into());
    }
    // A panic is reported as an outcome; its trace would tear the table.
    std::panic::set_hook(Box::new(|_| {}));
    let bench = Bench::new()?;
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    let mut broken_promises = 0;
    for path in &paths {
        for file in pdfs_below(path)? {
            let input = std::fs::read(&file)?;
            let started = Instant::now();
            let outcome = bench.stamp(&input, "7K3M9Q2X8R4T6W1Z5Y0P");
            let took_us = started.elapsed().as_micros();
            let word = word(&outcome);
            println!(
                "{word:<28} {took_us:>9} µs {:>10} B  {}",
                input.len(),
                file.display()
            );
            *totals.entry(word).or_default() += 1;
            match outcome {
                Outcome::Failed(why) => {
                    println!("    {why}");
                    broken_promises += 1;
                }
                Outcome::Crashed => broken_promises += 1,
                Outcome::Stamped { output, .. } => store(keep.as_deref(), &file, &output)?,
                Outcome::Refused(_) => {}
            }
        }
    }
    println!();
    for (word, count) in &totals {
        println!("{count:>6}  {word}");
    }
    Ok(if broken_promises == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Stamped { .. } => "stamped".into(),
        Outcome::Refused(code) => format!("refused: {code}"),
        Outcome::Failed(_) => "FAILED".into(),
        Outcome::Crashed => "CRASHED".into(),
    }
}

fn store(folder: Option<&Path>, file: &Path, output: &[u8]) -> std::io::Result<()> {
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder)?;
    let name = file.file_name().unwrap_or_default();
    std::fs::write(folder.join(name), output)
}
