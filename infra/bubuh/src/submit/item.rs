//! What is to be stamped: files of a directory, or those that a manifest names.

use crate::Error;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

/// What a document is announced as, besides its name and content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The issuer's code of the document's kind: 2, 3, 4a or 4b.
    pub kind: String,
    /// The page from 1; the last one if none.
    pub page: Option<u32>,
    /// `llx, lly, urx, ury` in points; where nothing stands if none.
    pub rect: Option<[i32; 4]>,
    /// A phrase that marks the place.
    pub anchor: Option<String>,
    /// RFC 3339: when it is needed.
    pub deadline: Option<String>,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            kind: "3".to_owned(),
            page: None,
            rect: None,
            anchor: None,
            deadline: None,
        }
    }
}

/// A file to be stamped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub path: PathBuf,
    /// Where its result goes, seen from the directory of results; no two are alike.
    pub name: PathBuf,
    /// How it is to be stamped.
    pub wish: Wish,
}

/// The key under which this content is announced: the same content in the same batch is the same document.
#[must_use]
pub(super) fn key(batch: &str, sha256: &str) -> String {
    hex::encode(Sha256::digest(format!("bubuh submit\n{batch}\n{sha256}")))
}

fn is_pdf(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
}

/// The PDFs of these directories and what lies below them, and these files; in the order of their names. Hidden ones and
/// those in `results` are left out.
///
/// # Errors
/// A path that can't be read, and two files whose results would have one name.
pub fn from_paths(paths: &[PathBuf], results: &Path, wish: &Wish) -> Result<Vec<Item>, Error> {
    let mut found = BTreeMap::new();
    for path in paths {
        let inside = if path.is_dir() {
            below(path, results)?
        } else {
            vec![path.clone()]
        };
        for file in inside {
            let name = match file.strip_prefix(path) {
                Ok(inside) if !inside.as_os_str().is_empty() => inside.to_owned(),
                _ => PathBuf::from(file.file_name().unwrap_or(file.as_os_str())),
            };
            add(&mut found, file, name, wish.clone())?;
        }
    }
    Ok(found.into_values().collect())
}

fn add(
    found: &mut BTreeMap<PathBuf, Item>,
    path: PathBuf,
    name: PathBuf,
    wish: Wish,
) -> Result<(), Error> {
    let item = Item {
        path,
        name: name.clone(),
        wish,
    };
    match found.insert(name.clone(), item) {
        None => Ok(()),
        Some(other) => Err(Error::Submit {
            detail: format!(
                "{} is named by two files, {} being one: rename it, or submit them apart",
                name.display(),
                other.path.display()
            ),
        }),
    }
}

fn below(dir: &Path, results: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(dir).map_err(Error::file("read", dir))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::file("read", dir))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let result = path.canonicalize().is_ok_and(|path| path == results);
        if hidden || result {
            continue;
        }
        if path.is_dir() {
            found.extend(below(&path, results)?);
        } else if is_pdf(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    file: PathBuf,
    #[serde(default)]
    document_type: Option<String>,
    #[serde(default)]
    page: Option<u32>,
    #[serde(default)]
    rect: Option<String>,
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default)]
    deadline: Option<String>,
}

/// The files that a CSV names, seen from where it lies. Its columns are `file` and, where they differ from `wish`,
/// `document_type`, `page`, `rect` (four numbers), `anchor` and `deadline`.
///
/// # Errors
/// The line that can't be read, and why.
pub fn from_manifest(path: &Path, wish: &Wish) -> Result<Vec<Item>, Error> {
    let refused = |line: usize, why: &str| Error::Submit {
        detail: format!("{}: line {line}: {why}", path.display()),
    };
    let text = std::fs::read(path).map_err(Error::file("read", path))?;
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut found = BTreeMap::new();
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_slice());
    for (line, read) in (2..).zip(reader.deserialize::<Line>()) {
        let read = read.map_err(|e| refused(line, &e.to_string()))?;
        let leads_out = |part| !matches!(part, Component::Normal(_) | Component::CurDir);
        if read.file.components().any(leads_out) {
            return Err(refused(line, "file must be below the manifest's directory"));
        }
        let rect = match read.rect.as_deref() {
            None => wish.rect,
            Some(text) => Some(sides(text).ok_or_else(|| refused(line, RECT))?),
        };
        let own = Wish {
            kind: read.document_type.unwrap_or_else(|| wish.kind.clone()),
            page: read.page.or(wish.page),
            rect,
            anchor: read.anchor.or_else(|| wish.anchor.clone()),
            deadline: read.deadline.or_else(|| wish.deadline.clone()),
        };
        add(&mut found, dir.join(&read.file), read.file, own)?;
    }
    Ok(found.into_values().collect())
}

const RECT: &str = "rect must be four whole numbers: llx lly urx ury";

/// Four whole numbers, by commas or spaces.
pub(crate) fn sides(text: &str) -> Option<[i32; 4]> {
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    let numbers: Option<Vec<i32>> = parts.map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_in_the_same_batch_has_one_key() {
        assert_eq!(key("", "ab"), key("", "ab"));
        assert_ne!(key("", "ab"), key("march", "ab"));
        assert_ne!(key("", "ab"), key("", "ac"));
    }

    #[test]
    fn a_directory_is_searched_for_pdfs_but_not_where_results_go() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let results = root.join("stamped");
        for name in [
            "b.pdf",
            "a.PDF",
            "notes.txt",
            ".hidden.pdf",
            "in/c.pdf",
            "stamped/b.pdf",
        ] {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        let found = from_paths(std::slice::from_ref(&root), &results, &Wish::default()).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|item| item.name.to_str().unwrap())
            .collect();
        assert_eq!(names, ["a.PDF", "b.pdf", "in/c.pdf"]);
    }

    #[test]
    fn two_files_of_one_name_are_refused_before_anything_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["x/a.pdf", "y/a.pdf"].map(|name| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        });
        let error = from_paths(&paths, Path::new("none"), &Wish::default()).unwrap_err();
        assert!(error.to_string().contains("two files"), "{error}");
    }

    #[test]
    fn a_manifest_tells_what_differs_and_its_faults_by_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list.csv");
        let wish = Wish {
            page: Some(1),
            ..Wish::default()
        };
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            from_manifest(&path, &wish).map_err(|e| e.to_string())
        };
        let found = read("file,anchor,rect\na.pdf,Materai,\nsub/b.pdf,,\"1, 2 3,4\"\n").unwrap();
        assert_eq!(found[0].wish.anchor.as_deref(), Some("Materai"));
        assert_eq!((found[0].wish.page, found[0].wish.rect), (Some(1), None));
        assert_eq!(found[1].wish.rect, Some([1, 2, 3, 4]));
        assert_eq!(found[1].path, dir.path().join("sub/b.pdf"));
        for (text, line) in [
            ("file\na.pdf\n../b.pdf\n", "line 3"),
            ("file,page\na.pdf,0x\n", "line 2"),
            ("file,rect\na.pdf,1 2 3\n", "line 2"),
            ("file,colour\na.pdf,red\n", "line 2"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(line), "{error}");
        }
    }
}
