//! One document in a process of its own, so that a hang, a crash or a greedy file costs only that process.

use crate::stamping::{Bench, Outcome};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
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
    setrlimit(
        Resource::As,
        Rlimit {
            current: Some(MOST_MEMORY_BYTES),
            maximum: Some(MOST_MEMORY_BYTES),
        },
    )?;
    let mut bytes = Vec::with_capacity(usize::try_from(input.metadata()?.len())? + 64 * 1024);
    std::fs::File::open(input)?.read_to_end(&mut bytes)?;
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

/// The high-water mark of this process's memory.
fn peak_kib() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    Ok(number.ok_or("no VmHWM")?.trim().parse()?)
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
    let mut child = Command::new(program)
        .args(["--one", serial])
        .args([input, output])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > MOST_TIME {
            child.kill()?;
            child.wait()?;
            return Ok(Fate::TimedOut);
        }
        std::thread::sleep(LOOK);
    };
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(fate(status, &output.stdout, &said))
}

fn fate(status: ExitStatus, answer: &[u8], said: &str) -> Fate {
    match serde_json::from_slice(answer) {
        Ok(fate) if status.success() => fate,
        _ if said.contains("memory allocation of") => Fate::OutOfMemory,
        _ => Fate::Crashed(format!("{status}: {}", said.trim())),
    }
}
