//! The verdict before a stamp is reserved.

use crate::dress::MOST_APPEARANCE_BYTES;
use crate::placement::ROUNDING_PT;
use crate::plan::Plan;
use crate::rehearsal::rehearse;
use crate::stamp::MOST_CERTIFICATE_BYTES;
use crate::{LEAST_SIDE_PT, Opening, PageChoice, Placement, Rect, Refusal, Seal, Source};
use serde::Serialize;

/// What a stamp adds besides the old objects that it writes anew.
struct Added {
    /// The appearance's object.
    appearance: usize,
    /// The certificates, which stand there twice, as digits.
    certificates: usize,
    /// Signature and widget dictionaries, signed attributes, cross-reference, trailer.
    rest: usize,
}

/// Our own issuer's stamps.
const ORDINARY: Added = Added {
    appearance: 2_700,
    certificates: Preflight::ORDINARY_CHAIN_BYTES,
    rest: 2_150,
};

/// The most that a request and an identity may ask for.
const MOST: Added = Added {
    appearance: MOST_APPEARANCE_BYTES,
    certificates: MOST_CERTIFICATE_BYTES,
    rest: 4 * 1024,
};

/// What stands around a time-stamp in the signature, in bytes.
const TOKEN_FRAME_BYTES: usize = 48;

impl Added {
    const fn bytes(&self) -> usize {
        self.appearance + 2 * self.certificates + self.rest
    }
}

/// A document that can be stamped.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preflight {
    /// How many pages it has.
    pub pages: usize,
    /// The page that will carry the stamp, counted from 1.
    pub page: usize,
    /// Where on it, in points from the bottom left of the page as shown.
    pub rect: Rect,
    /// That place was asked for, or nothing was seen there. Otherwise the stamp may cover something, and whoever
    /// asks should be shown where it will stand.
    pub free: bool,
    /// The code is large enough to be read from paper, not only from a screen.
    pub reads_on_paper: bool,
    /// Width of that page as shown, in points.
    pub page_width_pt: f64,
    /// Height of that page as shown, in points.
    pub page_height_pt: f64,
    /// The stamped file will not be larger than this, in bytes, when the serial has at most 16 characters, the
    /// address at most 64, and the chain at most [`Preflight::ORDINARY_CHAIN_BYTES`].
    pub size_after: usize,
    /// Nor larger than this, whatever is asked for; an issuer's picture comes on top of both.
    pub size_after_at_most: usize,
    /// SHA-256 of the document.
    #[serde(skip)]
    pub sha256: [u8; 32],
    /// Serials of the stamps it already carries.
    pub stamps: Vec<String>,
}

impl Preflight {
    /// Length of an ordinary certificate chain, leaf and intermediate, in bytes.
    pub const ORDINARY_CHAIN_BYTES: usize = 1_000;

    /// [`Preflight::size_after`] under this seal, with the room for the time-stamp that it asks for.
    #[must_use]
    pub fn size_after_sealing(&self, seal: &Seal) -> usize {
        let room = seal
            .timestamp_room
            .map_or(0, |room| room + TOKEN_FRAME_BYTES);
        self.size_after.saturating_add(room.saturating_mul(2))
    }

    /// What to ask for so that the stamp goes where it was found to go, without another look at the page.
    #[must_use]
    pub fn placement(&self) -> Placement {
        Placement {
            page: PageChoice::Number(i64::try_from(self.page).unwrap_or(i64::MAX)),
            rect: Some(self.rect),
            anchor: None,
        }
    }
}

/// Looks at a document under [`crate::Limits::DEFAULT`]. A document that passes is refused later only for a serial that it
/// already carries.
///
/// # Errors
/// Why it cannot be stamped.
pub fn preflight(source: &Source, placement: &Placement) -> Result<Preflight, Refusal> {
    preflight_within(source, placement, &Opening::default())
}

/// [`preflight`] for a document that does not open without a password, or under other limits.
///
/// # Errors
/// As [`preflight`].
pub fn preflight_within(
    source: &Source,
    placement: &Placement,
    opening: &Opening,
) -> Result<Preflight, Refusal> {
    let plan = Plan::make(source, placement, opening)?;
    rehearse(&plan, source, opening)?;
    let (page_width_pt, page_height_pt) = plan.sheet.shown_pt();
    let rewritten = source.len() + plan.rewritten_bytes()?;
    Ok(Preflight {
        pages: plan.pages.list.len(),
        page: plan.page_index + 1,
        rect: plan.shown,
        free: plan.free,
        reads_on_paper: plan.shown.width_pt() > LEAST_SIDE_PT - ROUNDING_PT,
        page_width_pt,
        page_height_pt,
        size_after: rewritten + ORDINARY.bytes(),
        size_after_at_most: rewritten + MOST.bytes(),
        sha256: source.sha256(),
        stamps: plan.serials,
    })
}
