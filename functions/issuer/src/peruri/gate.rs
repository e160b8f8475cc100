//! What comes back from the issuer is looked at before it is stored, and what is stored before it is adopted. Its
//! signer is another: what can be asked of every signed PDF is asked, and more where our own engine made it.

use crate::convert::{gated, unsound};
use bubuh_core::id::Sha256;
use bubuh_pdf::{Opening, Placement, Refusal, Report, Source, Trust, preflight, verify_within};
use bubuh_store::{Error, issuer::Affix};

/// Whether this file is that source, stamped: readable by two readers, as many pages, and one more signature than
/// before, intact and over the whole file. Without a source, as when the issuer wrote the file anew, its own facts only.
///
/// # Errors
/// [`Error::Unreadable`] says what is wrong.
pub(super) fn check(stored: &[u8], source: Option<&[u8]>, affix: &Affix) -> Result<(), Error> {
    let wrong = |why: &str| Err(unsound(affix, why.to_owned()));
    let report = verify_within(stored, &Trust::default(), &Opening::default());
    if !report.readable {
        return wrong(report.problem.as_deref().unwrap_or("it can't be read"));
    }
    let signatures = |report: &Report| {
        let others = report.other_signatures.len();
        report.stamps.len().saturating_add(others)
    };
    if let Some(source) = source {
        let before = verify_within(source, &Trust::default(), &Opening::default());
        let had = signatures(&before);
        if report.pages != before.pages {
            return wrong("the number of pages changed");
        }
        if signatures(&report) != had.saturating_add(1) {
            return wrong("it has not just one signature more");
        }
        if had > 0 && !stored.starts_with(source) {
            return wrong("it was signed, and does not begin with its source");
        }
    }
    let ours = report.stamps.last().filter(|stamp| stamp.covers_whole_file);
    let theirs = report.other_signatures.last();
    let theirs = theirs.filter(|other| other.covered_bytes == Some(stored.len()));
    match (ours, theirs) {
        (Some(stamp), _) if stamp.serial != affix.serial.as_str() => wrong("it has another serial"),
        (Some(stamp), _) if !(stamp.digest_ok && stamp.range_ok && stamp.signature_ok) => {
            wrong("its signature is not valid")
        }
        (None, None) => wrong("no signature covers the whole file"),
        (None, Some(other)) if other.intact == Some(false) => wrong("its signature is not valid"),
        // What our own engine made passes our own gate: also its picture stands where two readers see it.
        (Some(_), _) => match source {
            Some(source) => gated(stored, source.len(), report.pages, affix),
            None => Ok(()),
        },
        (None, Some(_)) => two_readers(stored).or_else(|refusal| wrong(refusal.code())),
    }
}

/// Whether two readers see the same pages.
fn two_readers(stored: &[u8]) -> Result<(), Refusal> {
    let seen = preflight(&Source::from(stored.to_vec()), &Placement::default());
    match seen {
        // A certified file is no less sound for it.
        Ok(_) | Err(Refusal::Certified) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

/// The source that a stored file begins with, if it does.
pub(super) fn source<'a>(stored: &'a [u8], size_bytes: u64, affix: &Affix) -> Option<&'a [u8]> {
    let size = usize::try_from(size_bytes).ok()?;
    let source = stored.get(..size)?;
    (Sha256::of(source) == affix.source_sha256).then_some(source)
}
