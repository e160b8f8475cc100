//! The gate: nothing is released, and nothing stored is adopted, that does not pass here.

use crate::digest::Prefixes;
use crate::file::{Document, Object, Pages, Patience};
use crate::form::{Signature, StampNote, signatures};
use crate::inspect::inspect;
use crate::second_reader::{Seen, find_stamp};
use crate::{Opening, Refusal, Source};
use thiserror::Error;

/// What an output must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Length of the document before stamping, in bytes.
    pub source_len: usize,
    /// SHA-256 of the document before stamping.
    pub source_sha256: [u8; 32],
    /// The serial of the stamp.
    pub serial: String,
    /// Pages of the document before stamping.
    pub pages: usize,
}

/// An output that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gated {
    /// SHA-256 of the whole output.
    pub sha256: [u8; 32],
    /// When it was stamped, in seconds since 1970 UTC, as signed.
    pub affixed_at_unix_s: i64,
    pub(crate) note: StampNote,
}

impl Gated {
    /// The code of the document kind, as signed.
    #[must_use]
    pub fn kind_code(&self) -> &str {
        &self.note.kind
    }
}

/// Why an output did not pass. Trying the gate again gives the same answer.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum GateError {
    /// It cannot be read.
    #[error("the output cannot be read: {0}")]
    Unreadable(Refusal),
    /// It does not start with the document that was to be stamped.
    #[error("the output does not start with the source document")]
    SourceChanged,
    /// It carries no stamp with this serial.
    #[error("the output carries no stamp with this serial")]
    SerialMissing,
    /// The signature leaves out more than its own contents.
    #[error("the signature does not cover the whole output")]
    NotWhole,
    /// The signature is not valid.
    #[error("the signature of the output is not valid")]
    BadSignature,
    /// The number of pages changed for one of the two readers.
    #[error("the number of pages changed")]
    PagesChanged,
    /// An independent reader does not see the stamp on just its page.
    #[error("an independent reader does not see the stamp on its page")]
    WidgetMissing,
}

impl GateError {
    /// A stable name for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::SourceChanged => "source_changed",
            Self::SerialMissing => "serial_missing",
            Self::NotWhole => "not_whole",
            Self::BadSignature => "bad_signature",
            Self::PagesChanged => "pages_changed",
            Self::WidgetMissing => "widget_missing",
        }
    }
}

/// Checks a stored output under [`crate::Limits::DEFAULT`]. Whether the issuer is trusted is [`crate::verify()`]'s question.
///
/// # Errors
/// The first fact that does not hold.
pub fn gate(output: &Source, expect: &Expectation) -> Result<Gated, GateError> {
    gate_within(output, expect, &Opening::default())
}

/// [`gate`] for an output that does not open without a password, or under other limits.
///
/// # Errors
/// As [`gate`].
pub fn gate_within(
    output: &Source,
    expect: &Expectation,
    opening: &Opening,
) -> Result<Gated, GateError> {
    let hashed = Prefixes::new(output);
    check(output, &hashed, expect, opening).map(|(gated, _)| gated)
}

pub(crate) fn check(
    output: &Source,
    hashed: &Prefixes<'_>,
    expect: &Expectation,
    opening: &Opening,
) -> Result<(Gated, Seen), GateError> {
    let unread = GateError::Unreadable;
    let source_sha256 = hashed.sha256(expect.source_len).map_err(unread)?;
    if output.len() <= expect.source_len || source_sha256 != expect.source_sha256 {
        return Err(GateError::SourceChanged);
    }
    let document = Document::open(output, &opening.for_output()).map_err(unread)?;
    let catalog = document.catalog().map_err(unread)?;
    let (signature, note) = find_signature(&document, &catalog, &expect.serial)?;
    let stamp = inspect(&document, hashed, &signature, note).map_err(unread)?;
    if !stamp.range_ok || stamp.covered_bytes != output.len() {
        return Err(GateError::NotWhole);
    }
    let source_fits = (stamp.note.source_bytes, stamp.note.source_sha256)
        == (expect.source_len, expect.source_sha256);
    let (true, true, Some(affixed_at_unix_s)) =
        (stamp.intact(), source_fits, stamp.signed_at_unix_s)
    else {
        return Err(GateError::BadSignature);
    };
    let seen = find_widget(&document, &catalog, output, &expect.serial, expect.pages)?;
    let gated = Gated {
        sha256: hashed.sha256(output.len()).map_err(unread)?,
        affixed_at_unix_s,
        note: stamp.note,
    };
    Ok((gated, seen))
}

/// The one signature that is the stamp with this serial.
pub(crate) fn find_signature(
    document: &Document<'_>,
    catalog: &Object,
    serial: &str,
) -> Result<(Signature, StampNote), GateError> {
    let signatures = signatures(document, catalog).map_err(GateError::Unreadable)?;
    let of_serial = signatures.into_iter().filter_map(|signature| {
        let note = signature.note()?;
        (note.serial == serial).then_some((signature, note))
    });
    let [stamp] =
        <[_; 1]>::try_from(of_serial.collect::<Vec<_>>()).map_err(|_| GateError::SerialMissing)?;
    Ok(stamp)
}

/// What the other reader sees of the stamp, on one page of as many as both count.
pub(crate) fn find_widget(
    document: &Document<'_>,
    catalog: &Object,
    output: &Source,
    serial: &str,
    expected_pages: usize,
) -> Result<Seen, GateError> {
    let unread = GateError::Unreadable;
    let pages = Pages::read(document, catalog).map_err(unread)?;
    document.weigh_object_streams().map_err(unread)?;
    let shown = document.shown(output, Patience::Stamped).map_err(unread)?;
    let seen =
        find_stamp(shown, document.user_password(), serial).ok_or(GateError::PagesChanged)?;
    if pages.list.len() != expected_pages || seen.pages != expected_pages {
        return Err(GateError::PagesChanged);
    }
    if seen.on_pages.len() != 1 {
        return Err(GateError::WidgetMissing);
    }
    Ok(seen)
}
