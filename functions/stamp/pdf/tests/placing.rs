//! Where a stamp goes when nobody says so, or says it by a phrase.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{PageChoice, Placement, Preflight, Rect, Refusal, preflight, stamp};
use common::{Source, bench, plain, request};
use std::fmt::Write;
use std::time::{Duration, Instant};

const DEFAULT: (f64, f64) = (496.9, 36.0);

/// A page of A4 with this content; its fonts are F1 (simple) and F2 (composite, codes are glyph numbers).
fn page(keys: &str, content: &str) -> Vec<u8> {
    let map = "2 beginbfchar <0001> <004D> <0002> <0061> endbfchar 1 beginbfrange <0010> <0020> \
        <0074> endbfrange 3 beginbfchar <0003> <0065> <0004> <0072> <0005> <0069> endbfchar";
    let map = format!("<</Length {}>>\nstream\n{map}\nendstream", map.len());
    page_with_map(keys, content, &map)
}

/// The same with another character map for F2.
fn page_with_map(keys: &str, content: &str, map: &str) -> Vec<u8> {
    let stream = |text: &str| format!("<</Length {}>>\nstream\n{text}\nendstream", text.len());
    let mut source = plain();
    source.objects[2] = format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.27559055 841.88976378]{keys}/Contents 4 0 R\
        /Resources<</Font<</F1 5 0 R/F2 6 0 R>>/XObject<</I 9 0 R/X 10 0 R>>>>>>"
    );
    source.objects.extend([
        stream(content),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".into(),
        "<</Type/Font/Subtype/Type0/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 8 0 R>>".into(),
        "<</Type/Font/Subtype/CIDFontType2/W[1[800 500]3 5 450]/DW 500>>".into(),
        map.into(),
        "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>\nstream\n0\nendstream".into(),
        "<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Resources<</XObject<</X 10 0 R>>>>/Length 11>>\nstream\n/X Do /X Do\nendstream".into(),
    ]);
    source.table()
}

fn text(x: u32, y: u32, words: &str) -> String {
    format!("BT /F1 10 Tf {x} {y} Td ({words}) Tj ET ")
}

fn look(input: &[u8], placement: &Placement) -> Result<Preflight, Refusal> {
    preflight(&input.to_vec().into(), placement)
}

fn by_default(input: &[u8]) -> Preflight {
    look(input, &Placement::default()).unwrap()
}

fn at(phrase: &str) -> Placement {
    Placement {
        anchor: Some(phrase.into()),
        ..Placement::default()
    }
}

fn corner(rect: Rect) -> (f64, f64) {
    let tenth = |number: f64| (number * 10.0).round() / 10.0;
    (tenth(rect.llx), tenth(rect.lly))
}

fn middle(rect: Rect) -> (f64, f64) {
    (
        f64::midpoint(rect.llx, rect.urx),
        f64::midpoint(rect.lly, rect.ury),
    )
}

fn apart(one: Rect, other: Rect) -> bool {
    one.urx <= other.llx || other.urx <= one.llx || one.ury <= other.lly || other.ury <= one.lly
}

#[test]
fn text_drawings_pictures_and_annotations_are_avoided_and_white_paint_is_not() {
    let empty = by_default(&page("", ""));
    assert_eq!((corner(empty.rect), empty.free), (DEFAULT, true));
    for (keys, content) in [
        ("", text(480, 60, "Halaman 3 dari 3").as_str()),
        ("", "q 40 0 0 40 520 50 cm /I Do Q"),
        ("", "500 40 m 550 90 l S"),
        ("", "500 40 20 20 re f"),
        (
            "",
            "BI /W 1 /H 1 ID \x01 EI q 30 0 0 30 520 60 cm BI /W 1 ID x EI Q",
        ),
        (
            "/Annots[<</Type/Annot/Subtype/Link/Rect[500 40 540 60]>>]",
            "",
        ),
    ] {
        let found = by_default(&page(keys, content));
        assert!(found.free, "{content}");
        assert_ne!(corner(found.rect), DEFAULT, "{content}");
        let moved = (found.rect.llx - DEFAULT.0).hypot(found.rect.lly - DEFAULT.1);
        assert!(moved < 110.0, "{content}: {:?}", found.rect);
    }
    for harmless in [
        "1 g 0 0 595 842 re f",
        "1 1 1 rg 500 40 50 50 re f",
        "500 40 50 50 re W n",
        ".9 .95 1 rg 0 0 596 842 re f",
        "0 0 10 10 re W n 500 40 50 50 re f",
        &text(480, 300, "jauh"),
    ] {
        let found = by_default(&page("", harmless));
        assert_eq!(
            (corner(found.rect), found.free),
            (DEFAULT, true),
            "{harmless}"
        );
    }
}

