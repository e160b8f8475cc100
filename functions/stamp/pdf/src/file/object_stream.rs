//! Objects inside a compressed stream (ISO 32000-2, 7.5.7).

use crate::syntax::{Lexer, Node};
use crate::{Limits, Refusal};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A decompressed object stream and where its objects start.
pub(super) struct ObjectStream {
    pub(super) bytes: Rc<[u8]>,
    starts: Vec<(u32, usize)>,
    /// Made when first needed; nothing for a number that is there twice.
    by_number: OnceCell<HashMap<u32, Option<usize>>>,
}

const DAMAGED: Refusal = Refusal::broken("object stream");

impl ObjectStream {
    pub(super) fn new(dict: &Node, bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        // With a key written twice, readers differ on what the stream holds.
        if dict.get(b"Type").and_then(Node::name) != Some(b"ObjStm") || dict.has_twins() {
            return Err(DAMAGED);
        }
        let int = |key: &[u8]| {
            dict.get(key)
                .and_then(Node::int)
                .and_then(|int| usize::try_from(int).ok())
        };
        let count = int(b"N").ok_or(DAMAGED)?;
        let first = int(b"First").ok_or(DAMAGED)?;
        if count > limits.objects {
            return Err(Refusal::TooComplex);
        }
        let mut starts = Vec::new();
        let mut lexer = Lexer::new(&bytes, 0, limits);
        for _ in 0..count {
            let number = lexer
                .unsigned()
                .and_then(|number| u32::try_from(number).ok())
                .ok_or(DAMAGED)?;
            let offset = lexer
                .unsigned()
                .and_then(|offset| usize::try_from(offset).ok())
                .ok_or(DAMAGED)?;
            starts.push((number, first.checked_add(offset).ok_or(DAMAGED)?));
        }
        Ok(Self {
            bytes: bytes.into(),
            starts,
            by_number: OnceCell::new(),
        })
    }

    /// What its list of objects takes in a reader's memory, in bytes.
    pub(super) fn cost_bytes(&self) -> usize {
        self.starts.len() * 24
    }

    /// The numbers of all objects, by index.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.starts.iter().map(|(number, _)| *number)
    }

    /// Reads an object. Most readers go by its number, so an index that is off does no harm while the number is there
    /// only once.
    pub(super) fn read(&self, number: u32, index: usize, limits: &Limits) -> Result<Node, Refusal> {
        let at_index = self.starts.get(index).filter(|(found, _)| *found == number);
        let start = match at_index {
            Some((_, start)) => *start,
            None => self.only(number).ok_or(Refusal::DamagedXref)?,
        };
        Lexer::new(&self.bytes, start, limits).value()
    }

    fn only(&self, number: u32) -> Option<usize> {
        let by_number = self.by_number.get_or_init(|| {
            let mut by_number = HashMap::new();
            for (number, start) in &self.starts {
                let entry = by_number.entry(*number);
                entry
                    .and_modify(|start| *start = None)
                    .or_insert(Some(*start));
            }
            by_number
        });
        by_number.get(&number).copied().flatten()
    }
}
