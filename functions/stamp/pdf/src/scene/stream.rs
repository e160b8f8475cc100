//! Streams decoded as far as they can be, and no further than is paid for.

use super::effort::Effort;
use crate::file::Document;
use crate::syntax::{Id, Node};
use flate2::read::ZlibDecoder;
use std::io::Read;

/// A stream's dictionary and content. Nothing for filters that text and drawings rarely use.
pub(super) fn decoded(
    document: &Document<'_>,
    id: Id,
    effort: &mut Effort,
) -> Option<(Node, Vec<u8>)> {
    let (dict, raw) = document.raw_stream(id).ok()?;
    effort.read(dict.span.len());
    let names = filters(document, &dict)?;
    let mut data = raw.get(..raw.len().min(effort.bytes()))?.to_vec();
    for name in names {
        data = match name.as_slice() {
            b"FlateDecode" | b"Fl" => inflated(&data, effort.bytes()),
            b"ASCIIHexDecode" | b"AHx" => from_hex(&data),
            b"ASCII85Decode" | b"A85" => from_base_85(&data),
            _ => return None,
        };
        effort.read(data.len());
    }
    effort.read(data.len());
    // A predictor would make other bytes of these; content has none.
    Some((dict, data))
}

fn filters(document: &Document<'_>, dict: &Node) -> Option<Vec<Vec<u8>>> {
    let Some(filter) = document.lookup(dict, b"Filter").ok()? else {
        return Some(Vec::new());
    };
    match filter.items() {
        None => Some(vec![filter.name()?.to_vec()]),
        Some(items) => items
            .iter()
            .map(|item| Some(item.name()?.to_vec()))
            .collect(),
    }
}

/// What could be decompressed before an error or the limit.
fn inflated(data: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    // Readers show what came before the damage, so it counts.
    _ = ZlibDecoder::new(data).take(most).read_to_end(&mut out);
    out
}

fn from_hex(data: &[u8]) -> Vec<u8> {
    let digits = data.iter().take_while(|byte| **byte != b'>');
    let digits: Vec<u8> = digits
        .filter_map(|byte| crate::syntax::hex_digit(*byte))
        .collect();
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => high * 16 + low,
            [high] => high * 16,
            _ => 0,
        })
        .collect()
}

/// ISO 32000-2, 7.4.3.
fn from_base_85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 5 * 4);
    let mut group: Vec<u8> = Vec::with_capacity(5);
    let mut flush = |group: &mut Vec<u8>| {
        let given = group.len();
        group.resize(5, 84);
        let number = group.iter().fold(0_u32, |number, digit| {
            number.wrapping_mul(85).wrapping_add(u32::from(*digit))
        });
        out.extend(number.to_be_bytes().iter().take(given.saturating_sub(1)));
        group.clear();
    };
    for byte in data.iter().copied().take_while(|byte| *byte != b'~') {
        match byte {
            b'z' if group.is_empty() => {
                group.extend([0; 5]);
                flush(&mut group);
            }
            b'!'..=b'u' => {
                group.push(byte - b'!');
                if group.len() == 5 {
                    flush(&mut group);
                }
            }
            _ => {}
        }
    }
    if group.len() > 1 {
        flush(&mut group);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_encodings_are_undone() {
        assert_eq!(from_hex(b"48 65 6C6c 6F>zz"), b"Hello");
        assert_eq!(from_base_85(b"87cUR\nD]i,\"Ebo80~>"), b"Hello World!");
        assert_eq!(from_base_85(b"z87cURDZ~>"), b"\0\0\0\0Hello");
    }

    #[test]
    fn a_bomb_is_cut_and_damage_keeps_what_came_before() {
        let bomb = crate::file::deflate(&vec![b' '; 1_000_000]).unwrap();
        assert_eq!(inflated(&bomb, 1_000).len(), 1_000);
        let half = bomb.get(..bomb.len() / 2).unwrap();
        assert!(inflated(half, 2_000_000).len() > 100_000);
    }
}
