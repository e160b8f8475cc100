//! A stamp tried on before one is reserved: once it is, it would be too late to learn that the gate lets none out.
//!
//! The other reader does not only read what the cross-reference leads to. It opens more than we do, and when something
//! is not in its place it looks for objects all over the file, where one more revision changes what it finds. So it is
//! not asked about the document, but about the document with a stamp on it.

use crate::appearance::{Picture, Samples};
use crate::compose::compose;
use crate::file::{Document, Pages, Patience};
use crate::gate;
use crate::plan::{Plan, seen_alike};
use crate::revision::hex;
use crate::second_reader::find_stamp;
use crate::{DocumentKind, Error, GateError, Opening, Placement, Refusal, Source, StampRequest};
use std::sync::Arc;

/// Room for a signature that nobody makes, in bytes.
const NO_SIGNATURE_BYTES: usize = 1;

/// Refuses a document that would not pass the gate when stamped so.
pub(crate) fn rehearse(plan: &Plan<'_>, source: &Source, opening: &Opening) -> Result<(), Refusal> {
    // The hash of a file does not stand in it.
    let serial = hex(&source.sha256());
    let composed = compose(
        plan,
        &costume(serial.clone()),
        &source.sha256(),
        NO_SIGNATURE_BYTES,
        None,
    );
    let (_, tail) = composed.map_err(|error| match error {
        Error::Refused(refusal) => refusal,
        _ => Refusal::broken("nothing can be appended"),
    })?;
    let (document, pages) = (&plan.document, plan.pages.list.len());
    let on_pages = if document.xref.is_plain {
        document.weigh_object_streams()?;
        let shown = [document.shown(source, Patience::Source)?.as_slice(), &tail].concat();
        let seen = find_stamp(Arc::new(shown), document.user_password(), &serial);
        let seen = seen.filter(|seen| seen.pages == pages);
        seen.ok_or(GateError::PagesChanged)
            .map(|seen| seen.on_pages)
    } else {
        // We ourselves may read the same otherwise behind another section.
        let output = [source, tail.as_slice()].concat();
        let output = Source::grown(output, source.len(), source.names().to_vec());
        look(&output, &serial, pages, opening)
    };
    match on_pages {
        Ok(on_pages) if on_pages == [plan.page_index] => Ok(()),
        Err(GateError::Unreadable(refusal)) => Err(refusal),
        _ if document.xref.is_rebuilt() => Err(Refusal::DamagedXref),
        _ => Err(Refusal::ReadersDisagree),
    }
}

/// A stamp without a look: it takes no time to draw.
fn costume(serial: String) -> StampRequest {
    StampRequest {
        serial,
        kind: DocumentKind::default(),
        verify_url: String::new(),
        picture: Some(Picture {
            width: 1,
            height: 1,
            is_grey: true,
            samples: Samples::Jpeg(Vec::new()),
        }),
        placement: Placement::default(),
        affixed_at_unix_s: 0,
        source_sha256: None,
    }
}

/// The gate's look at a file, but for what is signed: the pages that show the stamp.
fn look(
    output: &Source,
    serial: &str,
    pages: usize,
    opening: &Opening,
) -> Result<Vec<usize>, GateError> {
    let unread = GateError::Unreadable;
    let document = Document::open(output, &opening.for_output()).map_err(unread)?;
    let catalog = document.catalog().map_err(unread)?;
    gate::find_signature(&document, &catalog, serial)?;
    let seen = gate::find_widget(&document, &catalog, output, serial, pages)?;
    Ok(seen.on_pages)
}

/// Why a document is refused whose stamp the other reader did not see as it should, if it is the document's fault.
pub(crate) fn refusal(source: &Source, opening: &Opening) -> Option<Refusal> {
    let asked = Document::open(source, opening).and_then(|document| {
        let pages = Pages::read(&document, &document.catalog()?)?;
        seen_alike(&document, source, &pages)
    });
    match asked {
        Ok(true) => None,
        Ok(false) => Some(Refusal::ReadersDisagree),
        Err(refusal) => Some(refusal),
    }
}
