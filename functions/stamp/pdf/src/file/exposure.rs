//! What a reader without limits may be shown.
//!
//! The other reader decompresses what it likes, and when something is not where it should be, it looks for objects
//! all over the file. So it is shown the file itself only when nothing in it leads to a stream that was not weighed;
//! else it gets a copy in which all other streams are no streams any more, and only when looking for objects costs
//! no more than the file's length.

use super::Document;
use crate::syntax::Lexer;
use crate::{Limits, Refusal, Source};
use memchr::{memchr, memchr_iter, memmem};
use std::ops::Range;
use std::sync::Arc;

const STREAM: &[u8] = b"stream";
/// As long, and no keyword.
const NO_STREAM: &[u8] = b"strea-";
const OBJECT_STREAM: &[u8] = b"ObjStm";

impl Document<'_> {
    /// The file as another reader may see it; all object streams must have been weighed before.
    pub(crate) fn shown(
        &self,
        source: &Source,
        patience: Patience,
    ) -> Result<Arc<Vec<u8>>, Refusal> {
        if self.xref.is_plain && self.names_no_other_streams(source.names()) {
            return Ok(Arc::clone(source.shared()));
        }
        check_search(self.file, patience)?;
        let mut copy = self.file.to_vec();
        let kept = self.structure.borrow();
        let kept = |at: usize| {
            kept.iter()
                .chain(&self.xref.streams)
                .any(|span| span.contains(&at))
        };
        let found: Vec<usize> = memmem::find_iter(self.file, STREAM).collect();
        for at in found {
            let ends = at.checked_sub(3).and_then(|start| self.file.get(start..at)) == Some(b"end");
            if !ends
                && !kept(at)
                && let Some(word) = copy.get_mut(at..at + STREAM.len())
            {
                word.copy_from_slice(NO_STREAM);
            }
        }
        Ok(Arc::new(copy))
    }

    /// Whether the file speaks of object streams only where weighed ones stand, once in each.
    fn names_no_other_streams(&self, names: &[usize]) -> bool {
        let weighed = self.structure.borrow();
        let mut named = vec![false; weighed.len()];
        names.len() <= MOST_NAMES
            && names.iter().all(|at| {
                let span = weighed
                    .iter()
                    .position(|span: &Range<usize>| span.contains(at));
                let first = span.and_then(|index| named.get_mut(index));
                first.is_some_and(|named| !std::mem::replace(named, true))
            })
    }
}

/// More names than that are taken for too many, without counting on.
const MOST_NAMES: usize = 1 << 16;

/// Notes where a name in this part of the file says `ObjStm`, spelled plainly or not.
pub(crate) fn note_object_stream_names(file: &[u8], part: Range<usize>, names: &mut Vec<usize>) {
    let start = part.start;
    let signs = file.get(part.clone()).unwrap_or_default();
    // A word that begins in this part may end in the next one.
    let reach = part.end.saturating_add(OBJECT_STREAM.len() - 1);
    let reach = file.get(start..reach.min(file.len())).unwrap_or_default();
    let plain = memmem::find_iter(reach, OBJECT_STREAM);
    let spelled = memchr_iter(b'#', signs).filter(|at| is_spelled(file, start + at));
    let found = plain.chain(spelled).map(|at| start + at);
    names.extend(found.take((MOST_NAMES + 1).saturating_sub(names.len())));
}

/// Whether this number sign is the first one in a name that says `ObjStm`.
fn is_spelled(file: &[u8], at: usize) -> bool {
    let before = file.get(..at).unwrap_or_default();
    // Most number signs are noise: the sign before tells.
    if !matches!(before.last(), Some(b'/' | b'O' | b'b' | b'j' | b'S' | b't')) {
        return false;
    }
    let mut near = before.iter().rev().take(OBJECT_STREAM.len());
    let Some(letters) = near.position(|byte| matches!(byte, b'/' | b'#')) else {
        return false;
    };
    let start = at - 1 - letters;
    file.get(start) == Some(&b'/')
        && Lexer::new(file, start, &Limits::DEFAULT)
            .value()
            .is_ok_and(|node| node.name() == Some(OBJECT_STREAM))
}

/// How many times over a reader may go through the file while it looks for objects.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// In a file that is to be stamped.
    Source = 8,
    /// In a stamped one, whose source was looked at with less: the stamp's own drawing and signature are searched too.
    Stamped = 16,
}

/// More than a stamp adds, in bytes. Whatever is left open in a file is looked for in what comes after it as well.
const STAMP_BYTES: usize = 16 * 1024;

/// Refuses a file in which looking for objects means to read the same text over and over. Readers that look take
/// nearly anything for a value, so this goes by brackets only.
///
/// A file counts as if a stamp stood behind it in which nothing is closed: none that passes as a source fails stamped.
fn check_search(file: &[u8], patience: Patience) -> Result<(), Refusal> {
    let whole = file.len().saturating_add(STAMP_BYTES);
    let mut left = whole.saturating_mul(patience as usize);
    let mut at = 0;
    while let Some(rest) = file.get(at..).filter(|rest| !rest.is_empty()) {
        let (start, is_dict) = match rest {
            [b'<', b'<', ..] => (at, true),
            [b'o', b'b', b'j', ..] => {
                let spaces = rest
                    .iter()
                    .skip(3)
                    .take_while(|byte| byte.is_ascii_whitespace());
                (at + 3 + spaces.count(), false)
            }
            _ => {
                at += 1;
                continue;
            }
        };
        let end = skim(file, start);
        let cost = match end {
            Ok(end) => end,
            Err(end) if end < file.len() => end,
            Err(_) => whole,
        } - start;
        left = left.checked_sub(cost).ok_or(Refusal::TooComplex)?;
        at = match end {
            Ok(end) if is_dict => end,
            _ => start.max(at + 2),
        };
    }
    Ok(())
}

