//! The portal in a real browser: `tests/portal`, against the local stack.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::stack::Options;
use bubuh_corpus::tools;
use bubuh_e2e::Run;
use std::{path::PathBuf, process::Command};

/// What must be there.
const TOOLS: [&str; 3] = ["chromium", "node", "npm"];

fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|out| out.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_buy_stamp_and_verify_in_a_browser_whatever_their_link_and_however_they_read() {
    if let Some(missing) = TOOLS.iter().find(|tool| !tools::has(tool)) {
        return tools::skip(missing);
    }
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../portal");
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    assert!(works(install.current_dir(&tests)), "npm ci");
    let run = Run::start_with(Options {
        portal: true,
        ..Options::default()
    })
    .await;
    let mut node = Command::new("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .args([
            "sources.test.mjs",
            "journey.test.mjs",
            "signal.test.mjs",
            "signin.test.mjs",
            "desk.test.mjs",
            "pages.test.mjs",
        ])
        .current_dir(&tests)
        .env("BUBUH_PORTAL", &run.stack.api);
    let status = tokio::task::spawn_blocking(move || node.status());
    let status = status.await.unwrap().unwrap();
    assert!(status.success(), "what failed is told above");
    run.books_are_clean().await;
    run.end().await;
}
