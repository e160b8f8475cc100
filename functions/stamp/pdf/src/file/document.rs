//! A document opened for one look: objects are read when asked for.

use super::cipher::Cipher;
use super::inflate::Budget;
use super::object_stream::ObjectStream;
use super::stream::{self, find};
use super::xref::{LARGEST_NUMBER, Place, Xref};
use crate::syntax::{Id, Lexer, Node, Value};
use crate::{Limits, Opening, Refusal};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;

/// A document, read strictly.
pub(crate) struct Document<'a> {
    pub(crate) file: &'a [u8],
    pub(crate) xref: Xref<'a>,
    pub(crate) limits: Limits,
    pub(crate) cipher: Option<Cipher>,
    budget: Budget,
    /// One more than the largest number of an object that something refers to and that is not there.
    beyond_missing: Cell<u32>,
    streams: RefCell<HashMap<u32, Rc<ObjectStream>>>,
    /// Where the object streams looked at so far stand: from the dictionary to the first byte of the data.
    pub(super) structure: RefCell<Vec<Range<usize>>>,
}

/// An indirect object in the clear, and the buffer its spans point into.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) id: Id,
    pub(crate) node: Node,
    /// Decompressed or decrypted text; nothing for an object that stands in the file as it is.
    text: Option<Rc<[u8]>>,
}

impl Object {
    /// What the spans of this object point into.
    pub(crate) fn buffer<'b>(&'b self, document: &Document<'b>) -> &'b [u8] {
        self.text.as_deref().unwrap_or(document.file)
    }
}

impl<'a> Document<'a> {
    /// Opens a document whose cross-reference is sound.
    pub(crate) fn open(file: &'a [u8], opening: &Opening) -> Result<Self, Refusal> {
        let limits = opening.limits;
        if file.len() > limits.input_bytes {
            return Err(Refusal::TooLarge {
                limit_bytes: limits.input_bytes,
            });
        }
        check_header(file)?;
        let budget = Budget::new(limits.inflated_bytes);
        let xref = Xref::read(file, &limits, &budget)?;
        let mut document = Self::new(file, xref, limits, budget);
        document.cipher = document.open_cipher(opening.password.as_deref())?;
        Ok(document)
    }

    /// The document that this cross-reference makes of the file.
    pub(super) fn with(file: &'a [u8], xref: Xref<'a>, opening: &Opening) -> Result<Self, Refusal> {
        let budget = Budget::new(opening.limits.inflated_bytes);
        let mut document = Self::new(file, xref, opening.limits, budget);
        document.cipher = document.open_cipher(opening.password.as_deref())?;
        Ok(document)
    }

    fn new(file: &'a [u8], xref: Xref<'a>, limits: Limits, budget: Budget) -> Self {
        Self {
            file,
            xref,
            limits,
            cipher: None,
            budget,
            beyond_missing: Cell::new(0),
            streams: RefCell::default(),
            structure: RefCell::default(),
        }
    }

    /// The encryption dictionary is itself never encrypted, so it is read before there is a cipher.
    fn open_cipher(&self, password: Option<&str>) -> Result<Option<Cipher>, Refusal> {
        let trailer = &self.xref.trailer;
        let Some(dict) = trailer.get(b"Encrypt") else {
            return Ok(None);
        };
        // One that is lost leaves nothing but cipher text behind.
        let dict = self.resolve(dict)?.ok_or(Refusal::DamagedXref)?;
        let dict = self.direct(dict, self.limits.depth)?;
        let ids = trailer.get(b"ID").and_then(Node::items);
        let first_id = ids.and_then(<[Node]>::first).and_then(Node::text);
        Cipher::open(&dict, first_id.unwrap_or_default(), password).map(Some)
    }

    /// The same value with all references followed.
    fn direct(&self, mut node: Node, depth_left: usize) -> Result<Node, Refusal> {
        let depth_left = depth_left.checked_sub(1).ok_or(Refusal::TooComplex)?;
        if let Value::Dict(entries) = &mut node.value {
            for entry in entries {
                let value = self.resolve(&entry.node)?;
                entry.node = match value {
                    Some(value) => self.direct(value, depth_left)?,
                    None => continue,
                };
            }
        }
        Ok(node)
    }

    /// The password with which another reader opens this document.
    pub(crate) fn user_password(&self) -> &str {
        let cipher = self.cipher.as_ref();
        cipher.map_or("", |cipher| cipher.user_password.as_str())
    }

    /// A number that no object has, and nothing looked at so far refers to.
    pub(crate) fn next_number(&self) -> u32 {
        self.xref.next_number.max(self.beyond_missing.get())
    }

    /// Notes a reference: what is missing is null, and must not come to mean a new object.
    pub(crate) fn note(&self, id: Id) {
        let beyond = id.number.saturating_add(1);
        // A number that no reader takes means nothing to any.
        if beyond > self.next_number() && beyond < LARGEST_NUMBER / 2 {
            self.beyond_missing.set(beyond);
        }
    }

