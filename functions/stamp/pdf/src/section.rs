//! A cross-reference section, written (ISO 32000-2, 7.5.4 and 7.5.8).

use crate::file::Place;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The longest row of either form, in bytes, with the head of its run.
pub(crate) const MOST_ROW_BYTES: usize = 40;

/// Runs of consecutive numbers.
fn runs(rows: &BTreeMap<u32, Place>) -> Vec<Vec<(u32, Place)>> {
    let mut runs: Vec<Vec<(u32, Place)>> = Vec::new();
    for (number, place) in rows {
        let row = (*number, *place);
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last + 1 == *number) => run.push(row),
            _ => runs.push(vec![row]),
        }
    }
    runs
}

/// A table, which has no word for objects inside streams.
pub(crate) fn table(rows: &BTreeMap<u32, Place>, trailer: &[u8]) -> Vec<u8> {
    let mut out = String::from("xref\n");
    for run in runs(rows) {
        let first = run.first().map_or(0, |(number, _)| *number);
        _ = writeln!(out, "{first} {}", run.len());
        for (_, place) in run {
            _ = match place {
                Place::At { offset, generation } => {
                    write!(out, "{offset:010} {generation:05} n\r\n")
                }
                Place::Free | Place::Within { .. } => write!(out, "0000000000 65535 f\r\n"),
            };
        }
    }
    [out.as_bytes(), b"trailer\n<<", trailer, b">>\n"].concat()
}

/// A stream, under a number of its own.
pub(crate) fn stream(number: u32, rows: &BTreeMap<u32, Place>, trailer: &[u8]) -> Vec<u8> {
    let mut index = String::new();
    let mut data = Vec::new();
    // Not every reader knows other widths than these. Rebuilding keeps indices below 2^16.
    let large = rows.values().any(|place| match place {
        Place::At { offset, .. } => u32::try_from(*offset).is_err(),
        _ => false,
    });
    let width = if large { 8 } else { 4 };
    let mut row = |kind: u8, first: usize, second: usize| {
        data.push(kind);
        for (value, width) in [(first, width), (second, 2)] {
            let bytes = u64::try_from(value).unwrap_or_default().to_be_bytes();
            data.extend(bytes.iter().skip(8 - width));
        }
    };
    for run in runs(rows) {
        let first = run.first().map_or(0, |(number, _)| *number);
        _ = write!(index, "{first} {} ", run.len());
        for (_, place) in run {
            match place {
                Place::Free => row(0, 0, 0xffff),
                Place::At { offset, generation } => row(1, offset, usize::from(generation)),
                Place::Within { stream, index } => row(2, stream as usize, index),
            }
        }
    }
    let index = index.trim_end();
    let head = format!("{number} 0 obj\n<</Type/XRef");
    let keys = format!(
        "/W[1 {width} 2]/Index[{index}]/Length {}>>\nstream\n",
        data.len()
    );
    let end = b"\nendstream\nendobj\n";
    [head.as_bytes(), trailer, keys.as_bytes(), &data, end].concat()
}
