//! A cross-reference section written as a table (ISO 32000-2, 7.5.4).

use super::xref::{Form, Found, LARGEST_NUMBER, Place, Section, as_damage};
use crate::syntax::Lexer;
use crate::{Limits, Refusal};

const DAMAGED: Refusal = Refusal::DamagedXref;
const ROW_BYTES: usize = 20;

/// Rows of a table that all readers read the same, still as text.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows<'a> {
    runs: Vec<Run<'a>>,
}

/// Rows of consecutive numbers.
#[derive(Debug, Clone)]
struct Run<'a> {
    first: u32,
    rows: &'a [[u8; ROW_BYTES]],
}

impl Run<'_> {
    /// One after the last number.
    fn end(&self) -> u32 {
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.first.saturating_add(count)
    }

    fn get(&self, number: u32) -> Option<Place> {
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.rows.get(index).map(place)
    }
}

impl Rows<'_> {
    /// How many runs there are.
    pub(super) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.runs.iter().map(|run| run.rows.len()).sum()
    }

    /// What the table says of a number; of several rows the first that is in use counts.
    pub(super) fn get(&self, number: u32) -> Option<Place> {
        let mut found = self.runs.iter().filter_map(|run| run.get(number));
        let first = found.next()?;
        let in_use = std::iter::once(first).chain(found);
        let mut in_use = in_use.filter(|place| *place != Place::Free);
        Some(in_use.next().unwrap_or(Place::Free))
    }

    /// All numbers, in the order of the rows.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().flat_map(|run| run.first..run.end())
    }

    /// The largest number; 0 when there is none.
    pub(super) fn largest(&self) -> u32 {
        let runs = self.runs.iter().filter(|run| !run.rows.is_empty());
        runs.map(|run| run.end() - 1).max().unwrap_or(0)
    }
}

/// Reads a section; the lexer stands behind its keyword.
pub(super) fn read<'a>(
    file: &'a [u8],
    lexer: &mut Lexer<'_>,
    limits: &Limits,
) -> Result<Section<'a>, Refusal> {
    let start = lexer.at;
    let mut found = match plain_rows(file, lexer, limits)? {
        Some(rows) => Found::Rows(rows),
        None => {
            lexer.at = start;
            Found::Read(all_rows(lexer, limits)?)
        }
    };
    let dict = lexer.value().map_err(as_damage)?;
    if !dict.is_dict() {
        return Err(DAMAGED);
    }
    // What stands in the companion comes before what is free here.
    if dict.get(b"XRefStm").is_some() {
        found = Found::Read(found.into_read());
    }
    Ok(Section {
        form: Form::Table,
        is_plain: matches!(found, Found::Rows(_)) && !dict.has_twins(),
        data_at: None,
        dict,
        found,
    })
}

/// The heading of a run: its first number, and how many rows it has.
fn heading(lexer: &mut Lexer<'_>) -> Result<(u32, u32), Refusal> {
    let mut number = || {
        let number = lexer.unsigned()?;
        u32::try_from(number).ok()
    };
    number().zip(number()).ok_or(DAMAGED)
}

/// The rows up to the trailer when all are plain. Each is looked at, but none is kept.
fn plain_rows<'a>(
    file: &'a [u8],
    lexer: &mut Lexer<'_>,
    limits: &Limits,
) -> Result<Option<Rows<'a>>, Refusal> {
    let mut rows = Rows::default();
    let mut left = limits.objects;
    while !lexer.keyword(b"trailer") {
        let (first, count) = heading(lexer)?;
        lexer.skip_space();
        let count = usize::try_from(count).map_err(|_| DAMAGED)?;
        let bytes = count.saturating_mul(ROW_BYTES);
        let text = file.get(lexer.at..).and_then(|rest| rest.get(..bytes));
        let Some((run, [])) = text.map(<[u8]>::as_chunks) else {
            return Ok(None);
        };
        let run = Run { first, rows: run };
        if run.end() > LARGEST_NUMBER || !run.rows.iter().all(is_plain) {
            return Ok(None);
        }
        left = left.checked_sub(count).ok_or(Refusal::TooComplex)?;
        lexer.at += bytes;
        rows.runs.push(run);
    }
    Ok(Some(rows))
}

