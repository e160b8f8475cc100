//! One document in a process of its own, so that a hang, a crash or a greedy file costs only that process.

use crate::files::read_with_room;
use crate::stamping::{Bench, Outcome};
use bubuh_pdf::{Placement, Source, preflight};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a document may take.
pub const MOST_TIME: Duration = Duration::from_secs(5);
/// How much address space its process may take, in bytes.
pub const MOST_MEMORY_BYTES: u64 = 512 * 1024 * 1024;
/// How often a running process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Stamped, released by the gate, verified.
    Stamped(Stamped),
    /// Refused by preflight with this code.
    Refused(String),
    /// Accepted by preflight and then not stamped, or not verified: a broken promise.
    Failed(String),
    /// The process ended by itself, badly.
    Crashed(String),
    /// It took more than [`MOST_TIME`].
    TimedOut,
    /// It asked for more than [`MOST_MEMORY_BYTES`].
    OutOfMemory,
}

/// Facts about a stamped document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Pages.
    pub pages: usize,
    /// The page that carries the stamp, from 1.
    pub page: usize,
    /// Where on it: llx, lly, urx, ury in points from the bottom left of the page as shown.
    pub rect: [f64; 4],
    /// How many bytes were added.
    pub added_bytes: usize,
    /// How many more preflight had promised at most.
    pub spare_bytes: usize,
    /// Preflight and stamp, in microseconds.
    pub took_us: u64,
    /// The most memory the process held, in KiB.
    pub peak_kib: u64,
}

/// Stamps one document and writes the result; says the fate on standard output as JSON.
///
/// # Errors
/// When files can't be read or written: the parent calls that a crash.
pub fn stamp_here(serial: &str, input: &Path, output: &Path) -> Result<(), Box<dyn Error>> {
    cap_memory()?;
    let bytes = read_with_room(input)?;
    let size = bytes.len();
    let bench = Bench::new()?;
    let started = Instant::now();
    let outcome = bench.stamp_owned(
        bytes,
        serial,
        bubuh_pdf::Placement::default(),
        &bubuh_pdf::Opening::default(),
    );
    let took_us = u64::try_from(started.elapsed().as_micros())?;
    let fate = match outcome {
        Outcome::Stamped {
            output: stamped,
            verdict,
        } => {
            std::fs::write(output, &stamped)?;
            let rect = verdict.rect;
            Fate::Stamped(Stamped {
                pages: verdict.pages,
                page: verdict.page,
                rect: [rect.llx, rect.lly, rect.urx, rect.ury],
                added_bytes: stamped.len().saturating_sub(size),
                spare_bytes: verdict.size_after.saturating_sub(stamped.len()),
                took_us,
                peak_kib: peak_kib()?,
            })
        }
        Outcome::Refused(code) => Fate::Refused(code.into()),
        Outcome::Failed(why) => Fate::Failed(why),
        Outcome::Crashed => Fate::Crashed("panicked".into()),
    };
    println!("{}", serde_json::to_string(&fate)?);
    Ok(())
}

/// What a file cost that must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why preflight refuses it, as a code; `stampable` when it does not.
    pub preflight: String,
    /// The same of the stamp, asked for without a preflight.
    pub stamp: String,
    /// How long preflight took, in microseconds.
    pub took_us: u64,
    /// The most memory the process held, in KiB.
    pub peak_kib: u64,
}

/// Has a file refused twice, by preflight and by the stamp; says the cost on standard output as JSON.
///
/// # Errors
/// When the file can't be read.
pub fn refuse_here(input: &Path) -> Result<(), Box<dyn Error>> {
    let source = Source::from(read_with_room(input)?);
    let started = Instant::now();
    let verdict = preflight(&source, &Placement::default());
    let took_us = u64::try_from(started.elapsed().as_micros())?;
    let bytes = source.into_bytes();
    let stamped = Bench::new()?.stamp_only(bytes, "7K3M9Q2X8R4T6W1Z", Placement::default());
    let refused = Refused {
        preflight: verdict
            .map_or_else(|refusal| refusal.code(), |_| STAMPABLE)
            .into(),
        stamp: match stamped {
            Ok(_) => STAMPABLE.into(),
            Err(bubuh_pdf::Error::Refused(refusal)) => refusal.code().into(),
            Err(other) => other.to_string(),
        },
        took_us,
        peak_kib: peak_kib()?,
    };
    println!("{}", serde_json::to_string(&refused)?);
    Ok(())
}

const STAMPABLE: &str = "stampable";

/// The same in a process of `bombs`; an error when it ended badly or took more than [`MOST_TIME`].
///
/// # Errors
/// When no process can be started, or it did not say what was found.
pub fn refuse_elsewhere(program: &Path, input: &Path) -> Result<Refused, Box<dyn Error>> {
    let ended = limited(Command::new(program).arg("--one").arg(input))?.ok_or("too slow")?;
    let said = String::from_utf8_lossy(&ended.stderr);
    serde_json::from_slice(&ended.stdout).map_err(|_| format!("{}: {said}", ended.status).into())
}

/// The high-water mark of this process's memory.
fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    Ok(number.ok_or("no VmHWM")?.trim().parse()?)
}

/// Prints how many pages `lopdf` sees in a file, as JSON. A reader that loads all there is: a hostile file costs it
/// gigabytes, so it reads in a process of its own.
///
/// # Errors
/// When memory can't be capped.
pub fn count_here(file: &Path) -> Result<(), Box<dyn Error>> {
    cap_memory()?;
    let pages = lopdf::Document::load(file).map(|document| document.get_pages().len());
    println!("{}", serde_json::to_string(&pages.ok())?);
    Ok(())
}

/// How many pages `lopdf` sees; nothing when it can't read the file within the limits.
///
/// # Errors
/// When no process can be started.
pub fn count_elsewhere(program: &Path, file: &Path) -> std::io::Result<Option<usize>> {
    let ended = limited(Command::new(program).arg("--count").arg(file))?;
    Ok(ended.and_then(|ended| serde_json::from_slice(&ended.stdout).ok().flatten()))
}

fn cap_memory() -> std::io::Result<()> {
    let limit = Rlimit {
        current: Some(MOST_MEMORY_BYTES),
        maximum: Some(MOST_MEMORY_BYTES),
    };
    Ok(setrlimit(Resource::As, limit)?)
}

/// Has a document stamped by a process of `bubuh-corpus`, or another program that understands `--one`.
///
/// # Errors
/// When no process can be started.
pub fn stamp_elsewhere(
    program: &Path,
    serial: &str,
    input: &Path,
    output: &Path,
) -> std::io::Result<Fate> {
    let mut command = Command::new(program);
    command.args(["--one", serial]).args([input, output]);
    Ok(limited(&mut command)?.map_or(Fate::TimedOut, |ended| fate(&ended)))
}

/// Runs a program to its end; nothing when it took more than [`MOST_TIME`].
fn limited(command: &mut Command) -> std::io::Result<Option<Output>> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let started = Instant::now();
    while child.try_wait()?.is_none() {
        if started.elapsed() > MOST_TIME {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
    child.wait_with_output().map(Some)
}

fn fate(ended: &Output) -> Fate {
    let said = String::from_utf8_lossy(&ended.stderr);
    match serde_json::from_slice(&ended.stdout) {
        Ok(fate) if ended.status.success() => fate,
        _ if said.contains("memory allocation of") => Fate::OutOfMemory,
        _ => Fate::Crashed(format!("{}: {}", ended.status, said.trim())),
    }
}
