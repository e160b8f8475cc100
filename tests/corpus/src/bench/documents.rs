//! Documents to measure with, made on the spot: of a known shape and size, and nobody's.

use std::fmt::Write;

/// A document and what it is like.
pub struct Sample {
    /// In a few words.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// From a one-page letter to a large scan.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let sample = |name, bytes| Sample { name, bytes };
    vec![
        sample("letter, 1 page", pages(1, 2_000, 0)),
        sample("scan, 1 page", pages(1, 1_000_000, 0)),
        sample("scan, 2 pages", pages(2, 1_000_000, 0)),
        sample("many objects", pages(20, 20_000, 14_000)),
        sample("scan, 12 pages", pages(12, 1_000_000, 0)),
        sample("scan, 24 pages", pages(24, 1_000_000, 0)),
    ]
}

/// So many pages, each with a stream of so many bytes that no filter would make smaller, and objects besides.
fn pages(count: usize, stream_bytes: usize, others: usize) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    let mut put = |out: &mut Vec<u8>, body: &[u8]| {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", offsets.len()).as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    put(&mut out, b"<</Type/Catalog/Pages 2 0 R>>");
    let kids = (0..count).fold(String::new(), |mut kids, page| {
        _ = write!(kids, "{} 0 R ", 3 + 2 * page);
        kids
    });
    let tree = format!("<</Type/Pages/Count {count}/MediaBox[0 0 595 842]/Kids[{kids}]>>");
    put(&mut out, tree.as_bytes());
    let mut noise = 0x2545_f491_4f6c_dd1d_u64;
    for page in 0..count {
        let content = 4 + 2 * page;
        let body = format!("<</Type/Page/Parent 2 0 R/Contents {content} 0 R/Resources<<>>>>");
        put(&mut out, body.as_bytes());
        // A comment: every reader skips it, none is told to draw a megabyte of noise.
        let mut stream = format!("<</Length {}>>\nstream\n%", stream_bytes + 1).into_bytes();
        stream.extend((0..stream_bytes).map(|_| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            // No line end: the comment would be over.
            noise.to_le_bytes()[0] | 0x80
        }));
        stream.extend_from_slice(b"\nendstream");
        put(&mut out, &stream);
    }
    for number in 0..others {
        let body =
            format!("<</Type/Annot/Subtype/Link/Rect[0 {number} 100 20]/Border[0 0 0]/F 4/H/N>>");
        put(&mut out, body.as_bytes());
    }
    let start = out.len();
    let size = offsets.len() + 1;
    let mut tail = format!("xref\n0 {size}\n0000000000 65535 f \n");
    for offset in offsets {
        _ = writeln!(tail, "{offset:010} 00000 n ");
    }
    _ = write!(
        tail,
        "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    out.extend_from_slice(tail.as_bytes());
    out
}
