//! What letters a font's codes stand for (ISO 32000-2, 9.10).

use crate::Limits;
use crate::syntax::{Lexer, Node, Value};
use std::collections::HashMap;

/// Most codes kept of one font.
const MOST_CODES: usize = 70_000;

/// Letters by code.
pub(super) type Letters = HashMap<u32, Box<str>>;

/// Reads a ToUnicode character map: its `bfchar` and `bfrange` sections.
pub(super) fn character_map(text: &[u8]) -> Letters {
    let mut letters = Letters::new();
    // Entries written, not kept: a hostile map writes the same ones again and again.
    let mut left = MOST_CODES;
    let mut at = 0;
    while let Some((start, end, is_range)) = next_section(text, at) {
        at = end;
        let section = text.get(..end).unwrap_or_default();
        let mut lexer = Lexer::new(section, start, &Limits::DEFAULT);
        while let (Ok(first), Ok(second)) = (lexer.value(), lexer.value()) {
            let before = letters.len();
            if is_range {
                let Ok(target) = lexer.value() else { break };
                if let (Some(from), Some(to)) = (code(&first), code(&second)) {
                    left = left.saturating_sub(range(&mut letters, from..=to, &target, left));
                }
            } else if let (Some(code), Some(meaning)) = (code(&first), second.text()) {
                letters.insert(code, utf16(meaning));
            }
            left = left.saturating_sub(letters.len().saturating_sub(before).max(1));
            if left == 0 {
                return letters;
            }
        }
    }
    letters
}

/// Where the next section's entries start and end, and whether they are ranges. A section that doesn't end is none:
/// what is open in it would be sought to the end of the text.
fn next_section(text: &[u8], at: usize) -> Option<(usize, usize, bool)> {
    let rest = text.get(at..)?;
    for (found, _) in rest
        .windows(7)
        .enumerate()
        .filter(|(_, window)| *window == b"beginbf")
    {
        let here = rest.get(found..)?;
        for (kind, is_range) in [(b"beginbfrange".as_slice(), true), (b"beginbfchar", false)] {
            if here.starts_with(kind) {
                let entries = here.get(kind.len()..)?;
                let length = entries.windows(5).position(|window| window == b"endbf")?;
                let start = at + found + kind.len();
                return Some((start, start + length, is_range));
            }
        }
    }
    None
}

/// Writes the entries of a range, `most` of them; says how many.
fn range(
    letters: &mut Letters,
    codes: std::ops::RangeInclusive<u32>,
    target: &Node,
    most: usize,
) -> usize {
    let codes = codes.take(most);
    let mut written = 0;
    if let Some(items) = target.items() {
        for (code, item) in codes.zip(items) {
            letters.insert(code, item.text().map(utf16).unwrap_or_default());
            written += 1;
        }
    } else if let Some((last, head)) = target.text().and_then(<[u8]>::split_last) {
        // Only the last byte counts up; a range must not run over it.
        for (code, last) in codes.zip(*last..=u8::MAX) {
            letters.insert(code, utf16(&[head, &[last]].concat()));
            written += 1;
        }
    }
    written
}

fn code(node: &Node) -> Option<u32> {
    let bytes = node.text().filter(|bytes| bytes.len() <= 4)?;
    Some(
        bytes
            .iter()
            .fold(0, |code, byte| code << 8 | u32::from(*byte)),
    )
}

fn utf16(bytes: &[u8]) -> Box<str> {
    let units = bytes.chunks(2).map(|pair| match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        [low] => u16::from(*low),
        _ => 0,
    });
    let units: Vec<u16> = units.take(8).collect();
    String::from_utf16_lossy(&units).into_boxed_str()
}

/// Reads the Differences of a simple font's encoding: letters and digits, which is what phrases are made of.
pub(super) fn differences(items: &[Node]) -> Letters {
    let mut letters = Letters::new();
    let mut code = 0_u32;
    for item in items {
        match &item.value {
            Value::Int(next) => code = u32::try_from(*next).unwrap_or(0),
            Value::Name(name) => {
                if let Some(letter) = named(name) {
                    letters.insert(code, letter.to_string().into_boxed_str());
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    letters
}

fn named(name: &[u8]) -> Option<char> {
    const DIGITS: [&[u8]; 10] = [
        b"zero", b"one", b"two", b"three", b"four", b"five", b"six", b"seven", b"eight", b"nine",
    ];
    if let [letter] = name {
        return Some(char::from(*letter));
    }
    if let Some(digit) = DIGITS.iter().position(|digit| *digit == name) {
        return char::from_digit(u32::try_from(digit).ok()?, 10);
    }
    let digits = std::str::from_utf8(name.strip_prefix(b"uni")?).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_map_tells_letters() {
        let text = b"1 beginbfchar <01> <004D> <02> <00660069> endbfchar \
            2 beginbfrange <0010> <0012> <0061> <20> <21> [<0058> <0059>] endbfrange \
            beginbfchar <30>";
        let letters = character_map(text);
        for (code, letter) in [
            (1, "M"),
            (2, "fi"),
            (16, "a"),
            (18, "c"),
            (32, "X"),
            (33, "Y"),
        ] {
            assert_eq!(
                letters.get(&code).map(AsRef::as_ref),
                Some(letter),
                "{code}"
            );
        }
        assert_eq!(letters.len(), 7);
    }

    #[test]
    fn a_range_of_all_codes_costs_no_more_than_one_byte_can_count() {
        let letters = character_map(b"beginbfrange <00000000> <FFFFFFFF> <0000> endbfrange");
        assert_eq!(letters.len(), 256);
    }

    #[test]
    fn differences_name_letters_and_digits() {
        let text = b"[65/M/a 100/three/uni0041/Euro/z]";
        let node = Lexer::new(text, 0, &Limits::DEFAULT).value().unwrap();
        let letters = differences(node.items().unwrap());
        for (code, letter) in [(65, "M"), (66, "a"), (100, "3"), (101, "A"), (103, "z")] {
            assert_eq!(
                letters.get(&code).map(AsRef::as_ref),
                Some(letter),
                "{code}"
            );
        }
        assert!(!letters.contains_key(&102));
    }
}
