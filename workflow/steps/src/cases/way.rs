//! The ways in which cases end, as people name them.

use super::Resolution;
use bubuh_core::{Error as RuleError, case::CaseKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest reference of a bank, in characters.
pub const REFERENCE_MAX: usize = 64;

/// How a case ends.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Try again: a refund at the gateway, a document at a worker; wait again for a payout.
    Retry,
    /// A refund was paid, or money that was not ours was paid back, by bank transfer.
    Paid,
    /// A refund is called off: the buyer keeps the stamps.
    Keep,
    /// A dispute ended for us.
    Won,
    /// A dispute ended for the payer.
    Lost,
    /// Suspended money belongs to what the gateway owes us, or keeps back later.
    Place,
    /// What a payout lacked, or took, is given up.
    WriteOff,
    /// Seen; nothing is left to be done.
    Noted,
}

impl Way {
    /// The ways in which cases of a kind may end. Whether one fits now is for [`super::Cases::resolve`] to say.
    #[must_use]
    pub const fn of(kind: &CaseKind) -> &'static [Self] {
        match kind {
            CaseKind::DocumentStalled(_) => &[Self::Retry, Self::Noted],
            CaseKind::RefundStuck(_) | CaseKind::PayoutDue(_) => {
                &[Self::Retry, Self::Paid, Self::Keep, Self::Noted]
            }
            CaseKind::PaymentDisputed(_) => &[Self::Won, Self::Lost],
            CaseKind::RefundBeyondStamps(_) | CaseKind::PaymentUnclear(_) => &[Self::Noted],
            CaseKind::SettlementBreak(_) => &[
                Self::Retry,
                Self::Place,
                Self::Paid,
                Self::WriteOff,
                Self::Noted,
            ],
        }
    }

    /// The resolution: what was paid needs the bank's reference, and nothing else has one.
    ///
    /// # Errors
    /// [`RuleError::Invalid`] for `reference`.
    pub fn with(self, reference: Option<&str>) -> Result<Resolution, RuleError> {
        let reference = reference.map(str::trim).filter(|text| !text.is_empty());
        let refused = |reason: &str| RuleError::Invalid {
            field: "reference",
            reason: reason.to_owned(),
        };
        match (self, reference) {
            (Self::Paid, None) => Err(refused("what was paid needs the bank's reference")),
            (Self::Paid, Some(text)) if text.chars().count() > REFERENCE_MAX => Err(refused(
                &format!("must have at most {REFERENCE_MAX} characters"),
            )),
            (Self::Paid, Some(text)) => Ok(Resolution::Paid(text.to_owned())),
            (_, Some(_)) => Err(refused("belongs to what was paid only")),
            (Self::Retry, None) => Ok(Resolution::Retry),
            (Self::Keep, None) => Ok(Resolution::Keep),
            (Self::Won, None) => Ok(Resolution::Won),
            (Self::Lost, None) => Ok(Resolution::Lost),
            (Self::Place, None) => Ok(Resolution::Place),
            (Self::WriteOff, None) => Ok(Resolution::WriteOff),
            (Self::Noted, None) => Ok(Resolution::Noted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_paid_needs_a_reference_and_nothing_else_has_one() {
        let paid = Way::Paid.with(Some("  BCA 17 ")).unwrap();
        assert_eq!(paid, Resolution::Paid("BCA 17".to_owned()));
        let long = "x".repeat(REFERENCE_MAX + 1);
        let wrong = [
            (Way::Paid, None),
            (Way::Paid, Some(" ")),
            (Way::Paid, Some(long.as_str())),
            (Way::Keep, Some("BCA 17")),
        ];
        for (way, reference) in wrong {
            let refused = way.with(reference);
            assert!(
                matches!(&refused, Err(RuleError::Invalid { field, .. }) if *field == "reference"),
                "{way:?} {reference:?}: {refused:?}"
            );
        }
        assert_eq!(Way::Noted.with(Some("")).unwrap(), Resolution::Noted);
    }

    #[test]
    fn a_way_is_written_as_its_resolution_is_noted() {
        for way in [
            Way::Retry,
            Way::Paid,
            Way::Keep,
            Way::Won,
            Way::Lost,
            Way::Place,
            Way::WriteOff,
            Way::Noted,
        ] {
            let reference = (way == Way::Paid).then_some("x");
            let noted = way.with(reference).unwrap().name().replace(' ', "_");
            assert_eq!(serde_json::to_value(way).unwrap(), noted);
        }
    }
}
