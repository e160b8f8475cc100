//! Asking for a payment.

use bubuh_core::Rupiah;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// How the buyer will pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Method {
    /// A QRIS code. Refundable through the gateway.
    Qris,
    /// A virtual account. Not refundable through the gateway.
    BankTransfer {
        /// At which bank.
        bank: Bank,
    },
}

impl From<Method> for bubuh_core::payment::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Qris => Self::Qris,
            Method::BankTransfer { .. } => Self::BankTransfer,
        }
    }
}

/// A bank that offers virtual accounts under `bank_transfer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bank {
    /// Bank Central Asia.
    Bca,
    /// Bank Negara Indonesia.
    Bni,
    /// Bank Rakyat Indonesia.
    Bri,
    /// CIMB Niaga.
    Cimb,
    /// Bank Permata.
    Permata,
}

impl Bank {
    /// Its name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bca => "bca",
            Self::Bni => "bni",
            Self::Bri => "bri",
            Self::Cimb => "cimb",
            Self::Permata => "permata",
        }
    }
}

impl FromStr for Bank {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Bca, Self::Bni, Self::Bri, Self::Cimb, Self::Permata]
            .into_iter()
            .find(|bank| bank.as_str() == text)
            .ok_or(crate::Error::InvalidRequest {
                field: "bank",
                reason: "must be bca, bni, bri, cimb or permata",
            })
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRequest {
    /// The order, and so the idempotency key: one order never has two charges that are open.
    /// 1 to 50 of `A-Z a-z 0-9 - _ ~ .`, not only dots.
    pub order_id: String,
    /// What the buyer pays; above zero.
    pub gross_amount: Rupiah,
    /// How.
    pub method: Method,
    /// How long the buyer has, in minutes from when the gateway takes the charge; at least 1. For
    /// a gateway that counts from there.
    pub expiry_minutes: u32,
    /// The same as an instant, in milliseconds since the epoch: the same in every retry, for a
    /// gateway that is told an instant and compares retries.
    pub expires_at_ms: u64,
    /// What the buyer is shown to pay for, if anything.
    pub item_name: Option<String>,
}

/// A charge the gateway took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// The gateway's id of this charge.
    pub transaction_id: String,
    /// The order.
    pub order_id: String,
    /// The amount as the gateway understood it.
    pub gross_amount: Rupiah,
    /// What the buyer needs to pay.
    pub instructions: Instructions,
    /// Until when, in milliseconds since the epoch, if the gateway says.
    pub expires_at_ms: Option<u64>,
}

/// What the buyer needs to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Instructions {
    /// A code to scan.
    Qris {
        /// The code's contents (EMV QR), to render; absent when read back from a status.
        qr_string: Option<String>,
        /// The code as a picture at the gateway.
        qr_url: Option<String>,
    },
    /// A virtual account to transfer to.
    VirtualAccount {
        /// The bank's name in lower case.
        bank: String,
        /// The number.
        number: String,
    },
}
