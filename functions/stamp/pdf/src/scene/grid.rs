//! Where on a page there is ink, in cells of a few points.

use crate::Rect;

/// Side of a cell in points, on pages of ordinary size.
const CELL_PT: f64 = 3.0;
/// Most cells along a side; larger pages have larger cells.
const MOST_CELLS: f64 = 500.0;

/// Marks are kept as differences, so that each costs the same however large it is.
#[derive(Debug)]
pub(super) struct Grid {
    cell_pt: f64,
    columns: usize,
    rows: usize,
    differences: Vec<i64>,
}

/// How many cells with ink lie below and left of each corner.
#[derive(Debug)]
pub(crate) struct Ink {
    cell_pt: f64,
    columns: usize,
    rows: usize,
    sums: Vec<u32>,
}

impl Grid {
    pub(super) fn new(width_pt: f64, height_pt: f64) -> Self {
        let cell_pt = CELL_PT.max(width_pt.max(height_pt) / MOST_CELLS);
        let (columns, rows) = (
            cells(width_pt / cell_pt, true),
            cells(height_pt / cell_pt, true),
        );
        Self {
            cell_pt,
            columns,
            rows,
            differences: vec![0; (columns + 1) * (rows + 1)],
        }
    }

    /// Marks every cell that a box on the page touches.
    pub(super) fn mark(&mut self, rect: Rect) {
        let [x0, y0, x1, y1] = touched(rect, self.cell_pt, self.columns, self.rows);
        if x0 >= x1 || y0 >= y1 {
            return;
        }
        for (x, y, by) in [(x0, y0, 1), (x1, y0, -1), (x0, y1, -1), (x1, y1, 1)] {
            if let Some(cell) = self.differences.get_mut(y * (self.columns + 1) + x) {
                *cell += by;
            }
        }
    }

    pub(super) fn finish(self) -> Ink {
        let width = self.columns + 1;
        let mut depths = self.differences;
        let mut sums = vec![0_u32; depths.len()];
        for y in 0..=self.rows {
            for x in 0..=self.columns {
                let at = y * width + x;
                let depth = get(&depths, at)
                    + before(&depths, at, x > 0, 1)
                    + before(&depths, at, y > 0, width)
                    - before(&depths, at, x > 0 && y > 0, width + 1);
                if let Some(cell) = depths.get_mut(at) {
                    *cell = depth;
                }
                // A sum at a corner counts the cells below and left of it: those marked at (x - 1, y - 1).
                let marked = x > 0 && y > 0 && get(&depths, at - width - 1) > 0;
                let sum = u32::from(marked)
                    + before(&sums, at, x > 0, 1)
                    + before(&sums, at, y > 0, width)
                    - before(&sums, at, x > 0 && y > 0, width + 1);
                if let Some(cell) = sums.get_mut(at) {
                    *cell = sum;
                }
            }
        }
        Ink {
            cell_pt: self.cell_pt,
            columns: self.columns,
            rows: self.rows,
            sums,
        }
    }
}

impl Ink {
    /// Whether no cell that the box touches has ink.
    pub(crate) fn spares(&self, rect: Rect) -> bool {
        let [x0, y0, x1, y1] = touched(rect, self.cell_pt, self.columns, self.rows);
        if x0 >= x1 || y0 >= y1 {
            return true;
        }
        let sum = |x: usize, y: usize| get(&self.sums, y * (self.columns + 1) + x);
        sum(x1, y1) + sum(x0, y0) == sum(x0, y1) + sum(x1, y0)
    }
}

fn get<T: Copy + Default>(cells: &[T], at: usize) -> T {
    cells.get(at).copied().unwrap_or_default()
}

fn before<T: Copy + Default>(cells: &[T], at: usize, is_there: bool, back: usize) -> T {
    if is_there {
        get(cells, at.saturating_sub(back))
    } else {
        T::default()
    }
}

/// Columns and rows, from and up to but not including.
fn touched(rect: Rect, cell_pt: f64, columns: usize, rows: usize) -> [usize; 4] {
    let from = |points: f64, most: usize| cells(points / cell_pt, false).min(most);
    let to = |points: f64, most: usize| cells(points / cell_pt, true).min(most);
    [
        from(rect.llx, columns),
        from(rect.lly, rows),
        // A line of no width is seen too.
        to(rect.urx, columns).max((from(rect.llx, columns) + 1).min(columns)),
        to(rect.ury, rows).max((from(rect.lly, rows) + 1).min(rows)),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first; a number that is none becomes 0"
)]
fn cells(count: f64, up: bool) -> usize {
    let whole = if up { count.ceil() } else { count.floor() };
    whole.clamp(0.0, MOST_CELLS) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(llx: f64, lly: f64, urx: f64, ury: f64) -> Rect {
        Rect { llx, lly, urx, ury }
    }

    #[test]
    fn a_mark_is_met_by_what_touches_its_cells_and_by_nothing_else() {
        let mut grid = Grid::new(300.0, 600.0);
        grid.mark(rect(30.0, 60.0, 60.0, 61.0));
        grid.mark(rect(-50.0, 590.0, 900.0, 2_000.0));
        let ink = grid.finish();
        for (wanted, free) in [
            (rect(0.0, 0.0, 29.0, 500.0), true),
            (rect(0.0, 0.0, 31.0, 500.0), false),
            (rect(59.0, 0.0, 90.0, 61.0), false),
            (rect(60.0, 0.0, 90.0, 300.0), true),
            (rect(0.0, 63.0, 300.0, 585.0), true),
            (rect(299.0, 500.0, 300.0, 600.0), false),
        ] {
            assert_eq!(ink.spares(wanted), free, "{wanted:?}");
        }
    }

    #[test]
    fn a_line_without_width_and_a_page_of_any_size_are_seen() {
        let mut grid = Grid::new(14_400.0, 10.0);
        grid.mark(rect(7_200.0, 0.0, 7_200.0, 10.0));
        let ink = grid.finish();
        assert!(!ink.spares(rect(7_190.0, 2.0, 7_210.0, 4.0)));
        assert!(ink.spares(rect(7_300.0, 2.0, 7_400.0, 4.0)));
    }
}
