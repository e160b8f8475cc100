//! The fields of a line.

use super::{Flaw, Layout, transaction};
use crate::amount;
use bubuh_core::{
    Rupiah,
    settlement::{Line, LineId, LineKind},
};
use csv::StringRecord;
use std::fmt;

const ADJUSTMENT: &str = "adjustment";
const TOTAL: &str = "total";
/// Longest reference, in characters.
const REFERENCE_MAX: usize = 128;

/// Signed rupiah as a line has them; a sum of [`super::LINES_MAX`] of them fits by far, but is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    gross: i64,
    fee: i64,
    net: i64,
}

impl Amounts {
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            gross: self.gross.checked_add(other.gross)?,
            fee: self.fee.checked_add(other.fee)?,
            net: self.net.checked_add(other.net)?,
        })
    }
}

impl fmt::Display for Amounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} less {}, net {}", self.gross, self.fee, self.net)
    }
}

/// A record of the file and where its fields are.
pub(super) struct Row<'a> {
    record: &'a StringRecord,
    places: &'a [usize; 8],
    layout: &'a Layout,
}

impl<'a> Row<'a> {
    pub(super) const fn new(
        record: &'a StringRecord,
        places: &'a [usize; 8],
        layout: &'a Layout,
    ) -> Self {
        Self {
            record,
            places,
            layout,
        }
    }

    pub(super) fn flaw(&self, field: &'static str, reason: impl Into<String>) -> Flaw {
        Flaw::Field {
            line: self.record.position().map_or(0, csv::Position::line),
            field,
            reason: reason.into(),
        }
    }

    fn text(&self, column: &'static str) -> &'a str {
        let index = self
            .layout
            .columns()
            .iter()
            .position(|name| *name == column);
        let place = index.and_then(|index| self.places.get(index));
        place
            .and_then(|place| self.record.get(*place))
            .unwrap_or_default()
            .trim()
    }

    pub(super) fn is_total(&self) -> bool {
        self.text(self.layout.kind) == TOTAL
    }

    fn signed(&self, column: &'static str) -> Result<i64, Flaw> {
        let text = self.text(column);
        let (minus, digits) = text.strip_prefix('-').map_or((false, text), |d| (true, d));
        let amount = amount::parse(digits).and_then(|amount| i64::try_from(amount.get()).ok());
        let amount = amount.ok_or_else(|| {
            self.flaw(
                column,
                format!("{text:?} is no amount: whole rupiah, as 10000 or -10000.00"),
            )
        })?;
        Ok(if minus {
            amount.saturating_neg()
        } else {
            amount
        })
    }

    pub(super) fn amounts(&self) -> Result<Amounts, Flaw> {
        let layout = self.layout;
        let amounts = Amounts {
            gross: self.signed(layout.gross)?,
            fee: self.signed(layout.fee)?,
            net: self.signed(layout.net)?,
        };
        if amounts.gross.checked_sub(amounts.fee) != Some(amounts.net) {
            let (gross, fee) = (amounts.gross, amounts.fee);
            let reason = format!("{} is not gross {gross} less fee {fee}", amounts.net);
            return Err(self.flaw(layout.net, reason));
        }
        if amounts.fee < 0 {
            let reason = "is below zero: what is given back of a fee is an adjustment";
            return Err(self.flaw(layout.fee, reason));
        }
        Ok(amounts)
    }

    fn kind(&self, gross: i64) -> Result<LineKind, Flaw> {
        let layout = self.layout;
        let (kind, right, sign) = match self.text(layout.kind) {
            "payment" => (LineKind::Payment, gross > 0, "above"),
            "refund" => (LineKind::Refund, gross < 0, "below"),
            "chargeback" => (LineKind::Chargeback, gross < 0, "below"),
            ADJUSTMENT if gross > 0 => (LineKind::Added, true, ""),
            ADJUSTMENT => (LineKind::Taken, gross < 0, "above or below"),
            other => {
                let words = "payment, refund, chargeback, adjustment or total";
                return Err(self.flaw(layout.kind, format!("{other:?} is none of {words}")));
            }
        };
        if right {
            return Ok(kind);
        }
        let name = self.text(layout.kind);
        Err(self.flaw(layout.gross, format!("must be {sign} zero for type {name}")))
    }

    pub(super) fn line(&self, id: LineId, amounts: Amounts) -> Result<Line, Flaw> {
        let layout = self.layout;
        let kind = self.kind(amounts.gross)?;
        let adjusts = matches!(kind, LineKind::Added | LineKind::Taken);
        if adjusts && amounts.fee != 0 {
            return Err(self.flaw(layout.fee, "an adjustment has none"));
        }
        if kind == LineKind::Payment && amounts.net < 0 {
            return Err(self.flaw(layout.fee, "is more than the payment"));
        }
        let (order, paid) = (self.text(layout.order_id), self.text(layout.transaction_id));
        if order.is_empty() && !adjusts {
            return Err(self.flaw(layout.order_id, "is missing"));
        }
        let transaction = transaction(paid);
        if transaction.is_none() && !(paid.is_empty() && adjusts) {
            let reason = "must be 1 to 64 printable ASCII characters";
            return Err(self.flaw(layout.transaction_id, reason));
        }
        Ok(Line {
            id,
            kind,
            // An order of somebody else's system has another kind of name.
            order: order.parse().ok(),
            transaction,
            amount: Rupiah::new(amounts.gross.unsigned_abs()),
            fee: Rupiah::new(amounts.fee.unsigned_abs()),
            settled_at_ms: self.settled_at_ms()?,
            reference: self.reference()?,
        })
    }

    fn settled_at_ms(&self) -> Result<u64, Flaw> {
        let text = self.text(self.layout.settled_at);
        let at = text.parse::<jiff::Timestamp>().ok();
        let ms = at.and_then(|at| u64::try_from(at.as_millisecond()).ok());
        ms.ok_or_else(|| {
            let reason = format!("{text:?} is no time: as 2026-11-25T09:00:00+07:00");
            self.flaw(self.layout.settled_at, reason)
        })
    }

    fn reference(&self) -> Result<Option<String>, Flaw> {
        let text = self.text(self.layout.reference);
        if text.chars().count() > REFERENCE_MAX || text.chars().any(char::is_control) {
            let reason = format!("must be at most {REFERENCE_MAX} characters on one line");
            return Err(self.flaw(self.layout.reference, reason));
        }
        Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }
}
