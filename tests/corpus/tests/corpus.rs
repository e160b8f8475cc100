//! Every sound document of the shared corpus is stamped, and other readers agree with the result.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::child::Fate;
use bubuh_corpus::runner::{Asked, ask_pyhanko, run};
use bubuh_corpus::table::Row;
use bubuh_corpus::{Bench, corpus, pdfs_below, tools};

/// Documents that `qpdf` calls sound and that are refused with good reason: their page is 1.4 × 1.4 mm.
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

#[test]
fn every_sound_document_is_stamped_and_other_readers_agree() {
    let Some(corpus) = corpus() else {
        return tools::skip("the shared corpus");
    };
    for program in ["qpdf", "mutool", "pdfsig"] {
        if !tools::has(program) {
            return tools::skip(program);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let files = pdfs_below(&corpus).unwrap();
    let asked = Asked {
        program: env!("CARGO_BIN_EXE_bubuh-corpus").into(),
        serial: "7K3M9Q2X8R4T6W1Z".into(),
        jobs: 2,
        judged: true,
        pixels: false,
        folder: folder.path().into(),
    };
    let mut rows = run(&files, &asked, |_| ()).unwrap();
    if let Some(python) = tools::pyhanko() {
        let root = folder.path().join("root.pem");
        std::fs::write(&root, &Bench::new().unwrap().identity.root_pem).unwrap();
        ask_pyhanko(&mut rows, folder.path(), &python, &root).unwrap();
    } else {
        tools::skip("pyHanko");
    }
    let wrong: Vec<_> = rows.iter().filter(|row| !row.holds()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let refused = rows.iter().filter_map(|row| {
        let name = row.file.strip_prefix(&corpus).unwrap().to_str().unwrap();
        match &row.fate {
            Fate::Refused(code) if row.sound == Some(true) => Some((name, code.as_str())),
            _ => None,
        }
    });
    assert_eq!(refused.collect::<Vec<_>>(), REFUSED);
    let stamped = |row: &&Row| matches!(row.fate, Fate::Stamped(_));
    let stamped = rows.iter().filter(stamped).count();
    assert!(stamped > 200, "only {stamped} documents were stamped");
}
