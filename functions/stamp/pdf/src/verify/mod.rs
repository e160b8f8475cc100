//! Verification: what a file proves to anyone who has the issuer's root.

mod report;

use crate::digest::Prefixes;
use crate::file::{Document, Pages};
use crate::form::signatures;
use crate::inspect::{Inspection, inspect};
use crate::revision::hex;
use crate::{Limits, Refusal, certificate};
pub use report::{Report, StampReport};

/// Verifies every stamp of a file against the configured roots (DER certificates). Offline; takes the signed
/// stamping time as the time at which certificates must have been valid.
///
/// Valid means: at least one stamp; every stamp intact and from a trusted issuer; and every byte of the file covered
/// by a stamp, where a stamp may only be followed by another stamp made on just that revision.
#[must_use]
pub fn verify(bytes: &[u8], roots: &[Vec<u8>]) -> Report {
    read(bytes, roots).unwrap_or_else(|refusal| Report::unreadable(&refusal))
}

fn read(bytes: &[u8], roots: &[Vec<u8>]) -> Result<Report, Refusal> {
    let document = Document::open(bytes, &Limits::DEFAULT.for_output())?;
    let catalog = document.catalog()?;
    let signatures = signatures(&document, &catalog)?;
    let pages = Pages::read(&document, &catalog)?.list.len();
    let hashed = Prefixes::new(bytes);
    let mut found: Vec<Inspection> = signatures
        .iter()
        .filter_map(|signature| {
            let note = signature.note()?;
            Some(inspect(&document, &hashed, signature, note))
        })
        .collect::<Result<_, _>>()?;
    let other_signatures = signatures.len() - found.len();
    found.sort_by_key(|stamp| stamp.covered_bytes);
    // From the last one back: a stamp stands when what follows it is a stamp on its very revision, and that stands.
    let mut stamps: Vec<StampReport> = Vec::new();
    let mut expected_end = bytes.len();
    for stamp in found.iter().rev() {
        let last = stamps.last().is_none_or(|next| next.valid);
        let unchanged = stamp.covered_bytes == expected_end && last;
        let trusted = stamp
            .signed_at_unix_s
            .is_some_and(|at| certificate::leads_to_root(&stamp.certificates, roots, at));
        let signer = stamp
            .certificates
            .first()
            .and_then(|leaf| certificate::subject(leaf));
        stamps.push(StampReport {
            serial: stamp.note.serial.clone(),
            kind: stamp.note.kind.clone(),
            verify_url: stamp.note.verify_url.clone(),
            affixed_at_unix_s: stamp.signed_at_unix_s,
            signer,
            source_sha256: hex(&stamp.note.source_sha256),
            covered_bytes: stamp.covered_bytes,
            covers_whole_file: stamp.range_ok && stamp.covered_bytes == bytes.len(),
            range_ok: stamp.range_ok,
            digest_ok: stamp.digest_ok,
            signature_ok: stamp.signature_ok,
            source_ok: stamp.source_ok,
            trusted,
            changed_after: !unchanged,
            valid: stamp.intact() && trusted && unchanged,
            sentence_id: String::new(),
            sentence_en: String::new(),
        });
        expected_end = stamp.note.source_bytes;
    }
    stamps.reverse();
    Ok(Report::new(pages, stamps, other_signatures))
}
