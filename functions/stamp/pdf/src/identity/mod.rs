//! A development identity: a root of its own, an intermediate authority, and one signing certificate.

mod profile;

use crate::Error;
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use profile::{Profile, Role};
use sha2::{Digest, Sha256};
use std::str::FromStr;
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::der::{DateTime, Encode, EncodePem};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfo;
use x509_cert::time::{Time, Validity};

/// Lifetime of a development identity: ten years.
const LIFETIME_S: u64 = 10 * 365 * 86_400;

/// PEM texts of a development identity. The keys of root and intermediate are not kept.
#[derive(Clone)]
pub struct Identity {
    /// PKCS#8 key of the signing certificate: a secret.
    pub key_pem: String,
    /// The signing certificate, then the intermediate that issued it.
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

/// PEM texts of development certificates for a key that others keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificates {
    /// The signing certificate, then the intermediate that issued it.
    pub chain_pem: String,
    /// The root that verifiers must be given.
    pub root_pem: String,
}

/// Makes development certificates for a P-256 key (SubjectPublicKeyInfo in DER) that is kept elsewhere, such as in a
/// key service. The seed decides the keys of root and intermediate.
///
/// # Errors
/// [`Error::Identity`] for a shorter seed, another key, or a time that certificates cannot express.
pub fn development_certificates(
    not_before_unix_s: i64,
    seed: &[u8],
    public_key: &[u8],
) -> Result<Certificates, Error> {
    if seed.len() < 32 {
        return Err(Error::Identity("the seed is shorter than 32 bytes"));
    }
    let key = VerifyingKey::from_public_key_der(public_key)
        .map_err(|_| Error::Identity("the key is no P-256 key"))?;
    let maker = Maker::new(not_before_unix_s, seed);
    let made = maker.and_then(|maker| certificates(&maker, &key));
    made.ok_or(Error::Identity(
        "the development certificates cannot be made",
    ))
}

fn build(not_before_unix_s: i64, seed: &[u8]) -> Option<Identity> {
    let maker = Maker::new(not_before_unix_s, seed)?;
    let leaf = maker.key(b"leaf")?;
    let made = certificates(&maker, leaf.verifying_key())?;
    Some(Identity {
        root_pem: made.root_pem,
        chain_pem: made.chain_pem,
        key_pem: leaf.to_pkcs8_pem(LineEnding::LF).ok()?.to_string(),
    })
}

fn certificates(maker: &Maker<'_>, leaf: &VerifyingKey) -> Option<Certificates> {
    let root = maker.named(
        "CN=Bubuh development root\\, not a real e-Meterai,O=Bubuh",
        b"root",
    )?;
    let issuer = maker.named("CN=Bubuh development issuer,O=Bubuh", b"intermediate")?;
    let leaf = Subject {
        name: Name::from_str("CN=Bubuh development stamp,O=Bubuh").ok()?,
        key: *leaf,
        serial: maker.serial(b"leaf")?,
    };
    let pem = |certificate: Certificate| certificate.to_pem(LineEnding::LF).ok();
    let stamps = pem(maker.issue(&leaf, &issuer, Role::Stamps)?)?;
    let issues = maker.issue(&issuer.subject(), &root, Role::Authority { below: 0 })?;
    let itself = maker.issue(&root.subject(), &root, Role::Authority { below: 1 })?;
    Some(Certificates {
        root_pem: pem(itself)?,
        chain_pem: stamps + &pem(issues)?,
    })
}

/// The parts of a development time-stamp authority.
pub(crate) struct Authority {
    pub(crate) key: SigningKey,
    /// DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) root_pem: String,
}

/// Makes a development time-stamp authority, under a root of its own.
pub(crate) fn development_authority(not_before_unix_s: i64, seed: &[u8]) -> Option<Authority> {
    let maker = Maker::new(not_before_unix_s, seed)?;
    let root = maker.named("CN=Bubuh development time-stamp root,O=Bubuh", b"tsa root")?;
    let leaf = maker.named("CN=Bubuh development time-stamps,O=Bubuh", b"tsa leaf")?;
    let certificate = maker
        .issue(&leaf.subject(), &root, Role::TimeStamps)?
        .to_der()
        .ok()?;
    let root = maker.issue(&root.subject(), &root, Role::Authority { below: 0 })?;
    Some(Authority {
        key: leaf.key,
        certificate,
        root_pem: root.to_pem(LineEnding::LF).ok()?,
    })
}

/// A name and its key.
struct Named {
    name: Name,
    key: SigningKey,
    serial: SerialNumber,
}

impl Named {
    fn subject(&self) -> Subject {
        Subject {
            name: self.name.clone(),
            key: *self.key.verifying_key(),
            serial: self.serial.clone(),
        }
    }
}

/// Whom a certificate is for.
struct Subject {
    name: Name,
    key: VerifyingKey,
    serial: SerialNumber,
}

/// Makes the certificates of one seed, all of one lifetime.
struct Maker<'a> {
    seed: &'a [u8],
    validity: Validity,
}

