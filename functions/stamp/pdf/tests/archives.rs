//! What a stamp appends breaks no rule of PDF/A (ISO 19005-1, -2 and -3).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use common::{bench, page_with, plain, tail, widget};

/// The appended part without what a signature or a compressed stream happens to spell.
fn written(tail: &str) -> String {
    let mut out = String::new();
    for (index, part) in tail.split("stream\n").enumerate() {
        // Every second part is a stream's data.
        if index % 2 == 0 {
            out += part;
        }
    }
    out
}

#[test]
fn nothing_is_transparent_unembedded_active_or_compressed_by_lzw() {
    for input in [
        plain().table(),
        plain().stream(),
        page_with("/MediaBox[0 0 400 400]/Rotate 90").table(),
    ] {
        let output = bench().stamp(&input).unwrap();
        let written = written(&tail(&input, &output));
        for (forbidden, rule) in [
            ("/SMask", "6.4: transparency"),
            ("/Group", "6.4: transparency"),
            ("/CA ", "6.4: transparency"),
            ("/BM", "6.4: transparency"),
            ("/ExtGState", "6.4: transparency"),
            ("/Font", "6.3: fonts are embedded"),
            ("/LZWDecode", "6.1.10: filters"),
            ("/DeviceRGB", "6.2.3: device-independent colour"),
            ("/DeviceCMYK", "6.2.3: device-independent colour"),
            ("/JS", "6.6.1: actions"),
            ("/AA", "6.6.2: additional actions"),
            ("/A<", "6.6.1: actions"),
            ("/OPI", "6.2.4: images"),
            ("/PS", "6.2.5: form XObjects"),
            ("/Ref", "6.2.6: reference XObjects"),
            ("/EmbeddedFile", "6.1.11: embedded files"),
            ("/Metadata", "6.7: metadata stays as it is"),
        ] {
            let found = written.match_indices(forbidden).any(|(at, _)| {
                // "/Ref" must not be found in a longer name.
                let next = written[at + forbidden.len()..].chars().next().unwrap();
                !next.is_ascii_alphanumeric() || !forbidden.ends_with(char::is_alphanumeric)
            });
            assert!(!found, "{forbidden}, {rule}");
        }
        assert!(written.contains("/ColorSpace<</C [/CalRGB"));
    }
}

#[test]
fn the_widget_prints_is_not_hidden_and_has_one_appearance() {
    let input = plain().table();
    let output = bench().stamp(&input).unwrap();
    let added = tail(&input, &output);
    let widget = widget(&added);
    let flags: u32 = widget
        .split("/F ")
        .nth(1)
        .unwrap()
        .split(|letter: char| !letter.is_ascii_digit())
        .next()
        .unwrap()
        .parse()
        .unwrap();
    // 6.5.3: Print is set; Invisible, Hidden, NoView and ToggleNoView are not.
    assert_eq!(flags & (4 | 1 | 2 | 32 | 256), 4);
    assert!(widget.contains("/AP<</N ") && !widget.contains("/D ") && !widget.contains("/R "));
}

#[test]
fn a_file_of_pdf_1_4_gets_no_cross_reference_or_object_stream() {
    let input = plain().table();
    let output = bench().stamp(&input).unwrap();
    let added = tail(&input, &output);
    assert!(
        added.contains("\nxref\n") && added.contains("\ntrailer\n"),
        "{added}"
    );
    for stream in ["/XRef", "/ObjStm"] {
        assert!(!added.contains(stream), "6.1.4: {stream}");
    }
}
