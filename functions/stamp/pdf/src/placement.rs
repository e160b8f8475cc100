//! Where the stamp goes: a page and a square on it.

use crate::Refusal;
use crate::file::{Document, PageNode};
use crate::scene::Matrix;
use crate::syntax::Node;
use serde::{Deserialize, Serialize};

/// Side of the stamp when no rectangle is asked for: 2.2 cm.
pub const DEFAULT_SIDE_PT: f64 = 2.2 / 2.54 * 72.0;
/// Smallest side at which the QR code is still readable from print: 1.4 cm.
pub const LEAST_SIDE_PT: f64 = 1.4 / 2.54 * 72.0;
/// Smallest side on a page that has no room for more, as when a picture was saved with a point for every pixel: the
/// code reads from a screen, where such a page is shown enlarged, and not from paper.
const SMALLEST_SIDE_PT: f64 = 6.0;
/// A rectangle that went through a file with four decimals is still what it was.
pub(crate) const ROUNDING_PT: f64 = 0.001;
/// Distance from the page's edges when no rectangle is asked for, where the page has room for it.
const MARGIN_PT: f64 = 36.0;

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageChoice {
    /// The last page; with an anchor, the last page that has the phrase.
    #[default]
    Last,
    /// The first page.
    First,
    /// Counted from 1; beyond the end means the last page, below 1 the first.
    Number(i64),
}

/// A rectangle in points (1/72 inch, whatever the page's UserUnit), measured from the bottom left corner of the
/// page as a viewer shows it (its CropBox, after Rotate). Corners may come in any order.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left.
    pub llx: f64,
    /// Bottom.
    pub lly: f64,
    /// Right.
    pub urx: f64,
    /// Top.
    pub ury: f64,
}

/// A page and, if wanted, a rectangle on it or a phrase that marks the place.
///
/// The stamp is the largest square that fits the rectangle, centred in it, and is moved the least needed to lie on
/// the page. With a phrase it is centred on it, or in the box drawn around it, and no larger than that. With neither it
/// is 2.2 cm wide (or half of the shorter side of a small page) and stands at the bottom right, or at the nearest place that covers
/// no text, drawing, annotation or earlier stamp.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Placement {
    /// The page.
    #[serde(default)]
    pub page: PageChoice,
    /// The rectangle.
    #[serde(default)]
    pub rect: Option<Rect>,
    /// The phrase, in any case, as whole words, whatever stands between them. A rectangle goes before it.
    #[serde(default)]
    pub anchor: Option<String>,
}

impl Placement {
    /// As a document is announced: the page from 1, the last one if none, and `llx, lly, urx, ury` in points.
    #[must_use]
    pub fn announced(page: Option<u32>, rect: Option<[f64; 4]>, anchor: Option<String>) -> Self {
        Self {
            page: page.map_or(PageChoice::Last, |page| PageChoice::Number(page.into())),
            rect: rect.map(Rect::from),
            anchor,
        }
    }
}

impl From<[f64; 4]> for Rect {
    fn from([llx, lly, urx, ury]: [f64; 4]) -> Self {
        Self { llx, lly, urx, ury }
    }
}

impl Rect {
    /// Width in points.
    #[must_use]
    pub fn width_pt(&self) -> f64 {
        self.urx - self.llx
    }

    /// Height in points.
    #[must_use]
    pub fn height_pt(&self) -> f64 {
        self.ury - self.lly
    }

    fn normalised(self) -> Self {
        Self {
            llx: self.llx.min(self.urx),
            lly: self.lly.min(self.ury),
            urx: self.llx.max(self.urx),
            ury: self.lly.max(self.ury),
        }
    }

    pub(crate) fn square(x: f64, y: f64, side: f64) -> Self {
        Self {
            llx: x,
            lly: y,
            urx: x + side,
            ury: y + side,
        }
    }

    fn intersection(self, other: Self) -> Option<Self> {
        let both = Self {
            llx: self.llx.max(other.llx),
            lly: self.lly.max(other.lly),
            urx: self.urx.min(other.urx),
            ury: self.ury.min(other.ury),
        };
        (both.width_pt() > 0.0 && both.height_pt() > 0.0).then_some(both)
    }

    fn is_finite(self) -> bool {
        [self.llx, self.lly, self.urx, self.ury]
            .iter()
            .all(|number| number.is_finite())
    }
}

impl PageChoice {
    /// The index, from 0, among `pages` (at least 1) pages.
    pub(crate) fn index(self, pages: usize) -> usize {
        let last = pages.saturating_sub(1);
        match self {
            Self::Last => last,
            Self::First => 0,
            Self::Number(number) => usize::try_from(number.saturating_sub(1).max(0))
                .unwrap_or(last)
                .min(last),
        }
    }
}

/// A page's visible area in its own units, and how it is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sheet {
    visible: Rect,
    /// 0 to 3: quarter turns clockwise when shown.
    pub(crate) quarter_turns: u8,
    user_unit: f64,
}

