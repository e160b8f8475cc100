//! Values as read, each with its span in the buffer it came from.

use std::ops::Range;

/// An object number and generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id {
    pub(crate) number: u32,
    pub(crate) generation: u16,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) span: Range<usize>,
}

/// One key of a dictionary.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u8>,
    pub(crate) node: Node,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    Str(Vec<u8>),
    Name(Vec<u8>),
    Array(Vec<Node>),
    Dict(Vec<Entry>),
    Ref(Id),
}

impl Node {
    /// The value of a key, or nothing when this is no dictionary. The last of repeated keys wins.
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Node> {
        let found = self.entries().iter().rev().find(|entry| entry.key == key)?;
        (!matches!(found.node.value, Value::Null)).then_some(&found.node)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Dict(entries) => entries,
            _ => &[],
        }
    }

    /// Whether a key is written twice.
    pub(crate) fn has_twins(&self) -> bool {
        let mut keys: Vec<&[u8]> = self
            .entries()
            .iter()
            .map(|entry| entry.key.as_slice())
            .collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair.first() == pair.last())
    }

    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn is_dict(&self) -> bool {
        matches!(self.value, Value::Dict(_))
    }

    pub(crate) fn reference(&self) -> Option<Id> {
        match self.value {
            Value::Ref(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn int(&self) -> Option<i64> {
        match self.value {
            Value::Int(int) => Some(int),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            #[expect(
                clippy::cast_precision_loss,
                reason = "page lengths are far below 2^52"
            )]
            Value::Int(int) => Some(int as f64),
            Value::Real(real) => Some(real),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_true(&self) -> bool {
        matches!(self.value, Value::Bool(true))
    }
}

/// Whether this is a signature's dictionary, whose contents no encryption touches (ISO 32000-2, 7.6.2).
pub(crate) fn is_signature(node: &Node) -> bool {
    node.get(b"ByteRange").is_some() && node.get(b"Contents").is_some()
}
