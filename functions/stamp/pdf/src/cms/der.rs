//! The little DER (X.690) that a CMS signature needs.

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const BITS: u8 = 0x03;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8: u8 = 0x0c;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
/// Context tag 0, constructed.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// Context tag 1, constructed.
pub(crate) const CONTEXT_1: u8 = 0xa1;

pub(crate) const SIGNED_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
pub(crate) const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
pub(crate) const SHA256: &[u8] = b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01";
pub(crate) const ECDSA_SHA256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
pub(crate) const CONTENT_TYPE: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03";
pub(crate) const MESSAGE_DIGEST: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04";
pub(crate) const SIGNING_CERTIFICATE_V2: &[u8] =
    b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f";

/// id-aa-timeStampToken (RFC 3161, appendix A).
pub(crate) const TIME_STAMP_TOKEN: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e";

/// Tag, length, and the parts one after another.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = vec![tag];
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        out.push(short);
    } else {
        let bytes = length.to_be_bytes();
        let digits: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
        // At most eight digits: the count fits the low bits.
        out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
        out.extend(digits);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// One element: its tag, its content, and all of its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) whole: &'a [u8],
}

/// Takes one element off the front.
pub(crate) fn take<'a>(input: &mut &'a [u8]) -> Option<Element<'a>> {
    let whole = *input;
    let (tag, rest) = whole.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (
            digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit)),
            rest,
        )
    };
    let (content, rest) = rest.split_at_checked(length)?;
    *input = rest;
    Some(Element {
        tag: *tag,
        content,
        whole: whole.get(..whole.len() - rest.len())?,
    })
}

/// Takes one element of this tag.
pub(crate) fn expect<'a>(input: &mut &'a [u8], tag: u8) -> Option<Element<'a>> {
    take(input).filter(|element| element.tag == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_the_shortest_and_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let encoded = tlv(OCTETS, &[&content]);
            let header = match length {
                0..=127 => 2,
                128..=255 => 3,
                256..=65_535 => 4,
                _ => 5,
            };
            assert_eq!(encoded.len(), header + length);
            let mut input = encoded.as_slice();
            let element = expect(&mut input, OCTETS).unwrap();
            assert_eq!(
                (element.content, element.whole),
                (&content[..], &encoded[..])
            );
            assert!(input.is_empty());
        }
    }

    #[test]
    fn lengths_beyond_the_input_are_refused() {
        for mut input in [
            &b"\x30"[..],
            b"\x30\x02\x00",
            b"\x30\x80",
            b"\x30\x85\x01\x00\x00\x00\x00\x00",
        ] {
            assert!(take(&mut input).is_none());
        }
    }
}
