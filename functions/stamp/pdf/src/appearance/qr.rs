//! The QR code as rectangles of one path: filled at once, so that no hairline shows where they touch.

use super::{mask, short};
use qrcode::canvas::Canvas;
use qrcode::{EcLevel, bits, ec};
use std::fmt::Write;

/// Light modules around the code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;
/// Side of a finder pattern in modules.
const FINDER: usize = 7;

/// A code of level M.
pub(super) struct Code {
    dark: Vec<bool>,
    width: usize,
}

/// Left, top, width and height in modules. The order groups equal shapes, which compresses best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Block {
    width: usize,
    height: usize,
    left: usize,
    top: usize,
}

impl Code {
    pub(super) fn new(text: &str) -> Option<Self> {
        let bits = bits::encode_auto(text.as_bytes(), EcLevel::M).ok()?;
        let version = bits.version();
        let (data, correction) =
            ec::construct_codewords(&bits.into_bytes(), version, EcLevel::M).ok()?;
        let mut canvas = Canvas::new(version, EcLevel::M);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        let width = usize::try_from(version.width()).ok()?;
        let dark = mask::masked(&canvas, width)?;
        Some(Self { dark, width })
    }

    fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.width
            && self
                .dark
                .get(row * self.width + column)
                .copied()
                .unwrap_or(false)
    }

    /// Corners of the three finder patterns, which are drawn as nested squares.
    fn finders(&self) -> [(usize, usize); 3] {
        let far = self.width.saturating_sub(FINDER);
        [(0, 0), (far, 0), (0, far)]
    }

    fn in_finder(&self, column: usize, row: usize) -> bool {
        let near = |at: usize, corner: usize| (corner..corner + FINDER).contains(&at);
        self.finders()
            .iter()
            .any(|(left, top)| near(column, *left) && near(row, *top))
    }

    /// Appends operators that fill the dark modules; the quiet zone included, the code takes the square at
    /// (`x`, `y`) of the given side.
    pub(super) fn paint(&self, out: &mut String, x: f32, y: f32, side: f32) {
        let modules = self.width + 2 * QUIET;
        #[expect(clippy::cast_precision_loss, reason = "at most 185 modules")]
        let (module, quiet, height) = (side / modules as f32, QUIET as f32, modules as f32);
        // Rows count downwards, PDF upwards: flip once here.
        let (left, top) = (x + quiet * module, y + (height - quiet) * module);
        let (module, left, top) = (short(module), short(left), short(top));
        _ = writeln!(out, "q {module} 0 0 -{module} {left} {top} cm");
        for block in self.finder_blocks().into_iter().chain(self.data_blocks()) {
            let Block {
                width,
                height,
                left,
                top,
            } = block;
            _ = writeln!(out, "{left} {top} {width} {height} re");
        }
        out.push_str("f*\nQ\n");
    }

    /// Dark square, light ring, dark core: nested, so that the even-odd rule leaves the ring light.
    fn finder_blocks(&self) -> Vec<Block> {
        let corners = self.finders().into_iter();
        let nested = corners.flat_map(|(left, top)| {
            (0..3).map(move |inset| Block {
                width: FINDER - 2 * inset,
                height: FINDER - 2 * inset,
                left: left + inset,
                top: top + inset,
            })
        });
        nested.collect()
    }

    /// The other dark modules: runs along the rows, equal ones below each other joined.
    fn data_blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        for row in 0..self.width {
            let wanted = |column| self.is_dark(column, row) && !self.in_finder(column, row);
            let mut left = 0;
            while left < self.width {
                let width = (left..self.width).take_while(|at| wanted(*at)).count();
                if width > 0 {
                    let above = |block: &&mut Block| {
                        (block.left, block.width, block.top + block.height) == (left, width, row)
                    };
                    if let Some(above) = blocks.iter_mut().find(above) {
                        above.height += 1;
                    } else {
                        blocks.push(Block {
                            width,
                            height: 1,
                            left,
                            top: row,
                        });
                    }
                }
                left += width.max(1);
            }
        }
        blocks.sort_unstable();
        blocks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rectangles_fill_just_the_dark_modules() {
        for address in [
            "HTTPS://EXAMPLE.ID/V/7K3M9Q2X8R4T6W1Z",
            &"https://example.id/".repeat(10),
        ] {
            let code = Code::new(address).unwrap();
            let blocks = [code.finder_blocks(), code.data_blocks()].concat();
            for row in 0..code.width {
                for column in 0..code.width {
                    let covers = |block: &&Block| {
                        (block.left..block.left + block.width).contains(&column)
                            && (block.top..block.top + block.height).contains(&row)
                    };
                    let filled = blocks.iter().filter(covers).count() % 2 == 1;
                    assert_eq!(filled, code.is_dark(column, row), "{column},{row}");
                }
            }
        }
    }

    #[test]
    fn the_mask_is_the_one_that_a_whole_evaluation_chooses() {
        for number in 0..40 {
            let address = format!(
                "HTTPS://{}.ID/V/{number:016X}",
                "B".repeat(number * number % 150)
            );
            let code = Code::new(&address).unwrap();
            let other = qrcode::QrCode::new(&address).unwrap();
            let dark = other.to_colors().into_iter();
            let dark: Vec<_> = dark.map(|color| color == qrcode::Color::Dark).collect();
            assert_eq!(code.dark, dark, "{address}");
        }
    }

    #[test]
    fn an_upper_case_address_needs_a_coarser_code() {
        let upper = Code::new("HTTPS://BUBUH.EXAMPLE.ID/V/7K3M9Q2X8R4T6W1Z").unwrap();
        let lower = Code::new("https://bubuh.example.id/v/7K3M9Q2X8R4T6W1Z").unwrap();
        assert_eq!((upper.width, lower.width), (29, 33));
    }
}
