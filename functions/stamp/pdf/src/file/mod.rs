//! Reading a file lazily: cross-reference, and only those objects that the stamp touches.
//!
//! Invariant: a cross-reference is read as written, or else made anew as a whole; it is never patched. A new one is a
//! guess, so it counts only when another reader's guess shows the same pages, and the revision that is appended
//! then carries all of it: no reader needs to guess again.

mod cipher;
mod document;
mod entries;
mod exposure;
mod inflate;
mod object_stream;
mod pages;
mod rebuild;
mod stream;
mod table;
mod xref;
mod xref_stream;

pub(crate) use cipher::{MOST_STRING_GROWTH_BYTES, count_strings, dictionary_text};
pub(crate) use document::{Document, Object};
pub(crate) use exposure::{Patience, note_object_stream_names};
pub(crate) use inflate::deflate;
pub(crate) use pages::{PageNode, Pages};
pub(crate) use xref::{Form, Place};
