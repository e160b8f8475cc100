//! The QR code as one outline: adjoining rectangles would show hairlines in anti-aliased renderings.

use qrcode::{EcLevel, QrCode};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Light modules around the code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;

/// A code of level M with its quiet zone.
pub(super) struct Code {
    dark: Vec<bool>,
    width: usize,
}

type Corner = (usize, usize);

impl Code {
    pub(super) fn new(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        Some(Self {
            width: code.width(),
            dark: code
                .to_colors()
                .into_iter()
                .map(|color| color.select(true, false))
                .collect(),
        })
    }

    fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.width
            && self
                .dark
                .get(row * self.width + column)
                .copied()
                .unwrap_or(false)
    }

    /// Appends operators that fill the dark modules; the quiet zone included, the code takes the square at
    /// (`x`, `y`) of the given side.
    pub(super) fn paint(&self, out: &mut String, x: f32, y: f32, side: f32) {
        let modules = self.width + 2 * QUIET;
        #[expect(clippy::cast_precision_loss, reason = "at most 185 modules")]
        let (module, quiet, height) = (side / modules as f32, QUIET as f32, modules as f32);
        // Rows count downwards, PDF upwards: flip once here.
        let (left, top) = (x + quiet * module, y + (height - quiet) * module);
        _ = writeln!(out, "q {module:.4} 0 0 -{module:.4} {left:.3} {top:.3} cm");
        for outline in self.outlines() {
            for (index, (column, row)) in outline.iter().enumerate() {
                _ = writeln!(out, "{column} {row} {}", if index == 0 { "m" } else { "l" });
            }
            out.push_str("h\n");
        }
        out.push_str("f*\nQ\n");
    }

    /// The borders between dark and light, as closed loops of corners without collinear points.
    fn outlines(&self) -> Vec<Vec<Corner>> {
        let mut steps: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
        let mut step = |from: Corner, to: Corner| steps.entry(from).or_default().push(to);
        for row in 0..self.width {
            for column in (0..self.width).filter(|column| self.is_dark(*column, row)) {
                let (right, below) = (column + 1, row + 1);
                if row == 0 || !self.is_dark(column, row - 1) {
                    step((column, row), (right, row));
                }
                if !self.is_dark(right, row) {
                    step((right, row), (right, below));
                }
                if !self.is_dark(column, below) {
                    step((right, below), (column, below));
                }
                if column == 0 || !self.is_dark(column - 1, row) {
                    step((column, below), (column, row));
                }
            }
        }
        let mut loops = Vec::new();
        while let Some((start, _)) = steps
            .first_key_value()
            .map(|(start, ends)| (*start, ends.len()))
        {
            let mut path = vec![start];
            let mut at = start;
            while let Some(next) = take_step(&mut steps, at) {
                at = next;
                path.push(at);
                if at == start {
                    break;
                }
            }
            loops.push(without_collinear(&path));
        }
        loops
    }
}

fn take_step(steps: &mut BTreeMap<Corner, Vec<Corner>>, from: Corner) -> Option<Corner> {
    let ends = steps.get_mut(&from)?;
    let next = ends.pop();
    if ends.is_empty() {
        steps.remove(&from);
    }
    next
}

fn without_collinear(path: &[Corner]) -> Vec<Corner> {
    let straight = |a: &Corner, b: &Corner, c: &Corner| {
        (a.0 == b.0 && b.0 == c.0) || (a.1 == b.1 && b.1 == c.1)
    };
    let mut kept: Vec<Corner> = Vec::new();
    for corner in path {
        if let [.., before, last] = kept.as_slice()
            && straight(before, last, corner)
        {
            kept.pop();
        }
        kept.push(*corner);
    }
    // The last corner repeats the first; "h" closes the loop.
    kept.pop();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Even-odd area test along a row through module centres.
    fn filled(loops: &[Vec<Corner>], column: usize, row: usize) -> bool {
        let mut crossings = 0;
        for path in loops {
            for (index, from) in path.iter().enumerate() {
                let to = path[(index + 1) % path.len()];
                let spans = from.1.min(to.1) <= row && row < from.1.max(to.1);
                if from.0 == to.0 && spans && from.0 <= column {
                    crossings += 1;
                }
            }
        }
        crossings % 2 == 1
    }

    #[test]
    fn the_outline_fills_just_the_dark_modules() {
        let code = Code::new("https://example.id/v/7K3M9Q2X8R4T6W1Z5Y0P").unwrap();
        let loops = code.outlines();
        for row in 0..code.width {
            for column in 0..code.width {
                assert_eq!(
                    filled(&loops, column, row),
                    code.is_dark(column, row),
                    "{column},{row}"
                );
            }
        }
    }
}
