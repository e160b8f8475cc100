//! The stamp's place among the tags of a tagged document (ISO 32000-2, 14.7), so that a screen reader meets it.
//!
//! Only where it can be spliced in surely: a parent tree of one small node, and no earlier signature, which a changed
//! structure would put in doubt. Elsewhere the stamp's alternate text has to do, and no tag is touched.

use crate::Refusal;
use crate::file::{Document, Object, count_strings};
use crate::revision::Revision;
use crate::syntax::{Edit, Id, Node, append_to_array, edit_dict};

/// Largest object of the structure that a stamp writes anew, in bytes.
const MOST_BYTES: usize = 4 * 1024;
/// What the new element and its entries take, in bytes.
const OWN_BYTES: usize = 256;

/// Where the stamp's element goes.
#[derive(Debug)]
pub(crate) struct Structure {
    root: Object,
    /// The element or the root that gets one more kid.
    parent: Object,
    /// The parent's list of kids, when it is an object of its own.
    kids: Option<Object>,
    /// What holds the parent tree's list: the list itself, or the node around it.
    tree: Object,
    /// The widget's key in the parent tree.
    pub(crate) key: i64,
}

impl Structure {
    /// Finds the place; nothing when the document is not tagged or its structure is not one to splice into. `taken`
    /// are objects that the stamp writes anew for other reasons.
    pub(crate) fn find(
        document: &Document<'_>,
        catalog: &Node,
        taken: &[Option<Id>],
    ) -> Result<Option<Self>, Refusal> {
        let marks = document.lookup(catalog, b"MarkInfo")?;
        if !marks.is_some_and(|marks| marks.get(b"Marked").is_some_and(Node::is_true)) {
            return Ok(None);
        }
        let Some(root) = follow(document, catalog, b"StructTreeRoot")? else {
            return Ok(None);
        };
        let Some(node) = follow(document, &root.node, b"ParentTree")? else {
            return Ok(None);
        };
        let tree = match node.node.get(b"Nums") {
            Some(list) if list.items().is_some() => node,
            _ => match follow(document, &node.node, b"Nums")? {
                Some(list) => list,
                None => return Ok(None),
            },
        };
        let next = root.node.get(b"ParentTreeNextKey").and_then(Node::int);
        let Some(key) = numbers(&tree).and_then(|list| free_key(list, next)) else {
            return Ok(None);
        };
        let parent = document_element(document, &root)?.unwrap_or_else(|| root.clone());
        let kids = follow(document, &parent.node, b"K")?.filter(|kids| kids.node.items().is_some());
        let found = Self {
            root,
            parent,
            kids,
            tree,
            key,
        };
        Ok(found.is_sure(taken).then_some(found))
    }

    fn objects(&self) -> impl Iterator<Item = &Object> {
        let apart = (self.parent.id != self.root.id).then_some(&self.parent);
        [&self.root, &self.tree]
            .into_iter()
            .chain(apart)
            .chain(&self.kids)
    }

    /// Each object is small, and none is written anew for two reasons.
    fn is_sure(&self, taken: &[Option<Id>]) -> bool {
        let mut ids: Vec<Id> = self.objects().map(|object| object.id).collect();
        ids.extend(taken.iter().flatten());
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        let known = taken
            .iter()
            .flatten()
            .collect::<std::collections::BTreeSet<_>>();
        let repeated = taken.iter().flatten().count() - known.len();
        ids.len() + repeated == count
            && self
                .objects()
                .all(|object| object.node.span.len() <= MOST_BYTES)
    }

    /// At most how many bytes it adds.
    pub(crate) fn bytes(&self) -> usize {
        let old: usize = self
            .objects()
            .map(|object| object.node.span.len() + 64)
            .sum();
        old + OWN_BYTES
    }

    /// How many strings are in what it writes anew.
    pub(crate) fn strings(&self) -> usize {
        let strings = self.objects().map(|object| count_strings(&object.node));
        strings.sum()
    }

