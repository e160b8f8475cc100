//! What a page looks like from afar: cells with ink, letters with their places, and straight lines.

use super::geometry::overlap;
use super::grid::{Grid, Ink};
use super::path::Path;
use crate::Rect;

/// Most letters and straight lines kept of a page.
const MOST_LETTERS: usize = 100_000;
const MOST_LINES: usize = 20_000;
/// A picture or an area that takes this share of the page is its background.
const BACKGROUND_SHARE: f64 = 0.5;
/// Filled areas thinner than this are lines.
const THIN_PT: f64 = 2.5;
/// Pieces a slanting line is marked in.
const SLANT_PIECES: u8 = 16;

/// A letter or digit in lower case, and where it stands as shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Letter {
    pub(crate) letter: char,
    pub(crate) place: Rect,
    /// Nothing that belongs to the same word comes right before it.
    pub(crate) starts_word: bool,
}

/// A line along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    pub(crate) upright: bool,
    /// Its x when upright, else its y.
    pub(crate) at: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// A page being looked at.
pub(super) struct Sketch {
    page: Rect,
    grid: Grid,
    letters: Vec<Letter>,
    /// The last letter, of whatever kind, and whether it ended a word.
    last: Option<(Rect, bool)>,
    lines: Vec<Line>,
    pictured: bool,
}

/// A page that was looked at.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) ink: Ink,
    pub(crate) letters: Vec<Letter>,
    pub(crate) lines: Vec<Line>,
    /// A picture covers most of the page: a scan, of which nobody knows where it is empty.
    pub(crate) pictured: bool,
}

impl Sketch {
    pub(super) fn new(width_pt: f64, height_pt: f64) -> Self {
        Self {
            page: Rect {
                llx: 0.0,
                lly: 0.0,
                urx: width_pt,
                ury: height_pt,
            },
            grid: Grid::new(width_pt, height_pt),
            letters: Vec::new(),
            last: None,
            lines: Vec::new(),
            pictured: false,
        }
    }

    pub(super) const fn page(&self) -> Rect {
        self.page
    }

    pub(super) fn finish(self) -> Scene {
        Scene {
            ink: self.grid.finish(),
            letters: self.letters,
            lines: self.lines,
            pictured: self.pictured,
        }
    }

    /// Marks what of a box can be seen; says whether it is the page's background, which is not marked.
    fn mark(&mut self, rect: Rect, clip: Rect) -> bool {
        let seen = overlap(overlap(rect, clip), self.page);
        let (width, height) = (seen.width_pt(), seen.height_pt());
        // Lines have no width, and boxes with a number that is none are nowhere.
        if !(width >= 0.0 && height >= 0.0) {
            return false;
        }
        let background =
            width * height >= BACKGROUND_SHARE * self.page.width_pt() * self.page.height_pt();
        if !background {
            self.grid.mark(seen);
        }
        background
    }

    /// An area of colour.
    pub(super) fn fill(&mut self, rect: Rect, clip: Rect) {
        self.mark(rect, clip);
    }

    /// A picture.
    pub(super) fn picture(&mut self, rect: Rect, clip: Rect) {
        self.pictured |= self.mark(rect, clip);
    }

    /// Something that lies over the page, such as an annotation.
    pub(super) fn cover(&mut self, rect: Rect) {
        self.mark(rect, self.page);
    }

    /// The letters of one code, and the ink of its glyph.
    pub(super) fn letters(&mut self, text: &str, place: Rect, clip: Rect) {
        let blank = text.chars().all(char::is_whitespace);
        if !blank {
            self.mark(place, clip);
        }
        let apart = self
            .last
            .is_none_or(|(before, ended)| ended || !adjoin(before, place));
        let mut starts_word = apart;
        let mut ended = true;
        for letter in text.chars().flat_map(char::to_lowercase) {
            ended = !letter.is_alphanumeric();
            if !ended && self.letters.len() < MOST_LETTERS {
                self.letters.push(Letter {
                    letter,
                    place,
                    starts_word,
                });
            }
            starts_word = ended;
        }
        self.last = Some((place, ended));
    }

    pub(super) fn fill_parts(&mut self, path: &Path, clip: Rect) {
        for part in &path.parts {
            let bounds = super::geometry::around(part);
            self.mark(bounds, clip);
            let (width, height) = (bounds.width_pt(), bounds.height_pt());
            if width < THIN_PT || height < THIN_PT {
                self.line(bounds, width < height);
            } else if is_rectangle(part) {
                self.frame(bounds);
            }
        }
    }

    /// Says how many pieces were marked.
    pub(super) fn stroke_parts(&mut self, path: &Path, clip: Rect) -> usize {
        let mut pieces = 0;
        for part in &path.parts {
            for (from, to) in part.iter().zip(part.iter().skip(1)) {
                let bounds = super::geometry::around(&[*from, *to]);
                if bounds.width_pt().min(bounds.height_pt()) < 0.5 {
                    pieces += 1;
                    self.mark(bounds, clip);
                    self.line(bounds, bounds.width_pt() < bounds.height_pt());
                    continue;
                }
                for piece in 0..SLANT_PIECES {
                    pieces += 1;
                    let along = |step: u8| {
                        let share = f64::from(step) / f64::from(SLANT_PIECES);
                        (
                            from.0 + (to.0 - from.0) * share,
                            from.1 + (to.1 - from.1) * share,
                        )
                    };
                    self.mark(
                        super::geometry::around(&[along(piece), along(piece + 1)]),
                        clip,
                    );
                }
            }
        }
        pieces
    }

    fn line(&mut self, bounds: Rect, upright: bool) {
        if self.lines.len() >= MOST_LINES {
            return;
        }
        let Rect { llx, lly, urx, ury } = bounds;
        self.lines.push(if upright {
            Line {
                upright,
                at: f64::midpoint(llx, urx),
                from: lly,
                to: ury,
            }
        } else {
            Line {
                upright,
                at: f64::midpoint(lly, ury),
                from: llx,
                to: urx,
            }
        });
    }

    fn frame(&mut self, bounds: Rect) {
        let Rect { llx, lly, urx, ury } = bounds;
        for (upright, at) in [(true, llx), (true, urx), (false, lly), (false, ury)] {
            let at = if upright {
                Rect {
                    llx: at,
                    urx: at,
                    ..bounds
                }
            } else {
                Rect {
                    lly: at,
                    ury: at,
                    ..bounds
                }
            };
            self.line(at, upright);
        }
    }
}

fn is_rectangle(part: &[(f64, f64)]) -> bool {
    let along = |(from, to): (&(f64, f64), &(f64, f64))| {
        (from.0 - to.0).abs() < 0.5 || (from.1 - to.1).abs() < 0.5
    };
    (4..=5).contains(&part.len()) && part.iter().zip(part.iter().skip(1)).all(along)
}

/// Whether a letter follows another in one word: on one line, and no wider apart than letters are.
fn adjoin(before: Rect, after: Rect) -> bool {
    let height = before.height_pt().max(after.height_pt());
    let level = f64::midpoint(before.lly, before.ury) - f64::midpoint(after.lly, after.ury);
    let gap = after.llx - before.urx;
    level.abs() < 0.5 * height && gap < 0.2 * height && gap > -height
}
