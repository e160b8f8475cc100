//! The cross-reference chain, newest section first (ISO 32000-2, 7.5.4, 7.5.6, 7.5.8).

use super::inflate::Budget;
use super::xref_stream;
use crate::syntax::{Lexer, Node};
use crate::{Limits, Refusal};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// How a section is written; an update must use the form of the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Table,
    Stream,
}

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Free,
    At { offset: usize, generation: u16 },
    Within { stream: u32, index: usize },
}

#[derive(Debug)]
pub(crate) struct Xref {
    pub(crate) entries: HashMap<u32, Place>,
    pub(crate) form: Form,
    /// What `startxref` says: the `/Prev` of the next revision. Nothing when this was rebuilt.
    pub(crate) newest: Option<usize>,
    /// The newest trailer; its spans point into the file.
    pub(crate) trailer: Node,
    /// Every section is written so that no reader could take it for another one.
    pub(crate) is_plain: bool,
    /// Where its streams stand, from the dictionary to the first byte of the data.
    pub(super) streams: Vec<Range<usize>>,
    /// One more than the largest object number in use or announced.
    pub(crate) next_number: u32,
    /// How many sections were followed.
    pub(crate) sections: usize,
}

/// ISO 32000-2, annex C: the largest object number readers must take.
const LARGEST_NUMBER: u32 = 8_388_607;
const DAMAGED: Refusal = Refusal::DamagedXref;

/// One section as read.
pub(super) struct Section {
    pub(super) form: Form,
    pub(super) dict: Node,
    pub(super) entries: Vec<(u32, Place)>,
    /// Written so that every reader reads the same.
    pub(super) is_plain: bool,
    /// Where the data of a stream starts.
    pub(super) data_at: Option<usize>,
}

impl Section {
    fn stream_span(&self) -> Option<Range<usize>> {
        self.data_at.map(|at| self.dict.span.start..at)
    }
}

impl Xref {
    pub(crate) fn read(file: &[u8], limits: &Limits, budget: &Budget) -> Result<Self, Refusal> {
        let newest = start(file)?;
        let mut entries = HashMap::new();
        let mut seen = HashSet::new();
        let mut head: Option<(Form, Node)> = None;
        let mut size = 0;
        let (mut is_plain, mut streams) = (true, Vec::new());
        let mut next = Some(newest);
        while let Some(offset) = next {
            // A loop of /Prev is damage; so is a chain longer than any real history.
            if !seen.insert(offset) || seen.len() > limits.revisions {
                return Err(DAMAGED);
            }
            let section = read_section(file, offset, limits, budget)?;
            is_plain &= section.is_plain;
            streams.extend(section.stream_span());
            size = size.max(section.dict.get(b"Size").and_then(Node::int).unwrap_or(0));
            let mut freed = Vec::new();
            for (number, place) in section.entries {
                match place {
                    // A hybrid table marks as free what its companion stream places.
                    Place::Free => freed.push(number),
                    _ => _ = entries.entry(number).or_insert(place),
                }
            }
            if let (Form::Table, Some(companion)) = (section.form, section.dict.get(b"XRefStm")) {
                let companion = read_section(file, offset_of(companion)?, limits, budget)?;
                is_plain &= companion.is_plain;
                streams.extend(companion.stream_span());
                for (number, place) in companion.entries {
                    entries.entry(number).or_insert(place);
                }
            }
            for number in freed {
                entries.entry(number).or_insert(Place::Free);
            }
            if entries.len() > limits.objects {
                return Err(Refusal::TooComplex);
            }
            next = section.dict.get(b"Prev").map(offset_of).transpose()?;
            head.get_or_insert((section.form, section.dict));
        }
        let (form, trailer) = head.ok_or(DAMAGED)?;
        let largest = entries.keys().copied().max().unwrap_or(0);
        let announced = u32::try_from(size).map_err(|_| DAMAGED)?;
        let next_number = announced.max(largest.saturating_add(1));
        if next_number > LARGEST_NUMBER - 16 {
            return Err(Refusal::TooComplex);
        }
        Ok(Self {
            entries,
            form,
            newest: Some(newest),
            trailer,
            is_plain,
            streams,
            next_number,
            sections: seen.len(),
        })
    }
}

