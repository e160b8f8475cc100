//! One charge and the money it brought.

use serde::{Deserialize, Serialize};

/// How a transaction is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Payment {
    /// By a code.
    Qris {
        /// The code's contents.
        qr_string: String,
    },
    /// To a virtual account.
    BankTransfer {
        /// The bank as the API names it.
        bank: String,
        /// The account.
        va_number: String,
    },
}

/// Where a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for the buyer.
    Pending,
    /// Paid.
    Settlement,
    /// The time passed.
    Expire,
    /// Cancelled by the merchant.
    Cancel,
    /// Refused by the payer's bank.
    Deny,
    /// Paid and refunded in part.
    PartialRefund,
    /// Paid and refunded in full.
    Refund,
    /// Paid and taken back by the payer's bank.
    Chargeback,
}

impl State {
    /// The API's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Settlement => "settlement",
            Self::Expire => "expire",
            Self::Cancel => "cancel",
            Self::Deny => "deny",
            Self::PartialRefund => "partial_refund",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
        }
    }
}

/// Money given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The bank's number for it.
    pub id: u64,
    /// The merchant's key, or the one the bank made up.
    pub refund_key: String,
    /// How much, in rupiah.
    pub amount: u64,
    /// Why, as the merchant put it.
    pub reason: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its place in the bank's history.
    pub seq: u64,
    /// The gateway's id.
    pub transaction_id: String,
    /// The merchant's order.
    pub order_id: String,
    /// How it is paid.
    pub payment: Payment,
    /// Where it is.
    pub state: State,
    /// What was asked, or what the buyer paid instead, in rupiah.
    pub gross_amount: u64,
    /// What came in, in rupiah.
    pub captured: u64,
    /// What the payer's bank took back, in rupiah.
    pub charged_back: u64,
    /// What was given back.
    pub refunds: Vec<Refund>,
    /// When it was charged, in milliseconds since the epoch.
    pub charged_at_ms: u64,
    /// Until when it can be paid.
    pub expires_at_ms: u64,
    /// When a payment already made will show, if the bank is late.
    pub settles_at_ms: Option<u64>,
    /// What that payment was, in rupiah.
    pub settles_amount: u64,
    /// When it was paid.
    pub settled_at_ms: Option<u64>,
}

impl Transaction {
    /// What was given back in all, in rupiah.
    #[must_use]
    pub fn refunded(&self) -> u64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }

    /// What of the captured money is still here, in rupiah.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        self.captured
            .saturating_sub(self.refunded())
            .saturating_sub(self.charged_back)
    }

    /// When something happens by itself.
    pub(super) fn timer_ms(&self) -> Option<u64> {
        match (self.state, self.settles_at_ms) {
            (_, Some(at_ms)) => Some(at_ms),
            (State::Pending, None) => Some(self.expires_at_ms),
            _ => None,
        }
    }
}
