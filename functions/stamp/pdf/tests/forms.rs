//! Forms and annotation lists in the shapes that real writers give them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::PageChoice;
use common::{SERIAL, Source, bench, object, preflight, request, stamp, tail};

const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>";

/// Stamps both forms of a document and hands over what was appended.
fn appended(source: &Source) -> [String; 2] {
    [source.table(), source.stream()].map(|input| {
        let bench = bench();
        let output = bench.stamp(&input).unwrap();
        assert!(bench.verify(&output).valid);
        tail(&input, &output)
    })
}

#[test]
fn a_document_without_a_form_gets_one() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R>>",
    ]);
    for added in appended(&source) {
        let catalog = object(&added, 1).unwrap();
        assert!(
            catalog.starts_with("<</Type/Catalog/Pages 2 0 R\n/AcroForm "),
            "{catalog}"
        );
        assert!(added.contains("<</Fields[") && added.contains("]/SigFlags 3>>"));
    }
}

#[test]
fn need_appearances_is_switched_off_and_other_flags_are_kept() {
    for form in [
        "/AcroForm<</Fields[]/NeedAppearances true/SigFlags 4/DA(x)>>",
        "/AcroForm 4 0 R",
    ] {
        let source = Source::new(&[
            &format!("<</Type/Catalog/Pages 2 0 R{form}>>"),
            PAGES,
            "<</Type/Page/Parent 2 0 R>>",
            "<</Fields 5 0 R/NeedAppearances 6 0 R/SigFlags 4/DA(x)>>",
            "[]",
            "true",
        ]);
        for added in appended(&source) {
            assert!(added.contains("/NeedAppearances  false"), "{added}");
            assert!(added.contains("/SigFlags  7 "), "{added}");
            assert!(added.contains("/DA(x)"));
        }
    }
}

#[test]
fn an_indirect_list_grows_in_place_and_the_page_is_left_alone() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 5 0 R>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots 4 0 R>>",
        "[6 0 R]",
        "[]",
        "<</Type/Annot/Subtype/Text/Rect[0 0 1 1]>>",
    ]);
    for added in appended(&source) {
        assert!(object(&added, 3).is_none(), "{added}");
        assert!(object(&added, 4).unwrap().starts_with("[6 0 R\n"));
        assert!(object(&added, 5).is_some());
    }
}

#[test]
fn a_list_that_several_pages_name_does_not_show_the_stamp_on_all_of_them() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R/Annots 5 0 R>>",
        "<</Type/Page/Parent 2 0 R/Annots 5 0 R>>",
        "[6 0 R]",
        "<</Type/Annot/Subtype/Text/Rect[0 0 1 1]>>",
    ]);
    for added in appended(&source) {
        assert!(object(&added, 5).is_none(), "{added}");
        assert!(object(&added, 4).unwrap().contains("/Annots  [6 0 R\n"));
    }
}

#[test]
fn one_array_used_as_annots_and_as_fields_names_the_widget_once_each() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 5 0 R>>>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R/Annots 5 0 R>>",
        "<</Type/Page/Parent 2 0 R>>",
        "[6 0 R]",
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[0 0 1 1]>>",
    ]);
    for page in [1, 2] {
        for input in [source.table(), source.stream()] {
            let mut request = request(SERIAL);
            request.placement.page = PageChoice::Number(page);
            // The gate refuses a widget that shows on two pages.
            let output = stamp(&input, &request, &bench().signer).unwrap();
            let added = tail(&input, &output);
            assert!(
                object(&added, 1).unwrap().contains("/Fields  [6 0 R\n"),
                "{added}"
            );
            assert_eq!(object(&added, 5).is_some(), page == 1);
        }
    }
}

#[test]
fn an_empty_or_dangling_list_is_replaced() {
    for annots in ["/Annots null", "/Annots 9 0 R", "/Annots[]"] {
        let source = Source::new(&[
            "<</Type/Catalog/Pages 2 0 R/AcroForm 9 0 R>>",
            PAGES,
            &format!("<</Type/Page/Parent 2 0 R{annots}>>"),
        ]);
        for added in appended(&source) {
            assert!(object(&added, 3).unwrap().contains("0 R]"), "{added}");
        }
    }
}

#[test]
fn a_list_with_a_null_or_a_dangling_item_keeps_it_and_shows_the_stamp() {
    for list in ["[null]", "[null 99 0 R <</Subtype/Link>> 7]"] {
        let mut source = Source::new(&["<</Type/Catalog/Pages 2 0 R>>", PAGES, "", list]);
        for annots in [list, "4 0 R"] {
            source.objects[2] = format!("<</Type/Page/Parent 2 0 R/Annots {annots}>>");
            for input in [source.table(), source.stream()] {
                let output = bench().stamp(&input).unwrap();
                let kept = &list[..list.len() - 1];
                assert!(tail(&input, &output).contains(kept), "{annots}");
            }
        }
    }
}

#[test]
fn a_form_that_viewers_draw_goes_on_asking_for_it_and_the_stamp_is_pictured_besides() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/NeedAppearances true>>>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/Annots[5 0 R]>>",
        "<</FT/Tx/T(name)/Kids[5 0 R]>>",
        "<</Subtype/Widget/Rect[9 9 99 29]/Parent 4 0 R>>",
    ]);
    let switched = "/NeedAppearances  false";
    for input in [source.table(), source.stream()] {
        let output = bench().stamp(&input).unwrap();
        let added = tail(&input, &output);
        assert!(!added.contains(switched) && added.contains("/Subtype/Stamp"));
        let promised = preflight(&input, &Default::default()).unwrap().size_after;
        assert!(output.len() <= promised);
        // Whoever has signed must not see an annotation come in.
        let again = stamp(&output, &request("SECOND"), &bench().signer).unwrap();
        let added = tail(&output, &again);
        assert!(added.contains(switched) && !added.contains("/Subtype/Stamp"));
    }
}