/// The rows up to the trailer, however they are written.
fn all_rows(lexer: &mut Lexer<'_>, limits: &Limits) -> Result<Vec<(u32, Place)>, Refusal> {
    let mut entries = Vec::new();
    while !lexer.keyword(b"trailer") {
        let (first, count) = heading(lexer)?;
        for index in 0..count {
            let offset = lexer
                .unsigned()
                .and_then(|offset| usize::try_from(offset).ok())
                .ok_or(DAMAGED)?;
            let generation = lexer.unsigned().ok_or(DAMAGED)?;
            let place = if lexer.keyword(b"n") {
                let generation = u16::try_from(generation).map_err(|_| DAMAGED)?;
                Place::At { offset, generation }
            } else if lexer.keyword(b"f") {
                Place::Free
            } else {
                return Err(DAMAGED);
            };
            let number = first
                .checked_add(index)
                .filter(|number| *number < LARGEST_NUMBER)
                .ok_or(DAMAGED)?;
            entries.push((number, place));
            if entries.len() > limits.objects {
                return Err(Refusal::TooComplex);
            }
        }
    }
    Ok(entries)
}

impl Found<'_> {
    /// All entries, read.
    pub(super) fn into_read(self) -> Vec<(u32, Place)> {
        let rows = match self {
            Self::Read(entries) => return entries,
            Self::Rows(rows) => rows,
        };
        let runs = rows.runs.iter();
        let read = runs.flat_map(|run| (run.first..).zip(run.rows.iter().map(place)));
        read.collect()
    }
}

/// Ten digits, five digits, a letter, and two bytes of space that end the line; of what is in use a generation that
/// there can be. Looked at eight bytes at a time: a large table has more rows than all else has steps.
fn is_plain(row: &[u8; ROW_BYTES]) -> bool {
    let parts = row
        .split_first_chunk::<8>()
        .zip(row.split_last_chunk::<12>().map(|(_, last)| last));
    let Some(((first, _), [d8, d9, space, g0, g1, g2, g3, g4, s0, s1, s2, s3])) = parts else {
        return false;
    };
    let generation = u64::from_be_bytes([0, 0, 0, *g0, *g1, *g2, *g3, *g4]);
    let in_use = matches!([*s0, *s1, *s2, *s3], [b' ', b'n', ..]);
    *space == b' '
        && are_digits(*first)
        && are_digits([*d8, *d9, b'0', *g0, *g1, *g2, *g3, *g4])
        && ENDS.contains(&[*s0, *s1, *s2, *s3])
        && (!in_use || generation <= LARGEST_GENERATION)
}

/// What follows the digits, the usual first.
const ENDS: [[u8; 4]; 6] = [
    *b" n \n", *b" n\r\n", *b" n \r", *b" f \n", *b" f\r\n", *b" f \r",
];
/// In digits.
const LARGEST_GENERATION: u64 = u64::from_be_bytes(*b"\x00\x00\x0065535");

/// Whether eight bytes are digits: each is at least `0`, and stays below the next sixteen when 6 is added.
fn are_digits(bytes: [u8; 8]) -> bool {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let bytes = u64::from_le_bytes(bytes);
    bytes & HIGH == ZEROS && (bytes + 0x0606_0606_0606_0606) & HIGH == ZEROS
}

