//! A strict, bounded reader of PDF values (ISO 32000-2, 7.2 and 7.3).

use super::{Entry, Id, Node, Value};
use crate::{Limits, Refusal};

/// Reads values from a buffer; never past its end, never deeper or more than the limits.
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    values_left: usize,
    depth_left: usize,
}

const MALFORMED: Refusal = Refusal::broken("malformed value");

pub(crate) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

const fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !is_delimiter(byte)
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize, limits: &Limits) -> Self {
        Self {
            bytes,
            at,
            values_left: limits.values,
            depth_left: limits.depth,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self
                    .peek()
                    .is_some_and(|byte| byte != b'\n' && byte != b'\r')
                {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Takes a keyword when it comes next and ends there.
    pub(crate) fn keyword(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let rest = self.rest();
        let ends = rest.get(word.len()).is_none_or(|byte| !is_regular(*byte));
        let found = rest.starts_with(word) && ends;
        if found {
            self.at += word.len();
        }
        found
    }

    /// Takes an unsigned integer of plain digits.
    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        self.skip_space();
        let run = self.regular_run();
        if run.is_empty() || run.len() > 19 || !run.iter().all(u8::is_ascii_digit) {
            return None;
        }
        self.at += run.len();
        std::str::from_utf8(run).ok()?.parse().ok()
    }

    /// Takes `n g obj`.
    pub(crate) fn object_header(&mut self) -> Option<Id> {
        let number = u32::try_from(self.unsigned()?).ok()?;
        let generation = u16::try_from(self.unsigned()?).ok()?;
        // Some writers put the value right behind the keyword: "1 0 obj<<".
        self.keyword(b"obj").then_some(Id { number, generation })
    }

    fn regular_run(&self) -> &'a [u8] {
        let rest = self.rest();
        let end = rest
            .iter()
            .position(|byte| !is_regular(*byte))
            .unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// Reads one value.
    pub(crate) fn value(&mut self) -> Result<Node, Refusal> {
        self.skip_space();
        self.values_left = self.values_left.checked_sub(1).ok_or(Refusal::TooComplex)?;
        let start = self.at;
        let value = match self.peek().ok_or(MALFORMED)? {
            b'/' => Value::Name(self.name()?),
            b'(' => Value::Str(self.literal_string()?),
            b'<' if self.rest().starts_with(b"<<") => self.nested(Self::dict)?,
            b'<' => Value::Str(self.hex_string()?),
            b'[' => self.nested(Self::array)?,
            byte if byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.') => {
                self.number_or_reference()?
            }
            _ => match self.regular_run() {
                b"true" => self.word(4, Value::Bool(true)),
                b"false" => self.word(5, Value::Bool(false)),
                b"null" => self.word(4, Value::Null),
                _ => return Err(MALFORMED),
            },
        };
        Ok(Node {
            value,
            span: start..self.at,
        })
    }

    fn word(&mut self, length: usize, value: Value) -> Value {
        self.at += length;
        value
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Refusal>) -> Result<Value, Refusal> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(Refusal::TooComplex)?;
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn dict(&mut self) -> Result<Value, Refusal> {
        self.at += 2;
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(Value::Dict(entries));
            }
            if self.peek() != Some(b'/') {
                return Err(MALFORMED);
            }
            let key = self.name()?;
            let node = self.value()?;
            entries.push(Entry { key, node });
        }
    }

    fn array(&mut self) -> Result<Value, Refusal> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Value::Array(items));
            }
            items.push(self.value()?);
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, Refusal> {
        self.at += 1;
        let run = self.regular_run();
        self.at += run.len();
        let mut name = Vec::with_capacity(run.len());
        let mut bytes = run.iter().copied();
        while let Some(byte) = bytes.next() {
            if byte != b'#' {
                name.push(byte);
                continue;
            }
            let mut ahead = bytes.clone();
            match (
                ahead.next().and_then(hex_digit),
                ahead.next().and_then(hex_digit),
            ) {
                (Some(high), Some(low)) => {
                    name.push(high * 16 + low);
                    bytes = ahead;
                }
                // PDF 1.1 names may hold a bare '#'.
                _ => name.push(b'#'),
            }
        }
        Ok(name)
    }

    fn hex_string(&mut self) -> Result<Vec<u8>, Refusal> {
        self.at += 1;
        let rest = self.rest();
        let Some(end) = rest.iter().position(|byte| *byte == b'>') else {
            // What was looked through counts as read.
            self.at = self.bytes.len();
            return Err(MALFORMED);
        };
        let digits = rest.get(..end).unwrap_or_default();
        self.at += end + 1;
        let mut bytes = Vec::with_capacity(end / 2 + 1);
        let mut high = None;
        for byte in digits.iter().copied().filter(|byte| !is_space(*byte)) {
            let digit = hex_digit(byte).ok_or(MALFORMED)?;
            high = match high {
                None => Some(digit),
                Some(high) => {
                    bytes.push(high * 16 + digit);
                    None
                }
            };
        }
        bytes.extend(high.map(|high| high * 16));
        Ok(bytes)
    }

    fn literal_string(&mut self) -> Result<Vec<u8>, Refusal> {
        self.at += 1;
        let mut bytes = Vec::new();
        let mut open = 1_usize;
        loop {
            let byte = self.peek().ok_or(MALFORMED)?;
            self.at += 1;
            match byte {
                b'\\' => self.escape(&mut bytes)?,
                b'(' => {
                    open += 1;
                    bytes.push(byte);
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(bytes);
                    }
                    bytes.push(byte);
                }
                _ => bytes.push(byte),
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Result<(), Refusal> {
        let byte = self.peek().ok_or(MALFORMED)?;
        self.at += 1;
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(0x0c),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                bytes.push((code & 0xff) as u8);
            }
            other => bytes.push(other),
        }
        Ok(())
    }

    fn number_or_reference(&mut self) -> Result<Value, Refusal> {
        let run = self.regular_run();
        self.at += run.len();
        let text = std::str::from_utf8(run).map_err(|_| MALFORMED)?;
        let Ok(int) = text.parse::<i64>() else {
            let plain = run
                .iter()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
            let real = text
                .parse::<f64>()
                .ok()
                .filter(|real| plain && real.is_finite());
            return real.map(Value::Real).ok_or(MALFORMED);
        };
        Ok(self
            .reference_after(int)
            .map_or(Value::Int(int), Value::Ref))
    }

    fn reference_after(&mut self, int: i64) -> Option<Id> {
        let number = u32::try_from(int).ok()?;
        let back = self.at;
        let id = self.unsigned().and_then(|generation| {
            let generation = u16::try_from(generation).ok()?;
            self.keyword(b"R").then_some(Id { number, generation })
        });
        if id.is_none() {
            self.at = back;
        }
        id
    }
}

