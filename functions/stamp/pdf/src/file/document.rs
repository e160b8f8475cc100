//! A document opened for one look: objects are read when asked for.

use super::inflate::Budget;
use super::object_stream::ObjectStream;
use super::xref::{Place, Xref};
use super::xref_stream::data_start;
use crate::syntax::{Id, Lexer, Node, Value};
use crate::{Limits, Refusal};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// A document, read strictly.
pub(crate) struct Document<'a> {
    pub(crate) file: &'a [u8],
    pub(crate) xref: Xref,
    pub(crate) limits: Limits,
    budget: Budget,
    streams: RefCell<HashMap<u32, Rc<ObjectStream>>>,
}

/// An indirect object and the buffer its spans point into.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) id: Id,
    pub(crate) node: Node,
    inflated: Option<Rc<[u8]>>,
}

impl Object {
    /// What the spans of this object point into.
    pub(crate) fn buffer<'b>(&'b self, document: &Document<'b>) -> &'b [u8] {
        self.inflated.as_deref().unwrap_or(document.file)
    }

    /// Whether the object stands in the file itself, so that its spans are file offsets.
    pub(crate) fn is_plain(&self) -> bool {
        self.inflated.is_none()
    }
}

impl<'a> Document<'a> {
    /// Opens an unencrypted document whose cross-reference is sound.
    pub(crate) fn open(file: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        if file.len() > limits.input_bytes {
            return Err(Refusal::TooLarge {
                limit_bytes: limits.input_bytes,
            });
        }
        check_header(file)?;
        let budget = Budget::new(limits.inflated_bytes);
        let xref = Xref::read(file, limits, &budget)?;
        if xref.trailer.get(b"Encrypt").is_some() {
            return Err(Refusal::NeedsPassword);
        }
        Ok(Self {
            file,
            xref,
            limits: *limits,
            budget,
            streams: RefCell::default(),
        })
    }

    /// The object, or nothing when it is free, missing or null.
    pub(crate) fn object(&self, id: Id) -> Result<Option<Object>, Refusal> {
        let (node, inflated) = match self.xref.entries.get(&id.number) {
            None | Some(Place::Free) => return Ok(None),
            Some(Place::At { generation, .. }) if *generation != id.generation => return Ok(None),
            Some(Place::At { offset, .. }) => (self.plain(id, *offset)?.value()?, None),
            Some(Place::Within { .. }) if id.generation != 0 => return Ok(None),
            Some(Place::Within { stream, index }) => {
                let stream = self.object_stream(*stream)?;
                let node = stream.read(id.number, *index, &self.limits)?;
                (node, Some(Rc::clone(&stream.bytes)))
            }
        };
        let found = !matches!(node.value, Value::Null);
        Ok(found.then_some(Object { id, node, inflated }))
    }

    /// The object of this number, whatever its generation.
    pub(crate) fn numbered(&self, number: u32) -> Result<Option<Object>, Refusal> {
        let generation = match self.xref.entries.get(&number) {
            Some(Place::At { generation, .. }) => *generation,
            _ => 0,
        };
        self.object(Id { number, generation })
    }

    /// A reader placed after `n g obj`, which must stand just where the cross-reference says.
    fn plain(&self, id: Id, offset: usize) -> Result<Lexer<'a>, Refusal> {
        let mut lexer = Lexer::new(self.file, offset, &self.limits);
        let found = lexer.object_header().ok_or(Refusal::DamagedXref)?;
        if found != id {
            return Err(Refusal::DamagedXref);
        }
        Ok(lexer)
    }

    fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>, Refusal> {
        if let Some(stream) = self.streams.borrow().get(&number) {
            return Ok(Rc::clone(stream));
        }
        let (dict, data) = self.stream(number)?;
        let length = dict
            .get(b"Length")
            .and_then(Node::int)
            .and_then(|length| usize::try_from(length).ok());
        let bytes = self.budget.decode(&dict, data, length)?;
        let stream = Rc::new(ObjectStream::new(&dict, bytes, &self.limits)?);
        self.streams.borrow_mut().insert(number, Rc::clone(&stream));
        Ok(stream)
    }

    /// A stream's dictionary, and the file from its first data byte on.
    fn stream(&self, number: u32) -> Result<(Node, &'a [u8]), Refusal> {
        let Some(Place::At { offset, generation }) = self.xref.entries.get(&number).copied() else {
            return Err(Refusal::DamagedXref);
        };
        let mut lexer = self.plain(Id { number, generation }, offset)?;
        let dict = lexer.value()?;
        let start = data_start(self.file, &mut lexer).ok_or(Refusal::broken("object stream"))?;
        Ok((dict, self.file.get(start..).unwrap_or_default()))
    }

    /// A stream's dictionary and its data as stored: to `Length` when that is sound, else to the end of the file.
    pub(crate) fn raw_stream(&self, id: Id) -> Result<(Node, &'a [u8]), Refusal> {
        let (dict, data) = self.stream(id.number)?;
        let length = self
            .lookup(&dict, b"Length")?
            .and_then(|length| usize::try_from(length.int()?).ok());
        let whole = length.and_then(|length| data.get(..length));
        Ok((dict, whole.unwrap_or(data)))
    }

    /// Refuses a document whose object streams, all together, are over the budget. A reader without limits of its
    /// own must not be shown the file before.
    pub(crate) fn weigh_object_streams(&self) -> Result<(), Refusal> {
        let named = self.xref.entries.values().filter_map(|place| match place {
            Place::Within { stream, .. } => Some(*stream),
            _ => None,
        });
        let named: BTreeSet<u32> = named.collect();
        for number in named {
            if !self.streams.borrow().contains_key(&number) {
                let (dict, data) = self.stream(number)?;
                self.budget.weigh(&dict, data)?;
            }
        }
        Ok(())
    }

    /// The value itself, or what it refers to (one step; a reference to a reference is malformed).
    pub(crate) fn resolve(&self, node: &Node) -> Result<Option<Node>, Refusal> {
        match node.value {
            Value::Null => Ok(None),
            Value::Ref(id) => Ok(self.object(id)?.map(|object| object.node)),
            _ => Ok(Some(node.clone())),
        }
    }

    /// A key's value with its reference followed.
    pub(crate) fn lookup(&self, dict: &Node, key: &[u8]) -> Result<Option<Node>, Refusal> {
        dict.get(key).map_or(Ok(None), |node| self.resolve(node))
    }

    /// The catalog.
    pub(crate) fn catalog(&self) -> Result<Object, Refusal> {
        let root = self.xref.trailer.get(b"Root").and_then(Node::reference);
        let catalog = root.map(|id| self.object(id)).transpose()?.flatten();
        catalog
            .filter(|object| object.node.is_dict())
            .ok_or(Refusal::DamagedXref)
    }
}

/// Readers accept a header within the first kilobyte, but disagree on what offsets then count from.
fn check_header(file: &[u8]) -> Result<(), Refusal> {
    if file.starts_with(b"%PDF-") {
        return Ok(());
    }
    let head = file.get(..file.len().min(1024)).unwrap_or_default();
    let later = head.windows(5).any(|window| window == b"%PDF-");
    Err(if later {
        Refusal::JunkBeforeHeader
    } else {
        Refusal::NotPdf
    })
}
