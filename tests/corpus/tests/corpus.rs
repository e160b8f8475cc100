//! Every sound, unencrypted document of the shared corpus is stamped, and other readers agree with the result.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::{Bench, Outcome, corpus, pdfs_below, tools};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Documents that `qpdf` calls sound and that are refused with good reason: their page is 5 × 12 mm.
const REFUSED: [(&str, &str); 4] = [
    (
        "sample-files/imagemagick-ASCII85Decode.pdf",
        "page_too_small",
    ),
    (
        "sample-files/imagemagick-CCITTFaxDecode.pdf",
        "page_too_small",
    ),
    ("sample-files/imagemagick-images.pdf", "page_too_small"),
    ("sample-files/imagemagick-lzw.pdf", "page_too_small"),
];

/// Its page tree claims 9,999,999,999 pages; qpdf believes that, the engine counts.
const COUNT_LIES: &str = "pdf.js_poppler-67295-0.pdf";

struct Case {
    source: PathBuf,
    output: PathBuf,
    pages: usize,
    sound: bool,
}

/// Says why a test does nothing, or fails when nothing may be missing.
fn skip(what: &str) {
    assert!(!tools::required(), "{what} is missing");
    println!("skipped: {what} is missing");
}

fn stamp_all(folder: &Path) -> Option<Vec<Case>> {
    let Some(corpus) = corpus() else {
        skip("the shared corpus");
        return None;
    };
    if !tools::has("qpdf") {
        skip("qpdf");
        return None;
    }
    let bench = Bench::new().unwrap();
    std::fs::write(folder.join("root.pem"), &bench.identity.root_pem).unwrap();
    let expected: BTreeMap<_, _> = REFUSED.into_iter().collect();
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    let mut refused = Vec::new();
    for source in pdfs_below(&corpus).unwrap() {
        let name = source.strip_prefix(&corpus).unwrap().display().to_string();
        let input = std::fs::read(&source).unwrap();
        let sound = tools::qpdf_check(&source).unwrap().0 == Some(0);
        match bench.stamp(&input, "7K3M9Q2X8R4T6W1Z5Y0P") {
            Outcome::Stamped {
                output: bytes,
                verdict,
            } => {
                assert!(
                    bytes.starts_with(&input),
                    "{name}: the source is no exact prefix"
                );
                assert!(
                    bytes.len() <= verdict.size_after,
                    "{name}: {} over the promised {}",
                    bytes.len(),
                    verdict.size_after
                );
                let output = folder.join(name.replace('/', "_"));
                std::fs::write(&output, bytes).unwrap();
                cases.push(Case {
                    source,
                    output,
                    pages: verdict.pages,
                    sound,
                });
            }
            Outcome::Refused(code) if sound && code != "needs_password" => {
                refused.push((name, code))
            }
            Outcome::Refused(_) => {}
            Outcome::Failed(why) => wrong.push(format!("{name}: {why}")),
            Outcome::Crashed => wrong.push(format!("{name}: crashed")),
        }
    }
    let surprises: Vec<_> = refused
        .iter()
        .filter(|(name, code)| expected.get(name.as_str()) != Some(code))
        .collect();
    assert!(
        wrong.is_empty() && surprises.is_empty(),
        "wrong: {wrong:#?}\nrefused: {surprises:#?}"
    );
    assert!(
        cases.len() > 200,
        "only {} documents were stamped",
        cases.len()
    );
    Some(cases)
}

fn agrees_with_qpdf(case: &Case, wrong: &mut Vec<String>) {
    let name = case.output.display();
    let (code, said) = tools::qpdf_check(&case.output).unwrap();
    if case.sound && code != Some(0) {
        wrong.push(format!("{name}: was sound, now {code:?}: {said}"));
    }
    let (before, after) = (
        tools::qpdf_pages(&case.source).unwrap(),
        tools::qpdf_pages(&case.output).unwrap(),
    );
    if before != after
        || (case.sound && after != Some(case.pages) && !case.output.ends_with(COUNT_LIES))
    {
        wrong.push(format!(
            "{name}: pages {before:?} became {after:?}, preflight said {}",
            case.pages
        ));
    }
}

#[test]
fn every_sound_document_is_stamped_and_other_readers_agree() {
    let folder = tempfile::tempdir().unwrap();
    let Some(cases) = stamp_all(folder.path()) else {
        return;
    };
    let mut wrong = Vec::new();
    for case in &cases {
        agrees_with_qpdf(case, &mut wrong);
    }
    if tools::has("pdfsig") {
        for case in cases.iter().filter(|case| case.sound) {
            let (valid, whole, said) = tools::pdfsig(&case.output).unwrap();
            if valid == 0 || whole != 1 {
                wrong.push(format!("{}: pdfsig: {said}", case.output.display()));
            }
        }
    } else {
        skip("pdfsig");
    }
    if let Some(python) = tools::pyhanko() {
        let files: Vec<&Path> = cases
            .iter()
            .filter(|case| case.sound)
            .map(|case| case.output.as_path())
            .collect();
        let verdicts =
            tools::pyhanko_validate(&python, &folder.path().join("root.pem"), &files).unwrap();
        for file in &files {
            let ours = verdicts.iter().find(|verdict| {
                Path::new(&verdict.file) == *file && verdict.field.starts_with("Meterai-")
            });
            if !ours.is_some_and(|verdict| verdict.bottom_line && verdict.coverage == "ENTIRE_FILE")
            {
                wrong.push(format!("{}: pyHanko: {ours:?}", file.display()));
            }
        }
    } else {
        skip("pyHanko");
    }
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        cases.len()
    );
}
