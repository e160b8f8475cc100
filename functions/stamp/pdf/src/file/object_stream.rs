//! Objects inside a compressed stream (ISO 32000-2, 7.5.7).

use crate::syntax::{Lexer, Node};
use crate::{Limits, Refusal};
use std::rc::Rc;

/// A decompressed object stream and where its objects start.
pub(super) struct ObjectStream {
    pub(super) bytes: Rc<[u8]>,
    starts: Vec<(u32, usize)>,
}

const DAMAGED: Refusal = Refusal::broken("object stream");

impl ObjectStream {
    pub(super) fn new(dict: &Node, bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        if dict.get(b"Type").and_then(Node::name) != Some(b"ObjStm") {
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
        })
    }

    /// Reads an object; the cross-reference and the stream must agree on which one stands at the index.
    pub(super) fn read(&self, number: u32, index: usize, limits: &Limits) -> Result<Node, Refusal> {
        let (found, start) = self
            .starts
            .get(index)
            .copied()
            .ok_or(Refusal::DamagedXref)?;
        if found != number {
            return Err(Refusal::DamagedXref);
        }
        Lexer::new(&self.bytes, start, limits).value()
    }
}
