//! The signing adapter. A stamp's natural key is the serial and the document's SHA-256: whoever asks again for the same
//! gets the same, and a serial that is on one document never gets onto another.

use super::{
    Issuer, Signed,
    answer::{Answer, Refusal, taken},
    fault::{Call, FaultKind},
    fields::Fields,
    mint::picture,
    route::Form,
    wanted::{Place, Wanted},
};
use crate::Outcome;
use bubuh_pdf::Source;
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

/// "Abnormal": the same call again with `retryFlag` is what it takes.
const ABNORMAL: &str = "97";

impl Issuer {
    /// The answer when what was signed can't be put where it should be: the same again with `retryFlag` may.
    pub(crate) fn unwritten() -> Outcome {
        let refusal = Refusal::new("92", "dest can't be written");
        refusal.reply(Some(Call::Sign)).into()
    }

    pub(super) fn sign(&mut self, now_ms: u64, request: &Request<Bytes>, form: Form) -> Answer {
        let wanted = Wanted::read(&Fields::read(request)?, form)?;
        if !self.is_live(now_ms, &wanted.token) {
            return Err(Refusal::token());
        }
        let unknown = || Refusal::new("93", "refToken is unknown");
        let seq = *self.by_sn.get(&wanted.sn).ok_or_else(unknown)?;
        let source = self.source(&wanted)?.clone();
        let file = self.affix(now_ms, seq, &source, &wanted)?;
        let url = match &wanted.place {
            Place::Hosted { id } => {
                self.finals.put(id, Some(&wanted.sn), file);
                let base = &self.settings.public_url;
                Some(format!("{base}/getfile3/final_{id}.pdf"))
            }
            Place::Folder { dest, .. } => {
                self.folder.put(dest.name(), None, file);
                None
            }
        };
        let sn = Some(wanted.sn.as_str());
        if let Some(fault) = self.fire(FaultKind::SignedButRefused, Call::Sign, sn, now_ms) {
            return Err(Refusal::fault(fault.code_at(Call::Sign)));
        }
        Ok(signed(url))
    }

    fn source(&self, wanted: &Wanted) -> Result<&Bytes, Refusal> {
        match &wanted.place {
            Place::Hosted { id } => {
                let gone = || Refusal::new("92", "docId is unknown");
                self.uploads.get(id).ok_or_else(gone)
            }
            Place::Folder { src, specimen, .. } => {
                let gone = |name: &str| Refusal::new("92", format!("there is no file at {name}"));
                let shown = self.folder.get(specimen.name());
                let shown = shown.ok_or_else(|| gone("spesimenPath"))?;
                // Another serial's picture would be on the document for good.
                if picture(&wanted.sn).as_deref() != Some(shown) {
                    return Err(Refusal::new("92", "spesimenPath is not refToken's picture"));
                }
                self.folder.get(src.name()).ok_or_else(|| gone("src"))
            }
        }
    }

    fn affix(
        &mut self,
        now_ms: u64,
        seq: u64,
        source: &Bytes,
        wanted: &Wanted,
    ) -> Result<Bytes, Refusal> {
        let mut bytes = Vec::with_capacity(source.len() + Source::ROOM);
        bytes.extend_from_slice(source);
        let source = Source::from(bytes);
        let source_sha256 = hex::encode(source.sha256());
        let unknown = || Refusal::new("93", "refToken is unknown");
        let serial = self.state.serials.get(&seq).ok_or_else(unknown)?;
        let fixed = match &serial.signed {
            Some(before) if before.source_sha256 != source_sha256 => {
                self.state.conflicts = self.state.conflicts.saturating_add(1);
                self.changed();
                let words = "refToken is on another document";
                return Err(Refusal::new("93", words));
            }
            Some(_) if !wanted.retry => {
                return Err(Refusal::new(ABNORMAL, "signed before; set retryFlag"));
            }
            Some(before) => before.clone(),
            None => Signed {
                source_sha256,
                at_unix_s: i64::try_from(now_ms / 1_000).unwrap_or(i64::MAX),
                placement: wanted.placement.clone(),
                verify_url: format!("{}/v/{}", self.settings.verify_url, serial.sn),
            },
        };
        let password = wanted.password.as_deref();
        let stamped = self.engine.stamp(source, serial, &fixed, password);
        let file = stamped.map_err(|failed| Refusal::new(failed.code, failed.message))?;
        if let Some(serial) = self.state.serials.get_mut(&seq)
            && serial.signed.is_none()
        {
            serial.signed = Some(fixed);
            self.unstamped.remove(&seq);
            self.changed();
        }
        Ok(file.into())
    }
}

fn signed(url: Option<String>) -> http::Response<Bytes> {
    let mut body = json!({ "status": "True", "errorCode": "00", "errorMessage": "" });
    if let (Some(fields), Some(url)) = (body.as_object_mut(), url) {
        fields.insert("urlFile".to_owned(), Value::String(url));
    }
    taken(&body)
}
