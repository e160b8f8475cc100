//! Every kind of encryption: other readers decrypt what a stamp added, and find its signature whole.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::tools::{self, Renderer};
use bubuh_corpus::{Bench, Outcome, pdfs_below};
use bubuh_pdf::{Opening, Placement};
use std::path::{Path, PathBuf};

const USER: &str = "rahasia";

fn stamped(folder: &Path, password: &str) -> Vec<PathBuf> {
    let sources =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/stamp/pdf/tests/encrypted");
    let kind = if password.is_empty() {
        "open"
    } else {
        "locked"
    };
    let bench = Bench::new().unwrap();
    std::fs::write(folder.join("root.pem"), &bench.identity.root_pem).unwrap();
    let sources = pdfs_below(&sources).unwrap();
    let files: Vec<_> = sources
        .iter()
        .filter(|source| source.display().to_string().contains(kind))
        .map(|source| {
            let input = std::fs::read(source).unwrap();
            let opening = Opening::with_password(password);
            match bench.stamp_owned(input, "SERIAL", Placement::default(), &opening) {
                Outcome::Stamped { output, .. } => {
                    let file = folder.join(source.file_name().unwrap());
                    std::fs::write(&file, output).unwrap();
                    file
                }
                other => panic!("{}: {other:?}", source.display()),
            }
        })
        .collect();
    assert_eq!(files.len(), 12);
    files
}

#[test]
fn other_readers_decrypt_what_a_stamp_added_and_call_it_valid() {
    let folder = tempfile::tempdir().unwrap();
    for password in ["", USER] {
        let files = stamped(folder.path(), password);
        for file in &files {
            if tools::has("qpdf") {
                let (code, said) = tools::qpdf_check_with(file, password).unwrap();
                assert_eq!(code, Some(0), "{}: {said}", file.display());
            } else {
                tools::skip("qpdf");
            }
            // It takes no password.
            if tools::has("pdfsig") && password.is_empty() {
                let verdict = tools::pdfsig(file).unwrap().expect("a verdict");
                let found = (verdict.valid, verdict.whole);
                assert_eq!(found, (1, 1), "{}: {}", file.display(), verdict.said);
            }
        }
        let Some(python) = tools::pyhanko() else {
            return tools::skip("pyHanko");
        };
        let root = folder.path().join("root.pem");
        // Revision 5 was one vendor's, and short-lived; pyHanko does not know it.
        let paths = files.iter().map(PathBuf::as_path);
        let paths: Vec<&Path> = paths
            .filter(|path| !path.display().to_string().contains("-r5-"))
            .collect();
        let verdicts = tools::pyhanko_validate_with(&python, &root, &paths, password).unwrap();
        assert_eq!(verdicts.len(), paths.len(), "{verdicts:#?}");
        for verdict in &verdicts {
            let whole = verdict.bottom_line && verdict.coverage == "ENTIRE_FILE";
            assert!(whole, "{verdict:?}");
        }
    }
}

#[test]
fn the_stamp_on_an_encrypted_page_scans() {
    let tools = ["pdftoppm", "mutool", "zbarimg"];
    if let Some(missing) = tools.iter().find(|tool| !tools::has(tool)) {
        return tools::skip(missing);
    }
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("page.ppm");
    for file in stamped(folder.path(), "") {
        for renderer in Renderer::ALL {
            renderer.render(&file, 2, 150, &picture).unwrap();
            let codes = tools::codes(&picture).unwrap();
            let expected = ["HTTPS://BUBUH.EXAMPLE.ID/V/SERIAL"];
            assert_eq!(codes, expected, "{} by {renderer:?}", file.display());
        }
    }
}