impl<'a> Maker<'a> {
    fn new(not_before_unix_s: i64, seed: &'a [u8]) -> Option<Self> {
        let from = u64::try_from(not_before_unix_s).ok()?;
        let time = |unix_s| {
            let time = DateTime::from_unix_duration(Duration::from_secs(unix_s));
            time.ok().map(Time::from)
        };
        let validity = Validity::new(time(from)?, time(from.checked_add(LIFETIME_S)?)?);
        Some(Self { seed, validity })
    }

    fn named(&self, name: &str, label: &[u8]) -> Option<Named> {
        Some(Named {
            name: Name::from_str(name).ok()?,
            key: self.key(label)?,
            serial: self.serial(label)?,
        })
    }

    /// A digest is out of the scalar range about once in 2^32: never, with the top bit cleared.
    fn key(&self, label: &[u8]) -> Option<SigningKey> {
        let scalar = digest(self.seed, &[label, b" key"].concat());
        SigningKey::from_slice(&scalar).ok()
    }

    fn serial(&self, label: &[u8]) -> Option<SerialNumber> {
        let serial = digest(self.seed, &[label, b" serial"].concat());
        SerialNumber::new(serial.get(..16)?).ok()
    }

    fn issue(&self, subject: &Subject, issuer: &Named, role: Role) -> Option<Certificate> {
        let profile = Profile {
            subject: subject.name.clone(),
            issuer: issuer.name.clone(),
            role,
        };
        let public = p256::PublicKey::from(&subject.key);
        let key_info =
            SubjectPublicKeyInfo::try_from(public.to_public_key_der().ok()?.as_bytes()).ok()?;
        let serial = subject.serial.clone();
        let builder = CertificateBuilder::new(profile, serial, self.validity, key_info).ok()?;
        builder.build::<_, DerSignature>(&issuer.key).ok()
    }
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
            !leads_to_root(&chain, &chain[..1], FROM),
            "a leaf is no authority"
        );
        assert!(
            !leads_to_root(&chain[..1], &root, FROM),
            "the intermediate is needed"
        );
        assert!(!leads_to_root(&chain, &[], FROM));
        assert!(!leads_to_root(&[], &root, FROM));
    }

    #[test]
    fn an_identity_of_root_and_leaf_alone_keeps_working() {
        let maker = Maker::new(FROM, &[7; 32]).unwrap();
        let root = maker.named("CN=Root", b"root").unwrap();
        let leaf = maker.named("CN=Leaf", b"leaf").unwrap();
        let pem = |certificate: Certificate| certificate.to_pem(LineEnding::LF).unwrap();
        let root_pem = pem(maker
            .issue(&root.subject(), &root, Role::Authority { below: 0 })
            .unwrap());
        let chain_pem = pem(maker.issue(&leaf.subject(), &root, Role::Stamps).unwrap());
        let key_pem = leaf.key.to_pkcs8_pem(LineEnding::LF).unwrap();
        assert!(crate::LocalSigner::from_pem(&key_pem, &chain_pem).is_ok());
        let (chain, root) = (
            certificates_from_pem(&chain_pem).unwrap(),
            certificates_from_pem(&root_pem).unwrap(),
        );
        assert!(leads_to_root(&chain, &root, FROM));
    }

    #[test]
    fn a_key_that_is_kept_elsewhere_gets_the_same_certificates() {
        let identity = development_identity(FROM, &[7; 32]).unwrap();
        let chain = certificates_from_pem(&identity.chain_pem).unwrap();
        let key = p256::PublicKey::from(crate::certificate::public_key(&chain[0]).unwrap());
        let key = key.to_public_key_der().unwrap();
        let made = development_certificates(FROM, &[7; 32], key.as_bytes()).unwrap();
        assert_eq!(made.chain_pem, identity.chain_pem);
        assert!(development_certificates(FROM, &[7; 32], b"key").is_err());
        assert!(development_certificates(FROM, &[7; 31], key.as_bytes()).is_err());
    }

    #[test]
    fn only_a_certificate_for_time_stamps_alone_is_an_authority_of_time() {
        let maker = Maker::new(FROM, &[7; 32]).unwrap();
        let named = maker.named("CN=Any", b"any").unwrap();
        let is_for = |role| {
            let certificate = maker.issue(&named.subject(), &named, role).unwrap();
            crate::certificate::is_for_time_stamps(&certificate.to_der().unwrap())
        };
        assert!(is_for(Role::TimeStamps));
        assert!(!is_for(Role::Stamps) && !is_for(Role::Authority { below: 0 }));
        // Nor does it sign stamps, or issue certificates.
        let authority = development_authority(FROM, &[7; 32]).unwrap();
        let root = certificates_from_pem(&authority.root_pem).unwrap();
        assert!(!leads_to_root(&[authority.certificate], &root, FROM));
    }

    #[test]
    fn leaf_and_intermediate_are_small() {
        let identity = development_identity(FROM, &[7; 32]).unwrap();
        let chain = certificates_from_pem(&identity.chain_pem).unwrap();
        let sizes: Vec<usize> = chain.iter().map(Vec::len).collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.iter().all(|size| *size < 520), "{sizes:?}");
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
