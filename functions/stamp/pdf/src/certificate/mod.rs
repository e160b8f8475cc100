//! Certificates: keys, signatures and the path to a trusted root.

mod hash;
mod key;
mod path;
mod rsa;

pub(crate) use hash::Hash;
pub(crate) use key::{PublicKey, Scheme};
pub(crate) use path::{authority_leads_to_root, leads_to_root};

use p256::ecdsa::VerifyingKey;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectKeyIdentifier;

/// Seconds since 1970 UTC.
pub(crate) type Time = i64;

/// Basic constraints, key usage, extended key usage.
const LOOKED_AT: [&str; 3] = ["2.5.29.19", "2.5.29.15", "2.5.29.37"];

/// The P-256 key of a certificate.
pub(crate) fn public_key(certificate: &[u8]) -> Option<VerifyingKey> {
    match PublicKey::of(&Certificate::from_der(certificate).ok()?)? {
        PublicKey::P256(key) => Some(key),
        PublicKey::Rsa { .. } => None,
    }
}

/// Whether `signature` over this digest was made by the certificate's P-256 key.
pub(crate) fn signed(certificate: &[u8], sha256: &[u8; 32], signature: &[u8]) -> bool {
    public_key(certificate).is_some_and(|key| {
        PublicKey::P256(key).signed_digest(Scheme::Ecdsa(Hash::Sha256), sha256, signature)
    })
}

/// The subject of a certificate, for people.
pub(crate) fn subject(certificate: &[u8]) -> Option<String> {
    Some(
        Certificate::from_der(certificate)
            .ok()?
            .tbs_certificate()
            .subject()
            .to_string(),
    )
}

/// Whether this is a certificate of a time-stamp authority and of nothing else.
pub(crate) fn is_for_time_stamps(certificate: &[u8]) -> bool {
    Certificate::from_der(certificate).is_ok_and(|leaf| path::may_time_stamp(&leaf))
}

/// Whether a certificate is valid at that time.
pub(crate) fn is_current(certificate: &[u8], at: Time) -> bool {
    Certificate::from_der(certificate).is_ok_and(|certificate| path::is_current(&certificate, at))
}

/// The SubjectKeyIdentifier.
pub(crate) fn key_id(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let found = certificate
        .tbs_certificate()
        .get_extension::<SubjectKeyIdentifier>();
    let (_, id) = found.ok().flatten()?;
    Some(id.0.as_bytes().to_vec())
}

/// No critical extension that we don't look at.
fn understood(certificate: &Certificate) -> bool {
    let mut extensions = certificate
        .tbs_certificate()
        .extensions()
        .into_iter()
        .flatten();
    extensions.all(|extension| {
        !extension.critical || LOOKED_AT.contains(&extension.extn_id.to_string().as_str())
    })
}
