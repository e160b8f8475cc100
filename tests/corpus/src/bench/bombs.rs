//! Small files that swell: object streams that a reader without a budget decompresses until memory is gone.

use super::Sample;
use flate2::{Compress, Compression, FlushCompress, Status};

/// The bombs, from kilobytes to megabytes.
///
/// # Panics
/// Never: what is compressed is made here.
#[must_use]
pub fn bombs() -> Vec<Sample> {
    let integers = swollen("1 ", 1 << 20, 40);
    let integers = ("/N 10000000/First 20000000", integers);
    let small = ("/N 1/First 4", swollen(" ", 900_000, 1));
    let spaces = ("/N 1/First 4", swollen(" ", 1 << 20, 4_000));
    let sample = |name, streams: &[(&str, Vec<u8>)]| Sample {
        name,
        bytes: file(streams),
    };
    vec![
        sample("20 million integers", std::slice::from_ref(&integers)),
        sample("ten of them", &vec![integers; 10]),
        sample("100 of 900 KB", &vec![small; 100]),
        sample("4 GB of white space", &[spaces]),
    ]
}

/// So many times a block of so many bytes: a number and an offset, as object streams begin, and then this text. Each
/// block is compressed by itself, so that gigabytes are made in no time.
fn swollen(text: &str, block_bytes: usize, times: usize) -> Vec<u8> {
    let block = b"9 0 ".iter().chain(text.as_bytes().iter().cycle());
    let block: Vec<u8> = block.copied().take(block_bytes).collect();
    let mut squeezed = Vec::with_capacity(block_bytes);
    let mut compress = Compress::new(Compression::best(), false);
    let done = compress.compress_vec(&block, &mut squeezed, FlushCompress::Full);
    assert!(matches!(done, Ok(Status::Ok)), "{done:?}");
    let mut out = vec![0x78, 0x9c];
    (0..times).for_each(|_| out.extend_from_slice(&squeezed));
    // An empty last block.
    out.extend_from_slice(&[3, 0]);
    out.extend_from_slice(&checksum(&block, times).to_be_bytes());
    out
}

/// Adler-32 (RFC 1950) of a block repeated: what one block adds is found once.
fn checksum(block: &[u8], times: usize) -> u32 {
    const BASE: u64 = 65_521;
    let (mut sum, mut weighted) = (0, 0);
    for byte in block {
        sum = (sum + u64::from(*byte)) % BASE;
        weighted = (weighted + sum) % BASE;
    }
    let (mut low, mut high) = (1, 0);
    for _ in 0..times {
        high = (high + block.len() as u64 * low + weighted) % BASE;
        low = (low + sum) % BASE;
    }
    u32::try_from(high << 16 | low).unwrap_or(u32::MAX)
}

/// One page, and object streams with these keys and contents, in each of which an object is said to stand.
fn file(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut rows = vec![0; 6];
    let mut put = |out: &mut Vec<u8>, number: usize, body: &[u8]| {
        let at = u32::try_from(out.len()).unwrap_or(u32::MAX);
        rows.push(1);
        rows.extend(at.to_be_bytes());
        rows.push(0);
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    };
    put(&mut out, 1, b"<</Type/Catalog/Pages 2 0 R>>");
    put(&mut out, 2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>");
    put(&mut out, 3, b"<</Type/Page/MediaBox[0 0 595 842]>>");
    for (number, (keys, data)) in (4..).zip(streams) {
        let length = data.len();
        let head = format!("<</Type/ObjStm{keys}/Filter/FlateDecode/Length {length}>>\nstream\n");
        let body = [head.as_bytes(), data, b"\nendstream"].concat();
        put(&mut out, number, &body);
    }
    for holder in (4_u16..).take(streams.len()) {
        rows.extend([2, 0, 0]);
        rows.extend(holder.to_be_bytes());
        rows.push(0);
    }
    let (start, last) = (out.len(), 4 + streams.len());
    let size = rows.len() / 6;
    let length = rows.len();
    let head = format!("<</Type/XRef/Size {size}/Root 1 0 R/W[1 4 1]/Length {length}>>\nstream\n");
    out.extend(format!("{last} 0 obj\n{head}").bytes());
    out.extend(rows);
    out.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}
