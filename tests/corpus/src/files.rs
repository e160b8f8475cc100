//! Where the documents are.

use bubuh_pdf::Source;
use std::io::{self, Read};
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

/// Reads a file into memory that has room for a stamp.
///
/// # Errors
/// When it cannot be read.
pub fn read_with_room(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = std::fs::File::open(path)?;
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size.saturating_add(Source::ROOM));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
