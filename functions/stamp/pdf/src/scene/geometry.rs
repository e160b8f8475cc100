//! Matrices and boxes, in points as shown.

use crate::Rect;
use crate::syntax::Node;

/// `a b c d e f` of ISO 32000-2, 8.3.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Matrix(pub(crate) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// Six numbers.
    pub(super) fn read(numbers: &[Node]) -> Option<Self> {
        let numbers: Vec<f64> = numbers.iter().filter_map(Node::number).collect();
        numbers.try_into().ok().map(Self)
    }

    pub(super) const fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This one first, then the other.
    pub(super) fn then(self, outer: Self) -> Self {
        let [a, b, c, d, e, f] = self.0;
        let [oa, ob, oc, od, oe, of] = outer.0;
        Self([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    pub(super) fn point(self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// The box around a rectangle's four corners.
    pub(super) fn around(self, [x0, y0, x1, y1]: [f64; 4]) -> Rect {
        around(&[
            self.point(x0, y0),
            self.point(x1, y0),
            self.point(x0, y1),
            self.point(x1, y1),
        ])
    }
}

/// The box around points; empty and nowhere for none.
pub(super) fn around(points: &[(f64, f64)]) -> Rect {
    let none = Rect {
        llx: f64::INFINITY,
        lly: f64::INFINITY,
        urx: f64::NEG_INFINITY,
        ury: f64::NEG_INFINITY,
    };
    points.iter().fold(none, |all, (x, y)| Rect {
        llx: all.llx.min(*x),
        lly: all.lly.min(*y),
        urx: all.urx.max(*x),
        ury: all.ury.max(*y),
    })
}

/// The box around both.
pub(super) fn union(one: Rect, other: Rect) -> Rect {
    Rect {
        llx: one.llx.min(other.llx),
        lly: one.lly.min(other.lly),
        urx: one.urx.max(other.urx),
        ury: one.ury.max(other.ury),
    }
}

/// What lies in both; its sides are crossed when nothing does.
pub(super) const fn overlap(one: Rect, other: Rect) -> Rect {
    Rect {
        llx: one.llx.max(other.llx),
        lly: one.lly.max(other.lly),
        urx: one.urx.min(other.urx),
        ury: one.ury.min(other.ury),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_apply_in_the_order_they_are_named() {
        let double = Matrix([2.0, 0.0, 0.0, 2.0, 0.0, 0.0]);
        let moved = Matrix::shift(10.0, 0.0);
        assert_eq!(double.then(moved).point(1.0, 1.0), (12.0, 2.0));
        assert_eq!(moved.then(double).point(1.0, 1.0), (22.0, 2.0));
    }
}
