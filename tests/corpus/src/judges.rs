//! What other programs make of a document before and after it was stamped.

use crate::child::{Stamped, count_elsewhere};
use crate::pixels::pixels_changed_outside;
use crate::tools::{self, Renderer};
use bubuh_pdf::Rect;
use serde::Serialize;
use std::path::Path;

/// Something that must not happen to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The input is no prefix of the output.
    NotAppended,
    /// It is larger than preflight promised.
    LargerThanPromised,
    /// `qpdf --check` likes the output less than the input.
    WorseForQpdf,
    /// `qpdf`, `mutool` or `lopdf` counts other pages than before.
    PagesChanged,
    /// `pdfsig` doesn't call the stamp's signature valid and over the whole file.
    SignatureNotAccepted,
    /// Fewer of the earlier signatures are valid for `pdfsig`.
    EarlierSignaturesBroken,
    /// pyHanko doesn't accept the stamp's signature.
    RefusedByPyhanko,
    /// `pdftoppm` or `mutool` shows other pixels outside the stamp.
    PixelsChangedOutside,
    /// `pdftoppm` or `mutool` shows nothing new where the stamp is.
    NotVisible,
}

/// What is known of the document before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// `qpdf --check` finds nothing to say.
    pub sound: bool,
    severity: u8,
    qpdf_pages: Option<usize>,
    mutool_pages: Option<usize>,
    lopdf_pages: Option<usize>,
    /// Nothing when `pdfsig` can't cope with the document at all.
    valid_signatures: Option<usize>,
}

/// Asks the programs about a document; `program` is `bubuh-corpus`, which reads with `lopdf`.
///
/// # Errors
/// When one can't be started.
pub fn look(program: &Path, input: &Path) -> std::io::Result<Before> {
    let severity = severity(tools::qpdf_check(input)?.0);
    Ok(Before {
        sound: severity == 0,
        severity,
        qpdf_pages: tools::qpdf_pages(input)?,
        mutool_pages: tools::mutool_pages(input)?,
        lopdf_pages: count_elsewhere(program, input)?,
        valid_signatures: tools::pdfsig(input)?.map(|said| said.valid),
    })
}

/// Compares a stamped document with what it was; with `pixels`, also how its page looks.
///
/// # Errors
/// When a program can't be started or a file not read.
pub fn compare(
    program: &Path,
    input: &Path,
    before: &Before,
    output: &Path,
    stamped: &Stamped,
    pixels: bool,
) -> std::io::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut must = |holds: bool, fault| {
        if !holds {
            faults.push(fault);
        }
    };
    let (old, new) = (std::fs::read(input)?, std::fs::read(output)?);
    must(new.starts_with(&old), Fault::NotAppended);
    let severity = severity(tools::qpdf_check(output)?.0);
    must(severity <= before.severity, Fault::WorseForQpdf);
    // A reader that could not count before owes nothing now.
    let qpdf = tools::qpdf_pages(output)?;
    let mutool = tools::mutool_pages(output)?;
    let lopdf = count_elsewhere(program, output)?;
    let same = |before: Option<usize>, after| before.is_none() || before == after;
    must(
        same(before.qpdf_pages, qpdf)
            && same(before.mutool_pages, mutool)
            && same(before.lopdf_pages, lopdf),
        Fault::PagesChanged,
    );
    if let Some(earlier) = before.valid_signatures {
        let said = tools::pdfsig(output)?.unwrap_or_default();
        must(
            said.valid > 0 && said.whole == 1,
            Fault::SignatureNotAccepted,
        );
        must(
            said.valid > earlier || said.valid == 0,
            Fault::EarlierSignaturesBroken,
        );
    }
    if pixels {
        let [llx, lly, urx, ury] = stamped.rect;
        let rect = Rect { llx, lly, urx, ury };
        for renderer in Renderer::ALL {
            let seen = pixels_changed_outside(input, output, &rect, stamped.page, renderer)?;
            must(
                seen.is_none_or(|seen| seen.outside == 0),
                Fault::PixelsChangedOutside,
            );
            must(seen.is_none_or(|seen| seen.visible()), Fault::NotVisible);
        }
    }
    Ok(faults)
}

impl Fault {
    /// Whether a document that was no sound PDF before may be excused: some readers make of it what they can.
    #[must_use]
    pub const fn excused_when_unsound(self) -> bool {
        matches!(self, Self::SignatureNotAccepted | Self::RefusedByPyhanko)
    }
}

/// 0 sound, 1 warnings, 2 errors, 3 killed or timed out.
const fn severity(code: Option<i32>) -> u8 {
    match code {
        Some(0) => 0,
        Some(3) => 1,
        Some(2) => 2,
        _ => 3,
    }
}
