//! The free place nearest to the bottom right.

use crate::placement::Rect;
use crate::scene::Ink;

/// Space kept around the stamp, and from the page's edges: at first as the default place keeps it, then less.
const CLEAR_PT: f64 = 4.0;
const MARGINS_PT: [f64; 2] = [36.0, 14.0];
/// Distance between the places tried, on pages of ordinary size, and most places along a side.
const STEP_PT: f64 = 4.0;
const MOST_STEPS: f64 = 200.0;

/// The square of the default's size, nearest to it, that nothing is seen on.
pub(super) fn nearest(ink: &Ink, (width_pt, height_pt): (f64, f64), default: Rect) -> Option<Rect> {
    if is_free(ink, default) {
        return Some(default);
    }
    let side = default.width_pt();
    let step = STEP_PT.max(width_pt.max(height_pt) / MOST_STEPS);
    MARGINS_PT.iter().find_map(|margin| {
        let columns = || steps(*margin, width_pt - margin - side, step);
        let rows = || steps(*margin, height_pt - margin - side, step);
        let places = rows().flat_map(|y| columns().map(move |x| (x, y)));
        let distance = |(x, y): &(f64, f64)| (x - default.llx).hypot(y - default.lly);
        places
            .map(|(x, y)| Rect::square(x, y, side))
            .filter(|rect| is_free(ink, *rect))
            .min_by(|one, other| {
                distance(&(one.llx, one.lly)).total_cmp(&distance(&(other.llx, other.lly)))
            })
    })
}

fn is_free(ink: &Ink, rect: Rect) -> bool {
    ink.spares(Rect {
        llx: rect.llx - CLEAR_PT,
        lly: rect.lly - CLEAR_PT,
        urx: rect.urx + CLEAR_PT,
        ury: rect.ury + CLEAR_PT,
    })
}

/// From one number to another, from the far end down: the default stands there.
fn steps(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(to), move |at| Some(at - step)).take_while(move |at| *at >= from)
}
