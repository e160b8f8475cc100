//! Reading a signature of ours back.
//!
//! Invariant: only the exact encoding that [`super::encode`] writes is accepted, so no byte of it can be changed
//! unnoticed, not even in the fields that no signature covers. A time-stamp inside is others' writing: it is judged
//! apart, and proves a time or nothing.

use super::build::{Content, encode, signed_attributes};
use super::der::{CONTEXT_0, CONTEXT_1, OCTETS, SEQUENCE, SET, expect, take};

/// A signature as written by us.
#[derive(Debug)]
pub(crate) struct Cms {
    /// Leaf first.
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) attributes: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    /// A time-stamp of the signature, as it came.
    pub(crate) token: Option<Vec<u8>>,
}

impl Cms {
    /// Reads the contents of `/Contents`: the encoding, then zeros up to the reserved room.
    pub(crate) fn read(contents: &[u8]) -> Option<Self> {
        let mut rest = contents;
        let whole = expect(&mut rest, SEQUENCE)?;
        if rest.iter().any(|byte| *byte != 0) {
            return None;
        }
        let mut info = whole.content;
        take(&mut info)?;
        let mut explicit = expect(&mut info, CONTEXT_0)?.content;
        let mut data = expect(&mut explicit, SEQUENCE)?.content;
        take(&mut data)?;
        take(&mut data)?;
        take(&mut data)?;
        let mut set = expect(&mut data, CONTEXT_0)?.content;
        let mut certificates = Vec::new();
        while !set.is_empty() {
            certificates.push(take(&mut set)?.whole.to_vec());
        }
        let mut signers = expect(&mut data, SET)?.content;
        let mut signer = expect(&mut signers, SEQUENCE)?.content;
        take(&mut signer)?;
        take(&mut signer)?;
        take(&mut signer)?;
        let attributes = expect(&mut signer, CONTEXT_0)?.content.to_vec();
        take(&mut signer)?;
        let signature = expect(&mut signer, OCTETS)?.content.to_vec();
        let token = if signer.is_empty() {
            None
        } else {
            let mut unsigned = expect(&mut signer, CONTEXT_1)?.content;
            let mut attribute = expect(&mut unsigned, SEQUENCE)?.content;
            take(&mut attribute)?;
            let mut values = expect(&mut attribute, SET)?.content;
            Some(take(&mut values)?.whole.to_vec())
        };
        let cms = Self {
            certificates,
            attributes,
            signature,
            token,
        };
        let again = encode(
            &cms.certificates,
            &cms.attributes,
            &cms.signature,
            cms.token.as_deref(),
        );
        (again? == whole.whole).then_some(cms)
    }

    /// Whether the signed attributes are just ours, for this digest and this leaf.
    pub(crate) fn covers(&self, content_sha256: &[u8; 32]) -> bool {
        let leaf = self.certificates.first();
        leaf.is_some_and(|leaf| {
            self.attributes == signed_attributes(Content::Detached, content_sha256, leaf)
        })
    }
}

/// The parts of a certificate that name it in a signature, as encoded.
pub(crate) struct Names<'a> {
    pub(super) issuer: &'a [u8],
    pub(super) serial: &'a [u8],
}

/// Reads issuer and serial number from a certificate.
pub(crate) fn names_of(certificate: &[u8]) -> Option<Names<'_>> {
    let mut input = certificate;
    let mut outer = expect(&mut input, SEQUENCE)?.content;
    let mut fields = expect(&mut outer, SEQUENCE)?.content;
    let mut serial = take(&mut fields)?;
    if serial.tag == CONTEXT_0 {
        serial = take(&mut fields)?;
    }
    take(&mut fields)?;
    let issuer = expect(&mut fields, SEQUENCE)?.whole;
    Some(Names {
        issuer,
        serial: serial.whole,
    })
}
