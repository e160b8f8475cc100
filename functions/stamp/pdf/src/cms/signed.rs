//! Signatures and time-stamps that others made (RFC 5652, 5): read as they come, judged by what they say.

use super::der::{CONTEXT_0, CONTEXT_1, Element, OCTETS, OID, SEQUENCE, SET, expect, take};
use super::read::names_of;
use crate::certificate::{self, Hash, PublicKey, Scheme};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::oid::ObjectIdentifier;

/// Most certificates read from one signature.
const MOST_CERTIFICATES: usize = 32;

/// One signed content with one signer.
#[derive(Debug)]
pub(crate) struct SignedData<'a> {
    /// What kind of content.
    pub(crate) content_type: ObjectIdentifier,
    /// The content, unless it stands elsewhere.
    pub(crate) content: Option<&'a [u8]>,
    /// In whatever order.
    pub(crate) certificates: Vec<Vec<u8>>,
    signer: Element<'a>,
    digest: Hash,
    algorithm: ObjectIdentifier,
    attributes: Option<Element<'a>>,
    signature: &'a [u8],
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo; what follows it must be zeros (the rest of a placeholder). Nothing when it is not
    /// signed data of one signer, or uses a digest that is not understood.
    pub(crate) fn read(encoded: &'a [u8]) -> Option<Self> {
        let mut rest = encoded;
        let mut info = expect(&mut rest, SEQUENCE)?.content;
        if rest.iter().any(|byte| *byte != 0)
            || oid(&mut info)?.to_string() != "1.2.840.113549.1.7.2"
        {
            return None;
        }
        let mut explicit = expect(&mut info, CONTEXT_0)?.content;
        let mut data = expect(&mut explicit, SEQUENCE)?.content;
        take(&mut data)?;
        expect(&mut data, SET)?;
        let mut encapsulated = expect(&mut data, SEQUENCE)?.content;
        let content_type = oid(&mut encapsulated)?;
        let content = if encapsulated.is_empty() {
            None
        } else {
            let mut explicit = expect(&mut encapsulated, CONTEXT_0)?.content;
            Some(expect(&mut explicit, OCTETS)?.content)
        };
        let mut certificates = Vec::new();
        let mut next = take(&mut data)?;
        if next.tag == CONTEXT_0 {
            let mut set = next.content;
            while !set.is_empty() && certificates.len() < MOST_CERTIFICATES {
                certificates.push(take(&mut set)?.whole.to_vec());
            }
            next = take(&mut data)?;
        }
        if next.tag == CONTEXT_1 {
            next = take(&mut data)?;
        }
        let mut signers = Some(next).filter(|next| next.tag == SET)?.content;
        let mut info = expect(&mut signers, SEQUENCE)?.content;
        if !signers.is_empty() {
            return None;
        }
        take(&mut info)?;
        let signer = take(&mut info)?;
        let digest = Hash::from_oid(algorithm(&mut info)?)?;
        let mut next = take(&mut info)?;
        let attributes = Some(next).filter(|next| next.tag == CONTEXT_0);
        if attributes.is_some() {
            next = take(&mut info)?;
        }
        let mut name = Some(next).filter(|next| next.tag == SEQUENCE)?.content;
        let algorithm = oid(&mut name)?;
        let signature = expect(&mut info, OCTETS)?.content;
        Some(Self {
            content_type,
            content,
            certificates,
            signer,
            digest,
            algorithm,
            attributes,
            signature,
        })
    }

    /// The signer's certificate, when it is among those that came along.
    pub(crate) fn certificate(&self) -> Option<&[u8]> {
        let named = self.certificates.iter().find(|certificate| {
            if self.signer.tag == 0x80 {
                let id = certificate::key_id(certificate);
                return id.as_deref() == Some(self.signer.content);
            }
            names_of(certificate)
                .is_some_and(|names| [names.issuer, names.serial].concat() == self.signer.content)
        });
        named.map(Vec::as_slice)
    }

    /// The value of a signed attribute, when it has just one.
    pub(crate) fn attribute(&self, name: &str) -> Option<Element<'a>> {
        value(self.attributes?.content, name)
    }

    /// Whether what was signed has the digest of these parts.
    pub(crate) fn covers(&self, content: &[&[u8]]) -> bool {
        if self.attributes.is_none() {
            return self.content.is_none();
        }
        let named = self.attribute("1.2.840.113549.1.9.4");
        named.is_some_and(|named| {
            named.tag == OCTETS && named.content == self.digest.digest(content)
        })
    }

    /// Whether the signer's key made the signature over the signed attributes, or over these parts when there are
    /// none. Nothing when the certificate is missing or the algorithm is not understood.
    pub(crate) fn signature_fits(&self, content: &[&[u8]]) -> Option<bool> {
        let certificate = Certificate::from_der(self.certificate()?).ok()?;
        let key = PublicKey::of(&certificate)?;
        let scheme = Scheme::from_oid(self.algorithm, Some(self.digest))?;
        let signed = match self.attributes {
            // Signed as a SET, whatever tag it has here (RFC 5652, 5.4).
            Some(set) => vec![&[SET][..], set.whole.get(1..)?],
            None => content.to_vec(),
        };
        let digest = scheme.hash().digest(&signed);
        Some(key.signed_digest(scheme, &digest, self.signature))
    }
}

fn value<'a>(mut attributes: &'a [u8], name: &str) -> Option<Element<'a>> {
    let mut found = None;
    while !attributes.is_empty() {
        let mut attribute = expect(&mut attributes, SEQUENCE)?.content;
        if oid(&mut attribute)?.to_string() != name {
            continue;
        }
        let mut values = expect(&mut attribute, SET)?.content;
        let only = take(&mut values)?;
        // Twice, or twice a value: nobody could say which counts.
        if found.is_some() || !values.is_empty() {
            return None;
        }
        found = Some(only);
    }
    found
}

/// Takes an object identifier off the front.
pub(crate) fn oid(input: &mut &[u8]) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_bytes(expect(input, OID)?.content).ok()
}

/// Takes an AlgorithmIdentifier off the front and gives its name.
pub(crate) fn algorithm(input: &mut &[u8]) -> Option<ObjectIdentifier> {
    let mut identifier = expect(input, SEQUENCE)?.content;
    oid(&mut identifier)
}
