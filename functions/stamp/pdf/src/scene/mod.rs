//! A look at a page, to find a free place or a phrase on it.
//!
//! Not a renderer: boxes around letters, pictures and drawings are enough. Invariant: a hostile page costs no more
//! than [`Effort`] allows, and nothing here refuses a document; what can't be read isn't seen.

mod effort;
mod font;
mod geometry;
mod grid;
mod machine;
mod operators;
mod path;
mod sheet;
mod stream;
mod text;
mod unicode;

pub(crate) use effort::Effort;
pub(crate) use geometry::Matrix;
pub(crate) use grid::Ink;
pub(crate) use sheet::{Letter, Line, Scene};

use crate::Rect;
use crate::file::Document;
use crate::placement::Sheet;
use crate::syntax::Node;
use machine::{Machine, State};
use sheet::Sketch;

/// Most ancestors asked for resources, and annotations looked at.
const MOST_ANCESTORS: usize = 32;
const MOST_ANNOTATIONS: usize = 2_000;

/// The box around both.
pub(crate) fn union(one: Rect, other: Rect) -> Rect {
    geometry::union(one, other)
}

/// Looks at a page. Says also whether all of it was seen.
pub(crate) fn look(
    document: &Document<'_>,
    page: &Node,
    sheet: &Sheet,
    effort: &mut Effort,
) -> (Scene, bool) {
    let (width_pt, height_pt) = sheet.shown_pt();
    let sketch = Sketch::new(width_pt, height_pt);
    let all = sketch.page();
    let names = inherited(document, page, b"Resources");
    let content = content(document, page, effort);
    let readable = content.is_some();
    let mut machine = Machine::new(document, effort, sketch);
    let state = State::new(sheet.to_shown(), all);
    machine.run(&content.unwrap_or_default(), names.as_ref(), state, 0);
    cover_annotations(&mut machine.sketch, document, page, sheet);
    let scene = machine.sketch.finish();
    (scene, readable && !effort.spent())
}

/// All content streams of a page, as one.
fn content(document: &Document<'_>, page: &Node, effort: &mut Effort) -> Option<Vec<u8>> {
    let Some(contents) = page.get(b"Contents") else {
        return Some(Vec::new());
    };
    let list = document.resolve(contents).ok()?;
    let streams: Vec<&Node> = match list.as_ref().and_then(Node::items) {
        Some(items) => items.iter().collect(),
        None => vec![contents],
    };
    let mut all = Vec::new();
    for id in streams.into_iter().filter_map(Node::reference) {
        if effort.spent() {
            break;
        }
        all.extend(stream::decoded(document, id, effort)?.1);
        // A token doesn't run on from one stream to the next.
        all.push(b'\n');
    }
    Some(all)
}

fn inherited(document: &Document<'_>, page: &Node, key: &[u8]) -> Option<Node> {
    let mut node = page.clone();
    for _ in 0..MOST_ANCESTORS {
        if let Some(found) = document.lookup(&node, key).ok()? {
            return Some(found);
        }
        node = document.lookup(&node, b"Parent").ok()??;
    }
    None
}

/// Fields, earlier stamps, notes and links: nobody wants a stamp on them.
fn cover_annotations(sketch: &mut Sketch, document: &Document<'_>, page: &Node, sheet: &Sheet) {
    let Ok(Some(list)) = document.lookup(page, b"Annots") else {
        return;
    };
    let items = list.items().unwrap_or_default().iter();
    for item in items.take(MOST_ANNOTATIONS) {
        let Ok(Some(annotation)) = document.resolve(item) else {
            continue;
        };
        // A pop-up stands where its viewer likes.
        if annotation.get(b"Subtype").and_then(Node::name) == Some(b"Popup") {
            continue;
        }
        let corners = document.lookup(&annotation, b"Rect").ok().flatten();
        let corners: Vec<f64> = corners
            .as_ref()
            .and_then(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::number)
            .collect();
        if let [x0, y0, x1, y1] = corners.as_slice() {
            sketch.cover(sheet.to_shown().around([*x0, *y0, *x1, *y1]));
        }
    }
}
