//! Files whose cross-reference is wrong: made anew when nothing is lost, refused when something may be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::Placement;
use common::{Bench, SERIAL, Source, bench, plain, preflight, tail};

fn verdict(input: &[u8]) -> &'static str {
    preflight(input, &Placement::default()).map_or_else(|refusal| refusal.code(), |_| "stampable")
}

fn replaced(input: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = input
        .windows(from.len())
        .position(|window| window == from.as_bytes())
        .unwrap_or_else(|| panic!("{from}"));
    [&input[..at], to.as_bytes(), &input[at + from.len()..]].concat()
}

fn place(input: &[u8], text: &str) -> usize {
    String::from_utf8_lossy(input).rfind(text).unwrap()
}

/// Every way to break it that leaves all objects whole.
fn broken(source: &Source) -> Vec<(&'static str, Vec<u8>)> {
    let (table, stream) = (source.table(), source.stream());
    let start = format!("startxref\n{}", place(&table, "xref\n0 "));
    let (page, tree) = (place(&table, "3 0 obj"), place(&table, "2 0 obj"));
    let row = |at: usize| format!("{at:010} 00000 n");
    let mut cases: Vec<_> = [
        "startxref\n0",
        "startxref\n99999",
        "startxref\n-1",
        "startxref\n",
        "start\n12",
    ]
    .into_iter()
    .map(|wrong| (wrong, replaced(&table, &start, wrong)))
    .collect();
    let last = format!("{} 0 obj", source.objects.len() + 2);
    let start = format!("startxref\n{}", place(&stream, &last));
    cases.extend([
        (
            "an entry one byte off",
            replaced(&table, &row(page), &row(page + 1)),
        ),
        (
            "an entry at another object",
            replaced(&table, &row(page), &row(tree)),
        ),
        (
            "a wrong first number",
            replaced(&table, "xref\n0 ", "xref\n1 "),
        ),
        (
            "everything moved",
            replaced(&table, "%PDF-1.7\n", "%PDF-1.7\n%\n"),
        ),
        ("no end", table[..table.len() - 20].to_vec()),
        (
            "a stream somewhere else",
            replaced(&stream, &start, "startxref\n7"),
        ),
    ]);
    cases
}

fn check(bench: &Bench, name: &str, input: &[u8], pages: usize) -> Vec<u8> {
    let verdict = preflight(input, &Placement::default());
    let verdict = verdict.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    assert_eq!(verdict.pages, pages, "{name}");
    let output = bench
        .stamp(input)
        .unwrap_or_else(|why| panic!("{name}: {why}"));
    assert!(output.len() <= verdict.size_after, "{name}");
    let report = bench.verify(&output);
    assert!(report.valid && report.pages == pages, "{name}: {report:?}");
    output
}

#[test]
fn a_damaged_cross_reference_is_made_anew_and_no_reader_needs_the_old_one() {
    let bench = bench();
    for (name, input) in broken(&plain()) {
        let output = check(&bench, name, &input, 1);
        let tail = tail(&input, &output);
        assert!(!tail.contains("/Prev"), "{name}: {tail}");
        // A second stamp is an ordinary one.
        let again = bench
            .stamp_opened(&output, "SECOND", &Default::default())
            .unwrap();
        assert!(
            again[output.len()..]
                .windows(5)
                .any(|word| word == b"/Prev"),
            "{name}"
        );
        assert!(bench.verify(&again).valid, "{name}");
    }
}

#[test]
fn the_last_object_of_a_number_counts() {
    let bench = bench();
    let mut input = plain().table();
    input.extend(b"\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>\nendobj\n");
    input.extend(b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n1\n%%EOF\n");
    let verdict = preflight(&input, &Placement::default()).unwrap();
    assert_eq!(
        (verdict.page_width_pt, verdict.page_height_pt),
        (300.0, 400.0)
    );
    check(&bench, "twice", &input, 1);
}

#[test]
fn a_file_that_was_cut_off_is_refused() {
    let source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        "<</Length 8>>\nstream\n0 0 m\nS \nendstream",
        "<</Type/Page/Parent 2 0 R/Contents[4 0 R 6 0 R]>>",
        "<</Length 8>>\nstream\n0 0 m\nS \nendstream",
    ]);
    let whole = source.table();
    // A trailer at the front, as linearised files have.
    let head = "%PDF-1.7\ntrailer\n<</Root 1 0 R/Size 7>>\n";
    let cut = |at: usize| replaced(&whole[..at], "%PDF-1.7\n", head);
    assert_eq!(verdict(&cut(place(&whole, "xref\n0"))), "stampable");
    for (what, text, after) in [
        ("in the last stream", "6 0 obj", 40),
        ("before the last page's content", "6 0 obj", 0),
        ("before the last page", "5 0 obj", 0),
    ] {
        let input = cut(place(&whole, text) + after);
        assert_eq!(verdict(&input), "damaged_xref", "{what}");
    }
    for length in [9, 60, 120] {
        assert_eq!(verdict(&whole[..length]), "damaged_xref", "{length}");
    }
}

#[test]
fn a_damaged_file_that_somebody_signed_is_refused() {
    let signed = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 400]>>",
        "<</Type/Page/Parent 2 0 R>>",
        "<</FT/Sig/T(a)/V 5 0 R>>",
        "<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>",
    ]);
    assert_eq!(verdict(&signed.table()), "stampable");
    for (name, input) in broken(&signed) {
        assert_eq!(verdict(&input), "damaged_xref", "{name}");
    }
}

#[test]
fn an_object_both_plain_and_older_than_its_twin_in_a_stream_is_ambiguous() {
    let stream = plain().stream();
    let page = b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>\nendobj\n";
    let start = format!("startxref\n{}", place(&stream, "5 0 obj"));
    let damaged = replaced(&stream, &start, "startxref\n7");
    let older = [b"%PDF-1.7\n", page.as_slice(), &damaged[9..]].concat();
    assert_eq!(verdict(&older), "damaged_xref");
    let newer = [damaged.as_slice(), page].concat();
    assert_eq!(verdict(&newer), "stampable");
}

#[test]
fn text_that_only_looks_like_objects_costs_no_more_than_its_length() {
    for piece in [
        "1 0 obj (",
        "1 0 obj <",
        "1 0 obj <</A [",
        "1 0 obj<<>>stream\n",
        "trailer (",
    ] {
        let input = format!("%PDF-1.7\n{}", piece.repeat(200_000));
        let code = verdict(input.as_bytes());
        assert!(
            ["damaged_xref", "too_complex"].contains(&code),
            "{piece}: {code}"
        );
    }
}

#[test]
fn a_chain_of_revisions_that_bites_its_tail_is_damage_too() {
    let start = place(&plain().table(), "xref\n0 ");
    let looped = plain().trailer(&format!("/Prev {start}")).table();
    let output = check(&bench(), "loop", &looped, 1);
    assert!(String::from_utf8_lossy(&output).contains(SERIAL));
}