    /// Writes the element that leads to the widget.
    pub(crate) fn write(
        &self,
        document: &Document<'_>,
        revision: &mut Revision<'_, '_>,
        page: Id,
        widget: Id,
    ) {
        let element = revision.reserve();
        let (parent, item) = (self.parent.id, format!("{} 0 R", element.number));
        let page = format!("{} {} R", page.number, page.generation);
        let text = format!(
            "<</Type/StructElem/S/Form/P {} {} R/Pg {page}/K<</Type/OBJR/Obj {} 0 R/Pg {page}>>>>",
            parent.number, parent.generation, widget.number
        );
        revision.put(element, text.into_bytes());
        let edit = |key, text: Vec<u8>| Edit { key, text };
        let next = edit("ParentTreeNextKey", (self.key + 1).to_string().into_bytes());
        let entry = format!("{} {item}", self.key);
        if self.tree.node.is_dict() {
            let list = self.tree.node.get(b"Nums");
            let list = list.map(|list| append_to_array(self.tree.buffer(document), list, &entry));
            put(
                document,
                revision,
                &self.tree,
                &[edit("Nums", list.unwrap_or_default())],
            );
        } else {
            let list = append_to_array(self.tree.buffer(document), &self.tree.node, &entry);
            revision.put(self.tree.id, list);
        }
        let mut edits = Vec::new();
        if let Some(kids) = &self.kids {
            let list = append_to_array(kids.buffer(document), &kids.node, &item);
            revision.put(kids.id, list);
        } else {
            let buffer = self.parent.buffer(document);
            let list = match self.parent.node.get(b"K") {
                None => format!("[{item}]").into_bytes(),
                Some(list) if list.items().is_some() => append_to_array(buffer, list, &item),
                Some(one) => {
                    let one = buffer.get(one.span.clone()).unwrap_or_default();
                    [b"[", one, b" ", item.as_bytes(), b"]"].concat()
                }
            };
            edits.push(edit("K", list));
        }
        if self.parent.id == self.root.id {
            edits.push(next);
            put(document, revision, &self.root, &edits);
        } else {
            put(document, revision, &self.root, &[next]);
            if !edits.is_empty() {
                put(document, revision, &self.parent, &edits);
            }
        }
    }
}

fn put(document: &Document<'_>, revision: &mut Revision<'_, '_>, old: &Object, edits: &[Edit<'_>]) {
    revision.put(old.id, edit_dict(old.buffer(document), &old.node, edits));
}

/// The object that a key refers to.
fn follow(document: &Document<'_>, dict: &Node, key: &[u8]) -> Result<Option<Object>, Refusal> {
    let id = dict.get(key).and_then(Node::reference);
    id.map_or(Ok(None), |id| document.object(id))
}

fn numbers(tree: &Object) -> Option<&[Node]> {
    tree.node
        .items()
        .or_else(|| tree.node.get(b"Nums")?.items())
}

/// A key above all others; nothing when the list is not what it should be.
fn free_key(list: &[Node], next: Option<i64>) -> Option<i64> {
    let mut last = -1;
    for pair in list.chunks(2) {
        let [key, _] = pair else { return None };
        let key = key.int().filter(|key| *key > last)?;
        last = key;
    }
    last.checked_add(1)
        .map(|free| free.max(next.unwrap_or(0)))
        .filter(|key| *key < i64::from(i32::MAX))
}

/// The one element under the root, when it stands for the whole document (as PDF 2.0 wants).
fn document_element(document: &Document<'_>, root: &Object) -> Result<Option<Object>, Refusal> {
    let list = document.lookup(&root.node, b"K")?;
    let kid = match (root.node.get(b"K"), list.as_ref().and_then(Node::items)) {
        (_, Some([one])) => one.reference(),
        (Some(one), None) => one.reference(),
        _ => None,
    };
    let element = kid.map_or(Ok(None), |id| document.object(id))?;
    let is_whole = |node: &Node| node.get(b"S").and_then(Node::name) == Some(b"Document");
    Ok(element.filter(|element| is_whole(&element.node)))
}
