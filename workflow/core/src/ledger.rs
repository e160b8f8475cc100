//! The ledger: append-only double entry, in rupiah.
//!
//! Chart of accounts (debit-normal unless said):
//! - `GatewayReceivable`: money captured for us at the payment gateway.
//! - `StampsOwed` (credit): paid stamps that are not yet on a document.
//! - `StampsDelivered` (credit): stamps on documents.
//! - `RefundsPayable` (credit): money that has to go back.

use crate::{
    error::Error,
    id::{DocumentId, OrderId, RefundKey, TransactionId},
    money::Rupiah,
};
use serde::{Deserialize, Serialize};

/// An account of the chart above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Money captured for us at the gateway.
    GatewayReceivable,
    /// Paid stamps not yet on a document.
    StampsOwed,
    /// Stamps on documents.
    StampsDelivered,
    /// Money that has to go back.
    RefundsPayable,
}

/// Debit or credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Left.
    Debit,
    /// Right.
    Credit,
}

/// One leg of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Leg {
    /// The account it books to.
    pub account: LedgerAccount,
    /// On which side.
    pub side: Side,
    /// How much.
    pub amount: Rupiah,
}

/// What an entry records. With its subject it is the entry's name, so nothing is booked twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A capture that bought stamps.
    Credited,
    /// A capture that could not buy stamps and goes back.
    CapturedToRefund,
    /// A stamp came onto a document.
    Stamped,
    /// A buyer asked unused stamps back.
    RefundAsked,
    /// A refund the gateway will not make: the stamps are usable again.
    RefundReversed,
    /// The gateway confirmed a refund.
    Refunded,
}

/// A ledger entry; all its legs are written in one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// Its name: the event and its subject.
    pub id: String,
    /// What happened.
    pub kind: EntryKind,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The order whose money it is.
    pub order: OrderId,
    /// The legs; debits equal credits.
    pub legs: Vec<Leg>,
}

impl Entry {
    fn transfer(
        id: String,
        kind: EntryKind,
        order: OrderId,
        debit: LedgerAccount,
        credit: LedgerAccount,
        amount: Rupiah,
        at_ms: u64,
    ) -> Self {
        let leg = |account, side| Leg {
            account,
            side,
            amount,
        };
        Self {
            id,
            kind,
            at_ms,
            order,
            legs: vec![leg(debit, Side::Debit), leg(credit, Side::Credit)],
        }
    }

    /// A capture that bought stamps.
    #[must_use]
    pub fn credited(order: OrderId, paid: &TransactionId, amount: Rupiah, at_ms: u64) -> Self {
        use LedgerAccount::{GatewayReceivable, StampsOwed};
        let id = format!("capture.{paid}");
        Self::transfer(
            id,
            EntryKind::Credited,
            order,
            GatewayReceivable,
            StampsOwed,
            amount,
            at_ms,
        )
    }

    /// A capture that can't be credited. It bears the same name as a credit of that transaction:
    /// one capture is booked one way or the other, never both.
    #[must_use]
    pub fn captured_to_refund(
        order: OrderId,
        paid: &TransactionId,
        amount: Rupiah,
        at_ms: u64,
    ) -> Self {
        use LedgerAccount::{GatewayReceivable, RefundsPayable};
        let id = format!("capture.{paid}");
        Self::transfer(
            id,
            EntryKind::CapturedToRefund,
            order,
            GatewayReceivable,
            RefundsPayable,
            amount,
            at_ms,
        )
    }

    /// A stamp came onto a document.
    #[must_use]
    pub fn stamped(order: OrderId, document: DocumentId, value: Rupiah, at_ms: u64) -> Self {
        use LedgerAccount::{StampsDelivered, StampsOwed};
        let id = format!("stamped.{document}");
        Self::transfer(
            id,
            EntryKind::Stamped,
            order,
            StampsOwed,
            StampsDelivered,
            value,
            at_ms,
        )
    }

    /// A buyer asked unused stamps back.
    #[must_use]
    pub fn refund_asked(order: OrderId, refund: RefundKey, amount: Rupiah, at_ms: u64) -> Self {
        use LedgerAccount::{RefundsPayable, StampsOwed};
        let id = format!("refund_asked.{refund}");
        Self::transfer(
            id,
            EntryKind::RefundAsked,
            order,
            StampsOwed,
            RefundsPayable,
            amount,
            at_ms,
        )
    }

    /// The gateway will not make a buyer's refund: the stamps are usable again.
    #[must_use]
    pub fn refund_reversed(order: OrderId, refund: RefundKey, amount: Rupiah, at_ms: u64) -> Self {
        use LedgerAccount::{RefundsPayable, StampsOwed};
        let id = format!("refund_reversed.{refund}");
        Self::transfer(
            id,
            EntryKind::RefundReversed,
            order,
            RefundsPayable,
            StampsOwed,
            amount,
            at_ms,
        )
    }

    /// The gateway confirmed a refund.
    #[must_use]
    pub fn refunded(order: OrderId, refund: RefundKey, amount: Rupiah, at_ms: u64) -> Self {
        use LedgerAccount::{GatewayReceivable, RefundsPayable};
        let id = format!("refunded.{refund}");
        Self::transfer(
            id,
            EntryKind::Refunded,
            order,
            RefundsPayable,
            GatewayReceivable,
            amount,
            at_ms,
        )
    }

    /// Debits and credits of this entry.
    ///
    /// # Errors
    /// [`Error::Unbalanced`] when they differ, [`Error::Overflow`] when they do not fit.
    pub fn balanced(&self) -> Result<Rupiah, Error> {
        let (mut debit, mut credit) = (Rupiah::ZERO, Rupiah::ZERO);
        for leg in &self.legs {
            let sum = match leg.side {
                Side::Debit => &mut debit,
                Side::Credit => &mut credit,
            };
            *sum = sum.plus(leg.amount)?;
        }
        if debit == credit {
            Ok(debit)
        } else {
            Err(Error::Unbalanced {
                entry: self.id.clone(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_has_one_name_whichever_way_it_is_booked() {
        let (order, paid) = (OrderId::derive(&["o"]), TransactionId::new("t").unwrap());
        let credited = Entry::credited(order, &paid, Rupiah::new(5), 1);
        let refunded = Entry::captured_to_refund(order, &paid, Rupiah::new(5), 2);
        assert_eq!(credited.id, refunded.id);
        assert_eq!(credited.balanced(), Ok(Rupiah::new(5)));
    }

    #[test]
    fn a_one_sided_entry_is_called_out() {
        let mut entry = Entry::stamped(
            OrderId::derive(&["o"]),
            DocumentId::derive(&["d"]),
            Rupiah::new(5),
            1,
        );
        entry.legs.pop();
        assert!(matches!(entry.balanced(), Err(Error::Unbalanced { .. })));
    }
}
