//! Text as paths: no font enters the document, so nothing can be missing or substituted.
//!
//! A letter is written the same way wherever it stands, its advance included, so that compression pays for each
//! letter once.

use super::short;
use std::fmt::Write;
use std::sync::LazyLock;

/// One glyph a line: character, advance, path.
static GLYPHS: &str = include_str!("../../assets/glyphs.txt");
/// Units per em of the outlines.
const UNITS: f32 = 64.0;
/// Extra space between letters, in the same units.
const TRACKING: f32 = 2.0;
/// Height of capitals in this font, in ems.
pub(super) const CAP_EM: f32 = 0.711;

/// A line of text: where its baseline starts, centres or ends, how large, which way up.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) x: f32,
    pub(super) y: f32,
    /// Font size; with `widest`, the most it may be.
    pub(super) size: f32,
    /// The text shrinks to this width.
    pub(super) widest: f32,
    pub(super) align: Align,
    /// Reads upwards.
    pub(super) upward: bool,
}

pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// The lines, in the order of their characters.
static LINES: LazyLock<Vec<&str>> = LazyLock::new(|| GLYPHS.lines().collect());

/// A letter's advance and path; one that has none is left blank.
fn glyph(letter: char) -> (f32, &'static str) {
    let index = u32::from(letter).checked_sub(u32::from(' '));
    let index = index.and_then(|index| usize::try_from(index).ok());
    let line = index.and_then(|index| LINES.get(index).copied());
    let line = line.filter(|line| line.starts_with(letter));
    let mut cells = line.unwrap_or(" ").split('\t').skip(1);
    let advance = cells.next().and_then(|advance| advance.parse().ok());
    (advance.unwrap_or(UNITS / 4.0), cells.next().unwrap_or(""))
}

/// Width in ems, without the space after the last letter.
fn width_em(text: &str) -> f32 {
    let letters: f32 = text.chars().map(|letter| glyph(letter).0 + TRACKING).sum();
    (letters - TRACKING).max(0.0) / UNITS
}

/// Appends the operators that paint the line in the current fill colour.
pub(super) fn paint(out: &mut String, line: &Line<'_>) {
    let width_em = width_em(line.text);
    let size = if width_em > 0.0 {
        line.size.min(line.widest / width_em)
    } else {
        line.size
    };
    let back = match line.align {
        Align::Left => 0.0,
        Align::Centre => width_em * size / 2.0,
        Align::Right => width_em * size,
    };
    let scale = short(size / UNITS);
    _ = if line.upward {
        let (x, y) = (line.x, line.y - back);
        writeln!(out, "q 0 {scale} -{scale} 0 {x:.0} {y:.0} cm")
    } else {
        let (x, y) = (line.x - back, line.y);
        writeln!(out, "q {scale} 0 0 {scale} {x:.0} {y:.0} cm")
    };
    for letter in line.text.chars() {
        let (advance, path) = glyph(letter);
        if !path.is_empty() {
            _ = writeln!(out, "{path} f");
        }
        _ = writeln!(out, "1 0 0 1 {:.0} 0 cm", advance + TRACKING);
    }
    out.push_str("Q\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_character_has_a_shape_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for letter in (b'!'..=b'~').map(char::from) {
            let (advance, path) = glyph(letter);
            assert!(advance > 0.0 && !path.is_empty(), "{letter}");
            assert!(seen.insert(path), "{letter} looks like another");
        }
        assert_eq!(glyph(' ').1, "");
    }

    #[test]
    fn outlines_hold_nothing_but_path_operators() {
        for line in GLYPHS.lines() {
            for word in line.split('\t').skip(2).flat_map(str::split_whitespace) {
                let number = word.parse::<i32>().is_ok_and(|n| n.abs() <= 128);
                assert!(
                    number || ["m", "l", "c", "v", "y"].contains(&word),
                    "{word}"
                );
            }
        }
    }

    #[test]
    fn long_text_shrinks_to_its_width() {
        let text = "W".repeat(64);
        let mut out = String::new();
        let line = Line {
            text: &text,
            x: 0.0,
            y: 0.0,
            size: 100.0,
            widest: 700.0,
            align: Align::Left,
            upward: false,
        };
        paint(&mut out, &line);
        let scale = short(700.0 / width_em(&text) / UNITS);
        assert!(out.starts_with(&format!("q {scale} 0 0 ")), "{out}");
    }
}
