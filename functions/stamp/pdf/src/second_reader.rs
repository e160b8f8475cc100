//! An independent parser (`hayro-syntax`) as the second opinion.

use crate::syntax::Id;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, String as Text};
use std::sync::Arc;

/// The pages that the other reader sees, if it can open the file: the object of each, unless it is none of its own.
pub(crate) fn pages(file: Arc<Vec<u8>>, password: &str) -> Option<Vec<Option<Id>>> {
    let pdf = Pdf::new_with_password(file, password).ok()?;
    let id = |page: &Dict<'_>| {
        let id = page.obj_id()?;
        Some(Id {
            number: id.obj_number,
            generation: u16::try_from(id.gen_number).ok()?,
        })
    };
    Some(pdf.pages().iter().map(|page| id(page.raw())).collect())
}

/// What the other reader sees of one stamp.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) pages: usize,
    /// Index, from 0, of each page that shows a widget of this serial.
    pub(crate) on_pages: Vec<usize>,
}

/// Looks for the widget of a serial on every page.
pub(crate) fn find_stamp(file: Arc<Vec<u8>>, password: &str, serial: &str) -> Option<Seen> {
    let pdf = Pdf::new_with_password(file, password).ok()?;
    let pages = pdf.pages();
    let shows = |page: &Dict<'_>| {
        let annots = page.get::<Array<'_>>("Annots");
        annots.is_some_and(|annots| {
            let mut annots = annots.raw_iter().filter_map(|item| resolve(&pdf, item));
            annots.any(|annot| is_stamp(&annot, serial))
        })
    };
    let on_pages = pages
        .iter()
        .enumerate()
        .filter(|(_, page)| shows(page.raw()))
        .map(|(index, _)| index)
        .collect();
    Some(Seen {
        pages: pages.len(),
        on_pages,
    })
}

/// Its iterator over dictionaries ends at the first item that is none, and real lists have some.
fn resolve<'a>(pdf: &'a Pdf, item: MaybeRef<Object<'a>>) -> Option<Dict<'a>> {
    match item {
        MaybeRef::Ref(id) => pdf.xref().get(id.into()),
        MaybeRef::NotRef(object) => object.into_dict(),
    }
}

fn is_stamp(annot: &Dict<'_>, serial: &str) -> bool {
    let is_sig = annot
        .get::<Name<'_>>("FT")
        .is_some_and(|kind| kind.as_str() == "Sig");
    let note = annot
        .get::<Dict<'_>>("V")
        .and_then(|value| value.get::<Dict<'_>>(crate::form::STAMP_KEY));
    let found = note.and_then(|note| note.get::<Text<'_>>("Serial"));
    is_sig && found.is_some_and(|found| found.as_bytes() == serial.as_bytes())
}
