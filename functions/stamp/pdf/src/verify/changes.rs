//! Whether what was added to a document can be told harmless: signatures of others, and what serves to check them.
//!
//! Judged by objects, not by looks: nothing that was there may read otherwise, and what is new may hang only where a
//! signature hangs. In doubt the answer is no.

use super::same::{same, set_of_keys};
use crate::file::{Document, Object};
use crate::syntax::{Id, Node, Value};
use crate::{Opening, Refusal};
use std::collections::HashSet;

/// Keys of the catalog that may change freely: validation data (PAdES, 5.4.2), metadata, and what of the format is used.
const FREE_IN_CATALOG: [&[u8]; 4] = [b"DSS", b"Extensions", b"Metadata", b"Version"];
/// Keys that an empty signature field gets when it is signed.
const FREE_IN_FIELD: [&[u8]; 3] = [b"V", b"AP", b"M"];
/// Keys of a new field that could do more than show it.
const ACTIONS: [&[u8]; 3] = [b"A", b"AA", b"Kids"];

/// Whether the file of the first `before` bytes and that of the first `after` bytes differ in nothing but signatures
/// of others and what serves to check them. Only those whose dictionaries are named `intact` count: what anybody can
/// write is no signature, however it looks.
pub(super) fn only_signatures(
    file: &[u8],
    before: usize,
    after: usize,
    intact: &HashSet<Id>,
    opening: &Opening,
) -> bool {
    let (Some(old), Some(new)) = (file.get(..before), file.get(..after)) else {
        return false;
    };
    Change::judge(old, new, intact, opening).is_ok_and(|harmless| harmless)
}

struct Change<'a> {
    old: Document<'a>,
    new: Document<'a>,
    intact: &'a HashSet<Id>,
    /// Numbers that stand elsewhere than before.
    moved: HashSet<u32>,
    /// Those of them that were nothing before.
    fresh: HashSet<u32>,
    /// Those that were there before and may change, each looked at.
    cleared: HashSet<u32>,
    /// Those that may read otherwise altogether, as long as nothing else names them.
    unchecked: HashSet<u32>,
    /// New signature fields.
    fields: HashSet<Id>,
}

impl<'a> Change<'a> {
    fn judge(
        old: &'a [u8],
        new: &'a [u8],
        intact: &'a HashSet<Id>,
        opening: &Opening,
    ) -> Result<bool, Refusal> {
        let added = new.get(old.len()..).unwrap_or_default();
        // Readers differ on whether they look at a table's companion.
        if added.windows(7).any(|word| word == b"XRefStm") {
            return Ok(false);
        }
        let (old, new) = (Document::open(old, opening)?, Document::open(new, opening)?);
        let moved: HashSet<u32> = new
            .xref
            .entries
            .all()
            .into_iter()
            .filter(|(number, place)| old.xref.entries.get(*number) != Some(*place))
            .map(|(number, _)| number)
            .collect();
        let mut fresh = HashSet::new();
        for number in moved.iter().copied() {
            if !exists(&old, number)? {
                fresh.insert(number);
            }
        }
        let mut change = Self {
            old,
            new,
            intact,
            moved,
            fresh,
            cleared: HashSet::new(),
            unchecked: HashSet::new(),
            fields: HashSet::new(),
        };
        // Bytes that no section names would be read by nobody, or by a guessing reader only.
        let appended = change
            .new
            .xref
            .newest
            .is_some_and(|newest| newest > change.old.file.len());
        Ok(appended && change.catalog()? && change.pages()? && change.rest()?)
    }

    fn catalog(&mut self) -> Result<bool, Refusal> {
        let (old, new) = (self.old.catalog()?, self.new.catalog()?);
        if old.id != new.id {
            return Ok(false);
        }
        self.cleared.insert(new.id.number);
        let apart = [
            old.node.get(b"Metadata"),
            self.old.xref.trailer.get(b"Info"),
        ];
        let apart = apart.into_iter().flatten().filter_map(Node::reference);
        let apart = apart.filter(|id| self.moved.contains(&id.number));
        self.unchecked = apart.map(|id| id.number).collect();
        let free = [&FREE_IN_CATALOG[..], &[b"AcroForm"]].concat();
        Ok(equal_but(&old.node, &new.node, &free) && self.form(&old, &new)?)
    }