/// Where the brackets that open here are closed, or where it shows that they are not.
fn skim(file: &[u8], start: usize) -> Result<usize, usize> {
    const DEEPEST: usize = 512;
    let mut open: Vec<u8> = Vec::new();
    let mut at = start;
    loop {
        let rest = file.get(at..).unwrap_or_default();
        let in_string = open.last() == Some(&b')');
        let step = match rest {
            [] => return Err(file.len()),
            [b'\\', _, ..] if in_string => 2,
            [b')', ..] if in_string => {
                open.pop();
                1
            }
            [b'(', ..] => {
                open.push(b')');
                1
            }
            _ if in_string => 1,
            [b'<', b'<', ..] => {
                open.push(b'>');
                2
            }
            [b'>', b'>', ..] if open.last() == Some(&b'>') => {
                open.pop();
                2
            }
            [b'[', ..] => {
                open.push(b']');
                1
            }
            [b']', ..] if open.last() == Some(&b']') => {
                open.pop();
                1
            }
            [b'<', rest @ ..] => 2 + memchr(b'>', rest).ok_or(file.len())?,
            [b'>' | b']' | b')', ..] => return Err(at),
            [b'%', rest @ ..] => {
                1 + rest
                    .iter()
                    .take_while(|byte| **byte != b'\n' && **byte != b'\r')
                    .count()
            }
            _ => 1,
        };
        at += step;
        if open.is_empty() {
            return Ok(at);
        }
        // A string nests as deep as it likes.
        if open.len() > DEEPEST && !in_string {
            return Err(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_once_however_it_is_spelled() {
        let file =
            b"/ObjStm /Obj#53tm /#4f#62#6a#53#74#6D /Obj#53tmX /Object#53tm #4fbjStm /#4fb#6aStm";
        for cut in 0..file.len() {
            let mut names = Vec::new();
            note_object_stream_names(file, 0..cut, &mut names);
            note_object_stream_names(file, cut..file.len(), &mut names);
            names.sort_unstable();
            assert_eq!(names, [1, 12, 19, 72], "{cut}");
        }
    }

    #[test]
    fn a_file_that_names_nothing_else_is_not_counted_out() {
        let file = OBJECT_STREAM.repeat(2 * MOST_NAMES);
        let names = Source::from(file).names().len();
        assert_eq!(names, MOST_NAMES + 1);
    }

    /// One object stream that the cross-reference names, and this after it.
    fn shown(extra: &str) -> (Source, Arc<Vec<u8>>) {
        let mut file = String::from("%PDF-1.7\n");
        let holder = file.len();
        file += "2 0 obj\n<</Type/ObjStm/N 1/First 4/Length 14>>\nstream\n1 0 <</Pages 3>>\nendstream\nendobj\n";
        file += extra;
        let start = file.len();
        file += "3 0 obj\n<</Type/XRef/Size 4/Root 1 0 R/Index[1 3]/W[1 2 1]/Length 12>>\nstream\n";
        let offset = |at: usize| u8::try_from(at).unwrap();
        let rows = [2, 0, 2, 0, 1, 0, offset(holder), 0, 1, 0, offset(start), 0];
        let mut file = file.into_bytes();
        file.extend(rows);
        file.extend(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").bytes());
        let source = Source::from(file);
        let document = Document::open(&source, &crate::Opening::default()).unwrap();
        document.weigh_object_streams().unwrap();
        let shown = document.shown(&source, Patience::Source).unwrap();
        drop(document);
        (source, shown)
    }

    #[test]
    fn a_stream_that_was_not_weighed_is_none_to_the_other_reader() {
        let (source, all) = shown("");
        assert!(Arc::ptr_eq(source.shared(), &all));
        for name in ["ObjStm", "#4fbjStm"] {
            let extra =
                format!("4 0 obj<</Type/{name}/N 1/First 4/Length 1>>stream\nx\nendstream\n");
            let (source, less) = shown(&extra);
            let changed = source
                .iter()
                .zip(less.iter())
                .filter(|(old, new)| old != new);
            assert_eq!((source.len(), changed.count()), (less.len(), 1), "{name}");
            assert!(
                memmem::find(&less, b">>strea-\nx\nendstream").is_some(),
                "{name}"
            );
        }
    }

    #[test]
    fn text_that_must_be_read_over_and_over_is_refused() {
        for piece in [
            "<< ",
            "1 0 obj << /A ",
            "<</A(",
            "1 0 obj [ ",
            "1 0 obj (",
            "<<(endobj ",
        ] {
            let file = piece.repeat(100_000);
            let verdict = check_search(file.as_bytes(), Patience::Stamped);
            assert_eq!(verdict, Err(Refusal::TooComplex), "{piece}");
        }
        let sound = "1 0 obj << /A [ << >> (b) ] >> endobj\n".repeat(10_000);
        let noise: String = (0..400_000_u32)
            .map(|n| char::from(32 + (n.wrapping_mul(2_654_435_761) >> 24) as u8 % 95))
            .collect();
        assert_eq!(check_search(noise.as_bytes(), Patience::Source), Ok(()));
        assert_eq!(check_search(sound.as_bytes(), Patience::Source), Ok(()));
    }
}
