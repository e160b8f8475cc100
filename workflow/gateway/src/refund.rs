//! Giving money back.

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

/// What the gateway answered to a refund it took. Only the status tells that it is booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundReply {
    /// Whether the gateway says that it is made; else it is under way, and can still fail.
    pub made: bool,
    /// The payment's id.
    pub transaction_id: Option<String>,
    /// The key as the gateway repeats it.
    pub refund_key: Option<String>,
    /// The refund's amount as the gateway repeats it.
    pub refund_amount: Option<Rupiah>,
}
