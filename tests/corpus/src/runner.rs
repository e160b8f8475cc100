//! Many documents at once.

use crate::child::{Fate, stamp_elsewhere};
use crate::judges::{Fault, compare, look};
use crate::table::Row;
use crate::tools;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is asked of each document.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The program that stamps one document: `bubuh-corpus`.
    pub program: PathBuf,
    /// Its serial.
    pub serial: String,
    /// How many are worked on at once.
    pub jobs: usize,
    /// Whether other programs judge before and after.
    pub judged: bool,
    /// Whether they also compare how the stamped page looks.
    pub pixels: bool,
    /// Where stamped files go.
    pub folder: PathBuf,
}

/// Stamps every file; `done` is told of each as it ends. Rows come in the order of the files.
///
/// # Errors
/// When a file or a program is not to be had.
pub fn run(files: &[PathBuf], asked: &Asked, done: impl Fn(&Row) + Sync) -> io::Result<Vec<Row>> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else {
                return Ok(());
            };
            let row = one(file, index, asked)?;
            done(&row);
            if let Ok(mut rows) = rows.lock() {
                rows.push((index, row));
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..asked.jobs).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a worker panicked")))
        })
    })?;
    let mut rows = rows
        .into_inner()
        .map_err(|_| io::Error::other("a worker panicked"))?;
    rows.sort_by_key(|(index, _)| *index);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Where the stamped form of a file is put.
#[must_use]
pub fn output_of(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("{index:05}.pdf"))
}

fn one(file: &Path, index: usize, asked: &Asked) -> io::Result<Row> {
    let output = output_of(&asked.folder, index);
    let fate = stamp_elsewhere(&asked.program, &asked.serial, file, &output)?;
    let mut row = Row {
        file: file.to_path_buf(),
        bytes: file.metadata()?.len(),
        sound: None,
        fate,
        faults: Vec::new(),
    };
    if asked.judged {
        let before = look(&asked.program, file)?;
        row.sound = Some(before.sound);
        if let Fate::Stamped(stamped) = &row.fate {
            row.faults = compare(
                &asked.program,
                file,
                &before,
                &output,
                stamped,
                asked.pixels,
            )?;
        }
    }
    Ok(row)
}

/// Asks pyHanko about all stamped files in one go.
///
/// # Errors
/// When it can't be started.
pub fn ask_pyhanko(
    rows: &mut [Row],
    folder: &Path,
    python: &str,
    root_pem: &Path,
) -> io::Result<()> {
    let outputs: Vec<_> = (0..rows.len())
        .map(|index| output_of(folder, index))
        .collect();
    let asked: Vec<&Path> = rows
        .iter()
        .zip(&outputs)
        .filter(|(row, _)| matches!(row.fate, Fate::Stamped(_)))
        .map(|(_, output)| output.as_path())
        .collect();
    let verdicts = tools::pyhanko_validate(python, root_pem, &asked)?;
    let mut refused = Vec::new();
    for (row, output) in rows.iter_mut().zip(&outputs) {
        let accepted = verdicts.iter().any(|verdict| {
            Path::new(&verdict.file) == output
                && verdict.field.starts_with("Meterai-")
                && verdict.bottom_line
                && verdict.coverage == "ENTIRE_FILE"
        });
        if matches!(row.fate, Fate::Stamped(_)) && !accepted {
            refused.push(row);
        }
    }
    // What it can't read unstamped it needn't read stamped.
    let sources: Vec<&Path> = refused.iter().map(|row| row.file.as_path()).collect();
    let verdicts = tools::pyhanko_validate(python, root_pem, &sources)?;
    let unreadable: Vec<PathBuf> = verdicts
        .iter()
        .filter(|verdict| verdict.field.is_empty())
        .map(|verdict| PathBuf::from(&verdict.file))
        .collect();
    for row in refused {
        if !unreadable.contains(&row.file) {
            row.faults.push(Fault::RefusedByPyhanko);
        }
    }
    Ok(())
}