impl Xref {
    /// One made of the objects that stand in a file.
    pub(super) fn rebuilt(entries: HashMap<u32, Place>, trailer: Node) -> Self {
        Self {
            entries,
            form: Form::Table,
            newest: None,
            sections: 0,
            trailer,
            is_plain: false,
            streams: Vec::new(),
            next_number: 0,
        }
    }

    /// Finds the next free number when all objects are known.
    pub(super) fn number_anew(&mut self) -> Result<(), Refusal> {
        let largest = self.entries.keys().copied().max().unwrap_or(0);
        self.next_number = largest.saturating_add(1);
        if self.next_number > LARGEST_NUMBER - 16 {
            return Err(Refusal::TooComplex);
        }
        Ok(())
    }

    /// Whether this is not what the file says, but what stands in it.
    pub(crate) fn is_rebuilt(&self) -> bool {
        self.newest.is_none()
    }
}

fn offset_of(node: &Node) -> Result<usize, Refusal> {
    node.int()
        .and_then(|int| usize::try_from(int).ok())
        .ok_or(DAMAGED)
}

/// The offset after the last `startxref`.
fn start(file: &[u8]) -> Result<usize, Refusal> {
    let tail_at = file.len().saturating_sub(2048);
    let tail = file.get(tail_at..).unwrap_or_default();
    let found = tail
        .windows(9)
        .rposition(|window| window == b"startxref")
        .ok_or(DAMAGED)?;
    let mut lexer = Lexer::new(file, tail_at + found + 9, &Limits::DEFAULT);
    let offset = lexer
        .unsigned()
        .and_then(|offset| usize::try_from(offset).ok());
    offset.filter(|offset| *offset < file.len()).ok_or(DAMAGED)
}

fn read_section(
    file: &[u8],
    offset: usize,
    limits: &Limits,
    budget: &Budget,
) -> Result<Section, Refusal> {
    let mut lexer = Lexer::new(file, offset, limits);
    if lexer.keyword(b"xref") {
        read_table(file, &mut lexer, limits)
    } else {
        xref_stream::read(file, offset, limits, budget)
    }
}

fn read_table(file: &[u8], lexer: &mut Lexer<'_>, limits: &Limits) -> Result<Section, Refusal> {
    let mut entries = Vec::new();
    let mut is_plain = true;
    while !lexer.keyword(b"trailer") {
        let first = lexer
            .unsigned()
            .and_then(|first| u32::try_from(first).ok())
            .ok_or(DAMAGED)?;
        let count = lexer
            .unsigned()
            .and_then(|count| u32::try_from(count).ok())
            .ok_or(DAMAGED)?;
        lexer.skip_space();
        let mut row_at = lexer.at;
        for index in 0..count {
            is_plain &= file
                .get(row_at..row_at + ROW_BYTES)
                .is_some_and(is_plain_row);
            row_at += ROW_BYTES;
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
    let dict = lexer.value().map_err(as_damage)?;
    if !dict.is_dict() {
        return Err(DAMAGED);
    }
    Ok(Section {
        form: Form::Table,
        is_plain: is_plain && !dict.has_twins(),
        data_at: None,
        dict,
        entries,
    })
}

const ROW_BYTES: usize = 20;

/// Ten digits, five digits, a letter, and two bytes of space that end the line.
fn is_plain_row(row: &[u8]) -> bool {
    let digit = |from: usize, to: usize| {
        let part = row.get(from..to);
        part.is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let rest = (row.get(10), row.get(16), row.get(17));
    let spaced = matches!(rest, (Some(b' '), Some(b' '), Some(b'n' | b'f')));
    let end = row.get(18..);
    spaced && digit(0, 10) && digit(11, 16) && matches!(end, Some(b" \n" | b" \r" | b"\r\n"))
}

/// A fault in the cross-reference is damage, whatever it looked like to the reader below.
pub(super) fn as_damage(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Broken { .. } => DAMAGED,
        other => other,
    }
}
