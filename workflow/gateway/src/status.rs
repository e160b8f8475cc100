//! Where a payment is.

use crate::{Error, Instructions, reply::Reply};
use bubuh_core::Rupiah;

/// A transaction's status as the gateway names it.
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
    /// A word this client does not know; never act on it.
    Unknown(String),
}

impl TransactionStatus {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "pending" => Self::Pending,
            "authorize" => Self::Authorize,
            "capture" => Self::Capture,
            "settlement" => Self::Settlement,
            "deny" => Self::Deny,
            "cancel" => Self::Cancel,
            "expire" => Self::Expire,
            "failure" => Self::Failure,
            "refund" => Self::Refund,
            "partial_refund" => Self::PartialRefund,
            "chargeback" => Self::Chargeback,
            "partial_chargeback" => Self::PartialChargeback,
            other => Self::Unknown(other.to_owned()),
        }
    }
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

impl FraudStatus {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "accept" => Self::Accept,
            "deny" => Self::Deny,
            "challenge" => Self::Challenge,
            other => Self::Unknown(other.to_owned()),
        }
    }
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
    /// What was, or is to be, paid.
    pub gross_amount: Rupiah,
    /// The gateway's status code, such as 200, 201 or 407.
    pub status_code: u16,
    /// How, as the gateway names it: `qris`, `bank_transfer`.
    pub payment_type: String,
    /// The refunds, in the gateway's order.
    pub refunds: Vec<RefundSeen>,
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
        self.status_code == 200
            && matches!(
                self.transaction_status,
                TransactionStatus::Settlement | TransactionStatus::Capture
            )
            && self.fraud_cleared()
    }

    /// Whether the gross amount came in at some time, whatever became of it later.
    #[must_use]
    pub fn captured(&self) -> bool {
        self.paid()
            || (self.status_code == 200
                && matches!(
                    self.transaction_status,
                    TransactionStatus::Refund
                        | TransactionStatus::PartialRefund
                        | TransactionStatus::Chargeback
                        | TransactionStatus::PartialChargeback
                ))
    }

    /// The refund made under `refund_key`, if the gateway shows it.
    #[must_use]
    pub fn refund(&self, refund_key: &str) -> Option<&RefundSeen> {
        self.refunds
            .iter()
            .find(|refund| refund.refund_key.as_deref() == Some(refund_key))
    }

    fn fraud_cleared(&self) -> bool {
        matches!(self.fraud_status, None | Some(FraudStatus::Accept))
    }

    pub(crate) fn read(reply: &Reply, status_code: u16) -> Result<Self, Error> {
        let refunds = reply
            .list("refunds")
            .iter()
            .map(|entry| {
                Ok(RefundSeen {
                    refund_key: entry.text("refund_key").filter(|key| !key.is_empty()),
                    amount: entry.amount("refund_amount")?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let refunded = match reply.text("refund_amount") {
            Some(_) => reply.amount("refund_amount")?,
            None => refunds
                .iter()
                .try_fold(Rupiah::ZERO, |sum, refund| sum.plus(refund.amount))
                .map_err(|error| Error::MalformedReply(error.to_string()))?,
        };
        Ok(Self {
            order_id: reply.required("order_id")?,
            transaction_id: reply.required("transaction_id")?,
            transaction_status: TransactionStatus::parse(&reply.required("transaction_status")?),
            fraud_status: reply
                .text("fraud_status")
                .filter(|text| !text.is_empty())
                .map(|text| FraudStatus::parse(&text)),
            gross_amount: reply.amount("gross_amount")?,
            status_code,
            payment_type: reply.text("payment_type").unwrap_or_default(),
            refunds,
            refunded,
            charged_at_ms: reply.time_ms("transaction_time"),
            expires_at_ms: reply.time_ms("expiry_time"),
            settled_at_ms: reply.time_ms("settlement_time"),
            instructions: reply.instructions(),
        })
    }
}
