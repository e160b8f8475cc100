//! Builds the functions for this machine and zips them as Lambda wants them.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use zip::write::SimpleFileOptions;

use crate::Error;
use crate::progress::Progress;

/// The functions, by the name of their binary and of their directory under `target/lambda`.
pub(crate) const FUNCTIONS: [&str; 6] = ["purchase", "enqueue", "stamp", "refund", "sweep", "desk"];

/// A deployment package.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// The function's name.
    pub(crate) name: &'static str,
    /// The zip.
    pub(crate) zip: Vec<u8>,
    /// Name in the artefact bucket; changes with the content.
    pub(crate) key: String,
}

/// The profile this program was built with: what it starts shares its dependencies, so nothing is built twice.
const PROFILE: &str = if cfg!(debug_assertions) {
    "dev"
} else {
    "release"
};

/// Builds all functions; cargo skips what is up to date.
///
/// # Errors
/// The build failed, or a binary is missing or unreadable.
pub(crate) async fn packages(root: &Path, progress: &Progress) -> Result<Vec<Package>, Error> {
    progress.step("building the functions");
    let executables = build(root, progress).await?;
    FUNCTIONS
        .iter()
        .map(|name| {
            let path = executables.get(*name).ok_or_else(|| Error::Build {
                detail: format!("no binary `{name}` came out"),
            })?;
            let bootstrap = std::fs::read(path).map_err(Error::file("read", path))?;
            package(name, &bootstrap)
        })
        .collect()
}

async fn build(root: &Path, progress: &Progress) -> Result<BTreeMap<String, PathBuf>, Error> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args([
        "build",
        "--profile",
        PROFILE,
        "--message-format=json-render-diagnostics",
    ]);
    if !matches!(progress, Progress::Spinner(_)) {
        command.arg("--quiet");
    }
    // No `--package`: with the same selection as `cargo run --bin bubuh` dependencies have the same
    // features, and what that built is not built again.
    for name in FUNCTIONS {
        command.args(["--bin", name]);
    }
    if progress.is_silent() {
        command.stderr(Stdio::null());
    }
    let out = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(Error::file("run cargo in", root))?
        .wait_with_output()
        .await
        .map_err(Error::file("run cargo in", root))?;
    if !out.status.success() {
        return Err(Error::Build {
            detail: out.status.to_string(),
        });
    }
    Ok(String::from_utf8_lossy(&out.stdout)
        .lines()
        .filter_map(executable)
        .collect())
}

/// The name and path in one of cargo's messages, if it tells of a finished binary.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let path = message.get("executable")?.as_str()?;
    let name = message.get("target")?.get("name")?.as_str()?;
    Some((name.to_owned(), PathBuf::from(path)))
}

fn package(name: &'static str, bootstrap: &[u8]) -> Result<Package, Error> {
    let zip = zip_bootstrap(bootstrap).map_err(|e| Error::Build {
        detail: e.to_string(),
    })?;
    let digest = hex::encode(Sha256::digest(&zip));
    let key = format!("{name}-{}.zip", digest.get(..16).unwrap_or_default());
    Ok(Package { name, zip, key })
}

/// Stored, not deflated: it travels over loopback only. No dates, so same bytes make same zips.
fn zip_bootstrap(bytes: &[u8]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len() + 256)));
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o755);
    writer.start_file("bootstrap", options)?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_changes_with_the_code_and_only_with_it() {
        let one = package("stamp", b"code").unwrap();
        assert_eq!(one.key, package("stamp", b"code").unwrap().key);
        assert_ne!(one.key, package("stamp", b"other code").unwrap().key);
    }

    #[test]
    fn the_zip_holds_an_executable_bootstrap() {
        let zip = package("stamp", b"code").unwrap().zip;
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        assert_eq!(
            archive.by_name("bootstrap").unwrap().unix_mode().unwrap() & 0o777,
            0o755
        );
    }

    #[test]
    fn only_messages_with_an_executable_name_a_binary() {
        assert_eq!(
            executable(r#"{"reason":"build-finished","success":true}"#),
            None
        );
        assert_eq!(
            executable(r#"{"target":{"name":"core"},"executable":null}"#),
            None
        );
        assert_eq!(
            executable(r#"{"target":{"name":"stamp"},"executable":"/t/stamp"}"#),
            Some(("stamp".into(), "/t/stamp".into()))
        );
    }
}
