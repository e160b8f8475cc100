//! The embedded issuer: the local stamp engine, a key, and perhaps a time-stamp authority. Its stamp says SPECIMEN.

use crate::convert::{gated, pinned, reason, unsound};
use crate::{Authority, Signer};
use bubuh_core::{document::Reason, id::Serial};
use bubuh_pdf::{DocumentKind, Opening, Seal, Source, StampRequest, Stamped, preflight, prepare};
use bubuh_store::{
    Error,
    issuer::{Affix, Affixed, Affixer},
};

/// The embedded issuer.
pub struct Embedded<S> {
    signer: S,
    authority: Option<Authority>,
    key_id: String,
    verify_base_url: String,
}

/// Why there is no stamp.
enum Failed {
    Engine(bubuh_pdf::Error),
    Outside(Error),
}

impl From<bubuh_pdf::Error> for Failed {
    fn from(error: bubuh_pdf::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Outside(error)
    }
}

impl<S: Signer> Embedded<S> {
    /// Signs with this key, has signatures time-stamped if an authority is given, and prints the address under which
    /// stamps are verified.
    ///
    /// # Errors
    /// [`Error::Setting`] when there is no certificate.
    pub fn new(
        signer: S,
        authority: Option<Authority>,
        verify_base_url: &str,
    ) -> Result<Self, Error> {
        let leaf = signer
            .seal()
            .certificates
            .first()
            .ok_or_else(|| Error::Setting {
                name: "SIGNING_SECRET_ARN",
                why: "has no certificate".to_owned(),
            })?;
        let key_id = bubuh_core::id::Sha256::of(leaf).as_str().to_owned();
        Ok(Self {
            signer,
            authority,
            key_id,
            verify_base_url: verify_base_url.trim_end_matches('/').to_owned(),
        })
    }

    async fn stamp(&self, source: Source, request: &StampRequest) -> Result<Stamped, Failed> {
        // A key that was changed after the first try fixed the time: nobody would believe this stamp.
        if !self.signer.seal().is_current(request.affixed_at_unix_s) {
            return Err(Failed::Outside(Error::Refused {
                doing: "stamp",
                why: "a certificate is not valid at the time of the stamp".to_owned(),
            }));
        }
        let seal = Seal {
            timestamp_room: self.authority.as_ref().map(|_| Seal::USUAL_TIMESTAMP_ROOM),
            ..self.signer.seal().clone()
        };
        let unsigned = prepare(source, request, seal, &Opening::default())?;
        let signature = self.signer.sign(unsigned.digest()).await?;
        let mut signed = unsigned.sign(&signature)?;
        if let Some(authority) = &self.authority {
            let token = authority.token(signed.timestamp_imprint()).await?;
            signed = signed.timestamped(&token)?;
        }
        Ok(signed.release()?)
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
            verify_url: address(&self.verify_base_url, &affix.serial),
            picture: None,
            placement: pinned(affix),
            affixed_at_unix_s: i64::try_from(affix.affixing.at_ms / 1000)
                .map_err(|_| bubuh_core::Error::Overflow)?,
            source_sha256: Some(affix.source_sha256.bytes()?),
        })
    }
}

/// The address in the QR code. In upper case, where that means the same, the code is coarser and easier to scan:
/// scheme and host never distinguish case, our own path is served in both, and a serial of ours has no other letters.
fn address(base: &str, serial: &Serial) -> String {
    let host_only = base
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.contains('/'));
    if host_only {
        format!("{}/V/{serial}", base.to_ascii_uppercase())
    } else {
        format!("{base}/v/{serial}")
    }
}

fn not_soundly() -> Reason {
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

impl<S: Signer> Affixer for Embedded<S> {
    async fn affix(&self, source: Vec<u8>, affix: &Affix) -> Result<Affixed, Error> {
        let failed = match self.stamp(source.into(), &self.request(affix)?).await {
            Ok(stamped) => return Ok(Affixed::File(stamped.bytes)),
            Err(Failed::Outside(error)) => return Err(error),
            Err(Failed::Engine(error)) => error,
        };
        match failed {
            bubuh_pdf::Error::Refused(refusal) => Ok(Affixed::Refused(reason(&refusal))),
            // The engine made something that its own gate does not let pass, and would again.
            error @ bubuh_pdf::Error::Gate(_) => {
                tracing::error!(%error, serial = %affix.serial, "the stamped file is not sound");
                Ok(Affixed::Refused(not_soundly()))
            }
            error if error.retryable() => Err(Error::Unavailable {
                doing: "stamp",
                why: error.to_string(),
            }),
            error => Err(Error::Refused {
                doing: "stamp",
                why: error.to_string(),
            }),
        }
    }

    fn check(&self, stored: &[u8], source_size_bytes: u64, affix: &Affix) -> Result<(), Error> {
        let source_len =
            usize::try_from(source_size_bytes).map_err(|_| bubuh_core::Error::Overflow)?;
        // A stamped file begins with its source, byte for byte; the gate checks that it does.
        let source = stored
            .get(..source_len)
            .ok_or_else(|| unsound(affix, "it is shorter than its source".to_owned()))?;
        let pages = preflight(&source.to_vec().into(), &pinned(affix))
            .map_err(|e| unsound(affix, e.to_string()))?
            .pages;
        gated(stored, source_len, pages, affix)
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_in_upper_case_where_case_means_nothing() {
        let ours = Serial::of_bits([7; 10]);
        let theirs = Serial::new("Abc-9").unwrap();
        assert_eq!(
            address("https://bubuh.example.id", &ours),
            format!("HTTPS://BUBUH.EXAMPLE.ID/V/{ours}")
        );
        assert_eq!(
            address("http://127.0.0.1:8080", &theirs),
            "HTTP://127.0.0.1:8080/V/Abc-9"
        );
        assert_eq!(
            address("https://example.id/bubuh", &ours),
            format!("https://example.id/bubuh/v/{ours}")
        );
    }
}
