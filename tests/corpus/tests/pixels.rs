//! A sample of the shared corpus, pictured before and after by two renderers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::tools::{self, Renderer};
use bubuh_corpus::{Bench, Outcome, corpus, pdfs_below, pixels::pixels_changed_outside};

/// Files pictured; the runner pictures all.
const SAMPLE: usize = 40;

#[test]
fn nothing_outside_the_stamp_changes_and_the_stamp_shows() {
    let Some(corpus) = corpus() else {
        return tools::skip("the shared corpus");
    };
    if let Some(renderer) = Renderer::ALL.iter().find(|r| !tools::has(r.program())) {
        return tools::skip(renderer.program());
    }
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().unwrap();
    let files = pdfs_below(&corpus).unwrap();
    let mut wrong = Vec::new();
    let mut pictured = 0;
    for source in files.iter().step_by((files.len() / SAMPLE).max(1)) {
        let name = source.display();
        let input = std::fs::read(source).unwrap();
        let Outcome::Stamped { output, verdict } = bench.stamp(&input, "7K3M9Q2X8R4T6W1Z") else {
            continue;
        };
        let after = folder.path().join("after.pdf");
        std::fs::write(&after, &output).unwrap();
        for renderer in Renderer::ALL {
            match pixels_changed_outside(source, &after, &verdict.rect, verdict.page, renderer) {
                Ok(Some(found)) if found.outside == 0 && found.visible() => pictured += 1,
                Ok(None) => {}
                other => wrong.push(format!("{name}: {renderer:?}: {other:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(pictured > SAMPLE, "only {pictured} pages were pictured");
}
