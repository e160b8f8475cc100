//! A remote side on disk: one JSON file, replaced whole by rename.

use super::shared::Shared;
use crate::{Error, Remote};
use serde::de::DeserializeOwned;
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// How long to wait before writing again after it failed.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// Owns the state file; a lock file beside it keeps a second sandbox out.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    _lock: File,
}

impl Keeper {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(&path, "lock"))
            .map_err(Error::io("opening the state file's lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Setting(
                "the state file is in use by another sandbox".to_owned(),
            )),
            Err(TryLockError::Error(error)) => Err(Error::io("locking the state file")(error)),
        }
    }

    /// What was kept; nothing if there is no file yet.
    pub(super) fn load<S: DeserializeOwned>(&self) -> Result<Option<S>, Error> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("reading the state file")(error)),
        }
    }

    /// Writes each new revision, several at once under load, until stopped with all written.
    pub(super) async fn run<R: Remote>(
        self,
        shared: Arc<Shared<R>>,
        mut stop: watch::Receiver<bool>,
    ) {
        let path = Arc::new(self.path.clone());
        let mut wanted = shared.wanted.subscribe();
        loop {
            let (bytes, revision) = snapshot(&shared);
            let path = path.clone();
            let written = tokio::task::spawn_blocking(move || replace(&path, &bytes?)).await;
            if let Ok(Ok(())) = written {
                shared.kept.send_replace(revision);
                tokio::select! {
                    biased;
                    _ = wanted.wait_for(|wanted| *wanted > revision) => {}
                    _ = stop.wait_for(|stop| *stop) => return,
                }
            } else {
                tracing::error!(?written, "the sandbox's state can't be written");
                if tokio::time::timeout(RETRY_WAIT, stop.wait_for(|stop| *stop))
                    .await
                    .is_ok()
                {
                    return;
                }
            }
        }
    }
}

fn snapshot<R: Remote>(shared: &Shared<R>) -> (Result<Vec<u8>, Error>, u64) {
    let remote = shared.remote.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = serde_json::to_vec(remote.snapshot()).map_err(Error::from);
    (bytes, remote.revision())
}

/// The path with this after a dot.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fresh = beside(path, "new");
    let mut file = File::create(&fresh).map_err(Error::io("creating the new state file"))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(Error::io("writing the new state file"))?;
    std::fs::rename(&fresh, path).map_err(Error::io("replacing the state file"))
}
