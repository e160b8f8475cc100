//! Where the documents are.

use std::io;
use std::path::{Path, PathBuf};

/// The shared corpus beside the workspace, when this machine has it.
#[must_use]
pub fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    folder.canonicalize().ok().filter(|folder| folder.is_dir())
}

/// Every `.pdf` file below a folder, sorted; a file stands for itself.
///
/// # Errors
/// When a folder cannot be listed.
pub fn pdfs_below(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        let is_pdf = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"));
        if path.is_dir() || is_pdf {
            found.extend(pdfs_below(&path)?);
        }
    }
    found.sort();
    Ok(found)
}
