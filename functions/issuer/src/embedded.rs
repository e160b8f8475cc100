//! The embedded issuer: the local stamp engine with a key held in memory. Its stamp says SPECIMEN.

use crate::convert::{placement, reason};
use bubuh_core::document::Reason;
use bubuh_pdf::{
    DocumentKind, Expectation, LocalSigner, Signer, StampRequest, gate, preflight, stamp,
};
use bubuh_store::{
    Error,
    issuer::{Affix, Affixed, Affixer},
};
use serde::Deserialize;

/// The embedded issuer.
pub struct Embedded {
    signer: LocalSigner,
    key_id: String,
    verify_base_url: String,
}

/// The signing identity, as the secret holds it.
#[derive(Deserialize)]
struct Identity {
    key_pem: String,
    chain_pem: String,
}

impl Embedded {
    /// From the secret's text and the address under which stamps are verified.
    ///
    /// # Errors
    /// [`Error::Setting`] when the secret is not an identity.
    pub fn new(secret: &str, verify_base_url: &str) -> Result<Self, Error> {
        let wrong = |why: String| Error::Setting {
            name: "SIGNING_SECRET_ARN",
            why,
        };
        let identity: Identity = serde_json::from_str(secret)
            // The error's text could quote the key.
            .map_err(|_| wrong("is not an identity".to_owned()))?;
        let signer = LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem)
            .map_err(|e| wrong(e.to_string()))?;
        let leaf = signer
            .seal()
            .certificates
            .first()
            .ok_or_else(|| wrong("has no certificate".to_owned()))?;
        let key_id = bubuh_core::id::Sha256::of(leaf).as_str().to_owned();
        Ok(Self {
            signer,
            key_id,
            verify_base_url: verify_base_url.trim_end_matches('/').to_owned(),
        })
    }

    fn request(&self, affix: &Affix) -> Result<StampRequest, Error> {
        let kind = DocumentKind::from_code(affix.document_type.code()).ok_or_else(|| {
            Error::Unreadable {
                what: "document type".to_owned(),
                why: affix.document_type.code().to_owned(),
            }
        })?;
        Ok(StampRequest {
            serial: affix.serial.to_string(),
            kind,
            verify_url: format!("{}/{}", self.verify_base_url, affix.serial),
            placement: placement(affix.placement),
            affixed_at_unix_s: i64::try_from(affix.affixing.at_ms / 1000)
                .map_err(|_| bubuh_core::Error::Overflow)?,
            source_sha256: Some(affix.source_sha256.bytes()?),
        })
    }
}

fn unsound() -> Reason {
    Reason {
        code: "not_stampable_soundly".to_owned(),
        message_id: "Dokumen ini tidak dapat dibubuhi tanpa merusaknya. Simpan ulang sebagai PDF \
                     lalu coba lagi. Meterai Anda dikembalikan."
            .to_owned(),
        message_en: "This document can't be stamped without damaging it. Save it as a PDF again \
                     and retry. The stamp was given back."
            .to_owned(),
    }
}

impl Affixer for Embedded {
    async fn affix(&self, source: Vec<u8>, affix: &Affix) -> Result<Affixed, Error> {
        match stamp(source.into(), &self.request(affix)?, &self.signer) {
            Ok(stamped) => Ok(Affixed::File(stamped.bytes)),
            Err(bubuh_pdf::Error::Refused(refusal)) => Ok(Affixed::Refused(reason(&refusal))),
            // The engine made something that its own gate does not let pass, and would again.
            Err(error @ bubuh_pdf::Error::Gate(_)) => {
                tracing::error!(%error, serial = %affix.serial, "the stamped file is not sound");
                Ok(Affixed::Refused(unsound()))
            }
            Err(error) => Err(Error::Unavailable {
                doing: "stamp",
                why: error.to_string(),
            }),
        }
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, affix: &Affix) -> Result<(), Error> {
        let wrong = |why: String| Error::Unreadable {
            what: format!("the stored file of serial {}", affix.serial),
            why,
        };
        let source_len =
            usize::try_from(source_size_bytes).map_err(|_| bubuh_core::Error::Overflow)?;
        // A stamped file begins with its source, byte for byte; the gate checks that it does.
        let source = stored
            .get(..source_len)
            .ok_or_else(|| wrong("it is shorter than its source".to_owned()))?;
        let pages = preflight(&source.to_vec().into(), &placement(affix.placement))
            .map_err(|e| wrong(e.to_string()))?
            .pages;
        let expectation = Expectation {
            source_len,
            source_sha256: affix.source_sha256.bytes()?,
            serial: affix.serial.to_string(),
            pages,
        };
        gate(&stored.to_vec().into(), &expectation)
            .map(|_| ())
            .map_err(|e| wrong(e.to_string()))
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }
}
