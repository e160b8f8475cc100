//! What the certificates of a development identity say (RFC 5280), and no more: each is copied into every stamp.

use sha2::{Digest, Sha256};
use x509_cert::builder::Result as BuildResult;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::Encode;
use x509_cert::der::asn1::OctetString;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// What a certificate is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// Issues certificates, with at most so many authorities beneath it.
    Authority { below: u8 },
    /// Signs stamps.
    Stamps,
    /// Signs time-stamps, and nothing else.
    TimeStamps,
}

pub(super) struct Profile {
    pub(super) subject: Name,
    pub(super) issuer: Name,
    pub(super) role: Role,
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
        let (constraints, usage) = match self.role {
            Role::Authority { below } => (
                Some(BasicConstraints {
                    ca: true,
                    path_len_constraint: Some(below),
                }),
                KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            ),
            Role::Stamps => (
                None,
                KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation),
            ),
            Role::TimeStamps => (None, KeyUsage(KeyUsages::DigitalSignature.into())),
        };
        let mut extensions = Vec::new();
        if let Some(constraints) = constraints {
            extensions.push(constraints.to_extension(tbs.subject(), &extensions)?);
        }
        extensions.push(usage.to_extension(tbs.subject(), &extensions)?);
        if matches!(self.role, Role::TimeStamps) {
            extensions.push(time_stamps_only()?);
        }
        let own = SubjectKeyIdentifier(key_id(key)?);
        extensions.push(own.to_extension(tbs.subject(), &extensions)?);
        let authority = AuthorityKeyIdentifier {
            key_identifier: Some(key_id(issuer_key)?),
            ..Default::default()
        };
        extensions.push(authority.to_extension(tbs.subject(), &extensions)?);
        Ok(extensions)
    }
}

/// Critical, as RFC 3161, 2.3 demands.
fn time_stamps_only() -> BuildResult<Extension> {
    let purpose = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
    Ok(Extension {
        extn_id: ObjectIdentifier::new_unwrap("2.5.29.37"),
        critical: true,
        extn_value: OctetString::new(ExtendedKeyUsage(vec![purpose]).to_der()?)?,
    })
}

/// RFC 7093, method 1: the leftmost 160 bits of the key's SHA-256.
fn key_id(key: SubjectPublicKeyInfoRef<'_>) -> BuildResult<OctetString> {
    let digest = Sha256::digest(key.subject_public_key.raw_bytes());
    Ok(OctetString::new(digest.get(..20).unwrap_or_default())?)
}
