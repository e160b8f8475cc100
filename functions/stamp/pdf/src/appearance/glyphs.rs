//! Text as paths: no font enters the document, so nothing can be missing or substituted.

use std::fmt::Write;
use ttf_parser::{Face, GlyphId, OutlineBuilder};

static FONT: &[u8] = include_bytes!("../../assets/RobotoCondensed-Bold.subset.ttf");
/// Outline numbers are written as integers in this many units per em.
const UNITS: f32 = 1000.0;
/// Height of capitals in this font, in ems.
pub(super) const CAP_EM: f32 = 0.711;

/// The typeface of the stamp.
pub(super) struct Typeface(Face<'static>);

/// A line of text: where its baseline starts or centres, how large, which way up.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) x: f32,
    pub(super) y: f32,
    /// Font size; with `widest`, the most it may be.
    pub(super) size: f32,
    /// The text shrinks to this width.
    pub(super) widest: f32,
    /// Extra space between letters, in ems.
    pub(super) tracking: f32,
    pub(super) align: Align,
    /// Reads upwards.
    pub(super) upward: bool,
}

pub(super) enum Align {
    Left,
    Centre,
    Right,
}

impl Typeface {
    pub(super) fn load() -> Option<Self> {
        Face::parse(FONT, 0).ok().map(Self)
    }

    fn glyphs<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (GlyphId, f32)> + 'a {
        let em = f32::from(self.0.units_per_em());
        text.chars().map(move |letter| {
            let glyph = self.0.glyph_index(letter).unwrap_or(GlyphId(0));
            let advance = self.0.glyph_hor_advance(glyph).unwrap_or(0);
            (glyph, (f32::from(advance) * UNITS / em).round())
        })
    }

    /// Width in ems.
    fn width(&self, text: &str, tracking: f32) -> f32 {
        let letters = self
            .glyphs(text)
            .map(|(_, advance)| advance / UNITS + tracking)
            .sum::<f32>();
        (letters - tracking).max(0.0)
    }

    /// Appends the operators that paint the line in the current fill colour.
    pub(super) fn paint(&self, out: &mut String, line: &Line<'_>) {
        let width = self.width(line.text, line.tracking);
        let size = if width > 0.0 {
            line.size.min(line.widest / width)
        } else {
            line.size
        };
        let back = match line.align {
            Align::Left => 0.0,
            Align::Centre => width * size / 2.0,
            Align::Right => width * size,
        };
        let scale = size / UNITS;
        _ = if line.upward {
            writeln!(
                out,
                "q 0 {scale:.4} -{scale:.4} 0 {:.1} {:.1} cm",
                line.x,
                line.y - back
            )
        } else {
            writeln!(
                out,
                "q {scale:.4} 0 0 {scale:.4} {:.1} {:.1} cm",
                line.x - back,
                line.y
            )
        };
        let em = f32::from(self.0.units_per_em());
        let mut step = 0.0;
        for (glyph, advance) in self.glyphs(line.text) {
            if step > 0.0 {
                _ = writeln!(out, "1 0 0 1 {step:.0} 0 cm");
            }
            let mut outline = Outline {
                out,
                scale: UNITS / em,
                at: (0.0, 0.0),
            };
            if self.0.outline_glyph(glyph, &mut outline).is_some() {
                out.push_str("f\n");
            }
            step = advance + line.tracking * UNITS;
        }
        out.push_str("Q\n");
    }
}

struct Outline<'a> {
    out: &'a mut String,
    scale: f32,
    at: (f32, f32),
}

impl Outline<'_> {
    fn point(&mut self, x: f32, y: f32) {
        _ = write!(self.out, "{:.0} {:.0} ", x * self.scale, y * self.scale);
    }
}

impl OutlineBuilder for Outline<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        self.point(x, y);
        self.out.push_str("m\n");
        self.at = (x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.point(x, y);
        self.out.push_str("l\n");
        self.at = (x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (x0, y0) = self.at;
        let towards = |end: f32, control: f32| end + (control - end) * 2.0 / 3.0;
        self.curve_to(
            towards(x0, x1),
            towards(y0, y1),
            towards(x, x1),
            towards(y, y1),
            x,
            y,
        );
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.point(x1, y1);
        self.point(x2, y2);
        self.point(x, y);
        self.out.push_str("c\n");
        self.at = (x, y);
    }

    fn close(&mut self) {
        self.out.push_str("h\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_character_has_a_shape() {
        let typeface = Typeface::load().unwrap();
        for letter in (b' '..=b'~').map(char::from).chain(['·']) {
            assert_ne!(
                typeface.0.glyph_index(letter).unwrap(),
                GlyphId(0),
                "{letter}"
            );
        }
    }

    #[test]
    fn long_text_shrinks_to_its_width() {
        let typeface = Typeface::load().unwrap();
        let wide = typeface.width(&"W".repeat(64), 0.0);
        let mut out = String::new();
        typeface.paint(
            &mut out,
            &Line {
                text: &"W".repeat(64),
                x: 0.0,
                y: 0.0,
                size: 100.0,
                widest: 700.0,
                tracking: 0.0,
                align: Align::Left,
                upward: false,
            },
        );
        assert!(out.starts_with(&format!("q {:.4} ", 700.0 / wide / UNITS)));
    }
}
