//! The cross-reference chain, newest section first (ISO 32000-2, 7.5.4, 7.5.6, 7.5.8).

use super::entries::Entries;
use super::inflate::Budget;
use super::table::{self, Rows};
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
pub(crate) struct Xref<'a> {
    pub(crate) entries: Entries<'a>,
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
pub(super) const LARGEST_NUMBER: u32 = 8_388_607;
const DAMAGED: Refusal = Refusal::DamagedXref;

/// One section as read.
pub(super) struct Section<'a> {
    pub(super) form: Form,
    pub(super) dict: Node,
    pub(super) found: Found<'a>,
    /// Written so that every reader reads the same.
    pub(super) is_plain: bool,
    /// Where the data of a stream starts.
    pub(super) data_at: Option<usize>,
}

/// What a section says of objects.
pub(super) enum Found<'a> {
    /// Unread.
    Rows(Rows<'a>),
    Read(Vec<(u32, Place)>),
}

impl Section<'_> {
    fn stream_span(&self) -> Option<Range<usize>> {
        self.data_at.map(|at| self.dict.span.start..at)
    }
}

impl<'a> Xref<'a> {
    pub(crate) fn read(file: &'a [u8], limits: &Limits, budget: &Budget) -> Result<Self, Refusal> {
        let newest = start(file)?;
        let mut entries = Entries::default();
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
            let found = match section.found {
                Found::Rows(rows) if entries.leave(&rows, limits) => Vec::new(),
                found => found.into_read(),
            };
            // A hybrid table marks as free what its companion stream places.
            let (freed, used): (Vec<_>, Vec<_>) = found
                .into_iter()
                .partition(|(_, place)| *place == Place::Free);
            add(&mut entries, used);
            if let (Form::Table, Some(companion)) = (section.form, section.dict.get(b"XRefStm")) {
                let companion = read_section(file, offset_of(companion)?, limits, budget)?;
                is_plain &= companion.is_plain;
                streams.extend(companion.stream_span());
                add(&mut entries, companion.found.into_read());
            }
            add(&mut entries, freed);
            if entries.read_count() > limits.objects {
                return Err(Refusal::TooComplex);
            }
            next = section.dict.get(b"Prev").map(offset_of).transpose()?;
            head.get_or_insert((section.form, section.dict));
        }
        let (form, trailer) = head.ok_or(DAMAGED)?;
        let largest = entries.largest();
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

fn add(entries: &mut Entries<'_>, found: Vec<(u32, Place)>) {
    for (number, place) in found {
        entries.add(number, place);
    }
}

impl Xref<'_> {
    /// One made of the objects that stand in a file; `next_number` is beyond all that stand there.
    pub(super) fn rebuilt(entries: HashMap<u32, Place>, trailer: Node, next_number: u32) -> Self {
        Self {
            entries: entries.into(),
            form: Form::Table,
            newest: None,
            sections: 0,
            trailer,
            is_plain: false,
            streams: Vec::new(),
            next_number,
        }
    }

    /// Finds the next free number when all objects are known.
    pub(super) fn number_anew(&mut self) -> Result<(), Refusal> {
        let largest = self.entries.largest();
        self.next_number = self.next_number.max(largest.saturating_add(1));
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

fn read_section<'a>(
    file: &'a [u8],
    offset: usize,
    limits: &Limits,
    budget: &Budget,
) -> Result<Section<'a>, Refusal> {
    let mut lexer = Lexer::new(file, offset, limits);
    if lexer.keyword(b"xref") {
        table::read(file, &mut lexer, limits)
    } else {
        xref_stream::read(file, offset, limits, budget)
    }
}

/// A fault in the cross-reference is damage, whatever it looked like to the reader below.
pub(super) fn as_damage(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Broken { .. } => DAMAGED,
        other => other,
    }
}
