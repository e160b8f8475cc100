//! A development authority: pure like the rest, for tests and for trying things out. Real ones are asked over HTTP.

use super::Rejection;
use crate::certificate::Time;
use crate::cms::der::{
    BITS, BOOLEAN, GENERALIZED_TIME, INTEGER, OID, SEQUENCE, UTF8, expect, take, tlv,
};
use crate::cms::{Content, Signed, signed_attributes, to_be_signed};
use crate::identity::{Authority, development_authority};
use crate::{Error, date};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, Signature};
use sha2::{Digest, Sha256};

/// The policy of every answer: 1.2.3.4.1, which OpenSSL's examples use and nobody relies on.
const POLICY: &[u8] = b"\x06\x04\x2a\x03\x04\x01";

/// An authority with a root of its own. Its signatures are deterministic.
pub struct TimestampAuthority(Authority);

impl TimestampAuthority {
    /// Makes one. The seed decides the keys: give at least 32 bytes of good randomness, and keep them secret.
    ///
    /// # Errors
    /// [`Error::Identity`] for a shorter seed or a time that certificates cannot express.
    pub fn development(not_before_unix_s: i64, seed: &[u8]) -> Result<Self, Error> {
        if seed.len() < 32 {
            return Err(Error::Identity("the seed is shorter than 32 bytes"));
        }
        development_authority(not_before_unix_s, seed)
            .map(Self)
            .ok_or(Error::Identity(
                "the authority's certificates cannot be made",
            ))
    }

    /// The root that verifiers must be given, as PEM.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        &self.0.root_pem
    }

    /// Answers a TimeStampReq as of this time, under a serial number of its own. A request that cannot be read is
    /// refused.
    #[must_use]
    pub fn answer(&self, query: &[u8], at_unix_s: Time, serial: u64) -> Vec<u8> {
        self.token(query, at_unix_s, serial).map_or_else(
            || Self::refuse(Rejection::BadData, "not a request"),
            |token| {
                let granted = tlv(SEQUENCE, &[&tlv(INTEGER, &[&[0]])]);
                tlv(SEQUENCE, &[&granted, &token])
            },
        )
    }

    /// The answer of an authority that refuses.
    #[must_use]
    pub fn refuse(reason: Rejection, text: &str) -> Vec<u8> {
        let text = tlv(SEQUENCE, &[&tlv(UTF8, &[text.as_bytes()])]);
        let bit = (0..32).find(|bit| Rejection::of_bit(*bit) == Some(reason));
        let bits = bit.map_or(0, |bit| 0x8000_0000_u32 >> bit).to_be_bytes();
        let info = tlv(BITS, &[&[0], &bits]);
        let status = tlv(INTEGER, &[&[2]]);
        tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&status, &text, &info])])
    }

    fn token(&self, query: &[u8], at_unix_s: Time, serial: u64) -> Option<Vec<u8>> {
        let asked = Asked::read(query)?;
        let time = date::format(at_unix_s)?;
        let time = [time.get(2..16)?, "Z"].concat();
        let nonce = asked.nonce.unwrap_or_default();
        let info = tlv(
            SEQUENCE,
            &[
                &tlv(INTEGER, &[&[1]]),
                POLICY,
                asked.imprint,
                &tlv(INTEGER, &[&[0], &(serial | 1 << 63).to_be_bytes()]),
                &tlv(GENERALIZED_TIME, &[time.as_bytes()]),
                nonce,
            ],
        );
        let content = Content::TimeStamp(&info);
        let leaf = &self.0.certificate;
        let attributes = signed_attributes(content, &Sha256::digest(&info).into(), leaf);
        let digest = Sha256::digest(to_be_signed(&attributes));
        let signature: Signature = self.0.key.sign_prehash(&digest).ok()?;
        let signature = DerSignature::from(signature);
        let signed = Signed {
            content,
            certificates: std::slice::from_ref(leaf),
            embed: asked.certificates,
            attributes: &attributes,
            signature: signature.as_bytes(),
            token: None,
        };
        signed.encode()
    }
}

/// What a request asks for.
struct Asked<'a> {
    imprint: &'a [u8],
    nonce: Option<&'a [u8]>,
    certificates: bool,
}

impl<'a> Asked<'a> {
    fn read(query: &'a [u8]) -> Option<Self> {
        let mut rest = query;
        let mut fields = expect(&mut rest, SEQUENCE)?.content;
        if expect(&mut fields, INTEGER)?.content != [1] || !rest.is_empty() {
            return None;
        }
        let mut asked = Self {
            imprint: expect(&mut fields, SEQUENCE)?.whole,
            nonce: None,
            certificates: false,
        };
        while !fields.is_empty() {
            let field = take(&mut fields)?;
            match field.tag {
                INTEGER => asked.nonce = Some(field.whole),
                BOOLEAN => asked.certificates = field.content != [0],
                // Another policy than the own one, or an extension.
                OID if field.whole == POLICY => {}
                _ => return None,
            }
        }
        Some(asked)
    }
}
