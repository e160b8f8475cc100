//! Where a stamp really goes: the page and the square that a placement means on this document.

mod anchor;
mod free;

use crate::file::{Document, Object, PageNode, Pages};
use crate::placement::{PageChoice, Placement, Rect, Sheet};
use crate::scene::{Effort, look};
use crate::{Refusal, scene};

/// Pages from the end on which a phrase is looked for when no page is named.
const PAGES_SEARCHED: usize = 20;

/// A page and a square on it.
pub(crate) struct Place {
    pub(crate) page: Object,
    /// Counted from 0.
    pub(crate) page_index: usize,
    pub(crate) sheet: Sheet,
    /// As shown, in points.
    pub(crate) shown: Rect,
    /// It was asked for, or nothing was seen there.
    pub(crate) free: bool,
}

/// Finds the place. The same document and placement give the same place.
pub(crate) fn find(
    document: &Document<'_>,
    pages: &Pages,
    wanted: &Placement,
) -> Result<Place, Refusal> {
    let mut effort = Effort::DEFAULT;
    if let (None, Some(phrase)) = (wanted.rect, &wanted.anchor) {
        return at_phrase(document, pages, wanted.page, phrase, &mut effort);
    }
    let (page, page_index, sheet) = open(document, pages, wanted.page.index(pages.list.len()))?;
    let asked = sheet.place(wanted.rect)?;
    if wanted.rect.is_some() {
        return Ok(Place {
            page,
            page_index,
            sheet,
            shown: asked,
            free: true,
        });
    }
    let (scene, whole) = look(document, &page.node, &sheet, &mut effort);
    let found = free::nearest(&scene.ink, sheet.shown_pt(), asked);
    Ok(Place {
        page,
        page_index,
        sheet,
        free: whole && !scene.pictured && found.is_some(),
        shown: found.unwrap_or(asked),
    })
}

fn at_phrase(
    document: &Document<'_>,
    pages: &Pages,
    choice: PageChoice,
    phrase: &str,
    effort: &mut Effort,
) -> Result<Place, Refusal> {
    let last = choice.index(pages.list.len());
    let count = if choice == PageChoice::Last {
        PAGES_SEARCHED
    } else {
        1
    };
    for index in (0..=last).rev().take(count) {
        let (page, page_index, sheet) = open(document, pages, index)?;
        let (scene, _) = look(document, &page.node, &sheet, effort);
        if let Some(wanted) = anchor::square(&scene, phrase) {
            return Ok(Place {
                shown: sheet.place(Some(wanted))?,
                page,
                page_index,
                sheet,
                free: true,
            });
        }
    }
    Err(Refusal::AnchorNotFound {
        phrase: phrase.to_owned(),
    })
}

fn open(
    document: &Document<'_>,
    pages: &Pages,
    index: usize,
) -> Result<(Object, usize, Sheet), Refusal> {
    let node: &PageNode = pages.list.get(index).ok_or(Refusal::NoPage)?;
    let id = node.id.ok_or(Refusal::broken("page inside its parent"))?;
    let page = document.object(id)?.ok_or(Refusal::NoPage)?;
    let sheet = Sheet::read(document, node, &page.node)?;
    Ok((page, index, sheet))
}

/// A square of this side around a point.
fn around((x, y): (f64, f64), side: f64) -> Rect {
    Rect {
        llx: x - side / 2.0,
        lly: y - side / 2.0,
        urx: x + side / 2.0,
        ury: y + side / 2.0,
    }
}

fn centre(rect: Rect) -> (f64, f64) {
    (
        f64::midpoint(rect.llx, rect.urx),
        f64::midpoint(rect.lly, rect.ury),
    )
}

/// The box around some letters.
fn bounds(letters: &[scene::Letter]) -> Option<Rect> {
    let places = letters.iter().map(|letter| letter.place);
    places.reduce(scene::union)
}