    fn form(&mut self, old: &Object, new: &Object) -> Result<bool, Refusal> {
        self.clear_shared(&old.node, &new.node, b"AcroForm");
        let before = self.old.lookup(&old.node, b"AcroForm")?;
        let Some(after) = self.new.lookup(&new.node, b"AcroForm")? else {
            return Ok(before.is_none());
        };
        let empty = Node {
            value: Value::Dict(Vec::new()),
            span: 0..0,
        };
        let before = before.unwrap_or(empty);
        let shown_anew = self
            .new
            .lookup(&after, b"NeedAppearances")?
            .is_some_and(|flag| flag.is_true());
        if shown_anew
            || !equal_but(
                &before,
                &after,
                &[b"Fields", b"SigFlags", b"NeedAppearances"],
            )
        {
            return Ok(false);
        }
        let Some(items) = self.appended(&before, &after, b"Fields")? else {
            return Ok(false);
        };
        for field in items {
            if !self.is_new_signature(field)? {
                return Ok(false);
            }
            self.fields.insert(field);
        }
        self.signed_fields(&before)
    }

    /// A field that was there may be signed now, if it was an empty signature field.
    fn signed_fields(&mut self, form: &Node) -> Result<bool, Refusal> {
        let fields = self.old.lookup(form, b"Fields")?;
        for id in fields
            .as_ref()
            .and_then(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::reference)
        {
            if !self.moved.contains(&id.number) {
                continue;
            }
            let (Some(old), Some(new)) = (self.old.object(id)?, self.new.object(id)?) else {
                return Ok(false);
            };
            let was_empty = is_signature(&old.node) && old.node.get(b"V").is_none();
            let free = equal_but(&old.node, &new.node, &FREE_IN_FIELD);
            if !was_empty || !free || !self.is_signed(&new.node) {
                return Ok(false);
            }
            self.cleared.insert(id.number);
        }
        Ok(true)
    }

    fn is_new_signature(&self, id: Id) -> Result<bool, Refusal> {
        let Some(object) = self.new.object(id)? else {
            return Ok(false);
        };
        let node = &object.node;
        Ok(self.fresh.contains(&id.number)
            && is_signature(node)
            && self.is_signed(node)
            && set_of_keys(node).is_some()
            && ACTIONS.iter().all(|key| node.get(key).is_none()))
    }

    fn is_signed(&self, field: &Node) -> bool {
        let value = field.get(b"V").and_then(Node::reference);
        value.is_some_and(|value| self.intact.contains(&value))
    }

    /// Pages may get annotations: the widgets of the new fields.
    fn pages(&mut self) -> Result<bool, Refusal> {
        let moved: Vec<u32> = self.moved.iter().copied().collect();
        for number in moved {
            if self.fresh.contains(&number) || self.cleared.contains(&number) {
                continue;
            }
            let Some((old, new)) = self.versions(number)? else {
                return Ok(false);
            };
            if old.get(b"Type").and_then(Node::name) != Some(b"Page") {
                continue;
            }
            if !equal_but(&old, &new, &[b"Annots"]) || !self.annotations(&old, &new)? {
                return Ok(false);
            }
            self.cleared.insert(number);
        }
        // A page that stayed in place may name a list that did not.
        let pages = crate::file::Pages::read(&self.old, &self.old.catalog()?)?;
        let lists: Vec<Id> = pages.annots_users.into_keys().collect();
        for id in lists {
            if self.moved.contains(&id.number) && !self.cleared.contains(&id.number) {
                let (Some(old), Some(new)) = (self.old.object(id)?, self.new.object(id)?) else {
                    return Ok(false);
                };
                let Some(items) = beyond(&old.node, &new.node) else {
                    return Ok(false);
                };
                if !items.iter().all(|item| self.fields.contains(item)) {
                    return Ok(false);
                }
                self.cleared.insert(id.number);
            }
        }
        Ok(true)
    }

