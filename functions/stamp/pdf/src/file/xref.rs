//! The cross-reference chain, newest section first (ISO 32000-2, 7.5.4, 7.5.6, 7.5.8).

use super::inflate::Budget;
use super::xref_stream;
use crate::syntax::{Lexer, Node};
use crate::{Limits, Refusal};
use std::collections::{HashMap, HashSet};

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
    /// What `startxref` says: the `/Prev` of the next revision.
    pub(crate) newest: usize,
    /// The newest trailer; its spans point into the file.
    pub(crate) trailer: Node,
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
}

impl Xref {
    pub(crate) fn read(file: &[u8], limits: &Limits, budget: &Budget) -> Result<Self, Refusal> {
        let newest = start(file)?;
        let mut entries = HashMap::new();
        let mut seen = HashSet::new();
        let mut head: Option<(Form, Node)> = None;
        let mut size = 0;
        let mut next = Some(newest);
        while let Some(offset) = next {
            // A loop of /Prev is damage; so is a chain longer than any real history.
            if !seen.insert(offset) || seen.len() > limits.revisions {
                return Err(DAMAGED);
            }
            let section = read_section(file, offset, limits, budget)?;
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
        let next_number = announced.max(largest + 1);
        if next_number > LARGEST_NUMBER - 16 {
            return Err(Refusal::TooComplex);
        }
        Ok(Self {
            entries,
            form,
            newest,
            trailer,
            next_number,
            sections: seen.len(),
        })
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
        read_table(&mut lexer, limits)
    } else {
        xref_stream::read(file, offset, limits, budget)
    }
}

fn read_table(lexer: &mut Lexer<'_>, limits: &Limits) -> Result<Section, Refusal> {
    let mut entries = Vec::new();
    while !lexer.keyword(b"trailer") {
        let first = lexer
            .unsigned()
            .and_then(|first| u32::try_from(first).ok())
            .ok_or(DAMAGED)?;
        let count = lexer
            .unsigned()
            .and_then(|count| u32::try_from(count).ok())
            .ok_or(DAMAGED)?;
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
    let dict = lexer.value().map_err(as_damage)?;
    if !dict.is_dict() {
        return Err(DAMAGED);
    }
    Ok(Section {
        form: Form::Table,
        dict,
        entries,
    })
}

/// A fault in the cross-reference is damage, whatever it looked like to the reader below.
pub(super) fn as_damage(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Broken { .. } => DAMAGED,
        other => other,
    }
}
