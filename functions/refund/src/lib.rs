//! The refund function: one step of a refund, called by the refund state machine.

use bubuh_core::{
    id::{OrderId, RefundKey},
    refund::RefundState,
};
use bubuh_edge::time::rfc3339;
use bubuh_gateway::Gateway;
use bubuh_steps::{Error, Refunds};
use serde::{Deserialize, Serialize};

/// What the state machine passes in.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The order.
    pub order_id: OrderId,
    /// The refund.
    pub refund_key: RefundKey,
}

/// What the state machine decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// Where the refund is.
    pub state: RefundState,
    /// When the next step may run, in RFC 3339.
    pub next_at: String,
}

/// Takes the next step.
///
/// # Errors
/// Any [`Error`]: the state machine calls again.
pub async fn step<G: Gateway>(refunds: &Refunds<G>, input: Input) -> Result<Output, Error> {
    let refund = refunds.step(input.order_id, input.refund_key).await?;
    tracing::info!(refund = %refund.key, order = %refund.order, state = ?refund.state, "stepped");
    Ok(Output {
        state: refund.state,
        next_at: rfc3339(refund.next_at_ms),
    })
}