    fn annotations(&mut self, old: &Node, new: &Node) -> Result<bool, Refusal> {
        let items = self.appended(old, new, b"Annots")?;
        Ok(items.is_some_and(|items| items.iter().all(|item| self.fields.contains(item))))
    }

    /// Clears the object that both versions name under a key: its two versions are compared by the caller.
    fn clear_shared(&mut self, old: &Node, new: &Node, key: &[u8]) {
        let [old, new] = [old, new].map(|dict| dict.get(key).and_then(Node::reference));
        if old == new {
            self.cleared.extend(new.map(|id| id.number));
        }
    }

    /// What a list has got at its end; nothing when it changed otherwise.
    fn appended(&mut self, old: &Node, new: &Node, key: &[u8]) -> Result<Option<Vec<Id>>, Refusal> {
        self.clear_shared(old, new, key);
        let none = Node {
            value: Value::Array(Vec::new()),
            span: 0..0,
        };
        let old = self.old.lookup(old, key)?.unwrap_or_else(|| none.clone());
        let new = self.new.lookup(new, key)?.unwrap_or(none);
        Ok(beyond(&old, &new))
    }

    /// Nothing else moved, and nothing that was there names what may now read otherwise: a number that was nothing,
    /// or one that was not looked at.
    fn rest(&self) -> Result<bool, Refusal> {
        let known = |number: &u32| {
            self.fresh.contains(number)
                || self.cleared.contains(number)
                || self.unchecked.contains(number)
        };
        let catalog = self.old.catalog()?;
        if !self.moved.iter().all(known) || self.unchecked.contains(&catalog.id.number) {
            return Ok(false);
        }
        for number in self.old.xref.entries.all().into_keys() {
            let Some(object) = self.old.numbered(number)? else {
                continue;
            };
            let is_catalog = number == catalog.id.number;
            let names =
                |node: &Node| names_any(node, &self.fresh) || names_any(node, &self.unchecked);
            let found = if is_catalog {
                let mut entries = object.node.entries().iter();
                entries.any(|entry| entry.key != b"Metadata" && names(&entry.node))
            } else {
                names(&object.node)
            };
            if found {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn versions(&self, number: u32) -> Result<Option<(Node, Node)>, Refusal> {
        let old = self.old.numbered(number)?.map(|object| object.node);
        let new = self.new.numbered(number)?.map(|object| object.node);
        Ok(old.zip(new))
    }
}

fn exists(document: &Document<'_>, number: u32) -> Result<bool, Refusal> {
    Ok(document.numbered(number)?.is_some())
}

fn is_signature(field: &Node) -> bool {
    field.get(b"FT").and_then(Node::name) == Some(b"Sig")
}

/// Whether two dictionaries agree in all keys but these, and the second one names no key twice.
fn equal_but(old: &Node, new: &Node, free: &[&[u8]]) -> bool {
    let (Some(before), Some(after)) = (set_of_keys(old), set_of_keys(new)) else {
        return false;
    };
    before
        .union(&after)
        .filter(|key| !free.contains(*key))
        .all(|key| match (old.get(key), new.get(key)) {
            (Some(old), Some(new)) => same(&old.value, &new.value),
            (None, None) => true,
            _ => false,
        })
}

/// The references that the second list has beyond the first one, which it must begin with.
fn beyond(old: &Node, new: &Node) -> Option<Vec<Id>> {
    let (old, new) = (old.items()?, new.items()?);
    let (kept, added) = new.split_at_checked(old.len())?;
    let unchanged = kept
        .iter()
        .zip(old)
        .all(|(new, old)| same(&new.value, &old.value));
    if !unchanged {
        return None;
    }
    added.iter().map(Node::reference).collect()
}

fn names_any(node: &Node, numbers: &HashSet<u32>) -> bool {
    match &node.value {
        Value::Ref(id) => numbers.contains(&id.number),
        Value::Array(items) => items.iter().any(|item| names_any(item, numbers)),
        Value::Dict(entries) => entries.iter().any(|entry| names_any(&entry.node, numbers)),
        _ => false,
    }
}
