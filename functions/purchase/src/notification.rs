//! The gateway's notifications. A notification is believed only as far as "look at this payment":
//! its signature is checked, and then the gateway is asked.

use crate::App;
use axum::{
    body::to_bytes,
    extract::{Request, State},
};
use bubuh_edge::Problem;
use bubuh_gateway::{Gateway, notification};
use http::StatusCode;
use std::sync::Arc;

/// 200 once everything that follows is written; 503 when it should be sent again.
pub(crate) async fn receive<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let body = to_bytes(request.into_body(), notification::LIMIT_BYTES)
        .await
        .map_err(|_| Problem::unreadable("larger than 64 KiB"))?;
    let told = notification::verify(&body, &app.server_key).map_err(|error| {
        tracing::warn!(%error, "a notification was not believed");
        match error {
            notification::Rejection::Forged => Problem::forged(&error.to_string()),
            _ => Problem::unreadable(&error.to_string()),
        }
    })?;
    // Not one of ours: nothing to retry, and no reason to tell the sender so.
    let Ok(order) = told.order_id.parse() else {
        tracing::error!("a notification names an order that is none of ours");
        return Ok(StatusCode::OK);
    };
    match app
        .sales
        .observe(order, told.transaction_id.as_deref())
        .await
    {
        Ok(seen) => {
            tracing::info!(order = %seen.id, state = seen.state.name(), "observed");
            Ok(StatusCode::OK)
        }
        Err(bubuh_steps::Error::NotFound) => {
            tracing::error!(%order, "a notification names an order that is none of ours");
            Ok(StatusCode::OK)
        }
        Err(error) => {
            tracing::warn!(%error, %order, "the notification must come again");
            Err(Problem::busy())
        }
    }
}
