//! Files made to cost more than they weigh: refused, each for its own reason, before another reader sees them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::Placement;
use common::{Source, page_with, plain, preflight};
use flate2::write::ZlibEncoder;
use std::fmt::Write as _;
use std::io::Write;

fn verdict(input: &[u8]) -> &'static str {
    preflight(input, &Placement::default()).map_or_else(|refusal| refusal.code(), |_| "stampable")
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// The page as usual, and object streams with these keys and contents, each of them named by the cross-reference or
/// only there to be found.
fn with_streams(streams: &[(&str, Vec<u8>)], named: bool) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in plain().objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    for (index, (keys, data)) in streams.iter().enumerate() {
        offsets.push(out.len());
        let dict = format!("<<{keys}/Filter/FlateDecode/Length {}>>", data.len());
        out.extend(format!("{} 0 obj\n{dict}\nstream\n", index + 4).bytes());
        out.extend(data);
        out.extend(b"\nendstream\nendobj\n");
    }
    let start = out.len();
    let mut rows = vec![0; 6];
    for offset in offsets.iter().chain([&start]) {
        rows.push(1);
        rows.extend(u32::try_from(*offset).unwrap().to_be_bytes());
        rows.push(0);
    }
    let number = streams.len() + 4;
    let mut size = number + 1;
    if named {
        for index in 0..streams.len() {
            rows.extend([2, 0, 0, 0, u8::try_from(index + 4).unwrap(), 0]);
            size += 1;
        }
    }
    let head = format!(
        "/Type/XRef/Size {size}/Root 1 0 R/W[1 4 1]/Length {}",
        rows.len()
    );
    out.extend(format!("{number} 0 obj\n<<{head}>>\nstream\n").bytes());
    out.extend(rows);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

const OBJECTS: &str = "/Type/ObjStm/N 1/First 4";

#[test]
fn an_object_stream_of_twenty_million_integers_and_ten_of_them() {
    let keys = "/Type/ObjStm/N 10000000/First 20000000";
    let bomb = deflated(&b"1 ".repeat(20_000_000));
    for count in [1, 10] {
        let streams = vec![(keys, bomb.clone()); count];
        assert_eq!(
            verdict(&with_streams(&streams, true)),
            "too_complex",
            "{count}"
        );
    }
}

#[test]
fn white_space_that_swells_a_thousandfold() {
    let bomb = deflated(&vec![b' '; 8 << 20]);
    assert_eq!(
        verdict(&with_streams(&[(OBJECTS, bomb)], true)),
        "too_complex"
    );
    // Many that are small enough each.
    let small = deflated(&[b"9 0 ".as_slice(), &vec![b' '; 900_000]].concat());
    let many = vec![(OBJECTS, small); 100];
    assert_eq!(verdict(&with_streams(&many, true)), "too_complex");
}

#[test]
fn a_count_of_objects_beyond_all_limits() {
    for keys in [
        "/Type/ObjStm/N 1000000000/First 4",
        "/Type/ObjStm/N -1/First 4",
    ] {
        let streams = [(keys, deflated(b"9 0 <<>>"))];
        let code = verdict(&with_streams(&streams, true));
        assert!(["too_complex", "broken"].contains(&code), "{keys}: {code}");
    }
}

#[test]
fn a_stream_that_readers_could_decode_in_two_ways() {
    let keys = format!("{OBJECTS}/Filter/ASCIIHexDecode");
    let twice = with_streams(&[(&keys, deflated(b"9 0 <<>>"))], true);
    assert_eq!(verdict(&twice), "broken");
}

#[test]
fn a_bomb_that_nothing_names_concerns_nobody() {
    let bomb = deflated(&vec![b' '; 4 << 20]);
    for keys in [
        "/Type/ObjStm/N 1/First 4",
        "/Type/Obj#53tm/N 1/First 4",
        "/#54ype/#4fbjStm/N 1/First 4",
    ] {
        let streams = vec![(keys, bomb.clone()); 8];
        let input = with_streams(&streams, false);
        assert_eq!(verdict(&input), "stampable", "{keys}");
        // The same when the other reader has to look for objects.
        let at = input.windows(9).rposition(|window| window == b"startxref");
        let damaged = [
            &input[..at.unwrap()],
            b"trailer<</Root 1 0 R>>\nstartxref\n3\n",
        ]
        .concat();
        let code = verdict(&damaged);
        assert!(
            ["too_complex", "damaged_xref", "stampable"].contains(&code),
            "{keys}: {code}"
        );
    }
}

