//! The public keys and signatures that are understood: ECDSA on P-256, and RSA.

use super::{Hash, rsa};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use x509_cert::Certificate;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Encode, Reader, SliceReader};

/// How a signature was made. SHA-1 is no way to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Ecdsa(Hash),
    Rsa(Hash),
}

impl Scheme {
    /// By the algorithm's name; where that tells the key only, by the digest that was named apart.
    pub(crate) fn from_oid(oid: ObjectIdentifier, digest: Option<Hash>) -> Option<Self> {
        let scheme = match oid.to_string().as_str() {
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.2.840.113549.1.1.11" => Self::Rsa(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Rsa(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Rsa(Hash::Sha512),
            "1.2.840.113549.1.1.1" => Self::Rsa(digest?),
            _ => return None,
        };
        (scheme.hash() != Hash::Sha1).then_some(scheme)
    }

    pub(crate) const fn hash(self) -> Hash {
        match self {
            Self::Ecdsa(hash) | Self::Rsa(hash) => hash,
        }
    }
}

/// A certificate's key.
pub(crate) enum PublicKey {
    P256(VerifyingKey),
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
}

impl PublicKey {
    /// Nothing for a key of another kind.
    pub(crate) fn of(certificate: &Certificate) -> Option<Self> {
        let info = certificate.tbs_certificate().subject_public_key_info();
        if let Ok(key) = VerifyingKey::from_public_key_der(&info.to_der().ok()?) {
            return Some(Self::P256(key));
        }
        if info.algorithm.oid.to_string() != "1.2.840.113549.1.1.1" {
            return None;
        }
        let mut reader = SliceReader::new(info.subject_public_key.as_bytes()?).ok()?;
        let numbers = reader.sequence(|inner| {
            Ok::<_, x509_cert::der::Error>((UintRef::decode(inner)?, UintRef::decode(inner)?))
        });
        let (modulus, exponent) = numbers.ok()?;
        Some(Self::Rsa {
            modulus: modulus.as_bytes().to_vec(),
            exponent: exponent.as_bytes().to_vec(),
        })
    }

    /// Whether this key signed the message.
    pub(crate) fn signed(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        self.signed_digest(scheme, &scheme.hash().digest(&[message]), signature)
    }

    /// Whether this key signed the message with this digest.
    pub(crate) fn signed_digest(&self, scheme: Scheme, digest: &[u8], signature: &[u8]) -> bool {
        match (self, scheme) {
            (Self::P256(key), Scheme::Ecdsa(_)) => DerSignature::from_bytes(signature)
                .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok()),
            (Self::Rsa { modulus, exponent }, Scheme::Rsa(hash)) => {
                rsa::verify(modulus, exponent, hash, digest, signature)
            }
            _ => false,
        }
    }
}