    /// The object, or nothing when it is free, missing or null.
    pub(crate) fn object(&self, id: Id) -> Result<Option<Object>, Refusal> {
        let object = match self.xref.entries.get(id.number) {
            Some(Place::At { .. }) => match self.written(id)? {
                None => return Ok(None),
                Some(node) => self.in_the_clear(id, node)?,
            },
            Some(Place::Within { stream, index }) if id.generation == 0 => {
                let stream = self.object_stream(stream)?;
                let node = stream.read(id.number, index, &self.limits)?;
                let text = Some(Rc::clone(&stream.bytes));
                Object { id, node, text }
            }
            _ => {
                self.note(id);
                return Ok(None);
            }
        };
        Ok(Some(object).filter(|object| !matches!(object.node.value, Value::Null)))
    }

    /// The object as it stands in the file itself, encrypted or not: its spans are file offsets.
    pub(crate) fn written(&self, id: Id) -> Result<Option<Node>, Refusal> {
        match self.xref.entries.get(id.number) {
            Some(Place::At { offset, generation }) if generation == id.generation => {
                self.plain(id, offset)?.value().map(Some)
            }
            _ => Ok(None),
        }
    }

    fn in_the_clear(&self, id: Id, node: Node) -> Result<Object, Refusal> {
        let cipher = self.cipher.as_ref();
        let text = cipher.map_or(Ok(None), |cipher| cipher.open_text(id, self.file, &node))?;
        let Some(text) = text else {
            let text = None;
            return Ok(Object { id, node, text });
        };
        let node = Lexer::new(&text, 0, &self.limits).value()?;
        let text = Some(text.into());
        Ok(Object { id, node, text })
    }

    /// The object of this number, whatever its generation.
    pub(crate) fn numbered(&self, number: u32) -> Result<Option<Object>, Refusal> {
        let generation = match self.xref.entries.get(number) {
            Some(Place::At { generation, .. }) => generation,
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

    pub(super) fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>, Refusal> {
        if let Some(stream) = self.streams.borrow().get(&number) {
            return Ok(Rc::clone(stream));
        }
        let stream = Rc::new(self.open_object_stream(number)?);
        self.streams.borrow_mut().insert(number, Rc::clone(&stream));
        Ok(stream)
    }

    fn open_object_stream(&self, number: u32) -> Result<ObjectStream, Refusal> {
        let stream = self.stream(number)?;
        self.structure.borrow_mut().push(stream.span);
        let bytes = self.budget.decode(&stream.dict, &stream.data)?;
        let stream = ObjectStream::new(&stream.dict, bytes, &self.limits)?;
        self.budget.spend(stream.cost_bytes())?;
        Ok(stream)
    }

    /// A stream in the clear, still compressed.
    fn stream(&self, number: u32) -> Result<Stream<'a>, Refusal> {
        let Some(Place::At { offset, generation }) = self.xref.entries.get(number) else {
            return Err(Refusal::DamagedXref);
        };
        let id = Id { number, generation };
        let mut lexer = self.plain(id, offset)?;
        let dict = lexer.value()?;
        let start = stream::data_start(self.file, &mut lexer).ok_or(Refusal::broken("stream"))?;
        let data = self.stream_data(&dict, start)?;
        let data = match &self.cipher {
            Some(cipher) if !cipher.leaves_streams() => {
                let clear = cipher.open_stream(id, data);
                Cow::Owned(clear.ok_or(Refusal::broken("encrypted stream"))?)
            }
            _ => Cow::Borrowed(data),
        };
        let span = dict.span.start..start;
        Ok(Stream { dict, data, span })
    }

    /// The bytes of a stream, as its length tells, or else up to `endstream`.
    fn stream_data(&self, dict: &Node, start: usize) -> Result<&'a [u8], Refusal> {
        let length = match dict.get(b"Length") {
            // A length inside an object stream could lead round in a circle.
            Some(Node {
                value: Value::Ref(id),
                ..
            }) => self.written(*id)?.and_then(|node| node.int()),
            length => length.and_then(Node::int),
        };
        stream::data(self.file, start, length).ok_or(Refusal::broken("stream"))
    }

    /// A stream's dictionary and its data in the clear, still compressed.
    pub(crate) fn raw_stream(&self, id: Id) -> Result<(Node, Cow<'a, [u8]>), Refusal> {
        let stream = self.stream(id.number)?;
        Ok((stream.dict, stream.data))
    }

    /// Refuses a document whose object streams, all together, are over the budget. A reader without limits of its
    /// own must not be shown the file before.
    pub(crate) fn weigh_object_streams(&self) -> Result<(), Refusal> {
        let named = self.xref.entries.within().filter_map(|place| match place {
            Place::Within { stream, .. } => Some(stream),
            _ => None,
        });
        let named: BTreeSet<u32> = named.collect();
        for number in named {
            if !self.streams.borrow().contains_key(&number) {
                self.open_object_stream(number)?;
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

struct Stream<'a> {
    dict: Node,
    /// From the dictionary to the first byte of the data.
    span: Range<usize>,
    data: Cow<'a, [u8]>,
}

/// Readers accept a header within the first kilobyte, but disagree on what follows from it: qpdf and poppler count
/// offsets from the header, others from the file's first byte, some rebuild, and some (pyHanko) open no such file.
/// So no appended revision would be seen by all of them.
fn check_header(file: &[u8]) -> Result<(), Refusal> {
    if file.starts_with(b"%PDF-") {
        return Ok(());
    }
    let head = file.get(..file.len().min(1024)).unwrap_or_default();
    Err(if find(head, b"%PDF-").is_some() {
        Refusal::JunkBeforeHeader
    } else {
        Refusal::NotPdf
    })
}
