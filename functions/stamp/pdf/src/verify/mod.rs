//! Verification: what a file proves to anyone who has the issuer's root.

mod changes;
mod others;
mod report;
mod same;
mod words;

use crate::digest::Prefixes;
use crate::file::{Document, Pages};
use crate::form::signatures;
use crate::inspect::{Inspection, inspect};
use crate::revision::hex;
use crate::syntax::Id;
use crate::timestamp::Token;
use crate::{Opening, Refusal, certificate};
pub use others::OtherSignature;
use others::Others;
pub use report::{After, Report, StampReport, TimestampReport};
use std::collections::HashSet;
use std::ops::Range;

/// Whom to believe: certificates in DER. Roots of any age may stand side by side; each counts for its own time.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Roots of issuers of stamps.
    pub issuers: Vec<Vec<u8>>,
    /// Roots of time-stamp authorities.
    pub authorities: Vec<Vec<u8>>,
}

/// Verifies every stamp of a file against the issuers' roots (DER certificates). Offline; see [`verify_trusting`],
/// which also believes time-stamp authorities.
#[must_use]
pub fn verify(bytes: &[u8], roots: &[Vec<u8>]) -> Report {
    let trust = Trust {
        issuers: roots.to_vec(),
        authorities: Vec::new(),
    };
    verify_trusting(bytes, &trust)
}

/// Verifies every stamp of a file. Offline. The time at which certificates must have been valid is that of a
/// time-stamp whose authority is trusted, or else the signed stamping time; the report says which.
///
/// Valid means: at least one stamp; every stamp intact and from a trusted issuer; and what was added after a stamp is
/// a stamp of the same kind, or signatures of others and nothing else.
#[must_use]
pub fn verify_trusting(bytes: &[u8], trust: &Trust) -> Report {
    verify_within(bytes, trust, &Opening::default())
}

/// [`verify_trusting`] for a file that does not open without a password, or under other limits.
#[must_use]
pub fn verify_within(bytes: &[u8], trust: &Trust, opening: &Opening) -> Report {
    read(bytes, trust, opening).unwrap_or_else(|refusal| Report::unreadable(&refusal))
}

fn read(bytes: &[u8], trust: &Trust, opening: &Opening) -> Result<Report, Refusal> {
    let opening = opening.for_output();
    let document = Document::open(bytes, &opening)?;
    let catalog = document.catalog()?;
    let signatures = signatures(&document, &catalog)?;
    let pages = Pages::read(&document, &catalog)?.list.len();
    let hashed = Prefixes::new(bytes);
    let mut found: Vec<Inspection> = Vec::new();
    let mut others = Others::new(bytes);
    for signature in &signatures {
        match signature.note() {
            Some(note) => found.push(inspect(&document, &hashed, signature, note)?),
            None => others.inspect(signature),
        }
    }
    let Others {
        found: mut others,
        intact,
        ..
    } = others;
    found.sort_by_key(|stamp| stamp.covered_bytes);
    others.sort_by_key(|other| other.covered_bytes);
    // From the last one back: a stamp stands when what follows it is harmless, and the stamps in it stand.
    let mut stamps: Vec<StampReport> = Vec::new();
    let mut next_from = bytes.len();
    for stamp in found.iter().rev() {
        let next = stamps.last().map(|next| (next.valid, next.after));
        let after = after(
            bytes,
            stamp.covered_bytes..next_from,
            next,
            &intact,
            &opening,
        );
        stamps.push(judged(bytes, stamp, trust, after, &opening));
        next_from = stamp.note.source_bytes;
    }
    stamps.reverse();
    Ok(Report::new(pages, revisions(&document), stamps, others))
}

/// What happened between a stamp and the next one (whether that is valid, and what came after it), or the end.
fn after(
    bytes: &[u8],
    added: Range<usize>,
    next: Option<(bool, After)>,
    intact: &HashSet<Id>,
    opening: &Opening,
) -> After {
    let beyond = match next {
        None => After::Nothing,
        Some((false, _)) | Some((true, After::Changed)) => return After::Changed,
        Some((true, After::Nothing)) => After::Stamps,
        Some((true, after)) => after,
    };
    if added.start == added.end {
        return beyond;
    }
    if changes::only_signatures(bytes, added.start, added.end, intact, opening) {
        After::Signatures
    } else {
        After::Changed
    }
}

fn judged(
    bytes: &[u8],
    stamp: &Inspection,
    trust: &Trust,
    after: After,
    opening: &Opening,
) -> StampReport {
    let token = stamp.token.as_deref().map(|token| {
        let read = Token::read(token);
        let intact = stamp.timestamp_ok;
        let trusted = intact
            && read
                .as_ref()
                .is_some_and(|token| token.leads_to(&trust.authorities));
        TimestampReport {
            at_unix_s: read.as_ref().map_or(0, |token| token.at),
            authority: read.as_ref().and_then(Token::authority),
            intact,
            trusted,
        }
    });
    let proven = token.as_ref().filter(|token| token.trusted);
    let judged_at_unix_s = proven
        .map(|token| token.at_unix_s)
        .or(stamp.signed_at_unix_s);
    let trusted = judged_at_unix_s
        .is_some_and(|at| certificate::leads_to_root(&stamp.certificates, &trust.issuers, at));
    let leaf = stamp.certificates.first();
    StampReport {
        serial: stamp.note.serial.clone(),
        kind: stamp.note.kind.clone(),
        verify_url: stamp.note.verify_url.clone(),
        affixed_at_unix_s: stamp.signed_at_unix_s,
        timestamp: token,
        judged_at_unix_s,
        signer: leaf.and_then(|leaf| certificate::subject(leaf)),
        source_sha256: hex(&stamp.note.source_sha256),
        covered_bytes: stamp.covered_bytes,
        revision: if stamp.intact() {
            revision(bytes, stamp.covered_bytes, opening)
        } else {
            0
        },
        covers_whole_file: stamp.range_ok && stamp.covered_bytes == bytes.len(),
        range_ok: stamp.range_ok,
        digest_ok: stamp.digest_ok,
        signature_ok: stamp.signature_ok,
        source_ok: stamp.source_ok,
        trusted,
        after,
        valid: stamp.intact() && trusted && after != After::Changed,
        sentence_id: String::new(),
        sentence_en: String::new(),
    }
}

/// The number of the revision that ends there; 0 when none does.
fn revision(bytes: &[u8], end: usize, opening: &Opening) -> usize {
    let until = bytes.get(..end).unwrap_or_default();
    Document::open(until, opening).map_or(0, |document| revisions(&document))
}

/// A linearized file begins with two sections that are one revision (ISO 32000-2, annex F).
fn revisions(document: &Document<'_>) -> usize {
    let head = document.file.get(..document.file.len().min(1024));
    let linearized = head.unwrap_or_default().windows(11);
    let linearized = linearized.into_iter().any(|word| word == b"/Linearized");
    document.xref.sections - usize::from(linearized && document.xref.sections > 1)
}
