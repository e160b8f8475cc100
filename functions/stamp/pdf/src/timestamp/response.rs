//! What an authority answers (RFC 3161, 2.4.2).

use super::{MOST_RESPONSE_BYTES, Rejection, TimestampError};
use crate::cms::der::{BITS, INTEGER, SEQUENCE, UTF8, expect, take};

/// The token of a response that grants one.
pub(super) fn granted(response: &[u8]) -> Result<&[u8], TimestampError> {
    let (status, token) = parts(response).ok_or(TimestampError::Unreadable)?;
    match status.code {
        // Granted, or granted with changes: what was changed is for the checks to find.
        [0 | 1] => token.ok_or(TimestampError::Unreadable),
        [3] => Err(TimestampError::Waiting),
        _ => Err(TimestampError::Rejected {
            reason: status.reason,
            text: status.text,
        }),
    }
}

struct Status<'a> {
    code: &'a [u8],
    text: String,
    reason: Rejection,
}

fn parts(response: &[u8]) -> Option<(Status<'_>, Option<&[u8]>)> {
    if response.len() > MOST_RESPONSE_BYTES {
        return None;
    }
    let mut rest = response;
    let mut whole = expect(&mut rest, SEQUENCE)?.content;
    let mut info = expect(&mut whole, SEQUENCE)?.content;
    let mut status = Status {
        code: expect(&mut info, INTEGER)?.content,
        text: String::new(),
        reason: Rejection::Unsaid,
    };
    while !info.is_empty() {
        let mut field = take(&mut info)?;
        match field.tag {
            SEQUENCE => {
                while let Some(line) = expect(&mut field.content, UTF8) {
                    status.text.push_str(&String::from_utf8_lossy(line.content));
                }
                status.text.truncate(status.text.floor_char_boundary(200));
            }
            BITS => status.reason = reason(field.content).unwrap_or(Rejection::Unsaid),
            _ => return None,
        }
    }
    let token = (!whole.is_empty())
        .then(|| expect(&mut whole, SEQUENCE))
        .map(|token| token.map(|token| token.whole));
    match token {
        Some(None) => None,
        Some(token) => rest.is_empty().then_some((status, token)),
        None => Some((status, None)),
    }
}

/// The first bit that is set and means something.
fn reason(bits: &[u8]) -> Option<Rejection> {
    let (_, bytes) = bits.split_first()?;
    let set = bytes.iter().enumerate().flat_map(|(index, byte)| {
        (0..8)
            .filter(move |bit| byte & (0x80 >> bit) != 0)
            .map(move |bit| index * 8 + bit)
    });
    set.filter_map(Rejection::of_bit).next()
}
