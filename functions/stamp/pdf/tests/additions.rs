//! What may follow a stamp, and what may not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{After, Report};
use common::{Source, append, append_signed, bench, object, request, stamp, tail};

/// A page with contents, an empty signature field, metadata, and a dangling reference to object 90.
fn source() -> Source {
    Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Metadata 7 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 6 0 R/Annots 8 0 R/Thumb 90 0 R>>",
        "<</Fields[5 0 R]/DA(/Helv 0 Tf)>>",
        "<</FT/Sig/T(Empty)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R>>",
        "<</Length 3>>\nstream\nq Q\nendstream",
        "<</Type/Metadata/Subtype/XML/Length 1>>\nstream\nx\nendstream",
        "[5 0 R]",
        "<</Producer(x)>>",
    ])
    .trailer("/Info 9 0 R")
}

/// A stamped document, and its text with the number of the stamp's widget.
struct Stamped {
    file: Vec<u8>,
    /// The catalog, the form, the page's list and the field list as they stand, each without its end.
    form: String,
    annots: String,
}

fn stamped() -> Stamped {
    let input = source().table();
    let file = bench().stamp(&input).unwrap();
    let added = tail(&input, &file);
    Stamped {
        form: object(&added, 4).unwrap().to_owned(),
        annots: object(&added, 8).unwrap().to_owned(),
        file,
    }
}

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/Metadata 7 0 R";
const FIELD: &str = "<</FT/Sig/T(Other)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/P 3 0 R/V 51 0 R";
/// What anybody can write.
const FORGED: &str =
    "<</Type/Sig/Filter/X/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>>>";

impl Stamped {
    fn verify(&self, objects: &[(u32, &str)]) -> Report {
        bench().verify(&append(&self.file, objects, "/Info 9 0 R"))
    }

    fn verify_signed(&self, objects: &[(u32, &str)]) -> Report {
        bench().verify(&append_signed(&self.file, objects, "/Info 9 0 R"))
    }

    fn after(&self, objects: &[(u32, &str)]) -> After {
        self.verify(objects).stamps[0].after
    }

    /// The form and the page's list with one field more.
    fn with_field(&self) -> [String; 2] {
        let form = self.form.replacen(']', " 50 0 R]", 1);
        assert_ne!(form, self.form);
        [form, self.annots.replace(']', " 50 0 R]")]
    }
}

#[test]
fn a_signature_of_somebody_else_and_data_to_check_it_are_no_change() {
    let stamped = stamped();
    let [form, annots] = stamped.with_field();
    let field = format!("{FIELD}>>");
    let objects = [(4, form.as_str()), (8, &annots), (50, &field)];
    let report = stamped.verify_signed(&objects);
    assert_eq!(report.stamps[0].after, After::Signatures, "{report:#?}");
    assert!(report.valid && report.summary_en.contains("only signatures of others"));
    assert_eq!(report.other_signatures.len(), 1);
    let catalog = format!("{CATALOG}/DSS 60 0 R/Extensions<</ESIC<<>>>>>>");
    let more = [(1, catalog.as_str()), (60, "<</Certs[]>>")];
    assert_eq!(stamped.after(&more), After::Signatures);
    // The empty field that was there is signed; metadata and information are told anew.
    let signed = "<</FT/Sig/T(Empty)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/V 51 0 R>>";
    let told = "<</Type/Metadata/Subtype/XML/Length 1>>\nstream\ny\nendstream";
    let objects = [(5, signed), (7, told), (9, "<</Producer(y)>>")];
    let report = stamped.verify_signed(&objects);
    assert_eq!(report.stamps[0].after, After::Signatures, "{report:#?}");
}

#[test]
fn a_stamp_after_a_signature_after_a_stamp_keeps_both_stamps_valid() {
    let stamped = stamped();
    let [form, annots] = stamped.with_field();
    let field = format!("{FIELD}>>");
    let objects = [(4, form.as_str()), (8, &annots), (50, &field)];
    let signed = append_signed(&stamped.file, &objects, "");
    let twice = stamp(&signed, &request("SECOND"), &bench().signer).unwrap();
    let report = bench().verify(&twice);
    assert!(report.valid, "{report:#?}");
    let found: Vec<_> = report
        .stamps
        .iter()
        .map(|stamp| (stamp.after, stamp.revision))
        .collect();
    assert_eq!(found, [(After::Signatures, 2), (After::Nothing, 4)]);
}

