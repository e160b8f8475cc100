//! The result file: what became of each file, read by people and by the next run.

use crate::{Error, reconcile::csv::inert};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Where a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The stamped file is here, and is what the service says it is.
    Stamped,
    /// It can't be stamped; `reason` says why. No stamp was spent.
    Refused,
    /// Another file in this run has the same content; that one's stamp counts.
    Duplicate,
    /// The service has it; run again to fetch it.
    UnderWay,
    /// The service has it, and the account has no stamp for it.
    AwaitingStamp,
    /// No answer, or none that helps; run again.
    Failed,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The file's name.
    pub file: String,
    /// Of its content.
    pub sha256: String,
    /// Where it is.
    pub state: State,
    /// The document's id at the service.
    pub document: String,
    /// The stamp's serial.
    pub serial: String,
    /// SHA-256 of the stamped file.
    pub stamped_sha256: String,
    /// Why, or what happens next.
    pub reason: String,
    /// The same in Indonesian.
    pub reason_id: String,
}

impl Row {
    /// A file nothing is known of yet.
    #[must_use]
    pub fn new(file: &Path, sha256: &str) -> Self {
        Self {
            file: file.display().to_string(),
            sha256: sha256.to_owned(),
            state: State::UnderWay,
            document: String::new(),
            serial: String::new(),
            stamped_sha256: String::new(),
            reason: String::new(),
            reason_id: String::new(),
        }
    }

    /// Ended like this, for these reasons in English and Indonesian.
    #[must_use]
    pub(super) fn ended(mut self, state: State, reason: &str, reason_id: &str) -> Self {
        self.state = state;
        reason.clone_into(&mut self.reason);
        reason_id.clone_into(&mut self.reason_id);
        self
    }
}

/// The file, and what it says.
#[derive(Debug)]
pub(super) struct Results {
    path: PathBuf,
    rows: BTreeMap<String, Row>,
    _lock: std::fs::File,
}

impl Results {
    /// Opens the results in this directory; nobody else may be using it.
    ///
    /// # Errors
    /// Another run is at it, or the file is not one of ours.
    pub(super) fn open(dir: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(Error::file("make", dir))?;
        let lock = dir.join(".lock");
        let lock = std::fs::File::create(&lock).map_err(Error::file("make", &lock))?;
        lock.try_lock().map_err(|_| Error::Submit {
            detail: format!(
                "another run is using {}: wait for it, or choose another --out",
                dir.display()
            ),
        })?;
        let path = dir.join("result.csv");
        let mut rows = BTreeMap::new();
        match std::fs::read(&path) {
            Ok(text) => {
                for row in csv::Reader::from_reader(text.as_slice()).deserialize::<Row>() {
                    let row = row.map_err(|e| Error::Submit {
                        detail: format!("{} is no result of `bubuh submit`: {e}", path.display()),
                    })?;
                    rows.insert(row.file.clone(), row);
                }
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(Error::file("read", &path)(e)),
        }
        Ok(Self {
            path,
            rows,
            _lock: lock,
        })
    }

    /// What is known of this content from before, under whichever name.
    pub(super) fn known(&self, sha256: &str) -> Option<&Row> {
        let mut rows = self.rows.values();
        rows.find(|row| row.sha256 == sha256 && row.state != State::Duplicate)
    }

    /// Every line.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// Keeps a line; the file is replaced whole, so that a killed run leaves the old or the new one.
    ///
    /// # Errors
    /// The disk's.
    pub(super) fn keep(&mut self, row: Row) -> Result<(), Error> {
        self.rows.insert(row.file.clone(), row);
        let text = self.text().map_err(|e| Error::Submit {
            detail: e.to_string(),
        })?;
        put(&self.path, &text)
    }

    fn text(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in self.rows.values() {
            writer.serialize(Row {
                file: inert(&row.file),
                reason: inert(&row.reason),
                reason_id: inert(&row.reason_id),
                ..row.clone()
            })?;
        }
        writer.into_inner().map_err(|e| e.into_error().into())
    }
}

/// Replaces a file whole, in a directory that is there.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(dir).and_then(|mut file| {
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    });
    written.map_err(Error::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_known_to_the_next_run() {
        let dir = tempfile::tempdir().unwrap();
        let row = Row {
            serial: "S1".to_owned(),
            ..Row::new(Path::new("sub/a, b.pdf"), "ab")
        };
        let row = row.ended(State::Stamped, "Done.", "Selesai.");
        let mut results = Results::open(dir.path()).unwrap();
        results.keep(row.clone()).unwrap();
        assert!(
            Results::open(dir.path()).is_err(),
            "two runs at one result file"
        );
        drop(results);
        let results = Results::open(dir.path()).unwrap();
        assert_eq!(results.known("ab"), Some(&row));
    }

    #[test]
    fn a_file_that_is_something_else_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("result.csv"), "name,salary\nani,1\n").unwrap();
        let error = Results::open(dir.path()).unwrap_err();
        assert!(error.to_string().contains("is no result of"), "{error}");
    }
}
