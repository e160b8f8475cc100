//! `/v1/account`: what the caller has.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::{
    lot::{Bucket, Lot},
    money::Stamps,
};
use bubuh_edge::{Caller, Problem};
use bubuh_gateway::Gateway;
use std::{collections::BTreeMap, sync::Arc};

/// Stamps by where they are, summed over the lots by a consistent read.
pub(crate) async fn show<G: Gateway>(
    State(app): State<Arc<App<G>>>,
    Caller(account): Caller,
) -> Result<Json<BTreeMap<&'static str, Stamps>>, Problem> {
    let lots = app.sales.table.lots(&account).await?;
    let mut sums = BTreeMap::new();
    let sum = |of: &dyn Fn(&Lot) -> Stamps| Stamps::sum(lots.iter().map(of));
    for bucket in Bucket::ALL {
        let count = match bucket {
            Bucket::Available => sum(&Lot::usable)?,
            _ => sum(&|lot| lot.bucket(bucket))?,
        };
        sums.insert(bucket.name(), count);
    }
    // Unused stamps of a payment that the payer's bank disputes.
    let held = sum(&|lot| {
        if lot.disputed {
            lot.available
        } else {
            Stamps::ZERO
        }
    })?;
    sums.insert("held", held);
    Ok(Json(sums))
}