#[test]
fn whatever_changes_what_is_read_is_a_change() {
    let stamped = stamped();
    let [form, annots] = stamped.with_field();
    let field = format!("{FIELD}>>");
    let signing = [
        (4, form.as_str()),
        (8, annots.as_str()),
        (50, field.as_str()),
    ];
    let report = stamped.verify_signed(&signing);
    assert_eq!(report.stamps[0].after, After::Signatures);
    let page = |keys: &str| format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{keys}>>");
    let other_page = page("/Contents 61 0 R/Annots 8 0 R/Thumb 90 0 R");
    let smaller = page("/Contents 6 0 R/CropBox[0 0 9 9]/Annots 8 0 R/Thumb 90 0 R");
    let other_pages = format!("{}>>", CATALOG.replace("/Pages 2", "/Pages 62"));
    let opens = format!("{CATALOG}/OpenAction<</S/JavaScript/JS(x)>>>>");
    let twice = format!("{CATALOG}/Pages 62 0 R>>");
    let acts = format!("{FIELD}/AA<<>>>>");
    let not_shown = form.replacen("/Fields", "/NeedAppearances true/Fields", 1);
    let dropped = "[50 0 R]";
    let cases: [(&str, &[(u32, &str)]); 13] = [
        (
            "the page's contents",
            &[(6, "<</Length 3>>\nstream\nQ q\nendstream")],
        ),
        (
            "the page names other contents",
            &[(3, &other_page), (61, "<</Length 0>>\nstream\n\nendstream")],
        ),
        ("the page is cut", &[(3, &smaller)]),
        (
            "another page tree",
            &[
                (1, &other_pages),
                (62, "<</Type/Pages/Kids[3 0 R]/Count 1>>"),
            ],
        ),
        ("something happens on opening", &[(1, &opens)]),
        ("a key told twice", &[(1, &twice)]),
        (
            "what the page waited for",
            &[(90, "<</Length 0>>\nstream\n\nendstream")],
        ),
        ("a field that acts", &[(50, &acts)]),
        ("a field that hides appearances", &[(4, &not_shown)]),
        ("the stamp's widget dropped", &[(8, dropped)]),
        (
            "a note",
            &[(50, "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]>>")],
        ),
        (
            "a field filled in",
            &[(
                50,
                "<</FT/Tx/T(Other)/V(paid)/Subtype/Widget/Rect[0 0 9 9]>>",
            )],
        ),
        ("the page list gone", &[(2, "null")]),
    ];
    for (what, changes) in cases {
        // Each change alone, and hidden behind a signature.
        let hidden: Vec<(u32, &str)> = signing
            .iter()
            .filter(|(number, _)| changes.iter().all(|(changed, _)| changed != number))
            .chain(changes)
            .copied()
            .collect();
        let report = stamped.verify_signed(&hidden);
        assert!(!report.valid, "{what}: {report:#?}");
        // A field that nothing names is no field.
        if changes.iter().any(|(number, _)| *number != 50) {
            let report = stamped.verify(changes);
            assert!(!report.valid, "{what}: {report:#?}");
        }
    }
}

#[test]
fn what_anybody_can_write_is_no_signature() {
    let stamped = stamped();
    let [form, annots] = stamped.with_field();
    let field = format!("{FIELD}>>");
    let empty = field.replace("/V 51 0 R", "");
    let form = [(4, form.as_str()), (8, annots.as_str())];
    for added in [
        vec![(50, field.as_str()), (51, FORGED)],
        vec![(50, field.as_str())],
        vec![(50, empty.as_str())],
    ] {
        let objects: Vec<(u32, &str)> = form.iter().chain(&added).copied().collect();
        assert_eq!(stamped.after(&objects), After::Changed, "{added:?}");
    }
    let signed = "<</FT/Sig/T(Empty)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/V 51 0 R>>";
    assert_eq!(stamped.after(&[(5, signed), (51, FORGED)]), After::Changed);
}

#[test]
fn metadata_that_is_also_the_page_is_a_change() {
    let mut source = source();
    source.objects[2] = source.objects[2].replace("/Contents 6 0 R", "/Contents 7 0 R");
    let file = bench().stamp(&source.table()).unwrap();
    let told = "<</Type/Metadata/Subtype/XML/Length 1>>\nstream\ny\nendstream";
    let report = bench().verify(&append(&file, &[(7, told)], "/Info 9 0 R"));
    assert_eq!(report.stamps[0].after, After::Changed);
    assert!(!report.valid);
}
