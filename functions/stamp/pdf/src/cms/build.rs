//! Writing signatures.

use super::der::{
    CONTENT_TYPE, CONTEXT_0, CONTEXT_1, DATA, ECDSA_SHA256, INTEGER, MESSAGE_DIGEST, OCTETS,
    SEQUENCE, SET, SHA256, SIGNED_DATA, SIGNING_CERTIFICATE_V2, TIME_STAMP_TOKEN, tlv,
};
use super::read::names_of;
use sha2::{Digest, Sha256};

/// What is signed, and where it stands.
#[derive(Clone, Copy)]
pub(crate) enum Content<'a> {
    /// A file's bytes, apart from the signature.
    Detached,
    /// A time-stamp's statement, within.
    TimeStamp(&'a [u8]),
}

/// id-ct-TSTInfo (RFC 3161, 2.4.2).
const TST_INFO: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04";

impl Content<'_> {
    const fn kind(&self) -> &'static [u8] {
        match self {
            Self::Detached => DATA,
            Self::TimeStamp(_) => TST_INFO,
        }
    }
}

/// The signed attributes, without their outer tag. PAdES forbids signing-time here: the time stands in `/M`.
pub(crate) fn signed_attributes(
    content: Content<'_>,
    content_sha256: &[u8; 32],
    leaf: &[u8],
) -> Vec<u8> {
    // ESSCertIDv2 with the default algorithm, SHA-256, left out as DER demands (RFC 5035).
    let certificate_id = tlv(SEQUENCE, &[&tlv(OCTETS, &[&Sha256::digest(leaf)])]);
    let signing_certificate = tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&certificate_id])]);
    let mut attributes = [
        attribute(CONTENT_TYPE, content.kind()),
        attribute(MESSAGE_DIGEST, &tlv(OCTETS, &[content_sha256])),
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate),
    ];
    // DER orders the elements of a SET OF by their encoding.
    attributes.sort();
    attributes.concat()
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[oid, &tlv(SET, &[value])])
}

/// What is signed: the attributes as an explicit SET (RFC 5652, 5.4).
pub(crate) fn to_be_signed(attributes: &[u8]) -> Vec<u8> {
    tlv(SET, &[attributes])
}

/// One signature, to be encoded.
pub(crate) struct Signed<'a> {
    pub(crate) content: Content<'a>,
    /// Leaf first.
    pub(crate) certificates: &'a [Vec<u8>],
    /// Whether the certificates come along.
    pub(crate) embed: bool,
    pub(crate) attributes: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// A time-stamp of the signature (RFC 3161, appendix A).
    pub(crate) token: Option<&'a [u8]>,
}

impl Signed<'_> {
    /// The whole ContentInfo; nothing when the leaf is no certificate.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        let names = names_of(self.certificates.first()?)?;
        let sha256 = tlv(SEQUENCE, &[SHA256]);
        let version_1 = tlv(INTEGER, &[&[1]]);
        let unsigned = self
            .token
            .map(|token| tlv(CONTEXT_1, &[&attribute(TIME_STAMP_TOKEN, token)]));
        let signer = tlv(
            SEQUENCE,
            &[
                &version_1,
                &tlv(SEQUENCE, &[names.issuer, names.serial]),
                &sha256,
                &tlv(CONTEXT_0, &[self.attributes]),
                &tlv(SEQUENCE, &[ECDSA_SHA256]),
                &tlv(OCTETS, &[self.signature]),
                &unsigned.unwrap_or_default(),
            ],
        );
        let kind = self.content.kind();
        // Version 3 for any content but plain data (RFC 5652, 5.1).
        let (version, encapsulated) = match self.content {
            Content::Detached => (version_1, tlv(SEQUENCE, &[kind])),
            Content::TimeStamp(info) => {
                let explicit = tlv(CONTEXT_0, &[&tlv(OCTETS, &[info])]);
                (tlv(INTEGER, &[&[3]]), tlv(SEQUENCE, &[kind, &explicit]))
            }
        };
        let certificates = self
            .embed
            .then(|| tlv(CONTEXT_0, &[&self.certificates.concat()]));
        let signed_data = tlv(
            SEQUENCE,
            &[
                &version,
                &tlv(SET, &[&sha256]),
                &encapsulated,
                &certificates.unwrap_or_default(),
                &tlv(SET, &[&signer]),
            ],
        );
        Some(tlv(
            SEQUENCE,
            &[SIGNED_DATA, &tlv(CONTEXT_0, &[&signed_data])],
        ))
    }
}

/// A stamp's signature as a whole; nothing when the leaf is no certificate. `certificates` is leaf first.
pub(crate) fn encode(
    certificates: &[Vec<u8>],
    attributes: &[u8],
    signature: &[u8],
    token: Option<&[u8]>,
) -> Option<Vec<u8>> {
    let signed = Signed {
        content: Content::Detached,
        certificates,
        embed: true,
        attributes,
        signature,
        token,
    };
    signed.encode()
}
