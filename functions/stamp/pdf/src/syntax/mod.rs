//! PDF syntax: values with the place they were read from, and edits that keep every other byte.

mod lexer;
mod splice;
mod value;

pub(crate) use lexer::{Lexer, hex_digit};
pub(crate) use splice::{Edit, append_to_array, edit_dict};
pub(crate) use value::{Entry, Id, Node, Value, is_signature};