fn place(row: &[u8; ROW_BYTES]) -> Place {
    let [offset @ .., b' ', g0, g1, g2, g3, g4, b' ', b'n', _, _] = row else {
        return Place::Free;
    };
    let generation = [*g0, *g1, *g2, *g3, *g4];
    let number = |digits: &[u8]| {
        let digits = digits.iter().map(|digit| usize::from(digit & 15));
        digits.fold(0, |number, digit| number * 10 + digit)
    };
    match u16::try_from(number(&generation)) {
        Ok(generation) => Place::At {
            offset: number(offset),
            generation,
        },
        Err(_) => Place::Free,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entries::Entries;
    use super::*;
    use std::collections::HashMap;

    fn section(rows: &str) -> Result<Section<'_>, Refusal> {
        let mut lexer = Lexer::new(rows.as_bytes(), 0, &Limits::DEFAULT);
        read(rows.as_bytes(), &mut lexer, &Limits::DEFAULT)
    }

    const TRAILER: &str = "trailer <</Size 9>>";
    /// Numbers twice, in use and free in either order; a run of none; the largest values that fit.
    const ROWS: &str = "0 2\n0000000000 65535 f \n0000000017 00000 n \n7 0\n5 2\n0000000000 00000 f \r\
        9999999999 65535 n\r\n1 2\n0000000018 00001 n \n0000000019 00000 n \n5 1\n0000000020 00002 n \n\
        8388606 1\n0000000021 00000 n \n";

    #[test]
    fn rows_left_unread_say_the_same_as_rows_that_are_read() {
        let text = format!("{ROWS}{TRAILER}");
        let Found::Rows(rows) = section(&text).unwrap().found else {
            panic!("not plain");
        };
        let mut lexer = Lexer::new(text.as_bytes(), 0, &Limits::DEFAULT);
        let mut read = HashMap::new();
        let all = all_rows(&mut lexer, &Limits::DEFAULT).unwrap();
        assert_eq!(Found::Rows(rows.clone()).into_read(), all);
        let (free, used): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(_, place)| *place == Place::Free);
        for (number, place) in used.into_iter().chain(free) {
            read.entry(number).or_insert(place);
        }
        let mut unread = Entries::default();
        assert!(unread.leave(&rows, &Limits::DEFAULT));
        assert_eq!(unread.all(), read);
        assert_eq!(unread.read_count(), 0);
        assert_eq!((unread.largest(), unread.get(7)), (8_388_606, None));
        assert_eq!(
            (unread.get(5), unread.get(0)),
            (
                Some(Place::At {
                    offset: 20,
                    generation: 2
                }),
                Some(Place::Free)
            )
        );
    }

    #[test]
    fn rows_of_any_other_shape_are_read_or_refused_at_once() {
        for row in [
            "0000000017 00000 n\n",
            "17 0 n ",
            "0000000017  00000 n\n",
            "0000000017 00000 n % \n",
        ] {
            let text = format!("0 1\n{row}{TRAILER}");
            let section = section(&text).unwrap();
            assert!(!section.is_plain, "{row}");
            let read = Found::Read(vec![(
                0,
                Place::At {
                    offset: 17,
                    generation: 0,
                },
            )]);
            assert_eq!(section.found.into_read(), read.into_read(), "{row}");
        }
        for rows in [
            "0 1\n0000000017 65536 n \n",
            "0 1\n0000000017 00000 x \n",
            "0 1\n000000001x 00000 n \n",
            "0 2\n0000000017 00000 n \n",
            "8388607 1\n0000000017 00000 n \n",
            "4294967295 2\n0000000017 00000 n \n0000000017 00000 n \n",
            "0 4294967295\n0000000017 00000 n \n",
        ] {
            let text = format!("{rows}{TRAILER}");
            assert_eq!(section(&text).err(), Some(DAMAGED), "{rows}");
        }
        let text = format!("0 3\n{}{TRAILER}", "0000000017 00000 n \n".repeat(3));
        let mut lexer = Lexer::new(text.as_bytes(), 0, &Limits::DEFAULT);
        let few = Limits {
            objects: 2,
            ..Limits::DEFAULT
        };
        let refused = read(text.as_bytes(), &mut lexer, &few).err();
        assert_eq!(refused, Some(Refusal::TooComplex));
    }

    #[test]
    fn a_row_is_plain_byte_by_byte() {
        let plainly = |row: &[u8; ROW_BYTES]| {
            let digits = row[..10].iter().chain(&row[11..16]);
            let ends = [&b" \n"[..], b" \r", b"\r\n"].contains(&&row[18..]);
            let generation: Option<u32> =
                std::str::from_utf8(&row[11..16]).unwrap_or("").parse().ok();
            digits.clone().all(u8::is_ascii_digit)
                && (row[10], row[16]) == (b' ', b' ')
                && (row[17] == b'f' || (row[17] == b'n' && generation.unwrap_or(65_536) < 65_536))
                && ends
        };
        for sound in [
            b"0123456789 65535 n \n",
            b"0000000000 99999 f\r\n",
            b"9876543210 00000 n \r",
        ] {
            for at in 0..ROW_BYTES {
                for byte in 0..=255 {
                    let mut row = *sound;
                    row[at] = byte;
                    assert_eq!(is_plain(&row), plainly(&row), "{row:?}");
                }
            }
        }
    }
}
