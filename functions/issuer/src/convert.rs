//! The rules' words in the engine's, and back.

use bubuh_core::document::{Place, Placement, Reason};
use bubuh_pdf::{Expectation, PageChoice, Preflight, Rect, gate};
use bubuh_store::{Error, issuer::Affix};

/// Thousandths of a point, as places are pinned in, to a point.
pub(crate) const MILLIPT: f64 = 1000.0;

/// The engine's placement of the rules' one.
pub(crate) fn placement(wanted: &Placement) -> bubuh_pdf::Placement {
    let sides = wanted.rect.map(|sides| sides.map(f64::from));
    bubuh_pdf::Placement::announced(wanted.page, sides, wanted.anchor.clone())
}

/// Where a stamp goes: the pinned place, without another look at the page.
pub(crate) fn pinned(affix: &Affix) -> bubuh_pdf::Placement {
    affix.place.map_or_else(
        || placement(&affix.placement),
        |place| bubuh_pdf::Placement {
            page: PageChoice::Number(i64::from(place.page)),
            rect: Some(rect(place.rect_millipt, MILLIPT)),
            anchor: None,
        },
    )
}

/// The place to pin.
pub(crate) fn place(verdict: &Preflight) -> Place {
    let Rect { llx, lly, urx, ury } = verdict.rect;
    Place {
        page: u32::try_from(verdict.page).unwrap_or(u32::MAX),
        rect_millipt: [llx, lly, urx, ury].map(millipt),
        free: verdict.free,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "pages are far smaller than 2,000,000 points, and a cast stops at the ends"
)]
fn millipt(points: f64) -> i32 {
    (points * MILLIPT).round() as i32
}

/// A rectangle of sides of which so many are a point.
pub(crate) fn rect(sides: [i32; 4], a_point: f64) -> Rect {
    sides.map(|side| f64::from(side) / a_point).into()
}

/// The engine's refusal as a reason for the owner.
pub(crate) fn reason(refusal: &bubuh_pdf::Refusal) -> Reason {
    Reason {
        code: refusal.code().to_owned(),
        message_id: refusal.message_id(),
        message_en: refusal.message_en(),
    }
}

/// Whether this file, which begins with `source_len` bytes of source of so many pages, passes the engine's gate as the
/// stamp that was asked for.
pub(crate) fn gated(
    stored: &[u8],
    source_len: usize,
    pages: usize,
    affix: &Affix,
) -> Result<(), Error> {
    let expectation = Expectation {
        source_len,
        source_sha256: affix.source_sha256.bytes()?,
        serial: affix.serial.to_string(),
        pages,
    };
    gate(&stored.to_vec().into(), &expectation)
        .map(|_| ())
        .map_err(|e| unsound(affix, e.to_string()))
}

/// Why a stored file is not the stamp that was asked for.
pub(crate) fn unsound(affix: &Affix, why: String) -> Error {
    Error::Unreadable {
        what: format!("the stored file of serial {}", affix.serial),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bubuh_core::{
        document::{Affixing, DocumentType},
        id::{Serial, Sha256},
    };

    fn affix(place: Option<Place>) -> Affix {
        Affix {
            serial: Serial::of_bits([1; 10]),
            document_type: DocumentType::Statement,
            placement: Placement {
                page: Some(4),
                rect: None,
                anchor: Some("Materai".to_owned()),
            },
            place,
            affixing: Affixing {
                at_ms: 1,
                key_id: "key".to_owned(),
            },
            source_sha256: Sha256::of(b"source"),
        }
    }

    #[test]
    fn what_was_pinned_is_stamped_to_a_thousandth_of_a_point_whatever_was_asked() {
        let place = Place {
            page: 2,
            rect_millipt: [496_913, 36_000, 559_276, 98_362],
            free: false,
        };
        let found = pinned(&affix(Some(place)));
        assert_eq!((found.page, &found.anchor), (PageChoice::Number(2), &None));
        assert!((found.rect.unwrap().urx - 559.276).abs() < 1e-9);
    }

    #[test]
    fn a_row_without_a_pinned_place_is_stamped_as_it_was_asked() {
        let found = pinned(&affix(None));
        assert_eq!(found.page, PageChoice::Number(4));
        assert_eq!(found.anchor.as_deref(), Some("Materai"));
    }
}