impl Sheet {
    pub(crate) fn read(
        document: &Document<'_>,
        page: &PageNode,
        dict: &Node,
    ) -> Result<Self, Refusal> {
        let inherited = &page.inherited;
        // ISO 32000-2 requires a MediaBox; readers fall back to a common size. We don't guess where users see it.
        let media = rectangle(document, inherited.media_box.as_ref())?
            .ok_or(Refusal::broken("MediaBox"))?;
        let crop = rectangle(document, inherited.crop_box.as_ref())?.unwrap_or(media);
        let rotate = inherited
            .rotate
            .as_ref()
            .map(|node| document.resolve(node))
            .transpose()?
            .flatten();
        let rotate = rotate.and_then(|node| node.number()).unwrap_or(0.0);
        let unit = document
            .lookup(dict, b"UserUnit")?
            .and_then(|node| node.number());
        Ok(Self {
            visible: crop.intersection(media).unwrap_or(media),
            quarter_turns: quarter_turns(rotate),
            user_unit: unit.filter(|unit| *unit > 0.0).unwrap_or(1.0),
        })
    }

    /// Size as shown, in points.
    pub(crate) fn shown_pt(&self) -> (f64, f64) {
        let (width, height) = (
            self.visible.width_pt() * self.user_unit,
            self.visible.height_pt() * self.user_unit,
        );
        if self.quarter_turns.is_multiple_of(2) {
            (width, height)
        } else {
            (height, width)
        }
    }

    /// From the page's own units to points as shown.
    pub(crate) fn to_shown(self) -> Matrix {
        let unit = self.user_unit;
        let Rect { llx, lly, urx, ury } = self.visible;
        let (left, bottom, right, top) = (llx * unit, lly * unit, urx * unit, ury * unit);
        Matrix(match self.quarter_turns {
            1 => [0.0, -unit, unit, 0.0, -bottom, right],
            2 => [-unit, 0.0, 0.0, -unit, right, top],
            3 => [0.0, unit, -unit, 0.0, top, -left],
            _ => [unit, 0.0, 0.0, unit, -left, -bottom],
        })
    }

    /// Side of the stamp when no rectangle is asked for: 2.2 cm, and on a page with less room half of its shorter
    /// side, for a stamp must not hide the page.
    fn usual_side_pt(&self) -> f64 {
        let (width_pt, height_pt) = self.shown_pt();
        DEFAULT_SIDE_PT.min(width_pt.min(height_pt) / 2.0)
    }

    /// The square the stamp takes, in points as shown.
    pub(crate) fn place(&self, wanted: Option<Rect>) -> Result<Rect, Refusal> {
        let (width_pt, height_pt) = self.shown_pt();
        let too_small = Refusal::PageTooSmall {
            width_pt,
            height_pt,
        };
        let Some(wanted) = wanted else {
            let side = self.usual_side_pt();
            if side < SMALLEST_SIDE_PT {
                return Err(too_small);
            }
            let (spare_x, spare_y) = (width_pt - side, height_pt - side);
            let x = spare_x - MARGIN_PT.min(spare_x / 2.0);
            return Ok(Rect::square(x, MARGIN_PT.min(spare_y / 2.0), side));
        };
        let wanted = wanted.normalised();
        let side = wanted.width_pt().min(wanted.height_pt());
        // On a small page, what is usual there may also be asked for.
        let least_pt = LEAST_SIDE_PT.min(self.usual_side_pt().max(SMALLEST_SIDE_PT));
        if !wanted.is_finite() || side < least_pt - ROUNDING_PT {
            return Err(Refusal::RectTooSmall { least_pt });
        }
        if side > width_pt || side > height_pt {
            return Err(too_small);
        }
        let x = wanted.llx + (wanted.width_pt() - side) / 2.0;
        let y = wanted.lly + (wanted.height_pt() - side) / 2.0;
        Ok(Rect::square(
            x.clamp(0.0, width_pt - side),
            y.clamp(0.0, height_pt - side),
            side,
        ))
    }

    /// The same square in the page's own units.
    pub(crate) fn to_page(self, shown: Rect) -> Rect {
        let unit = self.user_unit;
        let (width, height) = (self.visible.width_pt(), self.visible.height_pt());
        let (x, y, side) = (shown.llx / unit, shown.lly / unit, shown.width_pt() / unit);
        let (x, y) = match self.quarter_turns {
            1 => (width - y - side, x),
            2 => (width - x - side, height - y - side),
            3 => (y, height - x - side),
            _ => (x, y),
        };
        Rect::square(self.visible.llx + x, self.visible.lly + y, side)
    }
}

fn quarter_turns(degrees: f64) -> u8 {
    match degrees.rem_euclid(360.0) {
        90.0 => 1,
        180.0 => 2,
        270.0 => 3,
        _ => 0,
    }
}