pub(crate) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, Refusal> {
        Lexer::new(text.as_bytes(), 0, &Limits::DEFAULT).value()
    }

    #[test]
    fn values_know_where_they_stand() {
        let text = "<</Annots[1 0 R 2]/T(a\\)\\101)/N/A#20b/X<4a4>/R -.5>>";
        let node = read(text).unwrap();
        assert_eq!(node.get(b"T").unwrap().text().unwrap(), b"a)A");
        assert_eq!(node.get(b"N").unwrap().name().unwrap(), b"A b");
        assert_eq!(node.get(b"X").unwrap().text().unwrap(), &[0x4a, 0x40]);
        assert_eq!(node.get(b"R").unwrap().number().unwrap(), -0.5);
        let annots = node.get(b"Annots").unwrap();
        assert_eq!(&text[annots.span.clone()], "[1 0 R 2]");
        assert_eq!(annots.items().unwrap()[1].int(), Some(2));
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused_not_recursed_into() {
        assert_eq!(read(&"[".repeat(100_000)).unwrap_err(), Refusal::TooComplex);
    }

    #[test]
    fn unfinished_values_are_refused() {
        for text in [
            "", "<<", "<</A", "[1", "(a", "<4", "tru", "<</A 1>", "1.2.3", "1e5", "inf",
        ] {
            assert_eq!(read(text).unwrap_err(), MALFORMED, "{text}");
        }
    }
}
