//! Tagged documents: the stamp gets its tag where that is safe, and no tag is ever broken.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use common::{SERIAL, Source, bench, object, request, stamp, tail, widget};

/// A tagged page; the catalog's other keys, the root's K and the parent tree.
fn tagged(kids: &str, tree: &str) -> Source {
    let root = format!("<</Type/StructTreeRoot/K {kids}/ParentTree 5 0 R/ParentTreeNextKey 3>>");
    Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 4 0 R/Lang(id)>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R/StructParents 0>>",
        &root,
        tree,
        "<</Type/StructElem/S/Document/P 4 0 R/K[7 0 R]>>",
        "<</Type/StructElem/S/P/P 6 0 R>>",
        "[0[7 0 R]]",
    ])
}

const TREE: &str = "<</Nums[0[7 0 R]2 7 0 R]>>";

#[test]
fn the_stamp_is_a_form_element_of_the_document_and_in_the_parent_tree() {
    for (source, next_key) in [
        (tagged("6 0 R", TREE), 3),
        (tagged("[6 0 R]", TREE), 3),
        (tagged("[6 0 R]", "<</Nums 8 0 R>>"), 3),
        (tagged("6 0 R", "<</Nums[0[7 0 R]9 7 0 R]>>"), 10),
    ] {
        for input in [source.table(), source.stream()] {
            let bench = bench();
            let output = bench.stamp(&input).unwrap();
            assert!(bench.verify(&output).valid);
            let added = tail(&input, &output);
            assert!(widget(&added).contains(&format!("/StructParent {next_key}")));
            let at = added.find("<</Type/StructElem/S/Form/P 6 0 R/Pg 3 0 R/K<</Type/OBJR/Obj ");
            let head = &added[..at.expect("an element under the document's")];
            let number = head.trim_end().rsplit('\n').next().unwrap();
            let number = number.strip_suffix(" 0 obj").unwrap().to_owned();
            assert!(
                object(&added, 6)
                    .unwrap()
                    .contains(&format!("K [7 0 R\n{number} 0 R]"))
            );
            let list = if source.objects[4].contains('[') {
                5
            } else {
                8
            };
            let list = object(&added, list).unwrap();
            assert!(
                list.contains(&format!("\n{next_key} {number} 0 R]")),
                "{list}"
            );
            let root = object(&added, 4).unwrap();
            assert!(
                root.contains(&format!("/ParentTreeNextKey  {} ", next_key + 1)),
                "{root}"
            );
            assert!(object(&added, 3).unwrap().contains("/Tabs /S"));
        }
    }
}

#[test]
fn a_root_with_several_kids_gets_one_more() {
    let input = tagged("[7 0 R 6 0 R]", TREE).table();
    let output = bench().stamp(&input).unwrap();
    let added = tail(&input, &output);
    let root = object(&added, 4).unwrap();
    assert!(root.contains("[7 0 R 6 0 R\n") && root.contains("/ParentTreeNextKey  4 "));
    assert!(added.contains("/S/Form/P 4 0 R"));
    assert!(object(&added, 6).is_none());
}

#[test]
fn a_structure_that_cannot_be_spliced_surely_is_left_alone() {
    let long = format!(
        "<</Nums[{}]>>",
        (0..2_000)
            .map(|key| format!("{key} 7 0 R "))
            .collect::<String>()
    );
    for (kids, tree) in [
        ("6 0 R", "<</Kids[8 0 R]>>"),
        ("6 0 R", "<</Nums[2 7 0 R 1 7 0 R]>>"),
        ("6 0 R", "<</Nums[0]>>"),
        ("6 0 R", "<</Nums[9999999999 7 0 R]>>"),
        ("6 0 R", &long),
    ] {
        let input = tagged(kids, tree).table();
        let output = bench().stamp(&input).unwrap();
        let added = tail(&input, &output);
        assert!(
            !added.contains("/StructElem") && !added.contains("/StructParent "),
            "{tree}"
        );
        assert!(
            widget(&added).contains("/TU(Meterai"),
            "the alternate text remains"
        );
        for number in 4..9 {
            assert!(object(&added, number).is_none(), "{tree}");
        }
    }
    let mut untagged = tagged("6 0 R", TREE);
    untagged.objects[0] = untagged.objects[0].replace("Marked true", "Marked false");
    let input = untagged.table();
    assert!(!tail(&input, &bench().stamp(&input).unwrap()).contains("/StructElem"));
}

#[test]
fn a_structure_that_names_the_page_as_its_own_part_is_left_alone() {
    let mut source = tagged("6 0 R", TREE);
    source.objects[3] = source.objects[3].replace("/ParentTree 5 0 R", "/ParentTree 3 0 R");
    source.objects[2] = source.objects[2].replace("/StructParents 0", "/Nums[0 7 0 R]");
    let input = source.table();
    let output = bench().stamp(&input).unwrap();
    assert!(!tail(&input, &output).contains("/StructElem"));
}

#[test]
fn a_second_stamp_leaves_the_structure_that_the_first_one_signed() {
    let bench = bench();
    let once = bench.stamp(&tagged("6 0 R", TREE).table()).unwrap();
    let twice = stamp(&once, &request("SECOND"), &bench.signer).unwrap();
    assert!(!tail(&once, &twice).contains("/StructElem"));
    let report = bench.verify(&twice);
    assert!(report.valid && report.stamps[0].serial == SERIAL);
}
