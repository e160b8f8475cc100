//! The stamp engine behind the signing adapter, under the issuer's own key.

use super::{Serial, Signed, mint::picture};
use crate::Error;
use bubuh_gateway::SecretString;
use bubuh_pdf::{
    LocalSigner, Opening, Picture, Refusal, Source, StampRequest, development_identity,
    stamp_within,
};
use secrecy::ExposeSecret;

/// When its certificates start: long ago, so that they are the same at every start.
const NOT_BEFORE_UNIX_S: i64 = 1_735_689_600;

/// Why there is no stamp: the adapter's code, and words.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) code: &'static str,
    pub(super) message: String,
}

pub(super) struct Engine {
    signer: LocalSigner,
    root_pem: String,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// The same key gives the same certificates.
    pub(super) fn new(key: &SecretString) -> Result<Self, Error> {
        let seed = format!("e-Meterai issuer of the sandbox {}", key.expose_secret());
        let wrong = |error: bubuh_pdf::Error| Error::Setting(error.to_string());
        let identity = development_identity(NOT_BEFORE_UNIX_S, seed.as_bytes()).map_err(wrong)?;
        Ok(Self {
            signer: LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem).map_err(wrong)?,
            root_pem: identity.root_pem,
        })
    }

    pub(super) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// The document with its stamp. The same arguments give the same bytes.
    pub(super) fn stamp(
        &self,
        source: Source,
        serial: &Serial,
        fixed: &Signed,
        password: Option<&str>,
    ) -> Result<Vec<u8>, Failed> {
        let drawn = picture(&serial.sn).and_then(|png| Picture::read(&png).ok());
        let picture = drawn.ok_or_else(|| Failed {
            code: "92",
            message: "the picture of the stamp can't be drawn".to_owned(),
        })?;
        let request = StampRequest {
            serial: serial.sn.clone(),
            kind: serial.kind,
            verify_url: fixed.verify_url.clone(),
            picture: Some(picture),
            placement: fixed.placement.clone(),
            affixed_at_unix_s: fixed.at_unix_s,
            source_sha256: None,
        };
        let opening = password.map_or_else(Opening::default, Opening::with_password);
        stamp_within(source, &request, &self.signer, &opening)
            .map(|stamped| stamped.bytes)
            .map_err(|error| Failed {
                code: code(&error),
                message: words(&error),
            })
    }
}

/// As the adapter's codes are known to integrators: 80 an earlier signature, 82 the file, 83 certified, 92 internal.
fn code(error: &bubuh_pdf::Error) -> &'static str {
    match error {
        bubuh_pdf::Error::Refused(Refusal::Certified) => "83",
        bubuh_pdf::Error::Refused(Refusal::SignedBefore | Refusal::AlreadyStamped { .. }) => "80",
        bubuh_pdf::Error::Refused(_) => "82",
        bubuh_pdf::Error::Request(_) => "90",
        _ => "92",
    }
}

fn words(error: &bubuh_pdf::Error) -> String {
    match error {
        bubuh_pdf::Error::Refused(refusal) => refusal.message_id(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_an_earlier_signature_is_told_apart_from_the_rest() {
        let serial = "S".to_owned();
        for (refusal, expected) in [
            (Refusal::Certified, "83"),
            (Refusal::SignedBefore, "80"),
            (Refusal::AlreadyStamped { serial }, "80"),
            (Refusal::NeedsPassword, "82"),
            (Refusal::NoPage, "82"),
        ] {
            assert_eq!(code(&bubuh_pdf::Error::Refused(refusal)), expected);
        }
        assert_eq!(code(&bubuh_pdf::Error::Signer(String::new())), "92");
    }
}
