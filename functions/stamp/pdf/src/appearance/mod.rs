//! How the stamp looks: a pink square with the QR code in the middle.
//!
//! A specimen by design: it says so in words, and has nothing of the state emblem.

mod glyphs;
mod qr;

use crate::DocumentKind;
use glyphs::{Align, CAP_EM, Line, Typeface};
use qr::Code;
use std::fmt::Write;

/// The design's own units: the square runs from 0 to this.
pub(crate) const UNITS: f32 = 1000.0;
/// The colour space the content names; device-independent, so that PDF/A files stay PDF/A (ISO 19005, 6.2.4).
pub(crate) const COLOR_SPACE: &str = "[/CalRGB<</WhitePoint[.9505 1 1.089]/Gamma[2.2 2.2 2.2]\
    /Matrix[.4124 .2126 .0193 .3576 .7152 .1192 .1805 .0722 .9505]>>]";

const PINK: &str = ".984 .769 .847 sc\n";
const PALE: &str = "1 .953 .973 sc\n";
const DEEP: &str = ".729 .086 .392 sc\n";
const INK: &str = ".227 .016 .118 sc\n";

/// The frame, the band on top, and the square of the code with its quiet zone.
const FRAME: f32 = 10.0;
const BAND_BOTTOM: f32 = 906.0;
const CODE_LEFT: f32 = 98.0;
const CODE_BOTTOM: f32 = 102.0;
const CODE_SIDE: f32 = 804.0;

/// What the stamp says.
pub(crate) struct Face<'a> {
    pub(crate) serial: &'a str,
    pub(crate) kind: DocumentKind,
    pub(crate) verify_url: &'a str,
}

/// The content stream, or nothing when the address is too long for a QR code.
pub(crate) fn content(face: &Face<'_>) -> Option<String> {
    let code = Code::new(face.verify_url)?;
    let typeface = Typeface::load()?;
    let mut out = String::from("/C cs\n");
    let inner = UNITS - 2.0 * FRAME;
    fill(&mut out, DEEP, [0.0, 0.0, UNITS, UNITS]);
    fill(&mut out, PINK, [FRAME, FRAME, inner, BAND_BOTTOM - FRAME]);
    fill(
        &mut out,
        PALE,
        [CODE_LEFT, CODE_BOTTOM, CODE_SIDE, CODE_SIDE],
    );
    out.push_str(INK);
    code.paint(&mut out, CODE_LEFT, CODE_BOTTOM, CODE_SIDE);
    words(&mut out, &typeface, face);
    Some(out)
}

fn fill(out: &mut String, color: &str, [x, y, width, height]: [f32; 4]) {
    _ = writeln!(out, "{color}{x} {y} {width} {height} re f");
}

fn words(out: &mut String, typeface: &Typeface, face: &Face<'_>) {
    let middle = UNITS / 2.0;
    out.push_str("1 1 1 sc\n");
    typeface.paint(
        out,
        &Line {
            text: "METERAI ELEKTRONIK",
            x: middle,
            y: centred(BAND_BOTTOM, UNITS, 88.0),
            size: 88.0,
            widest: 900.0,
            tracking: 0.05,
            align: Align::Centre,
            upward: false,
        },
    );
    out.push_str(INK);
    typeface.paint(
        out,
        &Line {
            text: "10000",
            x: 34.0,
            y: centred(FRAME, CODE_BOTTOM, 92.0),
            size: 92.0,
            widest: 300.0,
            tracking: 0.0,
            align: Align::Left,
            upward: false,
        },
    );
    let kind = format!("JENIS DOKUMEN {}", face.kind.code().to_uppercase());
    for (text, y, size) in [
        ("SEPULUH RIBU RUPIAH", 57.0, 46.0),
        (kind.as_str(), 24.0, 36.0),
    ] {
        typeface.paint(
            out,
            &Line {
                text,
                x: UNITS - 34.0,
                y,
                size,
                widest: 570.0,
                tracking: 0.0,
                align: Align::Right,
                upward: false,
            },
        );
    }
    let sides = [
        (
            INK,
            face.serial,
            centred_upward(FRAME, CODE_LEFT, 60.0),
            60.0,
            0.0,
        ),
        (
            DEEP,
            "CONTOH / SPECIMEN",
            centred_upward(CODE_LEFT + CODE_SIDE, UNITS - FRAME, 62.0),
            62.0,
            0.06,
        ),
    ];
    for (color, text, x, size, tracking) in sides {
        out.push_str(color);
        typeface.paint(
            out,
            &Line {
                text,
                x,
                y: CODE_BOTTOM + CODE_SIDE / 2.0,
                size,
                widest: CODE_SIDE - 60.0,
                tracking,
                align: Align::Centre,
                upward: true,
            },
        );
    }
}

/// The baseline that centres capitals of this size between two heights.
fn centred(low: f32, high: f32, size: f32) -> f32 {
    f32::midpoint(low, high) - size * CAP_EM / 2.0
}

/// The same for text that reads upwards, between two columns.
fn centred_upward(left: f32, right: f32, size: f32) -> f32 {
    f32::midpoint(left, right) + size * CAP_EM / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_paints_opaquely_and_names_no_font() {
        let face = Face {
            serial: "7K3M9Q2X8R4T6W1Z5Y0P",
            kind: DocumentKind::Statement,
            verify_url: "https://example.id/v/7K3M9Q2X8R4T6W1Z5Y0P",
        };
        let content = content(&face).unwrap();
        for operator in ["Tf", "Tj", "gs", "Do"] {
            assert!(
                !content.split_whitespace().any(|word| word == operator),
                "{operator}"
            );
        }
    }
}
