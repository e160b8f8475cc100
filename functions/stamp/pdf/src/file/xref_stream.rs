//! A cross-reference section written as a stream (ISO 32000-2, 7.5.8).

use super::inflate::Budget;
use super::stream;
use super::xref::{Form, Found, Place, Section, as_damage};
use crate::syntax::{Lexer, Node};
use crate::{Limits, Refusal};

const DAMAGED: Refusal = Refusal::DamagedXref;

pub(super) fn read<'a>(
    file: &'a [u8],
    offset: usize,
    limits: &Limits,
    budget: &Budget,
) -> Result<Section<'a>, Refusal> {
    let mut lexer = Lexer::new(file, offset, limits);
    lexer.object_header().ok_or(DAMAGED)?;
    let dict = lexer.value().map_err(as_damage)?;
    // With a key written twice, readers differ on what the stream holds.
    if dict.get(b"Type").and_then(Node::name) != Some(b"XRef") || dict.has_twins() {
        return Err(DAMAGED);
    }
    let start = stream::data_start(file, &mut lexer).ok_or(DAMAGED)?;
    let length = dict.get(b"Length").and_then(Node::int);
    let data = stream::data(file, start, length).ok_or(DAMAGED)?;
    let data = budget.decode(&dict, data).map_err(as_damage)?;
    let entries = read_entries(&dict, &data, limits)?;
    Ok(Section {
        form: Form::Stream,
        is_plain: has_plain_widths(&dict),
        data_at: Some(start),
        dict,
        found: Found::Read(entries),
    })
}

/// Whether the fields are as wide as every reader knows them.
fn has_plain_widths(dict: &Node) -> bool {
    let widths = dict.get(b"W").and_then(Node::items).unwrap_or_default();
    let widths: Vec<_> = widths.iter().map(Node::int).collect();
    matches!(
        widths.as_slice(),
        [Some(0 | 1), Some(1..=4 | 8), Some(0..=4 | 8)]
    )
}

fn read_entries(dict: &Node, data: &[u8], limits: &Limits) -> Result<Vec<(u32, Place)>, Refusal> {
    let widths = dict.get(b"W").and_then(Node::items).ok_or(DAMAGED)?;
    let widths: Vec<usize> = widths
        .iter()
        .map(|width| {
            width
                .int()
                .and_then(|width| usize::try_from(width).ok())
                .filter(|width| *width <= 8)
        })
        .collect::<Option<_>>()
        .ok_or(DAMAGED)?;
    let [kind_width, first_width, second_width] = widths.try_into().map_err(|_| DAMAGED)?;
    let row_bytes = kind_width + first_width + second_width;
    if row_bytes == 0 {
        return Err(DAMAGED);
    }
    let mut rows = data.chunks_exact(row_bytes);
    let mut entries = Vec::new();
    for (first, count) in sections(dict)? {
        for index in 0..count {
            let Some(row) = rows.next() else {
                return Err(DAMAGED);
            };
            let (kind, rest) = row.split_at(kind_width);
            let (a, b) = rest.split_at(first_width);
            let kind = if kind_width == 0 { 1 } else { big_endian(kind) };
            let number = first.checked_add(index).ok_or(DAMAGED)?;
            if entries.len() >= limits.objects {
                return Err(Refusal::TooComplex);
            }
            if let Some(place) = place(kind, big_endian(a), big_endian(b)) {
                entries.push((number, place));
            }
        }
    }
    Ok(entries)
}

/// Unknown kinds are references to the null object.
fn place(kind: u64, a: u64, b: u64) -> Option<Place> {
    match kind {
        0 => Some(Place::Free),
        1 => Some(Place::At {
            offset: usize::try_from(a).ok()?,
            generation: u16::try_from(b).ok()?,
        }),
        2 => Some(Place::Within {
            stream: u32::try_from(a).ok()?,
            index: usize::try_from(b).ok()?,
        }),
        _ => None,
    }
}

fn sections(dict: &Node) -> Result<Vec<(u32, u32)>, Refusal> {
    let number = |node: &Node| {
        node.int()
            .and_then(|int| u32::try_from(int).ok())
            .ok_or(DAMAGED)
    };
    let Some(index) = dict.get(b"Index") else {
        let size = dict.get(b"Size").ok_or(DAMAGED)?;
        return Ok(vec![(0, number(size)?)]);
    };
    let numbers: Vec<u32> = index
        .items()
        .ok_or(DAMAGED)?
        .iter()
        .map(number)
        .collect::<Result<_, _>>()?;
    let pairs = numbers.chunks(2).map(|pair| match pair {
        [first, count] => Ok((*first, *count)),
        _ => Err(DAMAGED),
    });
    pairs.collect()
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}
