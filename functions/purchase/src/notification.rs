//! The gateway's notifications. A notification is believed only as far as "look at this payment":
//! it is proven to be the gateway's, and then the gateway is asked.

use crate::App;
use axum::{
    body::to_bytes,
    extract::{Request, State},
};
use bubuh_edge::Problem;
use bubuh_gateway::{
    Gateway,
    notification::{self, Rejection, xendit::TOKEN_HEADER},
};
use http::StatusCode;
use std::sync::Arc;

/// 200 once everything that follows is written; 503 when it should be sent again.
pub(crate) async fn receive<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, notification::LIMIT_BYTES)
        .await
        .map_err(|_| Problem::unreadable("larger than 64 KiB"))?;
    let told = app.proof.check(&head.headers, &body).map_err(|error| {
        tracing::warn!(%error, "a notification was not believed");
        match error {
            Rejection::Forged | Rejection::Missing(TOKEN_HEADER) => {
                Problem::forged(&error.to_string())
            }
            _ => Problem::unreadable(&error.to_string()),
        }
    })?;
    let (order, transaction) = (told.order_id, told.transaction_id);
    let seen = match (order.as_deref().map(str::parse), transaction.as_deref()) {
        (Some(Ok(order)), transaction) => app.sales.observe(order, transaction).await,
        (None, Some(transaction)) => app.sales.observe_transaction(transaction).await,
        (Some(Err(_)) | None, _) => Err(bubuh_steps::Error::NotFound),
    };
    let about = order.or(transaction).unwrap_or_default();
    match seen {
        Ok(seen) => {
            tracing::info!(order = %seen.id, state = seen.state.name(), "observed");
            Ok(StatusCode::OK)
        }
        // Not one of ours: nothing to retry, and no reason to tell the sender so.
        Err(bubuh_steps::Error::NotFound) => {
            tracing::error!(%about, "a notification names an order that is none of ours");
            Ok(StatusCode::OK)
        }
        Err(error) => {
            tracing::warn!(%error, %about, "the notification must come again");
            Err(Problem::busy())
        }
    }
}
