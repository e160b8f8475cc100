//! Paths being built, and the marks they leave.

use super::geometry::{Matrix, around};
use crate::Rect;

/// Pieces a curve is followed in.
const CURVE_PIECES: u8 = 8;

/// A path under construction, in points as shown.
#[derive(Debug, Default)]
pub(super) struct Path {
    pub(super) parts: Vec<Vec<(f64, f64)>>,
    /// The current point in the coordinates of the content.
    at: (f64, f64),
    /// A clipping operator came; the next painting operator applies it.
    pub(super) clips: bool,
}

impl Path {
    pub(super) fn move_to(&mut self, matrix: Matrix, x: f64, y: f64) {
        self.at = (x, y);
        self.parts.push(vec![matrix.point(x, y)]);
    }

    pub(super) fn line_to(&mut self, matrix: Matrix, x: f64, y: f64) {
        self.at = (x, y);
        if let Some(part) = self.parts.last_mut() {
            part.push(matrix.point(x, y));
        }
    }

    pub(super) fn curve_to(&mut self, matrix: Matrix, [x1, y1, x2, y2, x, y]: [f64; 6]) {
        let (x0, y0) = self.at;
        for piece in 1..=CURVE_PIECES {
            let t = f64::from(piece) / f64::from(CURVE_PIECES);
            let u = 1.0 - t;
            let mix = |a: f64, b: f64, c: f64, d: f64| {
                u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
            };
            self.line_to(matrix, mix(x0, x1, x2, x), mix(y0, y1, y2, y));
        }
        self.at = (x, y);
    }

    /// A curve whose first control point is the current point.
    pub(super) fn curve_from_here(&mut self, matrix: Matrix, [x2, y2, x, y]: [f64; 4]) {
        let (x0, y0) = self.at;
        self.curve_to(matrix, [x0, y0, x2, y2, x, y]);
    }

    pub(super) fn close(&mut self) {
        if let Some(part) = self.parts.last_mut()
            && let Some(first) = part.first().copied()
        {
            part.push(first);
        }
    }

    pub(super) fn rectangle(&mut self, matrix: Matrix, [x, y, width, height]: [f64; 4]) {
        self.move_to(matrix, x, y);
        self.line_to(matrix, x + width, y);
        self.line_to(matrix, x + width, y + height);
        self.line_to(matrix, x, y + height);
        self.close();
    }

    /// The box around the whole path.
    pub(super) fn bounds(&self) -> Option<Rect> {
        let points: Vec<_> = self.parts.iter().flatten().copied().collect();
        (!points.is_empty()).then(|| around(&points))
    }
}
