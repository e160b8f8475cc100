//! A payment: one gateway transaction with captured money.

use crate::{
    error::Error,
    id::{AccountId, OrderId, TransactionId},
    money::Rupiah,
    settlement::Payout,
    write::{Expect, Put, Write},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the buyer pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A QRIS code; refundable through the gateway.
    Qris,
    /// A bank's virtual account; not refundable through the gateway.
    BankTransfer,
}

/// Where a captured payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// The money is at the gateway.
    Captured,
    /// The payer's bank disputes it: no new refund, and its unused stamps are held.
    Disputed,
    /// The payer's bank took it back.
    ChargedBack,
}

/// A change of a payment's state and its time, for the buyer's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PaymentStep {
    /// The state that was entered; `Captured` once more when a dispute was won.
    pub state: PaymentState,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// A captured payment. A row exists only once money was captured.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payment {
    /// The gateway's name for it.
    pub transaction: TransactionId,
    /// The order it was made for.
    pub order: OrderId,
    /// Whose order.
    pub account: AccountId,
    /// Grows by one with each change.
    pub version: u64,
    /// Where it is.
    pub state: PaymentState,
    /// How it was paid.
    pub method: Method,
    /// What was captured.
    pub amount: Rupiah,
    /// What no refund has claimed yet; a refund is created only by taking its amount from here.
    pub refundable: Rupiah,
    /// What went back at the gateway already, whoever gave it back.
    #[serde(default)]
    pub refunded: Rupiah,
    /// Whether a refund is under way: one at a time.
    pub refund_in_flight: bool,
    /// Whether it bought stamps.
    pub credited: bool,
    /// When we saw the capture, in milliseconds since the epoch.
    pub captured_at_ms: u64,
    /// What settlement files said of it, and until when they are waited for.
    #[serde(default)]
    pub payout: Payout,
    /// Every state it was in; that of a row from before this was kept begins with its next change.
    #[serde(default)]
    pub history: Vec<PaymentStep>,
}

impl Payment {
    /// Whether this is the row of that transaction of that order.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is another's: a decision on it would move the wrong money.
    pub(crate) fn must_be(&self, transaction: &TransactionId, order: OrderId) -> Result<(), Error> {
        if self.transaction == *transaction && self.order == order {
            return Ok(());
        }
        Err(Error::Invalid {
            field: "transaction",
            reason: format!(
                "the payment is {} of order {}",
                self.transaction, self.order
            ),
        })
    }

    /// The payment with `amount` claimed for a refund.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once disputed, or while another refund is in flight;
    /// [`Error::Overflow`] when more is asked than is left.
    pub fn claim_refund(&self, amount: Rupiah) -> Result<Self, Error> {
        self.may_be_refunded()?;
        Ok(Self {
            refundable: self.refundable.minus(amount)?,
            refund_in_flight: true,
            ..self.next()?
        })
    }

    /// Whether a refund may begin.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once disputed, or while another refund is in flight.
    pub fn may_be_refunded(&self) -> Result<(), Error> {
        let state = match self.state {
            _ if self.refund_in_flight => "refund in flight",
            PaymentState::Disputed => "disputed",
            PaymentState::ChargedBack => "charged back",
            PaymentState::Captured => return Ok(()),
        };
        Err(Error::IllegalTransition {
            state,
            event: "refund",
        })
    }

    /// The payment after its refund was made; `there`: what of it the gateway gave back.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn refund_made(&self, there: Rupiah) -> Result<Self, Error> {
        Ok(Self {
            refunded: self.refunded.plus(there)?,
            refund_in_flight: false,
            ..self.next()?
        })
    }

    /// The payment after its refund was called off.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn refund_reversed(&self, amount: Rupiah) -> Result<Self, Error> {
        Ok(Self {
            refundable: self.refundable.plus(amount)?,
            refund_in_flight: false,
            ..self.next()?
        })
    }

    /// The payment after somebody else refunded so much of it at the gateway.
    ///
    /// # Errors
    /// [`Error::Overflow`] when the sum does not fit.
    pub fn refunded_elsewhere(&self, amount: Rupiah) -> Result<Self, Error> {
        Ok(Self {
            refunded: self.refunded.plus(amount)?,
            refundable: self.refundable.minus(amount.min(self.refundable))?,
            ..self.next()?
        })
    }

    /// The payment in another state.
    pub(crate) fn entering(&self, state: PaymentState, now_ms: u64) -> Result<Self, Error> {
        let mut next = self.next()?;
        next.state = state;
        next.history.push(PaymentStep {
            state,
            at_ms: now_ms,
        });
        Ok(next)
    }

    /// What of it is still at the gateway.
    ///
    /// # Errors
    /// [`Error::Overflow`] when more went back than came in.
    pub fn left(&self) -> Result<Rupiah, Error> {
        self.amount.minus(self.refunded)
    }

    /// The write that replaces this row.
    pub(crate) fn replace(&self, row: Self) -> Write {
        Write::Payment(Put {
            expect: Expect::Version(self.version),
            row,
        })
    }

    pub(crate) fn next(&self) -> Result<Self, Error> {
        Ok(Self {
            version: self.version.checked_add(1).ok_or(Error::Overflow)?,
            ..self.clone()
        })
    }
}
