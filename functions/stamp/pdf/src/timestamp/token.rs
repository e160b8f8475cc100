//! A token: the authority's signed word that a digest existed at a time.

use super::TimestampError;
use crate::certificate::{self, Hash, Time};
use crate::cms::der::{BOOLEAN, GENERALIZED_TIME, INTEGER, OCTETS, SEQUENCE, expect, take};
use crate::cms::{SignedData, algorithm, oid};
use crate::date;
use x509_cert::der::oid::ObjectIdentifier;

const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";

/// A token as read; nothing of it is checked yet.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    signed: SignedData<'a>,
    pub(crate) policy: ObjectIdentifier,
    hash: Hash,
    imprint: &'a [u8],
    /// When, by the authority's clock.
    pub(crate) at: Time,
    /// With its tag and length.
    pub(crate) nonce: Option<Vec<u8>>,
}

impl<'a> Token<'a> {
    pub(crate) fn read(encoded: &'a [u8]) -> Option<Self> {
        let signed = SignedData::read(encoded)?;
        if signed.content_type.to_string() != TST_INFO {
            return None;
        }
        let mut content = signed.content?;
        let mut info = expect(&mut content, SEQUENCE)?.content;
        // Version 1 is the only one.
        if expect(&mut info, INTEGER)?.content != [1] {
            return None;
        }
        let policy = oid(&mut info)?;
        let mut imprint = expect(&mut info, SEQUENCE)?.content;
        let hash = Hash::from_oid(algorithm(&mut imprint)?)?;
        let imprint = expect(&mut imprint, OCTETS)?.content;
        expect(&mut info, INTEGER)?;
        let at = date::parse_generalized(expect(&mut info, GENERALIZED_TIME)?.content)?;
        let mut nonce = None;
        while !info.is_empty() {
            let field = take(&mut info)?;
            match field.tag {
                INTEGER => nonce = Some(field.whole.to_vec()),
                // Accuracy, ordering, the authority's name.
                SEQUENCE | BOOLEAN | 0xa0 => {}
                // Extensions: none is known to us, and one may change the meaning.
                _ => return None,
            }
        }
        Some(Self {
            signed,
            policy,
            hash,
            imprint,
            at,
            nonce,
        })
    }

    /// Whether it is sound, and for this SHA-256 digest. Trust in the authority is another question.
    pub(crate) fn check(&self, imprint: &[u8; 32]) -> Result<(), TimestampError> {
        if self.hash != Hash::Sha256 || self.imprint != imprint {
            return Err(TimestampError::WrongImprint);
        }
        self.sound()
    }

    /// Whether it is for the digest of these parts, and sound.
    pub(crate) fn check_parts(&self, parts: &[&[u8]]) -> Result<(), TimestampError> {
        if self.hash.digest(parts) != self.imprint {
            return Err(TimestampError::WrongImprint);
        }
        self.sound()
    }

    fn sound(&self) -> Result<(), TimestampError> {
        let content = [self.signed.content.unwrap_or_default()];
        let kind = self.signed.attribute(CONTENT_TYPE);
        let kind = kind.and_then(|kind| oid(&mut { kind.whole }));
        if kind != Some(self.signed.content_type)
            || !self.signed.covers(&content)
            || self.signed.signature_fits(&content) != Some(true)
        {
            return Err(TimestampError::BadSignature);
        }
        let certificate = self.signed.certificate();
        if !certificate.is_some_and(|leaf| {
            certificate::is_for_time_stamps(leaf) && self.names(leaf) == Some(true)
        }) {
            return Err(TimestampError::WrongCertificate);
        }
        Ok(())
    }

    /// Whether the signed attributes name this certificate by its digest (RFC 5035; RFC 2634 with SHA-1).
    fn names(&self, certificate: &[u8]) -> Option<bool> {
        let (value, first) = match self.signed.attribute(SIGNING_CERTIFICATE_V2) {
            Some(value) => (value, Hash::Sha256),
            None => (self.signed.attribute(SIGNING_CERTIFICATE)?, Hash::Sha1),
        };
        let mut value = value.content;
        let mut list = expect(&mut value, SEQUENCE)?.content;
        let mut id = expect(&mut list, SEQUENCE)?.content;
        let mut field = take(&mut id)?;
        let mut hash = first;
        if field.tag == SEQUENCE && first == Hash::Sha256 {
            hash = Hash::from_oid(oid(&mut field.content)?)?;
            field = take(&mut id)?;
        }
        Some(field.tag == OCTETS && field.content == hash.digest(&[certificate]))
    }

    /// Whether the authority leads to one of the roots, with all certificates valid at the time of the token.
    pub(crate) fn leads_to(&self, roots: &[Vec<u8>]) -> bool {
        let pool = &self.signed.certificates;
        self.signed
            .certificate()
            .is_some_and(|leaf| certificate::authority_leads_to_root(leaf, pool, roots, self.at))
    }

    /// The authority's name.
    pub(crate) fn authority(&self) -> Option<String> {
        certificate::subject(self.signed.certificate()?)
    }
}
