//! Stamping one document after another with a development identity.

use bubuh_pdf::{
    Error, Identity, LocalSigner, Opening, Placement, Preflight, Source, StampRequest, Stamped,
    Trust, certificates_from_pem, development_identity, preflight_within, stamp, stamp_within,
    verify_within,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// When the identity starts, and when every document is stamped.
const NOT_BEFORE_UNIX_S: i64 = 1_767_225_600;
const AFFIXED_AT_UNIX_S: i64 = NOT_BEFORE_UNIX_S + 86_400;

/// What became of one document.
#[derive(Debug)]
pub enum Outcome {
    /// Stamped, released by the gate, and verified against the root.
    Stamped {
        /// The stamped file.
        output: Vec<u8>,
        /// What preflight said.
        verdict: Preflight,
    },
    /// Refused by preflight, with the reason's code.
    Refused(&'static str),
    /// Accepted by preflight, but then not stamped: a broken promise.
    Failed(String),
    /// Panicked.
    Crashed,
}

/// A signer and its root.
pub struct Bench {
    signer: LocalSigner,
    roots: Vec<Vec<u8>>,
    /// The identity, for other tools.
    pub identity: Identity,
}

impl Bench {
    /// A bench with a fixed development identity.
    ///
    /// # Errors
    /// When the identity cannot be made.
    pub fn new() -> Result<Self, Error> {
        let identity = development_identity(NOT_BEFORE_UNIX_S, &[0x42; 32])?;
        Ok(Self {
            signer: LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem)?,
            roots: certificates_from_pem(&identity.root_pem)?,
            identity,
        })
    }

    /// Stamps one document under a serial, at the default place.
    #[must_use]
    pub fn stamp(&self, input: &[u8], serial: &str) -> Outcome {
        self.stamp_at(input, serial, Placement::default())
    }

    /// Stamps one document under a serial.
    #[must_use]
    pub fn stamp_at(&self, input: &[u8], serial: &str, placement: Placement) -> Outcome {
        self.stamp_owned(input.to_vec(), serial, placement, &Opening::default())
    }

    /// The same with bytes that nobody else needs: no copy is made.
    #[must_use]
    pub fn stamp_owned(
        &self,
        input: Vec<u8>,
        serial: &str,
        placement: Placement,
        opening: &Opening,
    ) -> Outcome {
        let attempt = AssertUnwindSafe(|| self.attempt(input, serial, placement, opening));
        catch_unwind(attempt).unwrap_or(Outcome::Crashed)
    }

    /// Stamps and does nothing else, as the stamp function does.
    ///
    /// # Errors
    /// Why there is no stamp.
    pub fn stamp_only(
        &self,
        input: Vec<u8>,
        serial: &str,
        placement: Placement,
    ) -> Result<Stamped, Error> {
        stamp(input.into(), &request(serial, placement), &self.signer)
    }

    fn attempt(
        &self,
        input: Vec<u8>,
        serial: &str,
        placement: Placement,
        opening: &Opening,
    ) -> Outcome {
        let request = request(serial, placement);
        let source = Source::from(input);
        let verdict = match preflight_within(&source, &request.placement, opening) {
            Ok(verdict) => verdict,
            Err(refusal) => return Outcome::Refused(refusal.code()),
        };
        let output = match stamp_within(source, &request, &self.signer, opening) {
            Ok(stamped) => stamped.bytes,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        let trust = Trust {
            issuers: self.roots.clone(),
            ..Trust::default()
        };
        let report = verify_within(&output, &trust, opening);
        if !report.valid {
            return Outcome::Failed(report.summary_en);
        }
        Outcome::Stamped { output, verdict }
    }
}

fn request(serial: &str, placement: Placement) -> StampRequest {
    StampRequest {
        serial: serial.into(),
        kind: bubuh_pdf::DocumentKind::default(),
        verify_url: format!("HTTPS://BUBUH.EXAMPLE.ID/V/{serial}"),
        picture: None,
        placement,
        affixed_at_unix_s: AFFIXED_AT_UNIX_S,
        source_sha256: None,
    }
}
