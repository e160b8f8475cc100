//! PDF/A-1b files stay so for an independent validator, PDFBox's Preflight (Debian: `libpdfbox2-java` and
//! `libjaxb-api-java`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::{Bench, Outcome, corpus, tools};
use std::path::Path;
use std::process::Command;

const JARS: [&str; 8] = [
    "pdfbox2",
    "fontbox2",
    "preflight",
    "xmpbox",
    "commons-logging",
    "commons-io",
    "javax.activation",
    "jaxb-api",
];

/// What the validator says, or nothing when it is not installed.
fn judged(file: &Path) -> Option<String> {
    let jars = JARS.map(|jar| format!("/usr/share/java/{jar}.jar"));
    let output = Command::new("java")
        .args([
            "-cp",
            &jars.join(":"),
            "org.apache.pdfbox.preflight.Validator_A1b",
        ])
        .arg(file)
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.contains("PDF/A-1b").then_some(said)
}

#[test]
fn a_pdf_a_file_is_still_one_after_two_stamps() {
    let Some(corpus) = corpus() else {
        return tools::skip("the shared corpus");
    };
    let source = corpus.join("sample-files/crazyones-pdfa.pdf");
    let Some(before) = judged(&source) else {
        return tools::skip("PDFBox's Preflight");
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stamped.pdf");
    let bench = Bench::new().unwrap();
    let mut bytes = std::fs::read(&source).unwrap();
    for serial in ["7K3M9Q2X8R4T6W1Z", "0000000000000001"] {
        let Outcome::Stamped { output, .. } = bench.stamp(&bytes, serial) else {
            panic!("not stamped");
        };
        bytes = output;
        std::fs::write(&file, &bytes).unwrap();
        let name = |said: &str| said.replace("crazyones-pdfa.pdf", "stamped.pdf");
        assert_eq!(judged(&file).unwrap(), name(&before), "{serial}");
    }
    // The validator looks at annotations: the same widget, not to be printed, is found.
    let hidden = String::from_utf8_lossy(&bytes).matches("/F 132").count();
    assert!(hidden > 0);
    let at = bytes
        .windows(6)
        .rposition(|window| window == b"/F 132")
        .unwrap();
    bytes[at..at + 6].copy_from_slice(b"/F 130");
    std::fs::write(&file, &bytes).unwrap();
    assert_ne!(
        judged(&file).unwrap().lines().count(),
        before.lines().count()
    );
}
