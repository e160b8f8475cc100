//! The rules' words in the engine's, and back.

use bubuh_core::document::{Placement, Reason};
use bubuh_pdf::{PageChoice, Rect};

/// The engine's placement of the rules' one.
pub(crate) fn placement(wanted: Placement) -> bubuh_pdf::Placement {
    bubuh_pdf::Placement {
        page: wanted
            .page
            .map_or(PageChoice::Last, |n| PageChoice::Number(i64::from(n))),
        rect: wanted.rect.map(|[llx, lly, urx, ury]| Rect {
            llx: f64::from(llx),
            lly: f64::from(lly),
            urx: f64::from(urx),
            ury: f64::from(ury),
        }),
    }
}

/// The engine's refusal as a reason for the owner.
pub(crate) fn reason(refusal: &bubuh_pdf::Refusal) -> Reason {
    Reason {
        code: refusal.code().to_owned(),
        message_id: refusal.message_id(),
        message_en: refusal.message_en(),
    }
}
