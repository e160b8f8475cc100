//! Certificates: keys, signatures and the path to a trusted root (RFC 5280, the part a stamp needs).

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");

/// The P-256 key of a certificate.
pub(crate) fn public_key(certificate: &[u8]) -> Option<VerifyingKey> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let info = certificate
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .ok()?;
    VerifyingKey::from_public_key_der(&info).ok()
}

/// Whether `signature` over this digest was made by the certificate's key.
pub(crate) fn signed(certificate: &[u8], sha256: &[u8; 32], signature: &[u8]) -> bool {
    let signature = DerSignature::from_bytes(signature).ok();
    public_key(certificate)
        .zip(signature)
        .is_some_and(|(key, signature)| key.verify_prehash(sha256, &signature).is_ok())
}

/// The common name of a certificate's subject, for people.
pub(crate) fn subject(certificate: &[u8]) -> Option<String> {
    Some(
        Certificate::from_der(certificate)
            .ok()?
            .tbs_certificate()
            .subject()
            .to_string(),
    )
}

/// Whether the certificates (leaf first, each issued by the next) lead to one of the roots, all valid at that time,
/// with no certificate left over.
pub(crate) fn leads_to_root(certificates: &[Vec<u8>], roots: &[Vec<u8>], at_unix_s: i64) -> bool {
    let read = |all: &[Vec<u8>]| {
        all.iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
    };
    let (Ok(path), Ok(roots)) = (read(certificates), read(roots)) else {
        return false;
    };
    let Some(leaf) = path.first() else {
        return false;
    };
    if !may_sign(leaf)
        || !path
            .iter()
            .all(|certificate| is_current(certificate, at_unix_s))
    {
        return false;
    }
    let linked = path.windows(2).enumerate().all(|(below, pair)| match pair {
        [child, parent] => issued(parent, child, below),
        _ => false,
    });
    let Some(top) = path.last() else { return false };
    let below = path.len() - 1;
    linked
        && roots.iter().any(|root| {
            let embedded = top == root && path.len() > 1;
            is_current(root, at_unix_s) && (embedded || issued(root, top, below))
        })
}

fn is_current(certificate: &Certificate, at_unix_s: i64) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let Ok(at) = u64::try_from(at_unix_s) else {
        return false;
    };
    let (from, to) = (
        validity.not_before.to_unix_duration(),
        validity.not_after.to_unix_duration(),
    );
    (from.as_secs()..=to.as_secs()).contains(&at)
}

/// Whether `parent` may and did issue `child`, with `below` certificates of authorities beneath it.
fn issued(parent: &Certificate, child: &Certificate, below: usize) -> bool {
    let (above, under) = (parent.tbs_certificate(), child.tbs_certificate());
    let constraints = above
        .get_extension::<BasicConstraints>()
        .ok()
        .flatten()
        .map(|(_, found)| found);
    let may = constraints.is_some_and(|found| {
        found.ca
            && found
                .path_len_constraint
                .is_none_or(|most| usize::from(most) >= below)
    });
    let usage = above.get_extension::<KeyUsage>().ok().flatten();
    let usage_fits = usage.is_none_or(|(_, usage)| usage.key_cert_sign());
    if !may || !usage_fits || !understood(parent) || under.issuer() != above.subject() {
        return false;
    }
    let algorithms =
        child.signature_algorithm().oid == ECDSA_SHA256 && under.signature().oid == ECDSA_SHA256;
    let (Ok(parent_der), Ok(body), Some(signature)) = (
        parent.to_der(),
        under.to_der(),
        child.signature().as_bytes(),
    ) else {
        return false;
    };
    algorithms && signed(&parent_der, &Sha256::digest(&body).into(), signature)
}

fn may_sign(leaf: &Certificate) -> bool {
    let usage = leaf
        .tbs_certificate()
        .get_extension::<KeyUsage>()
        .ok()
        .flatten();
    understood(leaf)
        && usage.is_none_or(|(_, usage)| usage.digital_signature() || usage.non_repudiation())
}

/// No critical extension that we don't look at.
fn understood(certificate: &Certificate) -> bool {
    let known = [BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE];
    let mut extensions = certificate
        .tbs_certificate()
        .extensions()
        .into_iter()
        .flatten();
    extensions.all(|extension| !extension.critical || known.contains(&extension.extn_id))
}
