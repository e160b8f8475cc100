//! Writing the signature.

use super::der::{
    CONTENT_TYPE, CONTEXT_0, DATA, ECDSA_SHA256, INTEGER, MESSAGE_DIGEST, OCTETS, SEQUENCE, SET,
    SHA256, SIGNED_DATA, SIGNING_CERTIFICATE_V2, tlv,
};
use super::read::names_of;
use sha2::{Digest, Sha256};

/// The signed attributes, without their outer tag. PAdES forbids signing-time here: the time stands in `/M`.
pub(crate) fn signed_attributes(content_sha256: &[u8; 32], leaf: &[u8]) -> Vec<u8> {
    let attribute = |oid: &[u8], value: &[u8]| tlv(SEQUENCE, &[oid, &tlv(SET, &[value])]);
    // ESSCertIDv2 with the default algorithm, SHA-256, left out as DER demands (RFC 5035).
    let certificate_id = tlv(SEQUENCE, &[&tlv(OCTETS, &[&Sha256::digest(leaf)])]);
    let signing_certificate = tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&certificate_id])]);
    let mut attributes = [
        attribute(CONTENT_TYPE, DATA),
        attribute(MESSAGE_DIGEST, &tlv(OCTETS, &[content_sha256])),
        attribute(SIGNING_CERTIFICATE_V2, &signing_certificate),
    ];
    // DER orders the elements of a SET OF by their encoding.
    attributes.sort();
    attributes.concat()
}

/// What is signed: the attributes as an explicit SET (RFC 5652, 5.4).
pub(crate) fn to_be_signed(attributes: &[u8]) -> Vec<u8> {
    tlv(SET, &[attributes])
}

/// The whole ContentInfo; nothing when the leaf is no certificate. `certificates` is leaf first.
pub(crate) fn encode(
    certificates: &[Vec<u8>],
    attributes: &[u8],
    signature: &[u8],
) -> Option<Vec<u8>> {
    let names = names_of(certificates.first()?)?;
    let sha256 = tlv(SEQUENCE, &[SHA256]);
    let version_1 = tlv(INTEGER, &[&[1]]);
    let signer = tlv(
        SEQUENCE,
        &[
            &version_1,
            &tlv(SEQUENCE, &[names.issuer, names.serial]),
            &sha256,
            &tlv(CONTEXT_0, &[attributes]),
            &tlv(SEQUENCE, &[ECDSA_SHA256]),
            &tlv(OCTETS, &[signature]),
        ],
    );
    let signed_data = tlv(
        SEQUENCE,
        &[
            &version_1,
            &tlv(SET, &[&sha256]),
            &tlv(SEQUENCE, &[DATA]),
            &tlv(CONTEXT_0, &[&certificates.concat()]),
            &tlv(SET, &[&signer]),
        ],
    );
    Some(tlv(
        SEQUENCE,
        &[SIGNED_DATA, &tlv(CONTEXT_0, &[&signed_data])],
    ))
}
