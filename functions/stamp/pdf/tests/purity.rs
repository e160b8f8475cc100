//! The engine also runs where there are no files, threads, sockets, clocks or C compilers: in a browser. Read from the
//! dependency tree for that target and from the sources. Each check is shown a violation first.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Crates that bring C code, threads, files, sockets, a clock or randomness of the machine, by the start of their
/// names.
const IMPURE_CRATES: [&str; 20] = [
    "cc",
    "cmake",
    "bindgen",
    "pkg-config",
    "rayon",
    "crossbeam",
    "tokio",
    "mio",
    "socket2",
    "libc",
    "rustix",
    "memmap",
    "tempfile",
    "getrandom",
    "rand",
    "chrono",
    "time",
    "jiff",
    "web-time",
    "openssl",
];
/// Names that are like one of these, and are not.
const PURE_CRATES: [&str; 1] = ["rand_core"];

/// What the sources may not name.
const IMPURE_PATHS: [&str; 10] = [
    "std::fs",
    "std::thread",
    "std::net",
    "std::process",
    "std::os",
    "std::env",
    "std::io::stdin",
    "SystemTime",
    "Instant",
    "extern \"C\"",
];

/// What is wrong in lines of `name version`.
fn impure(tree: &str) -> Vec<&str> {
    let begins = |name: &str, with: &str| {
        let rest = name.strip_prefix(with);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| {
            let named = IMPURE_CRATES.iter().any(|with| begins(name, with));
            name.ends_with("-sys") || (named && !PURE_CRATES.contains(name))
        })
        .collect()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn names_impure(text: &str) -> Option<&'static str> {
    // Unit tests may do as they like; they stand at the end.
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    IMPURE_PATHS.into_iter().find(|path| code.contains(path))
}

#[test]
fn nothing_it_is_built_from_needs_c_code_threads_files_sockets_clocks_or_randomness() {
    assert_eq!(
        impure("p256 v1\ncc v1\nopenssl-sys v0\nrand_core v1\nlibc v0\ntime-core v1"),
        ["cc", "openssl-sys", "libc", "time-core"]
    );
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = Command::new(cargo)
        .args([
            "tree",
            "-p",
            "bubuh-pdf",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args([
            "-e",
            "normal,build",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("p256 v"), "{tree}");
    assert_eq!(impure(&tree), Vec::<&str>::new());
}

#[test]
fn the_sources_name_no_files_threads_sockets_or_clocks() {
    assert_eq!(names_impure("use std::fs::File;"), Some("std::fs"));
    assert_eq!(names_impure("#[cfg(test)]\nuse std::fs;"), None);
    let all = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(all.len() > 30);
    for (path, text) in all {
        assert_eq!(names_impure(&text), None, "{}", path.display());
    }
}
