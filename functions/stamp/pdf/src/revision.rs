//! One appended revision (ISO 32000-2, 7.5.6): objects, a cross-reference section in the newest form, a trailer.

use crate::file::{Document, Form};
use crate::syntax::Id;
use std::collections::BTreeMap;
use std::fmt::Write;

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
            next_number: document.xref.next_number,
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

    /// Writes everything. `new_id` is the second half of the file identifier.
    pub(crate) fn finish(mut self, new_id: &[u8; 16]) -> Tail {
        let file = self.document.file;
        let stream_number =
            (self.document.xref.form == Form::Stream).then(|| self.reserve().number);
        let mut bytes = Vec::new();
        if !matches!(file.last(), Some(b'\n' | b'\r')) {
            bytes.push(b'\n');
        }
        let mut bodies = BTreeMap::new();
        let mut rows: BTreeMap<u32, (usize, u16)> = BTreeMap::new();
        for (number, (generation, body)) in &self.objects {
            rows.insert(*number, (file.len() + bytes.len(), *generation));
            bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
            bodies.insert(*number, file.len() + bytes.len());
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let start = file.len() + bytes.len();
        let trailer = self.trailer(new_id);
        match stream_number {
            None => bytes.extend_from_slice(table(&rows, &trailer).as_bytes()),
            Some(number) => {
                rows.insert(number, (start, 0));
                bytes.extend_from_slice(&stream(number, &rows, &trailer));
            }
        }
        bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        Tail { bytes, bodies }
    }

    fn trailer(&self, new_id: &[u8; 16]) -> String {
        let xref = &self.document.xref;
        let mut out = format!("/Size {}/Prev {}", self.next_number, xref.newest);
        for key in ["Root", "Info"] {
            if let Some(id) = xref
                .trailer
                .get(key.as_bytes())
                .and_then(|node| node.reference())
            {
                _ = write!(out, "/{key} {} {} R", id.number, id.generation);
            }
        }
        if let Some([first, _]) = xref.trailer.get(b"ID").and_then(|node| node.items())
            && let Some(first) = first.text()
        {
            _ = write!(out, "/ID[<{}><{}>]", hex(first), hex(new_id));
        }
        out
    }
}

/// Runs of consecutive numbers.
fn runs(rows: &BTreeMap<u32, (usize, u16)>) -> Vec<Vec<(u32, usize, u16)>> {
    let mut runs: Vec<Vec<(u32, usize, u16)>> = Vec::new();
    for (number, (offset, generation)) in rows {
        let row = (*number, *offset, *generation);
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, ..)| last + 1 == *number) => run.push(row),
            _ => runs.push(vec![row]),
        }
    }
    runs
}

fn table(rows: &BTreeMap<u32, (usize, u16)>, trailer: &str) -> String {
    let mut out = String::from("xref\n");
    for run in runs(rows) {
        let first = run.first().map_or(0, |(number, ..)| *number);
        _ = writeln!(out, "{first} {}", run.len());
        for (_, offset, generation) in run {
            _ = write!(out, "{offset:010} {generation:05} n\r\n");
        }
    }
    _ = write!(out, "trailer\n<<{trailer}>>\n");
    out
}

fn stream(number: u32, rows: &BTreeMap<u32, (usize, u16)>, trailer: &str) -> Vec<u8> {
    let mut index = String::new();
    let mut data = Vec::new();
    for run in runs(rows) {
        let first = run.first().map_or(0, |(number, ..)| *number);
        _ = write!(index, "{first} {} ", run.len());
        for (_, offset, generation) in run {
            data.push(1);
            // The input limit keeps offsets far below 2^40.
            data.extend(offset.to_be_bytes().iter().rev().take(5).rev());
            data.extend(generation.to_be_bytes());
        }
    }
    let index = index.trim_end();
    let mut out = format!(
        "{number} 0 obj\n<</Type/XRef{trailer}/W[1 5 2]/Index[{index}]/Length {}>>\nstream\n",
        data.len()
    )
    .into_bytes();
    out.extend(data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
    out
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            _ = write!(out, "{byte:02x}");
            out
        })
}