#[test]
fn values_nested_beyond_reason() {
    for depth in [1_000, 1_000_000] {
        let text = format!(
            "/MediaBox[0 0 400 400]/X{}",
            "[".repeat(depth) + &"]".repeat(depth)
        );
        assert_eq!(verdict(&page_with(&text).table()), "too_complex");
    }
    let wide = format!("/MediaBox[0 0 400 400]/X[{}]", "0 ".repeat(300_000));
    assert_eq!(verdict(&page_with(&wide).table()), "too_complex");
}

/// Page trees of this depth, one node below the other.
fn chain(depth: usize) -> Source {
    let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
    objects.extend((0..depth).map(|level| {
        format!(
            "<</Type/Pages/Count 1/MediaBox[0 0 400 400]/Kids[{} 0 R]>>",
            level + 3
        )
    }));
    objects.push("<</Type/Page/MediaBox[0 0 400 400]>>".into());
    let texts: Vec<&str> = objects.iter().map(String::as_str).collect();
    Source::new(&texts)
}

#[test]
fn a_page_tree_without_an_end() {
    assert_eq!(verdict(&chain(50).table()), "stampable");
    assert_eq!(verdict(&chain(10_000).table()), "too_complex");
    let mut laughs = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
    laughs.extend((0..30).map(|level| {
        let kid = format!("{} 0 R ", level + 3);
        format!(
            "<</Type/Pages/Count 1/MediaBox[0 0 400 400]/Kids[{}]>>",
            kid.repeat(10)
        )
    }));
    laughs.push("<</Type/Page/MediaBox[0 0 400 400]>>".into());
    let texts: Vec<&str> = laughs.iter().map(String::as_str).collect();
    assert_eq!(verdict(&Source::new(&texts).table()), "stampable");
}

/// A table of one section for each revision, the newest last.
fn revisions(count: usize) -> Vec<u8> {
    let mut out = String::from_utf8(plain().table()).unwrap();
    let mut before = out.rfind("xref\n0 ").unwrap();
    for _ in 0..count {
        out.push('\n');
        let start = out.len();
        write!(
            out,
            "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 4/Root 1 0 R/Prev {before}>>\n"
        )
        .unwrap();
        write!(out, "startxref\n{start}\n%%EOF").unwrap();
        before = start;
    }
    out.into_bytes()
}

#[test]
fn a_chain_of_revisions_longer_than_any_history() {
    assert_eq!(verdict(&revisions(50)), "stampable");
    // The section before the first may be reached by no reader: then all of it is made anew, or not at all.
    let code = verdict(&revisions(20_000));
    assert!(
        ["damaged_xref", "stampable", "too_complex"].contains(&code),
        "{code}"
    );
}

#[test]
fn numbers_that_only_a_fool_would_allocate() {
    let table = String::from_utf8(plain().table()).unwrap();
    for (from, to) in [
        ("/Size 4", "/Size 1000000000"),
        ("/Size 4", "/Size -4"),
        ("/Size 4", "/Size 99999999999999999999"),
        ("xref\n0 4", "xref\n0 1000000000"),
        ("xref\n0 4", "xref\n1000000000 4"),
        ("xref\n0 4", "xref\n4294967295 4"),
    ] {
        let input = table.replacen(from, to, 1);
        let code = verdict(input.as_bytes());
        assert!(
            ["too_complex", "damaged_xref", "stampable"].contains(&code),
            "{to}: {code}"
        );
    }
    let stream = String::from_utf8_lossy(&plain().stream()).into_owned();
    assert!(stream.contains("/W[1 2 1]"));
    for keys in [
        "/W[1 2 1]/Index[0 1000000000]",
        "/W[8 8 8]",
        "/W[0 0 0]",
        "/W[1000000000 2 1]",
        "/W[1 2 1]/DecodeParms<</Predictor 12/Columns 1000000000>>/Filter/FlateDecode",
    ] {
        let input: Vec<u8> = replaced(&plain().stream(), b"/W[1 2 1]", keys.as_bytes());
        let code = verdict(&input);
        assert!(
            ["too_complex", "damaged_xref", "stampable"].contains(&code),
            "{keys}: {code}"
        );
    }
}

fn replaced(input: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = input
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    [&input[..at], to, &input[at + from.len()..]].concat()
}
