//! `/v1/account`: what the caller has.

use crate::App;
use axum::{Json, extract::State};
use bubuh_core::{lot::Bucket, money::Stamps};
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
    for bucket in Bucket::ALL {
        let sum = lots
            .iter()
            .try_fold(Stamps::ZERO, |sum, lot| sum.plus(lot.bucket(bucket)))?;
        sums.insert(bucket.name(), sum);
    }
    Ok(Json(sums))
}
