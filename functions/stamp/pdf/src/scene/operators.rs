//! A content stream as operators and their operands (ISO 32000-2, 7.8.2). What can't be read is skipped.

use crate::Limits;
use crate::syntax::{Lexer, Node, Value};

/// Most operands kept for one operator.
const MOST_OPERANDS: usize = 64;
/// One operand's own limits: text arrays are long, but flat.
const OPERAND: Limits = Limits {
    values: 20_000,
    depth: 8,
    ..Limits::DEFAULT
};

/// Reads a content stream from its start.
pub(super) struct Operators<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How much may still be read in vain: what never closes is read to its end, from each place where it opens.
    vain: usize,
}

impl<'a> Operators<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            vain: bytes.len().saturating_mul(4),
        }
    }

    /// The next operator; its operands replace what `operands` held. An inline image is one operator, `EI`.
    pub(super) fn next(&mut self, operands: &mut Vec<Node>) -> Option<&'a [u8]> {
        operands.clear();
        loop {
            let mut lexer = Lexer::new(self.bytes, self.at, &OPERAND);
            lexer.skip_space();
            self.at = lexer.at;
            let first = *self.bytes.get(self.at)?;
            if first.is_ascii_alphabetic() || matches!(first, b'\'' | b'"') {
                let word = self.word();
                match word {
                    b"true" | b"false" | b"null" => operands.push(Node {
                        value: Value::Null,
                        span: 0..0,
                    }),
                    b"ID" => {
                        self.skip_image();
                        return Some(b"EI");
                    }
                    _ => return Some(word),
                }
                continue;
            }
            match lexer.value() {
                Ok(operand) if operands.len() < MOST_OPERANDS => operands.push(operand),
                Ok(_) => {}
                Err(_) => {
                    let reach = match first {
                        b'(' | b'<' => self.bytes.len() - self.at,
                        _ => lexer.at.saturating_sub(self.at).max(1),
                    };
                    self.vain = self.vain.checked_sub(reach)?;
                    self.at += 1;
                    continue;
                }
            }
            self.at = lexer.at.max(self.at + 1);
        }
    }

    fn word(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'\'' | b'"');
        let end = rest.iter().position(|byte| !part(byte));
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len().max(1);
        word
    }

    /// Past an inline image's data: to an `EI` that stands alone.
    fn skip_image(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let alone = |window: &[u8]| {
            matches!(window, [before, b'E', b'I', after]
                if before.is_ascii_whitespace() && after.is_ascii_whitespace())
        };
        let end = rest.windows(4).position(alone);
        self.at += end.map_or(rest.len(), |end| end + 3);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_come_with_their_operands_and_images_are_skipped() {
        let text = b"q 1 0 0 -1.5 0 0 cm [(a) -20 <62>]TJ ) /F1 12 Tf \
            BI /W 1 ID \x00\xffEIx) re EI true f* (open";
        let mut operators = Operators::new(text);
        let mut operands = Vec::new();
        let mut seen = Vec::new();
        while let Some(operator) = operators.next(&mut operands) {
            seen.push((
                String::from_utf8_lossy(operator).into_owned(),
                operands.len(),
            ));
        }
        let expected = [
            ("q", 0),
            ("cm", 6),
            ("TJ", 1),
            ("Tf", 2),
            ("BI", 0),
            ("EI", 2),
            ("f*", 1),
        ];
        let expected = expected.map(|(word, count)| (word.to_owned(), count));
        assert_eq!(seen[..expected.len()], expected);
    }
}
