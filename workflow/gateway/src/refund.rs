//! Giving money back.

use crate::TransactionStatus;
use bubuh_core::Rupiah;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// Written down before the first call and sent with each: the same key is the same refund.
    /// Not optional here, as without it every call refunds again. 1 to 255 visible characters.
    pub refund_key: String,
    /// How much; above zero.
    pub amount: Rupiah,
    /// Why, for the gateway's records.
    pub reason: String,
}

/// What the gateway answered to a refund it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReply {
    /// 200 when made; another 2xx (not 202) when taken and still under way: confirm by status.
    pub status_code: u16,
    /// The payment's id.
    pub transaction_id: Option<String>,
    /// The key as the gateway repeats it.
    pub refund_key: Option<String>,
    /// The refund's amount as the gateway repeats it.
    pub refund_amount: Option<Rupiah>,
    /// Where the payment is now.
    pub transaction_status: TransactionStatus,
}
