//! Where a payment is.

use crate::{Error, Instructions};
use bubuh_core::{Rupiah, payment::Method};

/// Where a transaction is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// Not paid yet.
    Pending,
    /// A card's money is held, not taken.
    Authorize,
    /// A card's money is taken and will be settled.
    Capture,
    /// Paid.
    Settlement,
    /// The payer's bank or the gateway refused.
    Deny,
    /// Cancelled.
    Cancel,
    /// The time to pay passed.
    Expire,
    /// Broke off at the gateway.
    Failure,
    /// Paid, and given back in full.
    Refund,
    /// Paid, and given back in part.
    PartialRefund,
    /// Paid, and taken back by the payer's bank.
    Chargeback,
    /// Paid, and taken back in part by the payer's bank.
    PartialChargeback,
    /// What this client does not know, or does not believe; never act on it.
    Unknown(String),
}

/// What the gateway's fraud check says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FraudStatus {
    /// Good.
    Accept,
    /// Bad.
    Deny,
    /// A person must look.
    Challenge,
    /// A word this client does not know.
    Unknown(String),
}

/// A refund listed in a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundSeen {
    /// Our key; one the gateway made up, or none, for refunds made in its dashboard.
    pub refund_key: Option<String>,
    /// How much.
    pub amount: Rupiah,
}

/// One transaction as the gateway describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The order.
    pub order_id: String,
    /// The gateway's id of the charge.
    pub transaction_id: String,
    /// Where it is.
    pub transaction_status: TransactionStatus,
    /// The fraud check, if there was one.
    pub fraud_status: Option<FraudStatus>,
    /// What was paid, else what is to be paid.
    pub gross_amount: Rupiah,
    /// How; none if by something else than we ask for.
    pub method: Option<Method>,
    /// The refunds that are made, in the gateway's order.
    pub refunds: Vec<RefundSeen>,
    /// The refunds the gateway took and has not made yet; they can still fail, and count nowhere.
    pub refunding: Vec<RefundSeen>,
    /// All that was given back: the gateway's sum, or that of `refunds` where it names none.
    pub refunded: Rupiah,
    /// When the charge was made, in milliseconds since the epoch.
    pub charged_at_ms: Option<u64>,
    /// Until when it can be paid (a saved QRIS code sometimes later too).
    pub expires_at_ms: Option<u64>,
    /// When it was paid.
    pub settled_at_ms: Option<u64>,
    /// What the buyer needs to pay, as far as the status repeats it.
    pub instructions: Option<Instructions>,
}

impl Status {
    /// Whether this says that the full gross amount came in and all of it is still here. A later
    /// refund or chargeback is not "paid" any more, but shows that it was: see
    /// [`captured`](Self::captured).
    #[must_use]
    pub fn paid(&self) -> bool {
        matches!(
            self.transaction_status,
            TransactionStatus::Settlement | TransactionStatus::Capture
        ) && self.fraud_cleared()
    }

    /// Whether the gross amount came in at some time, whatever became of it later.
    #[must_use]
    pub fn captured(&self) -> bool {
        self.paid()
            || matches!(
                self.transaction_status,
                TransactionStatus::Refund
                    | TransactionStatus::PartialRefund
                    | TransactionStatus::Chargeback
                    | TransactionStatus::PartialChargeback
            )
    }

    /// The refund made under `refund_key`, if the gateway shows it.
    #[must_use]
    pub fn refund(&self, refund_key: &str) -> Option<&RefundSeen> {
        self.refunds
            .iter()
            .find(|refund| refund.refund_key.as_deref() == Some(refund_key))
    }

    /// Whether the gateway took a refund under `refund_key` and has not made it yet.
    #[must_use]
    pub fn refund_under_way(&self, refund_key: &str) -> bool {
        self.refunding
            .iter()
            .any(|refund| refund.refund_key.as_deref() == Some(refund_key))
    }

    fn fraud_cleared(&self) -> bool {
        matches!(self.fraud_status, None | Some(FraudStatus::Accept))
    }
}

impl RefundSeen {
    pub(crate) fn sum(refunds: &[Self]) -> Result<Rupiah, Error> {
        refunds
            .iter()
            .try_fold(Rupiah::ZERO, |sum, refund| sum.plus(refund.amount))
            .map_err(|error| Error::MalformedReply(error.to_string()))
    }
}
