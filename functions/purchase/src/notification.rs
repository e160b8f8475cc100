//! The gateway's notifications. A notification is believed only as far as "look at this payment":
//! it is proven to be the gateway's, and then the gateway is asked.

use crate::App;
use axum::{
    body::to_bytes,
    extract::{Request, State},
};
use bubuh_edge::{Problem, api::Says, problem::kind};
use bubuh_gateway::{
    Gateway,
    notification::{LIMIT_BYTES, Rejection, says_json, xendit::TOKEN_HEADER},
};
use std::sync::Arc;

pub(crate) fn says(gateway: &str) -> Says {
    let id = match gateway {
        "xendit" => "hearFromXendit",
        _ => "hearFromMidtrans",
    };
    Says::new(id, "The payment gateway tells of a payment")
        .details("For the gateway only: its body and proof are of its own design.")
        .problems(&[
            kind::UNREADABLE,
            kind::NOT_BELIEVED,
            kind::NOT_FOUND, // where another gateway is configured
            kind::TOO_LARGE,
            kind::NOT_JSON,
        ])
}

/// 200 once everything that follows is written; 503 when it should be sent again. What is not the
/// gateway's is refused before anything is looked up.
pub(crate) async fn receive<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    request: Request,
) -> Result<(), Problem> {
    let (head, body) = request.into_parts();
    if !says_json(&head.headers) {
        return Err(Problem::not_json());
    }
    let body = to_bytes(body, LIMIT_BYTES)
        .await
        .map_err(|_| refused(&Rejection::TooLarge))?;
    let told = app
        .proof
        .check(&head.headers, &body)
        .map_err(|why| refused(&why))?;
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
            Ok(())
        }
        // Not one of ours: nothing to retry, and no reason to tell the sender so.
        Err(bubuh_steps::Error::NotFound) => {
            tracing::error!(%about, "a notification names an order that is none of ours");
            Ok(())
        }
        Err(error) => {
            tracing::warn!(%error, %about, "the notification must come again");
            Err(Problem::busy())
        }
    }
}

/// Without a proof it is as little believed as with a wrong one.
fn refused(why: &Rejection) -> Problem {
    tracing::warn!(%why, "a notification was not believed");
    match why {
        Rejection::Forged | Rejection::Missing(TOKEN_HEADER | "signature_key") => {
            Problem::forged(&why.to_string())
        }
        Rejection::TooLarge => Problem::too_large("64 KiB"),
        Rejection::NotJson | Rejection::Missing(_) | Rejection::WrongForm(_) => {
            Problem::unreadable(&why.to_string())
        }
    }
}
