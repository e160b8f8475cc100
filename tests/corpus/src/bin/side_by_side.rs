//! `side_by_side [FILE...]`: how long a stamp takes, in process, against the floor (read, SHA-256, write) and against
//! other libraries, and how much memory it holds at most. Without files, documents made on the spot.

use bubuh_corpus::bench::{medians_us, others, samples};
use bubuh_corpus::child::{Fate, stamp_elsewhere, stamp_here};
use bubuh_corpus::{Bench, read_with_room};
use bubuh_pdf::{Placement, Source, preflight};
use std::error::Error;
use std::path::{Path, PathBuf};

const SERIAL: &str = "7K3M9Q2X8R4T6W1Z";
const RUNS: usize = 41;
/// Slower by far: fewer runs.
const RUNS_OF_OTHERS: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [one, serial, input, output] = arguments.as_slice()
        && one == "--one"
    {
        return stamp_here(serial, input.as_ref(), output.as_ref());
    }
    let folder = tempfile::tempdir()?;
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for path in &arguments {
        files.push((path.clone(), path.into()));
    }
    if files.is_empty() {
        for sample in samples() {
            let path = folder.path().join(format!("{}.pdf", files.len()));
            std::fs::write(&path, &sample.bytes)?;
            files.push((sample.name.to_owned(), path));
        }
    }
    let bench = Bench::new()?;
    let identity = &bench.identity;
    let others = others(&identity.key_pem, &identity.chain_pem, folder.path())?;
    let output = folder.path().join("output.pdf");
    print!(
        "{:<24} {:>10} {:>9} {:>9} {:>6} {:>9}",
        "file", "bytes", "floor us", "stamp us", "ratio", "peak-in"
    );
    others
        .iter()
        .for_each(|other| print!(" {:>9} {:>6}", other.name, "times"));
    println!();
    for (name, path) in &files {
        let size = path.metadata()?.len();
        // The place is found once, when a document is accepted, and the stamp function is told.
        let source = read_with_room(path)?.into();
        let placement = preflight(&source, &Placement::default())?.placement();
        drop(source);
        let (floor, ours) = medians_us(
            RUNS,
            || floor(path, &output),
            || ours(&bench, &placement, path, &output),
        )?;
        let held = match stamp_elsewhere(&std::env::current_exe()?, SERIAL, path, &output)? {
            Fate::Stamped(facts) => facts.peak_kib,
            other => return Err(format!("{name}: {other:?}").into()),
        };
        let beyond = held.saturating_sub(size / 1024);
        print!(
            "{name:<24} {size:>10} {floor:>9.0} {ours:>9.0} {:>6.2} {beyond:>5} KiB",
            ours / floor
        );
        for other in &others {
            let took = other.median_us(RUNS_OF_OTHERS, path, &output)?;
            print!(" {took:>9.0} {:>6.1}", took / ours);
        }
        println!();
    }
    println!(
        "peak-in: the most memory of a process that stamps and verifies this file alone, less the file"
    );
    Ok(())
}

fn floor(path: &Path, output: &Path) -> Result<(), Box<dyn Error>> {
    let source = Source::from(read_with_room(path)?);
    std::hint::black_box(source.sha256());
    std::fs::write(output, &*source)?;
    Ok(())
}

fn ours(
    bench: &Bench,
    placement: &Placement,
    path: &Path,
    output: &Path,
) -> Result<(), Box<dyn Error>> {
    let stamped = bench.stamp_only(read_with_room(path)?, SERIAL, placement.clone())?;
    std::fs::write(output, stamped.bytes)?;
    Ok(())
}
