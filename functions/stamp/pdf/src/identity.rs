//! A development identity: a root of its own and one signing certificate.

use crate::Error;
use p256::SecretKey;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use sha2::{Digest, Sha256};
use std::str::FromStr;
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder, Result as BuildResult};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::asn1::OctetString;
use x509_cert::der::{DateTime, EncodePem};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

/// Lifetime of a development identity: ten years.
const LIFETIME_S: u64 = 10 * 365 * 86_400;

/// PEM texts of a development identity. The root's key is not kept.
#[derive(Clone)]
pub struct Identity {
    /// PKCS#8 key of the signing certificate: a secret.
    pub key_pem: String,
    /// The signing certificate.
    pub chain_pem: String,
    /// The root that verifiers must be given.
    pub root_pem: String,
}

/// Makes a development identity. The seed decides the keys: give at least 32 bytes of good randomness, and keep
/// them as secret as the key.
///
/// # Errors
/// [`Error::Identity`] for a shorter seed or a time that certificates cannot express.
pub fn development_identity(not_before_unix_s: i64, seed: &[u8]) -> Result<Identity, Error> {
    if seed.len() < 32 {
        return Err(Error::Identity("the seed is shorter than 32 bytes"));
    }
    build(not_before_unix_s, seed).ok_or(Error::Identity(
        "the development certificates cannot be made",
    ))
}

fn build(not_before_unix_s: i64, seed: &[u8]) -> Option<Identity> {
    let from = u64::try_from(not_before_unix_s).ok()?;
    let time = |unix_s| {
        DateTime::from_unix_duration(Duration::from_secs(unix_s))
            .ok()
            .map(Time::from)
    };
    let validity = Validity::new(time(from)?, time(from.checked_add(LIFETIME_S)?)?);
    let root_name =
        Name::from_str("CN=Bubuh development issuer\\, not a real e-Meterai,O=Bubuh").ok()?;
    let leaf_name = Name::from_str("CN=Bubuh development stamp,O=Bubuh").ok()?;
    let root_key = SigningKey::from(derive(seed, b"root key")?);
    let leaf_key = derive(seed, b"leaf key")?;
    let root = Profile {
        subject: root_name.clone(),
        issuer: root_name.clone(),
        is_root: true,
    };
    let leaf = Profile {
        subject: leaf_name,
        issuer: root_name,
        is_root: false,
    };
    let certificate = |profile, label: &[u8], public: &p256::PublicKey| {
        let key_info =
            SubjectPublicKeyInfo::try_from(public.to_public_key_der().ok()?.as_bytes()).ok()?;
        let serial = SerialNumber::new(digest(seed, label).get(..16)?).ok()?;
        let builder = CertificateBuilder::new(profile, serial, validity, key_info).ok()?;
        let certificate: Certificate = builder.build::<_, DerSignature>(&root_key).ok()?;
        certificate.to_pem(LineEnding::LF).ok()
    };
    Some(Identity {
        root_pem: certificate(root, b"root serial", &root_key.verifying_key().into())?,
        chain_pem: certificate(leaf, b"leaf serial", &leaf_key.public_key())?,
        key_pem: leaf_key.to_pkcs8_pem(LineEnding::LF).ok()?.to_string(),
    })
}

fn digest(seed: &[u8], label: &[u8]) -> [u8; 32] {
    let mut digest: [u8; 32] = Sha256::new()
        .chain_update(b"bubuh development ")
        .chain_update(label)
        .chain_update(seed)
        .finalize()
        .into();
    // A certificate's serial number is a positive integer without leading zeros.
    digest[0] = digest[0] & 0x7f | 0x40;
    digest
}

/// A digest is out of the scalar range about once in 2^32: never, with the top bit cleared.
fn derive(seed: &[u8], label: &[u8]) -> Option<SecretKey> {
    SecretKey::from_slice(&digest(seed, label)).ok()
}

struct Profile {
    subject: Name,
    issuer: Name,
    is_root: bool,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        issuer_key: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> BuildResult<Vec<Extension>> {
        let constraints = BasicConstraints {
            ca: self.is_root,
            path_len_constraint: self.is_root.then_some(0),
        };
        let usage = if self.is_root {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        } else {
            KeyUsages::DigitalSignature | KeyUsages::NonRepudiation
        };
        let mut extensions = Vec::new();
        extensions.push(constraints.to_extension(tbs.subject(), &extensions)?);
        extensions.push(KeyUsage(usage).to_extension(tbs.subject(), &extensions)?);
        extensions
            .push(SubjectKeyIdentifier(key_id(key)?).to_extension(tbs.subject(), &extensions)?);
        let authority = AuthorityKeyIdentifier {
            key_identifier: Some(key_id(issuer_key)?),
            ..Default::default()
        };
        extensions.push(authority.to_extension(tbs.subject(), &extensions)?);
        Ok(extensions)
    }
}

/// RFC 7093, method 1: the leftmost 160 bits of the key's SHA-256.
fn key_id(key: SubjectPublicKeyInfoRef<'_>) -> BuildResult<OctetString> {
    let digest = Sha256::digest(key.subject_public_key.raw_bytes());
    Ok(OctetString::new(digest.get(..20).unwrap_or_default())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::leads_to_root;
    use crate::signer::certificates_from_pem;

    const FROM: i64 = 1_790_000_000;

    #[test]
    fn the_leaf_leads_to_its_own_root_while_both_are_current() {
        let identity = development_identity(FROM, &[7; 32]).unwrap();
        let other = development_identity(FROM, &[8; 32]).unwrap();
        let pem = |text: &str| certificates_from_pem(text).unwrap();
        let (chain, root) = (pem(&identity.chain_pem), pem(&identity.root_pem));
        assert!(leads_to_root(&chain, &root, FROM));
        assert!(leads_to_root(
            &[chain.clone(), root.clone()].concat(),
            &root,
            FROM
        ));
        assert!(!leads_to_root(&chain, &root, FROM - 1));
        assert!(!leads_to_root(&chain, &root, FROM + 11 * 365 * 86_400));
        assert!(!leads_to_root(&chain, &pem(&other.root_pem), FROM));
        assert!(!leads_to_root(
            &[chain.clone(), pem(&other.root_pem)].concat(),
            &root,
            FROM
        ));
        assert!(
            !leads_to_root(&chain, &chain, FROM),
            "a leaf is no authority"
        );
        assert!(!leads_to_root(&chain, &[], FROM));
        assert!(!leads_to_root(&[], &root, FROM));
    }

    #[test]
    fn the_same_seed_gives_the_same_identity_and_a_short_one_none() {
        let make =
            |seed: &[u8]| development_identity(FROM, seed).map(|identity| identity.chain_pem);
        assert_eq!(make(&[1; 32]).unwrap(), make(&[1; 32]).unwrap());
        assert_ne!(make(&[1; 32]).unwrap(), make(&[2; 32]).unwrap());
        assert!(make(&[1; 31]).is_err());
    }
}
