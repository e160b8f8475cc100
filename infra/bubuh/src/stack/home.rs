//! The directories of a run, and what of it survives.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::Error;

/// Free disk a first run needs: the emulator's packages, the functions, their copies.
pub(crate) const NEED_MB: u64 = 600;
/// How directories of runs without a state directory begin.
const RUN: &str = "run-";

/// Where a stack keeps its files. Dropping it removes them, unless a state directory was asked for.
#[derive(Debug)]
pub struct Home {
    /// The repository.
    pub root: PathBuf,
    /// Shared by all runs: the emulator's virtual environment.
    pub cache: PathBuf,
    /// This run's files: keys, logs, the emulator's state.
    pub dir: PathBuf,
    /// Whether `dir` outlives the run.
    pub keeps_state: bool,
    _temporary: Option<tempfile::TempDir>,
    _lock: File,
}

impl Home {
    /// Opens `state`, or a temporary directory that goes away with the run.
    ///
    /// # Errors
    /// No repository around, no disk, or the state directory is in use.
    pub fn open(state: Option<&Path>) -> Result<Self, Error> {
        let root = workspace()?;
        let cache = root.join(".bubuh");
        make_dir(&cache)?;
        enough_disk(&cache)?;
        // One at a time, so that no fresh run is taken for a dead one.
        let opening = create(&cache.join("lock"))?;
        opening.lock().map_err(Error::file("lock", &cache))?;
        let (dir, temporary) = match state {
            Some(dir) => {
                make_dir(dir)?;
                enough_disk(dir)?;
                (dir.canonicalize().map_err(Error::file("open", dir))?, None)
            }
            None => {
                remove_dead_runs(&cache);
                let temporary = tempfile::Builder::new()
                    .prefix(RUN)
                    .tempdir_in(&cache)
                    .map_err(Error::file("make a directory in", &cache))?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let lock = lock_now(&dir)?;
        Ok(Self {
            root,
            cache,
            dir,
            keeps_state: state.is_some(),
            _temporary: temporary,
            _lock: lock,
        })
    }

    /// The signing identity: without a state directory the one that `bubuh stamp` and `bubuh verify` use by default.
    pub(crate) fn identity(&self) -> Result<bubuh_pdf::Identity, Error> {
        let keys = if self.keeps_state {
            &self.dir
        } else {
            &self.cache
        };
        crate::identity::load_or_create(keys).map_err(Error::Identity)
    }

    /// A file of this run.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// The bytes of `name` in `dir`, made by `make` and written for the owner alone if it is new.
pub(crate) fn private_file(
    dir: &Path,
    name: &str,
    make: impl FnOnce() -> Result<Vec<u8>, Error>,
) -> Result<Vec<u8>, Error> {
    let path = dir.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => return Ok(bytes),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(Error::file("read", &path)(e)),
    }
    let bytes = make()?;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut f| f.write_all(&bytes))
        .map_err(Error::file("write", &path))?;
    Ok(bytes)
}

fn lock_now(dir: &Path) -> Result<File, Error> {
    let path = dir.join("lock");
    let file = create(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::StateInUse {
            path: dir.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(e)) => Err(Error::file("lock", &path)(e)),
    }
}

fn create(path: &Path) -> Result<File, Error> {
    File::create(path).map_err(Error::file("write", path))
}

/// Removes what runs left that were killed: their directories, which nobody locks any more.
fn remove_dead_runs(cache: &Path) {
    let entries = std::fs::read_dir(cache).into_iter().flatten().flatten();
    for entry in entries.filter(|e| e.file_name().to_string_lossy().starts_with(RUN)) {
        if lock_now(&entry.path()).is_ok() {
            let _ = std::fs::remove_dir_all(entry.path()); // the next run tries again
        }
    }
}

/// Makes a directory, and those above it, for the owner alone: keys come into it.
pub(crate) fn make_dir(dir: &Path) -> Result<(), Error> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(Error::file("make", dir))
}

fn enough_disk(dir: &Path) -> Result<(), Error> {
    let stat = rustix::fs::statvfs(dir).map_err(|e| Error::file("look at", dir)(e.into()))?;
    let free_mb = stat.f_bavail.saturating_mul(stat.f_frsize) >> 20;
    if free_mb < NEED_MB {
        return Err(Error::NoDisk {
            path: dir.to_owned(),
            free_mb,
            need_mb: NEED_MB,
        });
    }
    Ok(())
}

/// The repository: named by `BUBUH_ROOT`, or around the crate that cargo runs, or around here.
fn workspace() -> Result<PathBuf, Error> {
    if let Some(root) = std::env::var_os("BUBUH_ROOT").map(PathBuf::from) {
        return if is_workspace(&root) {
            Ok(root)
        } else {
            Err(Error::NoWorkspace)
        };
    }
    let starts = [
        std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        std::env::current_dir().ok(),
        std::env::current_exe().ok(),
    ];
    starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .find(|dir| is_workspace(dir))
        .map(Path::to_owned)
        .ok_or(Error::NoWorkspace)
}

fn is_workspace(dir: &Path) -> bool {
    dir.join("infra/template.yaml").is_file() && dir.join("Cargo.lock").is_file()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_state_directory_serves_one_stack_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Home::open(Some(dir.path())).unwrap();
        assert!(matches!(
            Home::open(Some(dir.path())),
            Err(Error::StateInUse { .. })
        ));
        drop(first);
        Home::open(Some(dir.path())).unwrap();
    }

    #[test]
    fn a_run_without_state_leaves_nothing() {
        let home = Home::open(None).unwrap();
        let dir = home.dir.clone();
        assert!(dir.is_dir());
        drop(home);
        assert!(!dir.exists());
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_a_living_one_has_stays() {
        let cache = tempfile::tempdir().unwrap();
        let [dead, living] = ["run-dead", "run-living"].map(|name| cache.path().join(name));
        make_dir(&dead).unwrap();
        make_dir(&living).unwrap();
        let _lock = lock_now(&living).unwrap();
        remove_dead_runs(cache.path());
        assert!(!dead.exists());
        assert!(living.exists());
    }

    #[test]
    fn a_private_file_is_made_once_and_for_the_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        private_file(dir.path(), "key", || Ok(b"first".to_vec())).unwrap();
        let again = private_file(dir.path(), "key", || Ok(b"second".to_vec())).unwrap();
        assert_eq!(again, b"first");
        let mode = std::fs::metadata(dir.path().join("key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
