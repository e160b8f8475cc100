//! One appended revision (ISO 32000-2, 7.5.6): objects, a cross-reference section in the newest form, a trailer.

use crate::Refusal;
use crate::file::{Document, Form, Place, dictionary_text};
use crate::section::{stream, table};
use crate::syntax::{Id, Lexer};
use std::collections::BTreeMap;
use std::io::Write;

/// Objects to append to a document.
pub(crate) struct Revision<'a, 'b> {
    document: &'a Document<'b>,
    objects: BTreeMap<u32, (u16, Vec<u8>)>,
    next_number: u32,
}

/// The bytes to append, and where in the whole file each object's body starts.
pub(crate) struct Tail {
    pub(crate) bytes: Vec<u8>,
    pub(crate) bodies: BTreeMap<u32, usize>,
}

impl<'a, 'b> Revision<'a, 'b> {
    pub(crate) fn new(document: &'a Document<'b>) -> Self {
        Self {
            document,
            objects: BTreeMap::new(),
            next_number: document.next_number(),
        }
    }

    /// A number nobody has used.
    pub(crate) fn reserve(&mut self) -> Id {
        let number = self.next_number;
        self.next_number += 1;
        Id {
            number,
            generation: 0,
        }
    }

    pub(crate) fn put(&mut self, id: Id, body: Vec<u8>) {
        self.objects.insert(id.number, (id.generation, body));
    }

    /// Writes everything, encrypted as the document is. `new_id` is the second half of the file identifier.
    pub(crate) fn finish(mut self, new_id: &[u8; 16]) -> Result<Tail, Refusal> {
        self.seal(new_id)?;
        let file = self.document.file;
        let stream_number =
            (self.document.xref.form == Form::Stream).then(|| self.reserve().number);
        let mut bytes = Vec::new();
        if !matches!(file.last(), Some(b'\n' | b'\r')) {
            bytes.push(b'\n');
        }
        let mut bodies = BTreeMap::new();
        let mut rows = self.old_rows();
        for (number, (generation, body)) in &self.objects {
            let offset = file.len() + bytes.len();
            rows.insert(
                *number,
                Place::At {
                    offset,
                    generation: *generation,
                },
            );
            bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bodies.insert(*number, file.len() + bytes.len());
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let start = file.len() + bytes.len();
        let trailer = self.trailer(new_id)?;
        match stream_number {
            None => bytes.extend_from_slice(&table(&rows, &trailer)),
            Some(number) => {
                rows.insert(
                    number,
                    Place::At {
                        offset: start,
                        generation: 0,
                    },
                );
                bytes.extend_from_slice(&stream(number, &rows, &trailer));
            }
        }
        bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        Ok(Tail { bytes, bodies })
    }

    /// What the new section must list besides what is new: nothing, or everything when no old section is to be read.
    fn old_rows(&self) -> BTreeMap<u32, Place> {
        let xref = &self.document.xref;
        if !xref.is_rebuilt() {
            return BTreeMap::new();
        }
        std::iter::once((0, Place::Free))
            .chain(xref.entries.all())
            .collect()
    }

    fn seal(&mut self, seed: &[u8]) -> Result<(), Refusal> {
        let Some(cipher) = &self.document.cipher else {
            return Ok(());
        };
        for (number, (generation, body)) in &mut self.objects {
            let id = Id {
                number: *number,
                generation: *generation,
            };
            let value = Lexer::new(body, 0, &self.document.limits).value()?;
            *body = cipher.seal(id, body, &value, seed)?;
        }
        Ok(())
    }

    fn trailer(&self, new_id: &[u8; 16]) -> Result<Vec<u8>, Refusal> {
        let xref = &self.document.xref;
        let mut out = format!("/Size {}", self.next_number).into_bytes();
        if let Some(newest) = xref.newest {
            _ = write!(out, "/Prev {newest}");
        }
        for key in ["Root", "Info"] {
            if let Some(id) = xref
                .trailer
                .get(key.as_bytes())
                .and_then(|node| node.reference())
            {
                _ = write!(out, "/{key} {} {} R", id.number, id.generation);
            }
        }
        if let Some(encrypt) = xref.trailer.get(b"Encrypt") {
            out.extend_from_slice(b"/Encrypt ");
            out.extend(dictionary_text(self.document.file, encrypt)?);
        }
        if let Some([first, _]) = xref.trailer.get(b"ID").and_then(|node| node.items())
            && let Some(first) = first.text()
        {
            _ = write!(out, "/ID[<{}><{}>]", hex(first), hex(new_id));
        }
        Ok(out)
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| {
        char::from(if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        })
    };
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    let mut out = String::with_capacity(bytes.len() * 2);
    out.extend(digits);
    out
}
