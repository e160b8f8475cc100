//! Reading a file lazily: cross-reference, and only those objects that the stamp touches.
//!
//! Invariant: nothing is guessed. A cross-reference that cannot be read as written is refused, never rebuilt:
//! a rebuilt one may show other pages to us than to the next reader.

mod document;
mod inflate;
mod object_stream;
mod pages;
mod xref;
mod xref_stream;

pub(crate) use document::{Document, Object};
pub(crate) use inflate::deflate;
pub(crate) use pages::{PageNode, Pages};
pub(crate) use xref::Form;
