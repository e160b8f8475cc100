//! What a stamp will change, found out before anything is changed.

use crate::file::{Document, MOST_STRING_GROWTH_BYTES, Object, Pages, Patience, count_strings};
use crate::form::{FormWords, forbids_changes, signatures};
use crate::place::{self, Place};
use crate::placement::{Placement, Rect, Sheet};
use crate::section::MOST_ROW_BYTES;
use crate::structure::Structure;
use crate::syntax::Node;
use crate::{Opening, Refusal, Source, second_reader};

/// How many strings a stamp writes, at most; each is short.
const OUR_STRINGS: usize = 16;

/// An annotation besides the widget, with its row in the cross-reference, takes no more.
const PICTURE_BYTES: usize = 400;

/// A document that can be stamped, and where.
pub(crate) struct Plan<'a> {
    pub(crate) document: Document<'a>,
    pub(crate) catalog: Object,
    pub(crate) page: Object,
    /// Counted from 0.
    pub(crate) page_index: usize,
    pub(crate) pages: Pages,
    /// The page's Annots array is named by other pages too.
    pub(crate) annots_shared: bool,
    pub(crate) sheet: Sheet,
    /// As shown, in points.
    pub(crate) shown: Rect,
    /// It was asked for, or nothing was seen there.
    pub(crate) free: bool,
    /// Nothing said where there is no form.
    pub(crate) form: FormWords,
    /// The form asks viewers to draw its fields. Told not to, they would show others than before, or none; asked to,
    /// some hide the stamp's. So the form goes on asking, and the stamp is also shown by an annotation that is no
    /// field. Not in a document that is signed: to those who signed, such an annotation is a change.
    pub(crate) drawn_by_viewers: bool,
    /// Serials of the stamps already there.
    pub(crate) serials: Vec<String>,
    /// Where the stamp is tagged, in a document that is.
    pub(crate) structure: Option<Structure>,
}

impl<'a> Plan<'a> {
    pub(crate) fn make(
        source: &'a Source,
        placement: &Placement,
        opening: &Opening,
    ) -> Result<Self, Refusal> {
        let strict = Document::open(source, opening);
        let strict = strict.and_then(|document| Self::of(document, source, placement));
        match strict {
            Err(Refusal::DamagedXref) => {
                let document = Document::rebuild(source, opening)?;
                Self::of(document, source, placement)
            }
            verdict => verdict,
        }
    }

    fn of(document: Document<'a>, source: &Source, placement: &Placement) -> Result<Self, Refusal> {
        let catalog = document.catalog()?;
        if catalog
            .node
            .get(b"NeedsRendering")
            .is_some_and(|flag| flag.is_true())
        {
            return Err(Refusal::DynamicXfa);
        }
        let signatures = signatures(&document, &catalog)?;
        if forbids_changes(&document, &catalog, &signatures)? {
            return Err(Refusal::Certified);
        }
        let serials = signatures
            .iter()
            .filter_map(|signature| Some(signature.note()?.serial))
            .collect();
        let pages = Pages::read(&document, &catalog)?;
        // What was made anew is only a proposal.
        if document.xref.is_rebuilt() {
            let same = seen_alike(&document, source, &pages)?;
            if !same || !document.is_whole(&catalog, &pages)? {
                return Err(Refusal::DamagedXref);
            }
        }
        let Place {
            page,
            page_index,
            sheet,
            shown,
            free,
        } = place::find(&document, &pages, placement)?;
        let annots = page
            .node
            .get(b"Annots")
            .and_then(|annots| annots.reference());
        let annots_shared = annots
            .and_then(|id| pages.annots_users.get(&id))
            .is_some_and(|users| *users > 1);
        let structure = if signatures.is_empty() {
            let mut taken = vec![Some(page.id), Some(catalog.id), annots];
            let form = document.lookup(&catalog.node, b"AcroForm")?;
            let fields = form.as_ref().and_then(|form| form.get(b"Fields"));
            taken.extend([catalog.node.get(b"AcroForm"), fields].map(|node| node?.reference()));
            Structure::find(&document, &catalog.node, &taken)?
        } else {
            None
        };
        let form = FormWords::read(&document, &catalog)?;
        let drawn_by_viewers = signatures.is_empty() && form.has_fields && form.asks_viewers;
        Ok(Self {
            pages,
            form,
            drawn_by_viewers,
            document,
            catalog,
            page,
            page_index,
            annots_shared,
            sheet,
            shown,
            free,
            serials,
            structure,
        })
    }

    /// At most how many bytes of old objects a stamp writes anew.
    pub(crate) fn rewritten_bytes(&self) -> Result<usize, Refusal> {
        // Encryption lengthens strings.
        let growth = if self.document.cipher.is_some() {
            MOST_STRING_GROWTH_BYTES
        } else {
            0
        };
        let size = |node: &Node| node.span.len() + growth * count_strings(node);
        let form = self.document.lookup(&self.catalog.node, b"AcroForm")?;
        let fields = form
            .as_ref()
            .map(|form| self.document.lookup(form, b"Fields"))
            .transpose()?
            .flatten();
        let annots = self.document.lookup(&self.page.node, b"Annots")?;
        let indirect = [form, fields, annots];
        let parts = [&self.catalog.node, &self.page.node];
        let parts = parts.into_iter().chain(indirect.iter().flatten());
        let structure = self.structure.as_ref().map_or(0, |structure| {
            structure.bytes() + growth * structure.strings()
        });
        let picture = if self.drawn_by_viewers {
            PICTURE_BYTES + growth
        } else {
            0
        };
        let rows = if self.document.xref.is_rebuilt() {
            self.document.xref.entries.read_count() * MOST_ROW_BYTES
        } else {
            0
        };
        Ok(parts.map(size).sum::<usize>() + growth * OUR_STRINGS + rows + structure + picture)
    }
}

/// Whether the other reader sees the same pages in the same order.
pub(crate) fn seen_alike(
    document: &Document<'_>,
    source: &Source,
    pages: &Pages,
) -> Result<bool, Refusal> {
    document.weigh_object_streams()?;
    let shown = document.shown(source, Patience::Source)?;
    let seen = second_reader::pages(shown, document.user_password());
    let ours = pages.list.iter().map(|page| page.id);
    Ok(seen.is_some_and(|seen| ours.eq(seen)))
}
