//! When two values read alike.

use crate::syntax::{Node, Value};
use std::collections::BTreeSet;

/// Whether two values say the same, wherever they stand.
pub(super) fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(old), Value::Bool(new)) => old == new,
        (Value::Int(old), Value::Int(new)) => old == new,
        (Value::Real(old), Value::Real(new)) => old.to_bits() == new.to_bits(),
        (Value::Str(old), Value::Str(new)) | (Value::Name(old), Value::Name(new)) => old == new,
        (Value::Ref(old), Value::Ref(new)) => old == new,
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| same(&old.value, &new.value))
        }
        (Value::Dict(old), Value::Dict(new)) => {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| old.key == new.key && same(&old.node.value, &new.node.value))
        }
        _ => false,
    }
}

/// The keys of a dictionary; nothing when it is none, or names a key twice: readers differ on which one counts.
pub(super) fn set_of_keys(node: &Node) -> Option<BTreeSet<&[u8]>> {
    if !node.is_dict() {
        return None;
    }
    let keys: BTreeSet<&[u8]> = node
        .entries()
        .iter()
        .map(|entry| entry.key.as_slice())
        .collect();
    (keys.len() == node.entries().len()).then_some(keys)
}
