//! The shared folder of the on-premises form. Here it is in memory; a server mirrors a folder on disk into it.

use super::{Issuer, Shelf, fields::Fields};
use bytes::Bytes;
use http::Request;
use std::path::Path;

/// How the API names the folder.
const ROOT: &str = "/sharefolder/";

/// A place in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedPath(String);

impl SharedPath {
    /// Nothing for a path that is not in the folder, or leads out of it on any system.
    pub(crate) fn read(path: &str) -> Option<Self> {
        let inside = path.strip_prefix(ROOT)?;
        let names = inside.split('/');
        let sound = |name: &str| {
            !matches!(name, "" | "." | "..")
                && !name.contains(['\\', ':'])
                && !name.contains(char::is_control)
        };
        names.clone().all(sound).then(|| Self(inside.to_owned()))
    }

    /// Where it is, seen from the folder.
    pub(crate) fn in_folder(&self) -> &Path {
        Path::new(&self.0)
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }
}

/// The places that a call to sign names.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) src: SharedPath,
    pub(crate) specimen: SharedPath,
    pub(crate) dest: SharedPath,
}

impl Paths {
    /// Nothing when one of them is missing or not in the folder: such a call is refused.
    pub(crate) fn of(request: &Request<Bytes>) -> Option<Self> {
        let fields = Fields::read(request).ok()?;
        let path = |name: &str| SharedPath::read(fields.optional(name)?);
        Some(Self {
            src: path("src")?,
            specimen: path("spesimenPath")?,
            dest: path("dest")?,
        })
    }
}

impl Issuer {
    /// Puts a file into the shared folder, as a client does before it has it signed: `path` as the API names it, such
    /// as `/sharefolder/UNSIGNED/x.pdf`. Only the newest 256 files are kept. Whether that is a path in the folder.
    pub fn share(&mut self, path: &str, bytes: impl Into<Bytes>) -> bool {
        let path = SharedPath::read(path);
        let name = path.as_ref().map(SharedPath::name);
        name.map(|name| self.folder.put(name, None, bytes.into()))
            .is_some()
    }

    /// The file at this path of the shared folder.
    #[must_use]
    pub fn shared(&self, path: &str) -> Option<&Bytes> {
        self.folder.get(SharedPath::read(path)?.name())
    }

    /// Lets the shared folder hold these files and no other.
    pub(crate) fn mirror(&mut self, files: Vec<(&SharedPath, Option<Bytes>)>) {
        self.folder = Shelf::default();
        for (path, bytes) in files {
            if let Some(bytes) = bytes {
                self.folder.put(path.name(), None, bytes);
            }
        }
    }

    /// Takes a file out of the shared folder.
    pub(crate) fn unshare(&mut self, path: &SharedPath) -> Option<Bytes> {
        self.folder.take(path.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_folder_or_is_none() {
        let path = SharedPath::read("/sharefolder/UNSIGNED/a b..pdf").unwrap();
        assert_eq!(path.in_folder(), Path::new("UNSIGNED/a b..pdf"));
        for outside in [
            "/sharefolder/",
            "/sharefolder",
            "/sharefolder/../x.pdf",
            "/sharefolder/a/../../x.pdf",
            "/sharefolder/./x.pdf",
            "/sharefolder//etc/passwd",
            "/sharefolder/a/",
            "/sharefolder/a\\..\\x.pdf",
            "/sharefolder/c:x.pdf",
            "/sharefolder/a\0.pdf",
            "/etc/passwd",
            "sharefolder/x.pdf",
            "",
        ] {
            assert_eq!(SharedPath::read(outside), None, "{outside}");
        }
    }
}