#[test]
fn a_turned_page_is_seen_as_it_is_shown() {
    for turn in [90, 180, 270] {
        let keys = format!("/Rotate {turn}");
        let default = by_default(&page(&keys, ""));
        assert!(default.free);
        // Ink where the page's own bottom left is: that is the bottom right of a page turned by 270 degrees.
        let found = by_default(&page(&keys, "30 30 60 60 re f"));
        assert_eq!(found.rect == default.rect, turn != 270, "{turn}");
    }
}

#[test]
fn a_page_without_a_free_place_or_a_scan_says_so_and_keeps_the_default() {
    let mut lines = String::new();
    for y in 0..85 {
        lines += &text(0, y * 10, &"penuh ".repeat(40));
    }
    for content in [lines.as_str(), "q 595 0 0 842 0 0 cm /I Do Q"] {
        let found = by_default(&page("", content));
        assert_eq!((corner(found.rect), found.free), (DEFAULT, false));
    }
}

#[test]
fn each_further_stamp_finds_a_place_beside_the_earlier_ones() {
    let bench = bench();
    let mut bytes = page("", &text(300, 60, "Jakarta"));
    let mut places: Vec<Rect> = Vec::new();
    for serial in ["FIRST", "SECOND", "THIRD"] {
        let found = by_default(&bytes);
        assert!(found.free && places.iter().all(|place| apart(*place, found.rect)));
        places.push(found.rect);
        bytes = stamp(bytes.into(), &request(serial), &bench.signer)
            .unwrap()
            .bytes;
        assert!(bench.verify(&bytes).valid);
    }
}

#[test]
fn a_phrase_draws_the_stamp_over_itself_or_into_its_box() {
    let sentence = "Perjanjian ini dibubuhi Meterai yang cukup oleh para pihak tersebut. ";
    let label = [
        text(72, 700, sentence),
        text(100, 200, "Materai"),
        text(98, 188, "Rp10.000,-"),
    ]
    .concat();
    let found = look(&page("", &label), &at("MATERAI")).unwrap();
    let (x, y) = middle(found.rect);
    assert!(
        (x - 120.0).abs() < 8.0 && (y - 197.0).abs() < 5.0,
        "{x} {y}"
    );
    assert!((found.rect.width_pt() - 62.36).abs() < 0.1);
    for frame in [
        "70 150 100 110 re S",
        "70 150 m 70 260 l S 170 150 m 170 260 l S 70 150 m 170 150 l S 70 260 m 170 260 l S",
        "70 150 100 1 re f 70 259 100 1 re f 70 150 1 110 re f 169 150 1 110 re f",
    ] {
        let boxed = [frame, " ", &text(76, 245, "e-Meterai")].concat();
        let found = look(
            &page("", &[text(72, 700, sentence), boxed].concat()),
            &at("meterai"),
        );
        let (x, y) = middle(found.unwrap().rect);
        assert!(
            (x - 120.0).abs() < 1.5 && (y - 205.0).abs() < 1.5,
            "{frame}: {x} {y}"
        );
    }
    // A box smaller than the default stamp.
    let small = [&text(84, 185, "Materai"), " 80 150 48 60 re S"].concat();
    let found = look(&page("", &small), &at("Materai")).unwrap();
    assert!((found.rect.width_pt() - 48.0).abs() < 0.1);
}

