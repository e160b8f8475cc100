//! One charge and the money it brought, whichever API it was asked through.

use serde::{Deserialize, Serialize};

/// The API a transaction was asked through, and is told about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// Midtrans's.
    #[default]
    Midtrans,
    /// Xendit's.
    Xendit,
}

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

/// Where a refund is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Taken; the money is still here, and kept for it.
    Pending,
    /// The money is gone.
    #[default]
    Made,
    /// It came to nothing.
    Failed,
}

/// Money given back, or asked back.
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
    /// Where it is.
    #[serde(default)]
    pub state: RefundState,
    /// When it stops being pending by itself.
    #[serde(default)]
    pub decides_at_ms: Option<u64>,
    /// Whether it will then fail.
    #[serde(default)]
    pub fails: bool,
    /// The key its call was made with, until that is forgotten.
    #[serde(default)]
    pub idempotency_key: Option<String>,
}

/// The call that made a charge, to know it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The idempotency key.
    pub key: String,
    /// The body.
    pub body: String,
}

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its place in the bank's history.
    pub seq: u64,
    /// The API it was asked through.
    #[serde(default)]
    pub api: Api,
    /// The call it was asked by, if that had a key, until the key is forgotten.
    #[serde(default)]
    pub asked: Option<Asked>,
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
    /// What was asked, where the buyer paid something else.
    #[serde(default)]
    pub asked_amount: Option<u64>,
    /// What came in, in rupiah.
    pub captured: u64,
    /// What the payer's bank took back, in rupiah.
    pub charged_back: u64,
    /// What was given back, or asked back.
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
        self.sum(RefundState::Made)
    }

    /// What is about to be given back, in rupiah.
    #[must_use]
    pub fn refunding(&self) -> u64 {
        self.sum(RefundState::Pending)
    }

    fn sum(&self, state: RefundState) -> u64 {
        let refunds = self.refunds.iter().filter(|refund| refund.state == state);
        refunds.map(|refund| refund.amount).sum()
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
            _ => self.next_refund().and_then(|refund| refund.decides_at_ms),
        }
    }

    /// The pending refund that decides itself next.
    pub(super) fn next_refund(&self) -> Option<&Refund> {
        self.refunds
            .iter()
            .filter(|refund| refund.state == RefundState::Pending)
            .min_by_key(|refund| refund.decides_at_ms)
    }
}
