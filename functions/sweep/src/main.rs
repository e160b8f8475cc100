//! The sweep function on Lambda.

use bubuh_core::{
    inventory,
    money::{DUTY, Stamps},
    queue::BATCH,
    ticket::Lane,
};
use bubuh_edge::{gateway, log, settlement, webhooks};
use bubuh_issuer::documents_a_worker;
use bubuh_steps::{Courier, Line, Sales, Sweep, Watch};
use bubuh_store::{Ambient, Aws, QueueUrls, number, setting, settings};
use bubuh_sweep::minute;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long one scheduled call goes on, in milliseconds; a call with `{"once": true}` makes one pass.
const MINUTE_MS: u64 = 55_000;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log::start();
    let aws = Aws::from_env().await;
    let (chosen, master) = tokio::try_join!(gateway::chosen(&aws), webhooks::master(&aws))?;
    let ambient = Ambient::system();
    let table = aws.table(setting("TABLE")?);
    let queues = aws.queues(QueueUrls::from_env()?);
    let watch = Watch {
        table: table.clone(),
        queues: queues.clone(),
        workers: BTreeMap::from([
            (Lane::Single, in_hand("STAMPS_CONCURRENCY", BATCH)?),
            (
                Lane::Bulk,
                in_hand("BULK_CONCURRENCY", number("BULK_BATCH")?)?,
            ),
        ]),
        ambient: ambient.clone(),
    };
    let courier = Courier {
        table: table.clone(),
        transport: webhooks::transport()?,
        master,
        ambient: ambient.clone(),
    };
    let sweep = Sweep {
        sales: Sales {
            line: Line::new(table.clone(), ambient.clone()),
            longest_wait_ms: None,
            table,
            queues,
            workflows: aws.workflows(setting("REFUND_STATE_MACHINE_ARN")?),
            gateway: chosen.gateway,
            ambient: ambient.clone(),
            unit_price: DUTY,
            allowance: Stamps::new(number("LATE_ALLOWANCE")?),
            settle_within_ms: settings::settle_within_ms()?,
        },
        files: aws.files(setting("UPLOADS_BUCKET")?, setting("STAMPED_BUCKET")?),
        mint: bubuh_issuer::serials(&aws, ambient).await?,
        open_blocks: inventory::OPEN_BLOCKS,
        block_size: inventory::BLOCK_SIZE,
        sellable: Stamps::new(number("SELLABLE_SERIALS")?),
        settlements: settlement::desk(&aws)?,
    };
    let (sweep, watch, courier) = (&sweep, &watch, &courier);
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let once = event.payload.get("once").and_then(Value::as_bool) == Some(true);
        let swept = minute(sweep, watch, courier, if once { 0 } else { MINUTE_MS }).await?;
        Ok::<_, Error>(serde_json::json!({
            "looked_at": swept.looked_at,
            "failed": swept.failed,
            "minted": swept.minted,
        }))
    }))
    .await
}

/// Documents that so many workers have in hand, each at most one batch.
fn in_hand(workers: &'static str, batch: u64) -> Result<u64, Error> {
    let workers: u64 = number(workers)?;
    Ok(workers.saturating_mul(documents_a_worker()?.min(batch)))
}
