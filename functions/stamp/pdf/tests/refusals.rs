//! Documents that must be refused, each with its reason, before a stamp is reserved.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{Error, Limits, Placement};
use std::io::Write;

use common::{Source, page_with, plain, preflight, preflight_within};

fn verdict(input: &[u8]) -> &'static str {
    preflight(input, &Placement::default()).map_or_else(|refusal| refusal.code(), |_| "stampable")
}

#[test]
fn what_is_no_pdf() {
    assert_eq!(verdict(b""), "not_pdf");
    assert_eq!(verdict(b"PK\x03\x04"), "not_pdf");
    assert_eq!(verdict(b"%PDF-1.7"), "damaged_xref");
}

#[test]
fn bytes_before_the_header() {
    let junk = [b"\xef\xbb\xbf".as_slice(), &plain().table()].concat();
    assert_eq!(verdict(&junk), "junk_before_header");
}

#[test]
fn a_certification_or_lock_that_allows_no_changes_but_none_that_allows_some() {
    let certified = |level: &str| {
        Source::new(&[
            "<</Type/Catalog/Pages 2 0 R/Perms<</DocMDP 4 0 R>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
            "<</Type/Page/Parent 2 0 R>>",
            &format!(
                "<</Type/Sig/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<<{level}>>>>]>>"
            ),
        ])
        .table()
    };
    assert_eq!(verdict(&certified("/P 1")), "certified");
    assert_eq!(verdict(&certified("/P 2")), "stampable");
    assert_eq!(verdict(&certified("")), "stampable");
    let locked = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R>>",
        "<</FT/Sig/T(a)/Kids[5 0 R]>>",
        "<</V 6 0 R>>",
        "<</Type/Sig/Reference[<</TransformMethod/FieldMDP/TransformParams<</Action/All/P 1>>>>]>>",
    ]);
    assert_eq!(verdict(&locked.table()), "certified");
}

#[test]
fn pages_that_are_missing_small_or_unknown() {
    let none = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[]/Count 0>>",
    ]);
    assert!(["no_page", "readers_disagree"].contains(&verdict(&none.table())));
    assert_eq!(
        verdict(&page_with("/MediaBox[0 0 11 400]").table()),
        "page_too_small"
    );
    assert_eq!(
        verdict(&page_with("/MediaBox[0 0 400 400]/UserUnit .02").table()),
        "page_too_small"
    );
    assert_eq!(verdict(&page_with("").table()), "broken");
    assert_eq!(verdict(&page_with("/MediaBox[0 0 400]").table()), "broken");
}

#[test]
fn a_page_tree_that_two_readers_count_differently() {
    // A node without Type: two pages to one reader, one to the other.
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 2/MediaBox[0 0 400 400]>>",
        "<</Kids[4 0 R 5 0 R]/Count 2>>",
        "<</Type/Page/Parent 3 0 R>>",
        "<</Type/Page/Parent 3 0 R>>",
    ]);
    assert_eq!(verdict(&source.table()), "readers_disagree");
}

#[test]
fn a_page_tree_that_is_a_page() {
    let mut bare = plain();
    bare.objects[0] = "<</Type/Catalog/Pages 3 0 R>>".into();
    assert_eq!(verdict(&bare.table()), "broken");
}

#[test]
fn a_page_tree_that_loops_is_walked_once() {
    let looped = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 2 0 R 3 0 R]/Count 9/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R>>",
    ]);
    assert_eq!(
        preflight(&looped.table(), &Placement::default())
            .unwrap()
            .pages,
        1
    );
}

#[test]
fn a_dynamic_xfa_form() {
    let mut source = plain();
    source.objects[0] =
        "<</Type/Catalog/Pages 2 0 R/NeedsRendering true/AcroForm<</XFA 3 0 R>>>>".into();
    assert_eq!(verdict(&source.table()), "dynamic_xfa");
}

#[test]
fn more_than_the_limits() {
    let input = plain().table();
    let within = |limits: Limits| {
        preflight_within(&input, &Placement::default(), &limits)
            .unwrap_err()
            .code()
    };
    let base = Limits::DEFAULT;
    assert_eq!(
        within(Limits {
            input_bytes: input.len() - 1,
            ..base
        }),
        "too_large"
    );
    assert_eq!(within(Limits { pages: 0, ..base }), "too_many_pages");
    assert_eq!(within(Limits { objects: 2, ..base }), "too_complex");
    assert_eq!(within(Limits { values: 3, ..base }), "too_complex");
    assert_eq!(within(Limits { depth: 1, ..base }), "too_complex");
    let stream = plain().stream();
    let limits = Limits {
        inflated_bytes: 100,
        ..base
    };
    let refusal = preflight_within(&stream, &Placement::default(), &limits).unwrap_err();
    assert_eq!(refusal.code(), "too_complex");
    assert!(
        preflight_within(
            &input,
            &Placement::default(),
            &Limits {
                input_bytes: input.len(),
                ..base
            }
        )
        .is_ok()
    );
}

