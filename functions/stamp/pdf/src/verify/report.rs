//! The outcome in facts.

use super::others::OtherSignature;
use super::words;
use crate::Refusal;
use serde::Serialize;

/// What verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Every stamp is genuine, and nothing was added but further stamps and signatures.
    pub valid: bool,
    /// The file could be read at all.
    pub readable: bool,
    /// Why not, as a stable code.
    pub problem: Option<String>,
    /// Pages.
    pub pages: usize,
    /// Revisions: the first one is what was saved as a whole, each further one was appended.
    pub revisions: usize,
    /// Stamps in the order they were affixed.
    pub stamps: Vec<StampReport>,
    /// Signatures that are no stamps, in the order they were made.
    pub other_signatures: Vec<OtherSignature>,
    /// The outcome in Indonesian.
    pub summary_id: String,
    /// The outcome in English.
    pub summary_en: String,
}

/// What happened to the document after a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// Nothing.
    Nothing,
    /// Further stamps were affixed.
    Stamps,
    /// Others signed, or data to check signatures were added; perhaps further stamps as well.
    Signatures,
    /// Something else was added or changed, or it can't be told.
    Changed,
}

/// An authority's word on the time of a stamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimestampReport {
    /// When, in seconds since 1970 UTC, by the authority's clock.
    pub at_unix_s: i64,
    /// The subject of the authority's certificate.
    pub authority: Option<String>,
    /// It is for this very signature, and its own signature fits.
    pub intact: bool,
    /// It leads to a configured root of time-stamp authorities.
    pub trusted: bool,
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
    /// A time-stamp of the signature.
    pub timestamp: Option<TimestampReport>,
    /// The time at which certificates had to be valid: a trusted time-stamp's, or else the signed one.
    pub judged_at_unix_s: Option<i64>,
    /// The subject of the signing certificate.
    pub signer: Option<String>,
    /// SHA-256 of the document before this stamp, as signed.
    pub source_sha256: String,
    /// The signature covers the first so many bytes.
    pub covered_bytes: usize,
    /// The revision that it was affixed in, counted from 1; 0 when it is not intact.
    pub revision: usize,
    /// The signature covers the whole file.
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
    /// What happened afterwards.
    pub after: After,
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
            revisions: 0,
            stamps: Vec::new(),
            other_signatures: Vec::new(),
            summary_id: format!("Berkas tidak dapat dibaca. {}", refusal.message_id()),
            summary_en: format!("The file cannot be read. {}", refusal.message_en()),
        }
    }

    pub(super) fn new(
        pages: usize,
        revisions: usize,
        mut stamps: Vec<StampReport>,
        mut other_signatures: Vec<OtherSignature>,
    ) -> Self {
        for stamp in &mut stamps {
            (stamp.sentence_id, stamp.sentence_en) = words::of_stamp(stamp);
        }
        for other in &mut other_signatures {
            (other.sentence_id, other.sentence_en) = words::of_other(other);
        }
        let valid = !stamps.is_empty() && stamps.iter().all(|stamp| stamp.valid);
        let signed = stamps.iter().any(|stamp| stamp.after == After::Signatures);
        let (problem, summary_id, summary_en) = match (stamps.len(), valid) {
            (0, _) => (
                Some("no_stamp"),
                "Tidak ada meterai Bubuh pada berkas ini.".into(),
                "There is no Bubuh stamp on this file.".into(),
            ),
            (count, true) if signed => (
                None,
                format!("Sah: {count} meterai asli. Sesudahnya hanya ditambahkan tanda tangan pihak lain atau data pemeriksaannya; selain itu tidak ada yang berubah."),
                format!("Valid: {count} genuine stamp(s). Afterwards only signatures of others or data to check them were added; nothing else has changed."),
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
            revisions,
            stamps,
            other_signatures,
            summary_id,
            summary_en,
        }
    }
}
