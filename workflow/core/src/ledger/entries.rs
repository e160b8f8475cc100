//! What is booked, and under which name.

use super::{
    Entry, EntryKind, LedgerAccount,
    LedgerAccount::{
        Bank, Disputed, GatewayReceivable, Losses, RefundsPayable, StampsDelivered, StampsOwed,
    },
    Leg, Side,
};
use crate::{
    error::Error,
    id::{DocumentId, OrderId, RefundKey, TransactionId},
    money::Rupiah,
};

pub(super) type Amounts<'a> = &'a [(LedgerAccount, Rupiah)];

/// Where captured money stands.
const fn captured(disputed: bool) -> LedgerAccount {
    if disputed {
        Disputed
    } else {
        GatewayReceivable
    }
}

impl Entry {
    pub(super) fn book(
        (id, kind): (String, EntryKind),
        order: impl Into<Option<OrderId>>,
        debits: Amounts<'_>,
        credits: Amounts<'_>,
        at_ms: u64,
    ) -> Self {
        let legs = |amounts: Amounts<'_>, side| {
            let parts = amounts.len();
            let some = amounts.iter();
            let some = some.filter(|(_, amount)| parts == 1 || *amount > Rupiah::ZERO);
            let legs = some.map(|(account, amount)| Leg {
                account: *account,
                side,
                amount: *amount,
            });
            legs.collect::<Vec<_>>()
        };
        Self {
            id,
            kind,
            at_ms,
            order: order.into(),
            legs: [legs(debits, Side::Debit), legs(credits, Side::Credit)].concat(),
        }
    }

    /// A capture that bought stamps.
    #[must_use]
    pub fn credited(order: OrderId, paid: &TransactionId, amount: Rupiah, at_ms: u64) -> Self {
        let name = (format!("capture.{paid}"), EntryKind::Credited);
        let (to, from) = ([(GatewayReceivable, amount)], [(StampsOwed, amount)]);
        Self::book(name, order, &to, &from, at_ms)
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
        let name = (format!("capture.{paid}"), EntryKind::CapturedToRefund);
        let (to, from) = ([(GatewayReceivable, amount)], [(RefundsPayable, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// A stamp came onto a document.
    #[must_use]
    pub fn stamped(order: OrderId, document: DocumentId, value: Rupiah, at_ms: u64) -> Self {
        let name = (format!("stamped.{document}"), EntryKind::Stamped);
        let (to, from) = ([(StampsOwed, value)], [(StampsDelivered, value)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// A buyer asked unused stamps back.
    #[must_use]
    pub fn refund_asked(order: OrderId, refund: RefundKey, amount: Rupiah, at_ms: u64) -> Self {
        let name = (format!("refund_asked.{refund}"), EntryKind::RefundAsked);
        let (to, from) = ([(StampsOwed, amount)], [(RefundsPayable, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// A buyer's refund is called off: the stamps are usable again.
    #[must_use]
    pub fn refund_reversed(order: OrderId, refund: RefundKey, amount: Rupiah, at_ms: u64) -> Self {
        let name = (
            format!("refund_reversed.{refund}"),
            EntryKind::RefundReversed,
        );
        let (to, from) = ([(RefundsPayable, amount)], [(StampsOwed, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// The gateway confirmed a refund, out of money that is at hand there or `disputed`.
    #[must_use]
    pub fn refunded(
        order: OrderId,
        refund: RefundKey,
        amount: Rupiah,
        disputed: bool,
        at_ms: u64,
    ) -> Self {
        let name = (format!("refunded.{refund}"), EntryKind::Refunded);
        let (to, from) = ([(RefundsPayable, amount)], [(captured(disputed), amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// A refund was paid by hand. It bears the same name as the gateway's: one or the other.
    #[must_use]
    pub fn paid_out(order: OrderId, refund: RefundKey, amount: Rupiah, at_ms: u64) -> Self {
        let name = (format!("refunded.{refund}"), EntryKind::PaidOut);
        let (to, from) = ([(RefundsPayable, amount)], [(Bank, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// Somebody else refunded at the gateway; `unused`: what its unused stamps were worth.
    ///
    /// # Errors
    /// [`Error::Overflow`] when they were worth more than went back.
    pub fn refunded_elsewhere(
        order: OrderId,
        refund: RefundKey,
        (amount, unused): (Rupiah, Rupiah),
        disputed: bool,
        at_ms: u64,
    ) -> Result<Self, Error> {
        let name = (format!("refunded.{refund}"), EntryKind::RefundedElsewhere);
        let to = [(StampsOwed, unused), (Losses, amount.minus(unused)?)];
        let from = [(captured(disputed), amount)];
        Ok(Self::book(name, order, &to, &from, at_ms))
    }

    /// A payer's bank disputes a payment, for the `nth` change of it; `amount`: what is still there.
    #[must_use]
    pub fn dispute_opened(
        order: OrderId,
        paid: &TransactionId,
        nth: u64,
        amount: Rupiah,
        at_ms: u64,
    ) -> Self {
        let name = (format!("dispute.{paid}.{nth}"), EntryKind::DisputeOpened);
        let (to, from) = ([(Disputed, amount)], [(GatewayReceivable, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// The dispute ended for us.
    #[must_use]
    pub fn dispute_won(
        order: OrderId,
        paid: &TransactionId,
        nth: u64,
        amount: Rupiah,
        at_ms: u64,
    ) -> Self {
        let name = (format!("dispute_won.{paid}.{nth}"), EntryKind::DisputeWon);
        let (to, from) = ([(GatewayReceivable, amount)], [(Disputed, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// The dispute ended for the payer; `unused`: what the stamps that nobody can use any more were
    /// worth; `payable`: what had to go back anyway. Where these are more than the bank took, the rest
    /// had been a loss before. A payment is lost once.
    ///
    /// # Errors
    /// [`Error::Overflow`] when a sum does not fit.
    pub fn charged_back(
        order: OrderId,
        paid: &TransactionId,
        amount: Rupiah,
        (unused, payable): (Rupiah, Rupiah),
        at_ms: u64,
    ) -> Result<Self, Error> {
        let name = (format!("charged_back.{paid}"), EntryKind::ChargedBack);
        let settled = unused.plus(payable)?;
        let lost = amount.minus(settled).unwrap_or_default();
        let regained = settled.minus(amount).unwrap_or_default();
        let to = [
            (StampsOwed, unused),
            (RefundsPayable, payable),
            (Losses, lost),
        ];
        let from = [(Disputed, amount), (Losses, regained)];
        Ok(Self::book(name, order, &to, &from, at_ms))
    }
}
