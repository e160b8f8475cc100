//! The ledger: append-only double entry, in rupiah.
//!
//! Chart of accounts:
//!
//! | account | normal | what |
//! |---|---|---|
//! | `GatewayReceivable` | debit | money captured for us at the payment gateway and not paid out yet; below zero: what it will keep back from the next payout, such as a refund made after the payment was paid out |
//! | `Disputed` | debit | captured money that a payer's bank disputes |
//! | `Bank` | debit | our bank account, as far as the gateway pays out to it and refunds are paid from it by hand |
//! | `GatewayFees` | debit | what the gateway kept for its work |
//! | `Losses` | debit | money that went back though its stamps are on documents, or that a person wrote off |
//! | `StampsOwed` | credit | paid stamps that are not yet on a document |
//! | `StampsDelivered` | credit | stamps on documents |
//! | `RefundsPayable` | credit | money that has to go back |
//! | `Suspense` | credit | money that payouts brought, less what they kept back, which nobody could place yet; each part has a case |
//!
//! A refund is always of the full price: the fee of a refunded payment is ours to bear, and stays in `GatewayFees`.
//! A fee is booked when a settlement file names it, in the transaction that books the payout.

mod entries;
mod payouts;

pub use payouts::ClearedTo;

use crate::{error::Error, id::OrderId, money::Rupiah};
use serde::{Deserialize, Serialize};

/// An account of the chart above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// Money captured for us at the gateway.
    GatewayReceivable,
    /// Captured money that a payer's bank disputes.
    Disputed,
    /// Our bank account, as far as payouts reach it and refunds are paid from it by hand.
    Bank,
    /// What the gateway kept for its work.
    GatewayFees,
    /// Money that went back though its stamps are used, or that was written off.
    Losses,
    /// Paid stamps not yet on a document.
    StampsOwed,
    /// Stamps on documents.
    StampsDelivered,
    /// Money that has to go back.
    RefundsPayable,
    /// What payouts brought or kept back and nobody could place yet.
    Suspense,
}

impl LedgerAccount {
    /// Every account.
    pub const ALL: [Self; 9] = [
        Self::GatewayReceivable,
        Self::Disputed,
        Self::Bank,
        Self::GatewayFees,
        Self::Losses,
        Self::StampsOwed,
        Self::StampsDelivered,
        Self::RefundsPayable,
        Self::Suspense,
    ];

    /// The account's name, as in rows and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GatewayReceivable => "gateway_receivable",
            Self::Disputed => "disputed",
            Self::Bank => "bank",
            Self::GatewayFees => "gateway_fees",
            Self::Losses => "losses",
            Self::StampsOwed => "stamps_owed",
            Self::StampsDelivered => "stamps_delivered",
            Self::RefundsPayable => "refunds_payable",
            Self::Suspense => "suspense",
        }
    }

    /// The side on which it grows.
    #[must_use]
    pub const fn normal(self) -> Side {
        match self {
            Self::GatewayReceivable
            | Self::Disputed
            | Self::Bank
            | Self::GatewayFees
            | Self::Losses => Side::Debit,
            Self::StampsOwed | Self::StampsDelivered | Self::RefundsPayable | Self::Suspense => {
                Side::Credit
            }
        }
    }
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
    /// A refund was paid out by hand.
    PaidOut,
    /// A refund that was made at the gateway by somebody else.
    RefundedElsewhere,
    /// A payer's bank disputes a payment.
    DisputeOpened,
    /// The dispute ended for us.
    DisputeWon,
    /// The dispute ended for the payer: the money is gone.
    ChargedBack,
    /// A payment was paid out to our bank, less its fee.
    Settled,
    /// A refund or a chargeback was kept back from a payout.
    Deducted,
    /// A line of a settlement file that nobody could place.
    Suspended,
    /// A person placed it.
    Cleared,
    /// A person gave up what a payout lacked.
    WrittenOff,
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
    /// The order whose money it is; none while nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The legs; debits equal credits.
    pub legs: Vec<Leg>,
}

impl Entry {
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
    use crate::id::{DocumentId, TransactionId};

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
