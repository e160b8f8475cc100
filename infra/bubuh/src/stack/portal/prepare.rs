//! What the portal loads only where it is needed and is not in the repository: pdf.js, from its pinned package, and the
//! verifier, compiled to WebAssembly. What can't be had is left out: the portal says so where it is missed.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::progress::Progress;

const TARGET: &str = "wasm32-unknown-unknown";
/// Where the front finds the verifier.
const VERIFIER: &str = "infra/portal/vendor/verifier.wasm";

/// Makes both ready as far as this machine can.
pub(crate) async fn prepare(root: &Path, progress: &Progress) {
    progress.step("making the portal's preview and verifier ready");
    let (preview, verifier) = tokio::join!(preview(root), verifier(root));
    if preview.is_none() {
        progress.step("the portal goes without a preview: npm could not install pdf.js");
    }
    if verifier.is_none() {
        progress.step("the portal goes without its verifier: `rustup target add wasm32-unknown-unknown` gives it one");
    }
}

async fn preview(root: &Path) -> Option<()> {
    let portal = root.join("infra/portal");
    let written = |path: &str| std::fs::metadata(portal.join(path)).ok()?.modified().ok();
    let installed = written("node_modules/.package-lock.json");
    if installed.is_some() && installed >= written("package-lock.json") {
        return Some(());
    }
    let mut npm = Command::new("npm");
    npm.args([
        "ci",
        "--omit=optional",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]);
    run(npm.current_dir(&portal)).await.map(|_| ())
}

async fn verifier(root: &Path) -> Option<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.current_dir(root).args([
        "build",
        "--locked",
        "--profile=deploy",
        "--package=bubuh-verifier",
        "--message-format=json",
        "--target",
        TARGET,
    ]);
    let said = run(&mut build).await?;
    let built = said.lines().find_map(module)?;
    let place = root.join(VERIFIER);
    std::fs::create_dir_all(place.parent()?).ok()?;
    std::fs::copy(built, place).ok()?;
    Some(())
}

/// The WebAssembly file in one of cargo's messages.
fn module(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let mut files = message.get("filenames")?.as_array()?.iter();
    let file = files.find_map(|name| name.as_str().filter(|name| name.ends_with(".wasm")));
    file.map(PathBuf::from)
}

/// What a command printed; none if it failed.
async fn run(command: &mut Command) -> Option<String> {
    let command = command.stdin(Stdio::null()).stderr(Stdio::null());
    let out = command.kill_on_drop(true).output().await.ok()?;
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    out.status.success().then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_message_of_a_webassembly_file_names_the_module() {
        let library = r#"{"filenames":["/t/libbubuh_pdf.rlib","/t/libbubuh_pdf.rmeta"]}"#;
        assert_eq!(module(library), None);
        assert_eq!(module(r#"{"reason":"build-finished"}"#), None);
        let both = r#"{"filenames":["/t/libbubuh_verifier.rlib","/t/bubuh_verifier.wasm"]}"#;
        assert_eq!(module(both), Some(PathBuf::from("/t/bubuh_verifier.wasm")));
    }
}
