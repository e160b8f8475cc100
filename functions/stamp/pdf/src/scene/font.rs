//! As much of a font as is needed to say where its letters stand and what they mean.

use super::effort::Effort;
use super::geometry::Matrix;
use super::stream::decoded;
use super::unicode::{Letters, character_map, differences};
use crate::file::Document;
use crate::syntax::Node;
use std::collections::BTreeMap;

/// Width of a letter whose font doesn't say, in thousandths of its size.
const USUAL_WIDTH: f64 = 556.0;

/// First code of a run, its last code, and the width of each.
type Widths = BTreeMap<u32, (u32, f64)>;

/// A font's codes: how long, how wide, which letters.
#[derive(Debug)]
pub(super) struct Font {
    /// Two bytes a code, as nearly all composite fonts have.
    wide_codes: bool,
    /// In units of the font size.
    widths: Widths,
    other_width: f64,
    letters: Letters,
    /// A code without an entry is the letter of that number (only so for fonts with a common encoding).
    plain: bool,
}

/// One code of a string.
pub(super) struct Shown<'a> {
    pub(super) letters: &'a str,
    /// Width in units of the font size.
    pub(super) width: f64,
    /// The one-byte code 32, which word spacing applies to.
    pub(super) is_space: bool,
}

impl Font {
    pub(super) fn read(document: &Document<'_>, dict: &Node, effort: &mut Effort) -> Option<Self> {
        effort.read(dict.span.len());
        let kind = dict.get(b"Subtype").and_then(Node::name);
        let encoding = document.lookup(dict, b"Encoding").ok()?;
        let mapped = dict.get(b"ToUnicode").and_then(Node::reference);
        let mapped = mapped.and_then(|id| decoded(document, id, effort));
        let named = encoding.as_ref().and_then(|encoding| {
            let list = document.lookup(encoding, b"Differences").ok()??;
            Some(differences(list.items()?))
        });
        let letters = mapped.map(|(_, text)| character_map(&text)).or(named);
        if kind == Some(b"Type0") {
            let (widths, other_width) = composite_widths(document, dict).unwrap_or_default();
            return Some(Self {
                wide_codes: true,
                widths,
                other_width,
                letters: letters.unwrap_or_default(),
                plain: false,
            });
        }
        let scale = if kind == Some(b"Type3") {
            let matrix = document.lookup(dict, b"FontMatrix").ok()??;
            Matrix::read(matrix.items()?)?.0[0].abs()
        } else {
            0.001
        };
        Some(Self {
            wide_codes: false,
            widths: simple_widths(document, dict, scale).unwrap_or_default(),
            other_width: USUAL_WIDTH / 1000.0,
            letters: letters.unwrap_or_default(),
            plain: true,
        })
    }

    fn width(&self, code: u32) -> f64 {
        let run = self.widths.range(..=code).next_back();
        run.filter(|(_, (last, _))| code <= *last)
            .map_or(self.other_width, |(_, (_, width))| *width)
    }

    /// The codes of a string, in order.
    pub(super) fn codes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Shown<'a>> {
        let length = if self.wide_codes { 2 } else { 1 };
        text.chunks(length).map(|bytes| {
            let code = bytes
                .iter()
                .fold(0_u32, |code, byte| code << 8 | u32::from(*byte));
            let letters = self.letters.get(&code).map(AsRef::as_ref);
            let plain = || {
                let ascii = self.plain && bytes.is_ascii();
                std::str::from_utf8(bytes).ok().filter(|_| ascii)
            };
            Shown {
                letters: letters.or_else(plain).unwrap_or("\u{fffd}"),
                width: self.width(code),
                is_space: bytes == b" ",
            }
        })
    }
}

fn simple_widths(document: &Document<'_>, dict: &Node, scale: f64) -> Option<Widths> {
    let first = document.lookup(dict, b"FirstChar").ok()??.int()?;
    let list = document.lookup(dict, b"Widths").ok()??;
    let codes = u32::try_from(first).ok()?..;
    let widths = list.items()?.iter().take(256);
    let pairs = codes
        .zip(widths)
        .filter_map(|(code, width)| Some((code, (code, width.number()? * scale))));
    Some(pairs.collect())
}

/// `W` and `DW` of the descendant (ISO 32000-2, 9.7.4.3).
fn composite_widths(document: &Document<'_>, dict: &Node) -> Option<(Widths, f64)> {
    let list = document.lookup(dict, b"DescendantFonts").ok()??;
    let descendant = document.resolve(list.items()?.first()?).ok()??;
    let other = document
        .lookup(&descendant, b"DW")
        .ok()?
        .and_then(|node| node.number());
    let mut widths = Widths::new();
    let list = document.lookup(&descendant, b"W").ok()?;
    let mut items = list.as_ref().and_then(Node::items).unwrap_or_default();
    while let [first, second, rest @ ..] = items {
        let Some(from) = first.int().and_then(|code| u32::try_from(code).ok()) else {
            break;
        };
        items = rest;
        if let Some(run) = second.items() {
            let pairs = (from..).zip(run.iter().filter_map(Node::number));
            widths.extend(pairs.map(|(code, width)| (code, (code, width / 1000.0))));
        } else {
            let [width, rest @ ..] = items else { break };
            items = rest;
            let to = second.int().and_then(|code| u32::try_from(code).ok());
            let (Some(to), Some(width)) = (to, width.number()) else {
                break;
            };
            widths.insert(from, (to, width / 1000.0));
        }
    }
    Some((widths, other.unwrap_or(1000.0) / 1000.0))
}
