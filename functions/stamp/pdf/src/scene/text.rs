//! Text state and text showing (ISO 32000-2, 9.3 and 9.4).

use super::font::Font;
use super::geometry::Matrix;
use super::sheet::Sketch;
use crate::Rect;
use crate::syntax::Node;
use std::rc::Rc;

/// Where letters reach below and above their baseline, in units of their size.
const BELOW: f64 = -0.22;
const ABOVE: f64 = 0.78;

/// Everything that decides where the next letter stands.
#[derive(Clone)]
pub(super) struct Text {
    font: Option<Rc<Font>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    matrix: Matrix,
    line: Matrix,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            matrix: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
        }
    }
}

impl Text {
    pub(super) fn set_font(&mut self, font: Option<Rc<Font>>, size: f64) {
        self.font = font;
        self.size = size;
    }

    /// Applies a text operator; says how many letters it showed.
    pub(super) fn apply(
        &mut self,
        operator: &[u8],
        operands: &[Node],
        page: Matrix,
        clip: Rect,
        sketch: &mut Sketch,
    ) -> usize {
        let number = |at: usize| operands.get(at).and_then(Node::number).unwrap_or(0.0);
        let mut show = |text: &mut Self, at: usize| {
            let string = operands.get(at).and_then(Node::text).unwrap_or_default();
            text.show(string, page, clip, sketch)
        };
        match operator {
            b"BT" => self.set_line(Matrix::IDENTITY),
            b"Tm" => self.set_line(Matrix::read(operands).unwrap_or(self.line)),
            b"Td" => self.next_line(number(0), number(1)),
            b"TD" => {
                self.leading = -number(1);
                self.next_line(number(0), number(1));
            }
            b"T*" => self.next_line(0.0, -self.leading),
            b"Tc" => self.letter_space = number(0),
            b"Tw" => self.word_space = number(0),
            b"Tz" => self.stretch = number(0) / 100.0,
            b"TL" => self.leading = number(0),
            b"Ts" => self.rise = number(0),
            b"Tj" => return show(self, 0),
            b"'" => {
                self.next_line(0.0, -self.leading);
                return show(self, 0);
            }
            b"\"" => {
                (self.word_space, self.letter_space) = (number(0), number(1));
                self.next_line(0.0, -self.leading);
                return show(self, 2);
            }
            b"TJ" => return self.show_parts(operands.first(), page, clip, sketch),
            _ => {}
        }
        0
    }

    fn set_line(&mut self, matrix: Matrix) {
        (self.matrix, self.line) = (matrix, matrix);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.set_line(Matrix::shift(x, y).then(self.line));
    }

    fn show_parts(
        &mut self,
        parts: Option<&Node>,
        page: Matrix,
        clip: Rect,
        sketch: &mut Sketch,
    ) -> usize {
        let mut letters = 0;
        for part in parts.and_then(Node::items).unwrap_or_default() {
            if let Some(string) = part.text() {
                letters += self.show(string, page, clip, sketch);
            } else if let Some(back) = part.number() {
                self.advance(-back / 1000.0 * self.size * self.stretch);
            }
        }
        letters
    }

    fn advance(&mut self, x: f64) {
        self.matrix = Matrix::shift(x, 0.0).then(self.matrix);
    }

    fn show(&mut self, string: &[u8], page: Matrix, clip: Rect, sketch: &mut Sketch) -> usize {
        let Some(font) = self.font.clone() else {
            return 0;
        };
        let mut letters = 0;
        for shown in font.codes(string) {
            letters += 1;
            let size = Matrix([
                self.size * self.stretch,
                0.0,
                0.0,
                self.size,
                0.0,
                self.rise,
            ]);
            let place = size.then(self.matrix).then(page);
            sketch.letters(
                shown.letters,
                place.around([0.0, BELOW, shown.width, ABOVE]),
                clip,
            );
            let spaces = self.letter_space + if shown.is_space { self.word_space } else { 0.0 };
            self.advance((shown.width * self.size + spaces) * self.stretch);
        }
        letters
    }
}
