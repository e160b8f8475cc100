//! Minting one serial, and the balance it is taken from.

use super::{
    Issuer, Serial,
    answer::{Answer, Refusal, taken},
    fault::{Call, FaultKind},
    fields::Fields,
};
use crate::qr;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bubuh_pdf::DocumentKind;
use bytes::Bytes;
use http::Request;
use jiff::civil::Date;
use serde_json::json;

/// What is said of a document when a serial is minted for it.
pub(super) struct Document {
    kind: DocumentKind,
    file: String,
}

impl Document {
    pub(super) fn read(fields: &Fields) -> Result<Self, Refusal> {
        let kind = DocumentKind::from_code(fields.filled("namadoc")?);
        fields.text("nodoc")?;
        if fields.filled("tgldoc")?.parse::<Date>().is_err() {
            return Err(Refusal::field("tgldoc"));
        }
        Ok(Self {
            kind: kind.ok_or_else(|| Refusal::field("namadoc"))?,
            file: fields.filled("namafile")?.to_owned(),
        })
    }
}

/// The only duty there is, in rupiah.
pub(super) fn check_duty(fields: &Fields, name: &str) -> Result<(), Refusal> {
    match fields.filled(name)? {
        "10000" => Ok(()),
        _ => Err(Refusal::field(name)),
    }
}

/// The picture of a stamp, as PNG: a code to scan and nothing else.
pub(super) fn picture(sn: &str) -> Option<Vec<u8>> {
    qr::picture(&format!("SPECIMEN {sn}"))
}

pub(super) fn image(sn: &str) -> String {
    picture(sn).map_or_else(String::new, |png| STANDARD.encode(png))
}

impl Issuer {
    pub(super) fn mint(&mut self, now_ms: u64, request: &Request<Bytes>) -> Answer {
        let fields = Fields::read(request)?;
        fields.flag("isUpload")?;
        fields.flag("snOnly")?;
        check_duty(&fields, "nilaidoc")?;
        let document = Document::read(&fields)?;
        let minted = self.take(now_ms, vec![document], None)?;
        let sn = minted.first().ok_or_else(Refusal::balance)?;
        let missing = self.fire(FaultKind::ImageMissing, Call::Mint, None, now_ms);
        let image = missing.map_or_else(|| image(sn), |_| String::new());
        let file = format!("qr_{sn}.png");
        let result = json!({ "sn": sn, "image": image, "filenameQR": file });
        Ok(taken(
            &json!({ "statusCode": "00", "message": "success", "result": result }),
        ))
    }

    /// Mints a serial for each document, or none at all.
    pub(super) fn take(
        &mut self,
        now_ms: u64,
        documents: Vec<Document>,
        batch: Option<&str>,
    ) -> Result<Vec<String>, Refusal> {
        let count = u64::try_from(documents.len()).unwrap_or(u64::MAX);
        let left = self.state.balance.checked_sub(count);
        self.state.balance = left.ok_or_else(Refusal::balance)?;
        let mut minted = Vec::with_capacity(documents.len());
        for Document { kind, file } in documents {
            let seq = self.number();
            let sn = self.text_of(seq);
            self.by_sn.insert(sn.clone(), seq);
            self.unstamped.insert(seq);
            self.state.minted = self.state.minted.saturating_add(1);
            self.state.serials.insert(
                seq,
                Serial {
                    seq,
                    sn: sn.clone(),
                    kind,
                    file,
                    batch: batch.map(str::to_owned),
                    minted_at_ms: now_ms,
                    signed: None,
                },
            );
            minted.push(sn);
        }
        Ok(minted)
    }

    /// Twenty-two signs that nobody can guess the next of.
    fn text_of(&self, seq: u64) -> String {
        let id = self.uuid(seq).replace('-', "").to_ascii_uppercase();
        id.chars().take(22).collect()
    }

    pub(super) fn balance(&mut self) -> Answer {
        Ok(saldo(self.state.balance))
    }

    /// Sets how many serials can be minted.
    pub fn set_balance(&mut self, balance: u64) {
        self.state.balance = balance;
        self.changed();
    }
}

pub(super) fn saldo(balance: u64) -> http::Response<Bytes> {
    taken(&json!({ "statusCode": "00", "result": { "saldo": balance } }))
}
