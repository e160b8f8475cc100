//! Where a stream's bytes are (ISO 32000-2, 7.3.8).

use crate::Limits;
use crate::syntax::Lexer;

/// The first byte of a stream's data, when the keyword comes next.
pub(super) fn data_start(file: &[u8], lexer: &mut Lexer<'_>) -> Option<usize> {
    if !lexer.keyword(b"stream") {
        return None;
    }
    let mut at = lexer.at;
    if file.get(at) == Some(&b'\r') {
        at += 1;
    }
    if file.get(at) == Some(&b'\n') {
        at += 1;
    }
    Some(at)
}

/// The bytes of a stream: as many as its length tells when `endstream` follows there, else up to the next one.
pub(super) fn data(file: &[u8], start: usize, length: Option<i64>) -> Option<&[u8]> {
    let told = length
        .and_then(|length| usize::try_from(length).ok())
        .and_then(|length| start.checked_add(length))
        .filter(|end| Lexer::new(file, *end, &Limits::DEFAULT).keyword(b"endstream"));
    if let Some(end) = told {
        return file.get(start..end);
    }
    let rest = file.get(start..)?;
    let data = rest.get(..find(rest, b"endstream")?)?;
    let data = data.strip_suffix(b"\n").unwrap_or(data);
    Some(data.strip_suffix(b"\r").unwrap_or(data))
}

/// Where a word first stands.
pub(super) fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
