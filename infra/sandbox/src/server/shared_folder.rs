//! The folder on disk that a client shares with the issuer.

use crate::{Error, issuer::SharedPath};
use bytes::Bytes;
use std::{
    ffi::OsString,
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Largest file read, in bytes: as much as the engine takes.
const LARGEST_BYTES: u64 = 32 << 20;

#[derive(Debug)]
pub(super) struct SharedFolder {
    /// Without links.
    root: PathBuf,
}

impl SharedFolder {
    /// Makes the folder if there is none.
    pub(super) fn open(root: &Path) -> Result<Self, Error> {
        fs::create_dir_all(root)
            .and_then(|()| root.canonicalize())
            .map(|root| Self { root })
            .map_err(Error::io("opening the shared folder"))
    }

    /// The file, unless there is none, or a link leads out of the folder.
    pub(super) fn read(&self, path: &SharedPath) -> Option<Bytes> {
        let path = self.root.join(path.in_folder()).canonicalize().ok()?;
        let fits = path.metadata().ok()?.len() <= LARGEST_BYTES;
        if !fits || !path.starts_with(&self.root) {
            return None;
        }
        fs::read(path).ok().map(Bytes::from)
    }

    /// Replaces the file whole: who reads it never sees half of it.
    pub(super) fn write(&self, path: &SharedPath, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(path.in_folder());
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        fs::create_dir_all(parent)?;
        let parent = parent.canonicalize()?;
        if !parent.starts_with(&self.root) {
            return Err(ErrorKind::PermissionDenied.into());
        }
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".new");
        let fresh = parent.join(hidden);
        let mut file = fs::File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, parent.join(name))
    }
}
