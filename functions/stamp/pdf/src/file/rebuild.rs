//! A cross-reference made anew from the objects that stand in a file whose own cannot be read.
//!
//! What is found is only a proposal: it is used when an independent reader, which rebuilds in its own way, sees the
//! same pages, and when nothing tells of a file that was cut off.

use super::stream::{self, find};
use super::xref::{Form, LARGEST_NUMBER, Place, Xref};
use super::{Document, Object, Pages};
use crate::syntax::{Id, Lexer, Node};
use crate::{Limits, Opening, Refusal};
use std::collections::{BTreeMap, HashMap};

const DAMAGED: Refusal = Refusal::DamagedXref;

/// What stands in a file, in the order in which it was written: of several objects with one number the last counts.
struct Scan<'a> {
    file: &'a [u8],
    limits: &'a Limits,
    objects: HashMap<u32, Place>,
    /// Object streams by where they stand.
    holders: BTreeMap<usize, u32>,
    /// Dictionaries that name a Root.
    trailers: Vec<Node>,
    /// Beyond all numbers that objects bear, readable or not, and that trailers announce: what still refers to one
    /// must not come to mean a new object.
    next_number: u32,
    /// What may still be read in vain, in bytes: text that only looks like objects must not cost its square.
    vain_left: usize,
}

impl<'a> Document<'a> {
    /// Opens a document by the objects that stand in it, as its cross-reference cannot be read.
    ///
    /// # Errors
    /// [`Refusal::DamagedXref`] when they make no whole, or none that all readers would find; and as
    /// [`Document::open`].
    pub(crate) fn rebuild(file: &'a [u8], opening: &Opening) -> Result<Self, Refusal> {
        // A signature vouches for a file as it is, damage and all.
        if find(file, b"/ByteRange").is_some() {
            return Err(DAMAGED);
        }
        let mut scan = Scan {
            file,
            limits: &opening.limits,
            objects: HashMap::new(),
            holders: BTreeMap::new(),
            trailers: Vec::new(),
            next_number: 0,
            vain_left: file.len().saturating_mul(2),
        };
        scan.run()?;
        let trailer = scan.trailers.pop().ok_or(DAMAGED)?;
        let xref = Xref::rebuilt(scan.objects, trailer, scan.next_number);
        let mut document = Self::with(file, xref, opening)?;
        for (offset, number) in scan.holders {
            document.list_objects_within(number, offset)?;
        }
        let mut catalog = document.catalog();
        // The last trailer may be a scrap.
        while catalog.is_err()
            && let Some(trailer) = scan.trailers.pop()
        {
            document.xref.trailer = trailer;
            catalog = document.catalog();
        }
        catalog?;
        document.xref.number_anew()?;
        Ok(document)
    }

    /// Whether nothing is missing that a file cut off in the middle would lack: pages that are counted, and what is
    /// drawn on them.
    pub(crate) fn is_whole(&self, catalog: &Object, pages: &Pages) -> Result<bool, Refusal> {
        let root = self.lookup(&catalog.node, b"Pages")?;
        let count = root.map(|root| self.lookup(&root, b"Count")).transpose()?;
        let count = count.flatten().and_then(|count| count.int());
        if count.and_then(|count| usize::try_from(count).ok()) != Some(pages.list.len()) {
            return Ok(false);
        }
        let known = |node: &Node| {
            let id = node.reference();
            id.is_none_or(|id| self.xref.entries.get(id.number).is_some())
        };
        for id in pages.list.iter().filter_map(|page| page.id) {
            let Some(page) = self.object(id)? else {
                return Ok(false);
            };
            let contents = page.node.get(b"Contents");
            if !contents.is_none_or(known) {
                return Ok(false);
            }
            let contents = self.lookup(&page.node, b"Contents")?;
            let parts = contents.as_ref().and_then(Node::items);
            if !parts.unwrap_or_default().iter().all(known) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lists what is in an object stream, unless the stream itself was replaced later.
    fn list_objects_within(&mut self, holder: u32, offset: usize) -> Result<(), Refusal> {
        match self.xref.entries.get(holder) {
            Some(Place::At { offset: last, .. }) if last == offset => {}
            _ => return Ok(()),
        }
        let stream = self.object_stream(holder)?;
        for (index, number) in stream.numbers().enumerate() {
            match self.xref.entries.get(number) {
                // Readers differ on which of the two is meant.
                Some(Place::At { offset: plain, .. }) if plain < offset => return Err(DAMAGED),
                Some(Place::At { .. }) => {}
                // More than any writer puts in, and more than the new section could name.
                _ if index > usize::from(u16::MAX) => return Err(Refusal::TooComplex),
                _ => {
                    let place = Place::Within {
                        stream: holder,
                        index,
                    };
                    self.xref.entries.put(number, place);
                }
            }
        }
        if self.xref.entries.read_count() > self.limits.objects {
            return Err(Refusal::TooComplex);
        }
        self.xref.form = Form::Stream;
        Ok(())
    }
}

impl Scan<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        let mut at = 0;
        while let Some(rest) = self.file.get(at..).filter(|rest| !rest.is_empty()) {
            at = if rest.starts_with(b"obj") {
                self.object(at)?
            } else if rest.starts_with(b"trailer") {
                self.trailer(at + 7)?
            } else {
                at + 1
            };
        }
        Ok(())
    }

