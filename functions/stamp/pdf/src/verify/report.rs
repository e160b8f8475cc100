//! The outcome in facts and in plain sentences.

use crate::Refusal;
use serde::Serialize;

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every stamp is genuine and nothing was changed.
    pub valid: bool,
    /// The file could be read at all.
    pub readable: bool,
    /// Why not, as a stable code.
    pub problem: Option<String>,
    /// Pages.
    pub pages: usize,
    /// Stamps in the order they were affixed.
    pub stamps: Vec<StampReport>,
    /// Signatures that are no stamps; they are not judged here.
    pub other_signatures: usize,
    /// The outcome in Indonesian.
    pub summary_id: String,
    /// The outcome in English.
    pub summary_en: String,
}

/// What verification found about one stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate fact for the reader"
)]
pub struct StampReport {
    /// The serial, as signed.
    pub serial: String,
    /// The document kind's code, as signed.
    pub kind: String,
    /// The address in the QR code, as signed.
    pub verify_url: String,
    /// When it was affixed, in seconds since 1970 UTC, as signed.
    pub affixed_at_unix_s: Option<i64>,
    /// The subject of the signing certificate.
    pub signer: Option<String>,
    /// SHA-256 of the document before this stamp, as signed.
    pub source_sha256: String,
    /// The signature covers the first so many bytes.
    pub covered_bytes: usize,
    /// That is the whole file.
    pub covers_whole_file: bool,
    /// The covered bytes leave out only the signature itself.
    pub range_ok: bool,
    /// The covered bytes are those that were signed.
    pub digest_ok: bool,
    /// The signature fits the signing certificate.
    pub signature_ok: bool,
    /// The document before the stamp is the one that was stamped.
    pub source_ok: bool,
    /// The certificate leads to a configured root and was valid then.
    pub trusted: bool,
    /// Something other than a further stamp was added afterwards.
    pub changed_after: bool,
    /// All of the above are as they should be.
    pub valid: bool,
    /// The outcome in Indonesian.
    pub sentence_id: String,
    /// The outcome in English.
    pub sentence_en: String,
}

impl Report {
    pub(super) fn unreadable(refusal: &Refusal) -> Self {
        Self {
            valid: false,
            readable: false,
            problem: Some(refusal.code().into()),
            pages: 0,
            stamps: Vec::new(),
            other_signatures: 0,
            summary_id: format!("Berkas tidak dapat dibaca. {}", refusal.message_id()),
            summary_en: format!("The file cannot be read. {}", refusal.message_en()),
        }
    }

    pub(super) fn new(pages: usize, mut stamps: Vec<StampReport>, other_signatures: usize) -> Self {
        for stamp in &mut stamps {
            let (indonesian, english) = stamp.sentences();
            stamp.sentence_id = indonesian;
            stamp.sentence_en = english;
        }
        let valid = !stamps.is_empty() && stamps.iter().all(|stamp| stamp.valid);
        let (problem, summary_id, summary_en) = match (stamps.len(), valid) {
            (0, _) => (
                Some("no_stamp"),
                "Tidak ada meterai Bubuh pada berkas ini.".into(),
                "There is no Bubuh stamp on this file.".into(),
            ),
            (count, true) => (
                None,
                format!("Sah: {count} meterai asli, dan dokumen tidak berubah sejak dibubuhi."),
                format!("Valid: {count} genuine stamp(s), and the document has not changed since."),
            ),
            (_, false) => (
                Some("not_valid"),
                "Tidak sah: ada meterai yang tidak dapat dibuktikan. Lihat keterangan tiap meterai.".into(),
                "Not valid: a stamp could not be proven. See what is said of each stamp.".into(),
            ),
        };
        Self {
            valid,
            readable: true,
            problem: problem.map(str::to_owned),
            pages,
            stamps,
            other_signatures,
            summary_id,
            summary_en,
        }
    }
}

impl StampReport {
    /// The first fact that fails decides; later ones depend on it.
    fn sentences(&self) -> (String, String) {
        let serial = &self.serial;
        let (indonesian, english) = if !self.range_ok || !self.digest_ok || !self.source_ok {
            (
                "isi dokumen telah diubah setelah dibubuhi",
                "the document was altered after it was stamped",
            )
        } else if !self.signature_ok || self.affixed_at_unix_s.is_none() {
            ("tanda tangannya tidak sah", "its signature is not valid")
        } else if !self.trusted {
            (
                "tanda tangannya utuh, tetapi penerbitnya tidak dikenal atau sertifikatnya tidak berlaku",
                "its signature is intact, but the issuer is unknown or the certificate was not valid",
            )
        } else if self.changed_after {
            (
                "meterainya asli, tetapi dokumen ditambah atau diubah sesudahnya",
                "the stamp is genuine, but something was added or changed afterwards",
            )
        } else {
            (
                "asli dan dokumen tidak berubah sejak dibubuhi",
                "genuine, and the document has not changed since",
            )
        };
        (
            format!("Meterai {serial}: {indonesian}."),
            format!("Stamp {serial}: {english}."),
        )
    }
}
