//! What people and their software see of a stamp: a code that scans, and signatures that all stay valid.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::tools::{self, Renderer};
use bubuh_corpus::{Bench, Outcome};
use bubuh_pdf::{PageChoice, Placement, Rect};
use std::path::Path;

const SERIAL: &str = "7K3M9Q2X8R4T6W1Z";

/// One A4 page with some text drawn as lines, turned so many degrees.
fn document(turned: u16) -> Vec<u8> {
    let page = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate {turned}/Contents 4 0 R/Annots 5 0 R>>"
    );
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        &page,
        "<</Length 41>>\nstream\n0 0 595 842 re W n 40 800 m 500 800 l S q\nendstream",
        "[]",
    ];
    let (mut out, mut rows) = (String::from("%PDF-1.7\n"), String::new());
    for (index, object) in objects.iter().enumerate() {
        rows += &format!("{:010} 00000 n \n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = out.len();
    out += &format!("xref\n0 6\n0000000000 65535 f \n{rows}trailer\n<</Size 6/Root 1 0 R>>\n");
    out += &format!("startxref\n{start}\n%%EOF\n");
    out.into_bytes()
}

fn stamped(bench: &Bench, input: &[u8], serial: &str, placement: Placement) -> Vec<u8> {
    match bench.stamp_at(input, serial, placement) {
        Outcome::Stamped { output, .. } => output,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_code_scans_at_150_and_300_dpi_wherever_the_pixels_fall() {
    const OFFSETS: u16 = 20;
    let tools = ["pdftoppm", "mutool", "zbarimg"];
    if let Some(missing) = tools.iter().find(|tool| !tools::has(tool)) {
        return tools::skip(missing);
    }
    let folder = tempfile::tempdir().unwrap();
    let (file, picture) = (
        folder.path().join("stamped.pdf"),
        folder.path().join("page.ppm"),
    );
    let bench = Bench::new().unwrap();
    let side = bubuh_pdf::DEFAULT_SIDE_PT;
    for step in 0..OFFSETS {
        // Fractions of a pixel, differently across and up.
        let (llx, lly) = (60.0 + f64::from(step) * 0.06, 90.0 + f64::from(step) * 0.11);
        let rect = Rect {
            llx,
            lly,
            urx: llx + side,
            ury: lly + side,
        };
        let placement = Placement {
            page: PageChoice::Last,
            rect: Some(rect),
            ..Placement::default()
        };
        let output = stamped(&bench, &document(step % 4 * 90), SERIAL, placement);
        std::fs::write(&file, output).unwrap();
        for (renderer, dpi) in Renderer::ALL.into_iter().flat_map(|r| [(r, 150), (r, 300)]) {
            renderer.render(&file, 1, dpi, &picture).unwrap();
            assert_eq!(
                tools::codes(&picture).unwrap(),
                [format!("HTTPS://BUBUH.EXAMPLE.ID/V/{SERIAL}")],
                "step {step}, {renderer:?} at {dpi} dpi"
            );
        }
    }
}

#[test]
fn an_earlier_signature_and_earlier_stamps_stay_valid() {
    let Some(python) = tools::pyhanko() else {
        return tools::skip("pyHanko");
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let bench = Bench::new().unwrap();
    let key = write("key.pem", bench.identity.key_pem.as_bytes());
    let chain = write("chain.pem", bench.identity.chain_pem.as_bytes());
    let root = write("root.pem", bench.identity.root_pem.as_bytes());
    let source = write("source.pdf", &document(0));
    let signed = folder.path().join("signed.pdf");
    tools::pyhanko_sign(&python, &key, &chain, &source, &signed).unwrap();
    let mut bytes = std::fs::read(&signed).unwrap();
    for serial in ["FIRST", "SECOND", "THIRD"] {
        bytes = stamped(&bench, &bytes, serial, Placement::default());
    }
    let file = write("stamped.pdf", &bytes);
    let verdicts = tools::pyhanko_validate(&python, &root, &[Path::new(&file)]).unwrap();
    assert_eq!(verdicts.len(), 4, "{verdicts:#?}");
    assert!(verdicts.iter().any(|verdict| verdict.field == "Earlier"));
    assert!(
        verdicts.iter().all(|verdict| verdict.bottom_line),
        "{verdicts:#?}"
    );
}