fn rectangle(document: &Document<'_>, node: Option<&Node>) -> Result<Option<Rect>, Refusal> {
    let Some(array) = node
        .map(|node| document.resolve(node))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    let mut sides = Vec::new();
    for item in array.items().unwrap_or_default() {
        sides.extend(document.resolve(item)?.and_then(|item| item.number()));
    }
    let [llx, lly, urx, ury] = sides.try_into().map_err(|_| Refusal::broken("page box"))?;
    let rect = Rect { llx, lly, urx, ury }.normalised();
    let sound = rect.is_finite() && rect.width_pt() > 0.0 && rect.height_pt() > 0.0;
    Ok(sound.then_some(rect))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(quarter_turns: u8, user_unit: f64) -> Sheet {
        Sheet {
            visible: Rect {
                llx: 10.0,
                lly: 20.0,
                urx: 610.0,
                ury: 820.0,
            },
            quarter_turns,
            user_unit,
        }
    }

    #[test]
    fn the_default_is_the_bottom_right_as_shown_at_any_rotation() {
        for (turns, x_low, y_low) in [
            (0, false, true),
            (1, false, false),
            (2, true, false),
            (3, true, true),
        ] {
            let sheet = sheet(turns, 1.0);
            let page = sheet.to_page(sheet.place(None).unwrap());
            assert!((page.width_pt() - DEFAULT_SIDE_PT).abs() < 1e-9);
            let near = if x_low {
                page.llx - 10.0
            } else {
                610.0 - page.urx
            };
            assert!((near - MARGIN_PT).abs() < 1e-9, "x at {turns}: {page:?}");
            let near = if y_low {
                page.lly - 20.0
            } else {
                820.0 - page.ury
            };
            assert!((near - MARGIN_PT).abs() < 1e-9, "y at {turns}: {page:?}");
        }
    }

    #[test]
    fn a_point_goes_to_where_it_is_shown() {
        for turns in 0..4 {
            let sheet = sheet(turns, 2.0);
            let shown = Rect::square(100.0, 300.0, 50.0);
            let page = sheet.to_page(shown);
            let [a, b, c, d, e, f] = sheet.to_shown().0;
            let corners = [(page.llx, page.lly), (page.urx, page.ury)];
            let [(x0, y0), (x1, y1)] = corners.map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
            let back = Rect {
                llx: x0,
                lly: y0,
                urx: x1,
                ury: y1,
            };
            assert_eq!(back.normalised(), shown, "{turns} turns");
        }
    }

    #[test]
    fn a_user_unit_shrinks_the_numbers_not_the_stamp() {
        let sheet = sheet(0, 2.0);
        let shown = sheet.place(None).unwrap();
        assert!((shown.width_pt() - DEFAULT_SIDE_PT).abs() < 1e-9);
        assert!((sheet.to_page(shown).width_pt() - DEFAULT_SIDE_PT / 2.0).abs() < 1e-9);
    }

    #[test]
    fn swapped_corners_and_a_rectangle_off_the_page_still_land_on_it() {
        let wanted = Rect {
            llx: 700.0,
            lly: 90.0,
            urx: 560.0,
            ury: -10.0,
        };
        let placed = sheet(0, 1.0).place(Some(wanted)).unwrap();
        assert_eq!(
            placed,
            Rect {
                llx: 500.0,
                lly: 0.0,
                urx: 600.0,
                ury: 100.0
            }
        );
    }

    #[test]
    fn sizes_that_cannot_work_are_refused() {
        let small = Rect {
            llx: 0.0,
            lly: 0.0,
            urx: 39.0,
            ury: 200.0,
        };
        assert_eq!(
            sheet(0, 1.0).place(Some(small)).unwrap_err().code(),
            "rect_too_small"
        );
        let nan = Rect {
            llx: f64::NAN,
            lly: 0.0,
            urx: 100.0,
            ury: 100.0,
        };
        assert_eq!(
            sheet(0, 1.0).place(Some(nan)).unwrap_err().code(),
            "rect_too_small"
        );
        let large = Rect {
            llx: 0.0,
            lly: 0.0,
            urx: 601.0,
            ury: 601.0,
        };
        assert_eq!(
            sheet(0, 1.0).place(Some(large)).unwrap_err().code(),
            "page_too_small"
        );
        assert_eq!(
            sheet(0, 0.015).place(None).unwrap_err().code(),
            "page_too_small"
        );
    }

    #[test]
    fn a_small_page_gets_a_stamp_of_half_its_shorter_side_which_may_be_asked_for_again() {
        let sheet = sheet(0, 0.05);
        let placed = sheet.place(None).unwrap();
        assert!((placed.width_pt() - 15.0).abs() < 1e-9);
        assert_eq!(sheet.place(Some(placed)), Ok(placed));
        let smaller = Rect::square(0.0, 0.0, 14.0);
        assert_eq!(
            sheet.place(Some(smaller)).unwrap_err().code(),
            "rect_too_small"
        );
    }

    #[test]
    fn page_numbers_beyond_the_ends_mean_the_ends() {
        for (choice, index) in [
            (PageChoice::Last, 4),
            (PageChoice::Number(0), 0),
            (PageChoice::Number(i64::MIN), 0),
            (PageChoice::Number(3), 2),
            (PageChoice::Number(i64::MAX), 4),
        ] {
            assert_eq!(choice.index(5), index);
        }
    }
}
