//! What is booked when the gateway pays out to our bank, as its settlement files tell. A line's entry has
//! one name whichever way it is booked, so a line is booked once: it can't be placed by one reader and stand
//! in suspense by another.

use super::{
    Entry, EntryKind, LedgerAccount,
    LedgerAccount::{Bank, GatewayFees, GatewayReceivable, Losses, Suspense},
};
use crate::{
    error::Error,
    id::OrderId,
    money::Rupiah,
    settlement::{Line, LineId},
};

/// Where a person puts money that stood in `Suspense`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClearedTo {
    /// It belongs to what the gateway owes us, or keeps back later.
    Receivable,
    /// It was paid back from our bank account, by a transfer of ours.
    Bank,
    /// It is gone.
    Losses,
}

impl ClearedTo {
    const fn account(self) -> LedgerAccount {
        match self {
            Self::Receivable => GatewayReceivable,
            Self::Bank => Bank,
            Self::Losses => Losses,
        }
    }
}

impl Entry {
    /// The name of a line's entry.
    #[must_use]
    pub fn name_of(line: LineId) -> String {
        format!("line.{line}")
    }

    /// A payment was paid out: `gross` less `fee`.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the fee is more than the payment.
    pub fn settled(
        order: OrderId,
        line: LineId,
        (gross, fee): (Rupiah, Rupiah),
        at_ms: u64,
    ) -> Result<Self, Error> {
        let name = (Self::name_of(line), EntryKind::Settled);
        let to = [(Bank, gross.minus(fee)?), (GatewayFees, fee)];
        let from = [(GatewayReceivable, gross)];
        Ok(Self::book(name, order, &to, &from, at_ms))
    }

    /// A refund, or a payment that its payer's bank took, was kept back from a payout, with `fee` for the work.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn deducted(
        order: OrderId,
        line: LineId,
        (amount, fee): (Rupiah, Rupiah),
        at_ms: u64,
    ) -> Result<Self, Error> {
        let to = [(GatewayReceivable, amount), (GatewayFees, fee)];
        let from = [(Bank, amount.plus(fee)?)];
        let name = (Self::name_of(line), EntryKind::Deducted);
        Ok(Self::book(name, order, &to, &from, at_ms))
    }

    /// A line that nobody could place: what it brought, or took.
    ///
    /// # Errors
    /// [`Error::Overflow`] when its net does not fit.
    pub fn suspended(line: &Line, at_ms: u64) -> Result<Self, Error> {
        let name = (Self::name_of(line.id), EntryKind::Suspended);
        let net = line.net()?;
        let (to, from) = if line.kind.brings() {
            ([(Bank, net)], [(Suspense, net)])
        } else {
            ([(Suspense, net)], [(Bank, net)])
        };
        Ok(Self::book(name, None, &to, &from, at_ms))
    }

    /// A person placed what [`Entry::suspended`] booked: `amount` that it `brought`, or took. A line is
    /// placed once.
    #[must_use]
    pub fn cleared(
        line: LineId,
        (amount, brought): (Rupiah, bool),
        to: ClearedTo,
        at_ms: u64,
    ) -> Self {
        let name = (format!("cleared.{line}"), EntryKind::Cleared);
        let (suspense, other) = ([(Suspense, amount)], [(to.account(), amount)]);
        if brought {
            Self::book(name, None, &suspense, &other, at_ms)
        } else {
            Self::book(name, None, &other, &suspense, at_ms)
        }
    }

    /// A person gave up what a line lacked, or kept back too much.
    #[must_use]
    pub fn written_off(order: OrderId, line: LineId, amount: Rupiah, at_ms: u64) -> Self {
        let name = (format!("written_off.{line}"), EntryKind::WrittenOff);
        let (to, from) = ([(Losses, amount)], [(GatewayReceivable, amount)]);
        Self::book(name, order, &to, &from, at_ms)
    }

    /// What a suspended entry put into `Suspense`, and whether the payout brought it (else it took it).
    #[must_use]
    pub fn in_suspense(&self) -> Option<(Rupiah, bool)> {
        let leg = self.legs.iter().find(|leg| leg.account == Suspense)?;
        Some((leg.amount, leg.side == super::Side::Credit))
    }
}