#[test]
fn reasons_are_told_in_both_languages() {
    let refusal = preflight(b"PK", &Placement::default()).unwrap_err();
    assert!(refusal.message_id().contains("bukan PDF"));
    assert!(refusal.message_en().contains("not a PDF"));
}

/// Objects 1 to 3 as usual; the document information, object 4, stands in a compressed stream of its own.
fn with_compressed_info(padding: usize) -> Vec<u8> {
    let mut out = Vec::from(*b"%PDF-1.7\n");
    let mut offsets = Vec::new();
    for (index, object) in plain().objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(format!("4 0 <<>>{}", " ".repeat(padding)).as_bytes())
        .unwrap();
    let data = encoder.finish().unwrap();
    let holder_at = out.len();
    let dict = format!(
        "<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length {}>>",
        data.len()
    );
    out.extend(format!("5 0 obj\n{dict}\nstream\n").bytes());
    out.extend(data);
    out.extend(b"\nendstream\nendobj\n");
    let start = out.len();
    let plain_row = |offset: usize| [1, (offset >> 8) as u8, (offset & 0xff) as u8, 0];
    let mut rows = vec![0; 4];
    rows.extend(offsets.into_iter().flat_map(plain_row));
    rows.extend([2, 0, 5, 0]);
    rows.extend([holder_at, start].into_iter().flat_map(plain_row));
    let head = "/Type/XRef/Size 7/Root 1 0 R/Info 4 0 R/W[1 2 1]";
    out.extend(format!("6 0 obj\n<<{head}/Length {}>>\nstream\n", rows.len()).bytes());
    out.extend(rows);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

#[test]
fn a_bomb_that_only_the_other_reader_would_open() {
    let limits = Limits {
        inflated_bytes: 100_000,
        ..Limits::DEFAULT
    };
    let verdict = |padding| {
        preflight_within(
            &with_compressed_info(padding),
            &Placement::default(),
            &limits,
        )
    };
    assert!(verdict(90_000).is_ok());
    assert_eq!(verdict(200_000).unwrap_err().code(), "too_complex");
}

#[test]
fn pages_that_another_reader_counts_otherwise_also_when_nobody_asked_before_stamping() {
    let untyped = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 2/MediaBox[0 0 400 400]>>",
        "<</Kids[4 0 R 5 0 R]/Count 2>>",
        "<</Type/Page/Parent 3 0 R>>",
        "<</Type/Page/Parent 3 0 R>>",
    ])
    .table();
    assert_eq!(verdict(&untyped), "readers_disagree");
    match common::bench().stamp(&untyped) {
        Err(Error::Refused(refusal)) => assert_eq!(refusal.code(), "readers_disagree"),
        other => panic!("{other:?}"),
    }
}

type Limit = fn(&mut Limits) -> &mut usize;

/// The least limit that preflight accepts, when it accepts all above it.
fn least(accepts: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, 1 << 20);
    assert!(accepts(high));
    while low < high {
        let middle = usize::midpoint(low, high);
        if accepts(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[test]
fn a_document_that_only_just_keeps_a_limit_keeps_it_with_the_stamp() {
    let bench = common::bench();
    let annots = "<<>>".repeat(40);
    let fields = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
        &format!("<</Type/Page/Parent 2 0 R/Annots[{annots}]>>"),
        "<</FT/Tx/T(a)>>",
        "<</FT/Tx/T(b)>>",
    ]);
    let kinds: [(&str, Limit); 4] = [
        ("objects", |limits| &mut limits.objects),
        ("revisions", |limits| &mut limits.revisions),
        ("inflated_bytes", |limits| &mut limits.inflated_bytes),
        ("values", |limits| &mut limits.values),
    ];
    for input in [fields.table(), fields.stream()] {
        for (name, limit) in kinds {
            let with = |value| {
                let mut limits = Limits::DEFAULT;
                *limit(&mut limits) = value;
                limits
            };
            let verdict = |value| preflight_within(&input, &Placement::default(), &with(value));
            let least = least(|value| verdict(value).is_ok());
            let stamped = bench.stamp_opened(&input, common::SERIAL, &with(least).into());
            assert!(stamped.is_ok(), "{name} {least}: {:?}", stamped.err());
        }
    }
}