    /// Takes the object whose keyword stands here, and tells where to go on.
    fn object(&mut self, keyword: usize) -> Result<usize, Refusal> {
        let after = keyword + 3;
        let Some((id, offset)) = header_before(self.file, keyword) else {
            return Ok(after);
        };
        self.next_number = self.next_number.max(id.number.saturating_add(1));
        let mut lexer = Lexer::new(self.file, after, self.limits);
        let node = match lexer.value() {
            Ok(node) => node,
            Err(Refusal::TooComplex) => return Err(Refusal::TooComplex),
            Err(_) => return self.in_vain(after, lexer.at),
        };
        let mut end = lexer.at;
        if let Some(start) = stream::data_start(self.file, &mut lexer) {
            let length = node.get(b"Length").and_then(Node::int);
            // A stream without an end: the file was cut off there.
            let data = stream::data(self.file, start, length).ok_or(DAMAGED)?;
            end = start + data.len();
        }
        match node.get(b"Type").and_then(Node::name) {
            Some(b"XRef") => {
                self.note_trailer(node);
                return Ok(end);
            }
            Some(b"ObjStm") => _ = self.holders.insert(offset, id.number),
            _ => {}
        }
        let place = Place::At {
            offset,
            generation: id.generation,
        };
        self.objects.insert(id.number, place);
        if self.objects.len() > self.limits.objects {
            return Err(Refusal::TooComplex);
        }
        Ok(end)
    }

    fn trailer(&mut self, after: usize) -> Result<usize, Refusal> {
        let mut lexer = Lexer::new(self.file, after, self.limits);
        match lexer.value() {
            Ok(node) => {
                self.note_trailer(node);
                Ok(lexer.at)
            }
            Err(Refusal::TooComplex) => Err(Refusal::TooComplex),
            Err(_) => self.in_vain(after, lexer.at),
        }
    }

    fn note_trailer(&mut self, node: Node) {
        if node.get(b"Root").and_then(Node::reference).is_none() {
            return;
        }
        let size = node.get(b"Size").and_then(Node::int);
        let size = size.and_then(|size| u32::try_from(size).ok());
        let announced = size.filter(|size| *size < LARGEST_NUMBER / 2).unwrap_or(0);
        self.next_number = self.next_number.max(announced);
        self.trailers.push(node);
    }

    fn in_vain(&mut self, from: usize, to: usize) -> Result<usize, Refusal> {
        let spent = to.saturating_sub(from);
        let left = self.vain_left.checked_sub(spent);
        self.vain_left = left.ok_or(Refusal::TooComplex)?;
        Ok(from)
    }
}

/// `n g ` right before the keyword `obj`, and where it starts.
fn header_before(file: &[u8], keyword: usize) -> Option<(Id, usize)> {
    let (generation, at) = number_before(file, keyword)?;
    let (number, at) = number_before(file, at)?;
    let id = Id {
        number: number.parse().ok()?,
        generation: generation.parse().ok()?,
    };
    Some((id, at))
}

/// A number and at least one space before a place, and where it starts.
fn number_before(file: &[u8], end: usize) -> Option<(&str, usize)> {
    const LONGEST: usize = 10;
    let text = file.get(end.saturating_sub(2 * LONGEST)..end)?;
    let trimmed = text.trim_ascii_end();
    let digits = trimmed
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit());
    let start = trimmed.len() - digits.count();
    let spaced = trimmed.len() < text.len();
    let number = trimmed
        .get(start..)
        .filter(|digits| spaced && !digits.is_empty())?;
    let at = end - text.len() + start;
    Some((std::str::from_utf8(number).ok()?, at))
}
