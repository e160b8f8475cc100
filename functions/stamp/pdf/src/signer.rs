//! Who signs.

use crate::{Certification, Error};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey;
use x509_cert::Certificate;
use x509_cert::der::Encode;

/// What a signature brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The certificates to embed, in DER, leaf first; a root that verifiers already have need not be among them.
    pub certificates: Vec<Vec<u8>>,
    /// Room for a time-stamp of the signature (PAdES B-T), in bytes; none when it gets none. The stamped file grows
    /// by twice as much: see [`crate::Preflight::size_after_sealing`].
    pub timestamp_room: Option<usize>,
    /// Certifies the document; the stamp must then be its first signature. Otherwise it approves.
    pub certification: Option<Certification>,
}

impl Seal {
    /// Room for the time-stamps of real authorities, with their certificates, in bytes.
    pub const USUAL_TIMESTAMP_ROOM: usize = 8 * 1024;

    /// An approval without a time-stamp.
    #[must_use]
    pub const fn new(certificates: Vec<Vec<u8>>) -> Self {
        Self {
            certificates,
            timestamp_room: None,
            certification: None,
        }
    }

    /// Whether all certificates are valid at this time, in seconds since 1970 UTC. A stamp of another time would be
    /// believed by nobody.
    #[must_use]
    pub fn is_current(&self, at_unix_s: i64) -> bool {
        let current =
            |certificate: &Vec<u8>| crate::certificate::is_current(certificate, at_unix_s);
        self.certificates.iter().all(current)
    }
}

/// Signs with an ECDSA P-256 key that it keeps to itself.
pub trait Signer {
    /// What is embedded with the signature.
    fn seal(&self) -> &Seal;

    /// The DER signature over a SHA-256 digest (not hashed again).
    ///
    /// # Errors
    /// [`Error::Signer`], which a caller may retry.
    fn sign_digest(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error>;
}

/// A key in memory; its signatures are deterministic (RFC 6979).
pub struct LocalSigner {
    key: SigningKey,
    seal: Seal,
}

impl LocalSigner {
    /// Reads a PKCS#8 key and a certificate chain, leaf first.
    ///
    /// # Errors
    /// [`Error::Identity`] when either cannot be read or the leaf is not for this key.
    pub fn from_pem(key_pem: &str, chain_pem: &str) -> Result<Self, Error> {
        let key = SigningKey::from_pkcs8_pem(key_pem)
            .map_err(|_| Error::Identity("the key is not a P-256 PKCS#8 PEM"))?;
        let certificates = certificates_from_pem(chain_pem)?;
        let leaf = certificates
            .first()
            .and_then(|leaf| crate::certificate::public_key(leaf));
        if leaf.as_ref() != Some(key.verifying_key()) {
            return Err(Error::Identity("the first certificate is not for this key"));
        }
        Ok(Self {
            key,
            seal: Seal::new(certificates),
        })
    }

    /// The same key, whose stamps certify the document.
    #[must_use]
    pub fn certifying(mut self, certification: Certification) -> Self {
        self.seal.certification = Some(certification);
        self
    }
}

impl Signer for LocalSigner {
    fn seal(&self) -> &Seal {
        &self.seal
    }

    fn sign_digest(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self
            .key
            .sign_prehash(&sha256)
            .map_err(|error| Error::Signer(error.to_string()))?;
        Ok(DerSignature::from(signature).as_bytes().to_vec())
    }
}

/// Reads PEM certificates into DER.
///
/// # Errors
/// [`Error::Identity`] when there is none or one cannot be read.
pub fn certificates_from_pem(pem: &str) -> Result<Vec<Vec<u8>>, Error> {
    let chain = Certificate::load_pem_chain(pem.as_bytes())
        .map_err(|_| Error::Identity("a certificate PEM cannot be read"))?;
    let chain: Vec<_> = chain
        .iter()
        .map(Encode::to_der)
        .collect::<Result<_, _>>()
        .map_err(|_| Error::Identity("a certificate PEM cannot be read"))?;
    if chain.is_empty() {
        return Err(Error::Identity("there is no certificate"));
    }
    Ok(chain)
}
