//! How the stamp looks: a spine with the title and the serial, the value above, and the QR code.
//!
//! A specimen by design: it says so in words, and has nothing of the state emblem.

mod glyphs;
mod mask;
mod picture;
mod qr;

pub(crate) use picture::Samples;
pub use picture::{Picture, PictureError};

use glyphs::{Align, CAP_EM, Line};
use qr::Code;
use std::fmt::Write;

/// The design's own units: the square runs from 0 to this.
pub(crate) const UNITS: f32 = 1000.0;
/// The colour space the content names; device-independent, so that PDF/A files stay PDF/A (ISO 19005-1, 6.2.3).
pub(crate) const COLOR_SPACE: &str = "[/CalRGB<</WhitePoint[.95 1 1.09]/Gamma[2.2 2.2 2.2]\
    /Matrix[.41 .21 .02 .36 .72 .12 .18 .07 .95]>>]";

/// The same for a picture without colours.
pub(crate) const GREY_SPACE: &str = "[/CalGray<</WhitePoint[.95 1 1.09]/Gamma 2.2>>]";

const DEEP: &str = ".66 .07 .36 sc\n";
const PALE: &str = ".99 .92 .95 sc\n";
const INK: &str = ".2 .03 .12 sc\n";
const WHITE: &str = "1 1 1 sc\n";

/// Width of the frame around the panel, and of the spine to its left.
const FRAME: f32 = 10.0;
const SPINE: f32 = 164.0;
/// Side of the square of the code with its quiet zone: as wide as the panel.
const CODE_SIDE: f32 = UNITS - SPINE - FRAME;
/// Space between the panel's edge and the words.
const INDENT: f32 = 24.0;

/// What the stamp says.
pub(crate) struct Face<'a> {
    pub(crate) serial: &'a str,
    pub(crate) verify_url: &'a str,
}

/// The content stream, or nothing when the address is too long for a QR code.
pub(crate) fn content(face: &Face<'_>) -> Option<String> {
    let code = Code::new(face.verify_url)?;
    let mut out = String::from("/C cs\n");
    fill(&mut out, DEEP, [0.0, 0.0, UNITS, UNITS]);
    fill(
        &mut out,
        PALE,
        [SPINE, FRAME, CODE_SIDE, UNITS - 2.0 * FRAME],
    );
    out.push_str(INK);
    code.paint(&mut out, SPINE, FRAME, CODE_SIDE);
    value(&mut out);
    spine(&mut out, face.serial);
    Some(out)
}

/// The content stream that shows a picture in the middle of the square, as large as its proportions allow.
pub(crate) fn pictured(picture: &Picture) -> String {
    let (width, height) = (f64::from(picture.width), f64::from(picture.height));
    let scale = f64::from(UNITS) / width.max(height);
    let (width, height) = (width * scale, height * scale);
    let (left, bottom) = (
        (f64::from(UNITS) - width) / 2.0,
        (f64::from(UNITS) - height) / 2.0,
    );
    format!("q {width:.1} 0 0 {height:.1} {left:.1} {bottom:.1} cm/P Do Q")
}

fn fill(out: &mut String, color: &str, [x, y, width, height]: [f32; 4]) {
    _ = writeln!(out, "{color}{x} {y} {width} {height} re f");
}

/// The value, in figures and in words, and that this is a specimen.
fn value(out: &mut String) {
    const BASE: f32 = 864.0;
    const FIGURES: f32 = 140.0;
    let right = UNITS - FRAME - INDENT;
    let line = |text, y, size, align| Line {
        text,
        x: if matches!(align, Align::Left) {
            SPINE + INDENT
        } else {
            right
        },
        y,
        size,
        widest: 400.0,
        align,
        upward: false,
    };
    glyphs::paint(out, &line("10000", BASE, FIGURES, Align::Left));
    let words = 44.0;
    glyphs::paint(out, &line("SEPULUH RIBU RUPIAH", BASE, words, Align::Right));
    out.push_str(DEEP);
    let size = 64.0;
    // The tops of figures and words are level.
    let y = BASE + (FIGURES - size) * CAP_EM;
    glyphs::paint(out, &line("CONTOH/SPECIMEN", y, size, Align::Right));
}

/// The title and the serial, reading upwards.
fn spine(out: &mut String, serial: &str) {
    let serial = grouped(serial);
    out.push_str(WHITE);
    for (text, x, size) in [("METERAI ELEKTRONIK", 81.0, 100.0), (&serial, 142.0, 56.0)] {
        glyphs::paint(
            out,
            &Line {
                text,
                x,
                y: UNITS / 2.0,
                size,
                widest: UNITS - 2.0 * INDENT,
                align: Align::Centre,
                upward: true,
            },
        );
    }
}

/// Sixteen letters and digits are easier to read out in fours.
fn grouped(serial: &str) -> String {
    if serial.len() != 16 || !serial.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return serial.to_owned();
    }
    let mut out = String::new();
    for (index, letter) in serial.chars().enumerate() {
        if index > 0 && index.is_multiple_of(4) {
            out.push(' ');
        }
        out.push(letter);
    }
    out
}

/// A number as short as its use allows: two decimals, no zeros that say nothing.
fn short(number: f32) -> String {
    let text = format!("{number:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.strip_prefix("0.") {
        Some(fraction) => format!(".{fraction}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(serial: &str) -> String {
        let verify_url = format!("HTTPS://BUBUH.EXAMPLE.ID/V/{serial}");
        content(&Face {
            serial,
            verify_url: &verify_url,
        })
        .unwrap()
    }

    #[test]
    fn the_content_paints_opaquely_and_names_no_font() {
        let content = face("7K3M9Q2X8R4T6W1Z");
        for operator in ["Tf", "Tj", "gs", "Do", "BI", "sh"] {
            assert!(
                !content.split_whitespace().any(|word| word == operator),
                "{operator}"
            );
        }
    }

    #[test]
    fn the_look_is_small_when_compressed() {
        for serial in ["7K3M9Q2X8R4T6W1Z", "0123456789ABCDEF", "GHJKMNPQRSTVWXYZ"] {
            let bytes = crate::file::deflate(face(serial).as_bytes()).unwrap().len();
            assert!(bytes <= 2_150, "{serial}: {bytes}");
        }
    }

    #[test]
    fn a_serial_of_sixteen_is_shown_in_fours_and_others_as_they_are() {
        assert_eq!(grouped("7K3M9Q2X8R4T6W1Z"), "7K3M 9Q2X 8R4T 6W1Z");
        for other in ["ABC-123", "7K3M9Q2X8R4T6W1Z5Y0P", "7K3M-Q2X8R4T6W1Z"] {
            assert_eq!(grouped(other), other);
        }
    }

    #[test]
    fn numbers_are_written_short() {
        for (number, text) in [(0.5, ".5"), (12.0, "12"), (22.345, "22.34"), (100.0, "100")] {
            assert_eq!(short(number), text);
        }
    }
}
