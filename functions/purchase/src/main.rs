//! The purchase function on Lambda.

use bubuh_core::money::{DUTY, Stamps};
use bubuh_edge::{gateway, log, serve, webhooks};
use bubuh_purchase::{App, router};
use bubuh_steps::{HookDesk, Line, Sales};
use bubuh_store::{Ambient, Aws, QueueUrls, number, setting, settings};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    log::start();
    let aws = Aws::from_env().await;
    let (chosen, master) = tokio::try_join!(gateway::chosen(&aws), webhooks::master(&aws))?;
    let (table, ambient) = (aws.table(setting("TABLE")?), Ambient::system());
    let longest_wait_minutes: u64 = number("LONGEST_WAIT_MINUTES")?;
    let app = App {
        hooks: HookDesk {
            table: table.clone(),
            reach: webhooks::reach()?,
            master,
            ambient: ambient.clone(),
        },
        sales: Sales {
            line: Line::new(table.clone(), ambient.clone()),
            longest_wait_ms: longest_wait_minutes.checked_mul(60_000),
            table,
            queues: aws.queues(QueueUrls::uploads_from_env()?),
            workflows: aws.workflows(setting("REFUND_STATE_MACHINE_ARN")?),
            gateway: chosen.gateway,
            ambient,
            unit_price: DUTY,
            allowance: Stamps::new(number("LATE_ALLOWANCE")?),
            settle_within_ms: settings::settle_within_ms()?,
        },
        proof: chosen.proof,
    };
    serve::http(router(app)).await
}