#[test]
fn a_phrase_is_read_from_every_common_way_of_writing_text() {
    for content in [
        "BT /F2 10 Tf 1 0 0 1 100 200 Tm <0001000200100003000400020005> Tj ET",
        "BT /F1 10 Tf 100 200 Td [(Ma) 20 (te) -30 (rai)] TJ ET",
        "BT /F1 1 Tf 10 0 0 10 100 200 Tm (M a t e r a i) Tj ET",
        "BT /F1 10 Tf 3 Tr 100 212 Td 12 TL (MATERAI) ' ET",
        "q 1 0 0 1 60 100 cm BT /F1 10 Tf 40 100 Td (Mate) Tj (rai) Tj ET Q",
    ] {
        let found = look(&page("", content), &at("materai")).unwrap();
        let (x, y) = middle(found.rect);
        assert!(
            (100.0..160.0).contains(&x) && (y - 203.0).abs() < 3.0,
            "{content}: {x} {y}"
        );
    }
}

#[test]
fn a_phrase_that_is_missing_is_refused_before_anything_is_reserved() {
    let input = page("", &text(100, 200, "bermeterai"));
    for phrase in ["Meterai", "", "--", "Materai"] {
        let refusal = look(&input, &at(phrase)).unwrap_err();
        assert_eq!(refusal.code(), "anchor_not_found");
        assert!(refusal.message_id().contains(phrase) && refusal.message_en().contains(phrase));
    }
}

#[test]
fn without_a_page_the_last_one_with_the_phrase_is_taken() {
    let contents = ["Materai", "Materai", "lampiran"].map(|words| text(100, 400, words));
    let mut source = Source::new(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 3/MediaBox[0 0 400 600]\
        /Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
    ]);
    for number in 6..9 {
        let leaf = format!("<</Type/Page/Parent 2 0 R/Contents[{number} 0 R]>>");
        source.objects.push(leaf);
    }
    for content in contents {
        let stream = format!(
            "<</Length {}>>\nstream\n{content}\nendstream",
            content.len()
        );
        source.objects.push(stream);
    }
    let input = source.table();
    for (page, expected) in [
        (PageChoice::Last, Some(2)),
        (PageChoice::First, Some(1)),
        (PageChoice::Number(1), Some(1)),
        (PageChoice::Number(3), None),
    ] {
        let placement = Placement {
            page,
            ..at("materai")
        };
        let found = look(&input, &placement).ok().map(|found| found.page);
        assert_eq!(found, expected, "{page:?}");
    }
    let first = Placement {
        page: PageChoice::First,
        ..Placement::default()
    };
    assert_eq!(look(&input, &first).unwrap().page, 1);
}

#[test]
fn hostile_content_costs_little_and_still_gets_the_default_place() {
    let mut slanting = String::new();
    for step in 0..200_000 {
        write!(slanting, "{step} 0 m 0 {step} l S ").unwrap();
    }
    let nested = format!("{}1 0 0 1 0 0 cm", "[".repeat(1_000_000));
    let open = "beginbfchar <".repeat(200_000);
    let cmap = "beginbfrange <0000> <FFFF> <0000> ".repeat(50_000);
    for content in [
        slanting.as_str(),
        &"q ".repeat(1_000_000),
        &"/X Do ".repeat(500_000),
        &"BT /F1 1 Tf (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ".repeat(100_000),
        &nested,
        &"(".repeat(2_000_000),
        &"<".repeat(2_000_000),
        &"<1".repeat(1_000_000),
        &"1e400 9999999999999999999999 re f ".repeat(10_000),
    ] {
        let input = page("", content);
        let started = Instant::now();
        let found = by_default(&input);
        assert!(found.rect.width_pt() > 62.0, "{content:.20}");
        // Without optimisation, and on a busy machine.
        assert!(
            started.elapsed() < Duration::from_secs(8),
            "{:.20}",
            content
        );
    }
    // The same in a font's character map, which is read when the font is used.
    let shows = "BT /F2 10 Tf <0001> Tj ET";
    for map in [&cmap, &open] {
        let stream = format!("<</Length {}>>\nstream\n{map}\nendstream", map.len());
        let input = page_with_map("", shows, &stream);
        let started = Instant::now();
        assert!(by_default(&input).rect.width_pt() > 62.0);
        assert!(started.elapsed() < Duration::from_secs(8), "{map:.20}");
    }
}
