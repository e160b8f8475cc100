//! `/v1/account`: what the caller has.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::{
    lot::{Bucket, Lot},
    money::Stamps,
};
use bubuh_edge::{Caller, Problem, api::Says};
use bubuh_gateway::Gateway;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// Stamps by where they are.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Account {
    /// Usable.
    available: Stamps,
    /// Bound to documents that are not stamped yet.
    reserved: Stamps,
    /// On documents.
    stamped: Stamps,
    /// On their way back to money.
    refunding: Stamps,
    /// Their money went back.
    refunded: Stamps,
    /// Unused, of a payment that the payer's bank disputes.
    held: Stamps,
}

pub(crate) const SHOW: Says = Says::new("showAccount", "Stamps by where they are");

/// Summed over the lots by a consistent read.
pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
) -> Result<Json<Account>, Problem> {
    let lots = app.sales.table.lots(&account).await?;
    let sum = |of: &dyn Fn(&Lot) -> Stamps| Stamps::sum(lots.iter().map(of));
    let held = |lot: &Lot| {
        if lot.disputed {
            lot.available
        } else {
            Stamps::ZERO
        }
    };
    Ok(Json(Account {
        available: sum(&Lot::usable)?,
        reserved: sum(&|lot| lot.bucket(Bucket::Reserved))?,
        stamped: sum(&|lot| lot.bucket(Bucket::Stamped))?,
        refunding: sum(&|lot| lot.bucket(Bucket::Refunding))?,
        refunded: sum(&|lot| lot.bucket(Bucket::Refunded))?,
        held: sum(&held)?,
    }))
}
