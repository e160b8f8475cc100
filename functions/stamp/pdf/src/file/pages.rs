//! The page tree, walked whole: every page is counted, and attributes are inherited on the way.

use super::{Document, Object};
use crate::Refusal;
use crate::syntax::{Id, Node};
use std::collections::{HashMap, HashSet};

/// Attributes a page may inherit (ISO 32000-2, table 31), as written; references not yet followed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inherited {
    pub(crate) media_box: Option<Node>,
    pub(crate) crop_box: Option<Node>,
    pub(crate) rotate: Option<Node>,
}

impl Inherited {
    fn with(&self, dict: &Node) -> Self {
        let own =
            |key: &[u8], above: &Option<Node>| dict.get(key).cloned().or_else(|| above.clone());
        Self {
            media_box: own(b"MediaBox", &self.media_box),
            crop_box: own(b"CropBox", &self.crop_box),
            rotate: own(b"Rotate", &self.rotate),
        }
    }
}

/// A leaf of the tree.
#[derive(Debug, Clone)]
pub(crate) struct PageNode {
    /// Nothing for a page written inside its parent's Kids; such a page cannot be updated.
    pub(crate) id: Option<Id>,
    pub(crate) inherited: Inherited,
}

/// All pages in order.
pub(crate) struct Pages {
    pub(crate) list: Vec<PageNode>,
    /// How many pages name each indirect Annots array.
    pub(crate) annots_users: HashMap<Id, usize>,
}

impl Pages {
    pub(crate) fn read(document: &Document<'_>, catalog: &Object) -> Result<Self, Refusal> {
        let root = catalog.node.get(b"Pages").ok_or(Refusal::NoPage)?;
        // Readers take a single page here for a tree or not, as it happens.
        let tree = document.resolve(root)?;
        let kind = tree.as_ref().and_then(|tree| tree.get(b"Type")?.name());
        if kind == Some(b"Page") {
            return Err(Refusal::broken("page tree is a page"));
        }
        let mut pages = Self {
            list: Vec::new(),
            annots_users: HashMap::new(),
        };
        let mut seen = HashSet::new();
        pages.walk(
            document,
            root,
            &Inherited::default(),
            &mut seen,
            document.limits.depth,
        )?;
        if pages.list.is_empty() {
            return Err(Refusal::NoPage);
        }
        Ok(pages)
    }

    fn walk(
        &mut self,
        document: &Document<'_>,
        node: &Node,
        above: &Inherited,
        seen: &mut HashSet<Id>,
        depth_left: usize,
    ) -> Result<(), Refusal> {
        let depth_left = depth_left.checked_sub(1).ok_or(Refusal::TooComplex)?;
        let id = node.reference();
        if id.is_some_and(|id| !seen.insert(id)) {
            return Ok(());
        }
        let Some(dict) = document.resolve(node)?.filter(Node::is_dict) else {
            return Ok(());
        };
        let inherited = above.with(&dict);
        let kind = dict.get(b"Type").and_then(Node::name);
        if kind == Some(b"Pages") || (kind.is_none() && dict.get(b"Kids").is_some()) {
            let kids = document.lookup(&dict, b"Kids")?;
            for kid in kids.as_ref().and_then(Node::items).unwrap_or_default() {
                self.walk(document, kid, &inherited, seen, depth_left)?;
            }
            return Ok(());
        }
        if self.list.len() >= document.limits.pages {
            return Err(Refusal::TooManyPages {
                limit: document.limits.pages,
            });
        }
        let annots = dict.get(b"Annots");
        if let Some(id) = annots.and_then(Node::reference) {
            *self.annots_users.entry(id).or_default() += 1;
        }
        let annots = annots.and_then(Node::items).unwrap_or_default();
        let named = annots.iter().filter_map(Node::reference);
        named.for_each(|id| document.note(id));
        self.list.push(PageNode { id, inherited });
        Ok(())
    }
}
