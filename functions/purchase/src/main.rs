//! The purchase function on Lambda.

use bubuh_core::money::{DUTY, Stamps};
use bubuh_edge::{gateway, log, serve};
use bubuh_purchase::{App, router};
use bubuh_steps::Sales;
use bubuh_store::{Ambient, Aws, QueueUrls, number, setting, settings};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    log::start();
    let aws = Aws::from_env().await;
    let chosen = gateway::chosen(&aws).await?;
    let app = App {
        sales: Sales {
            table: aws.table(setting("TABLE")?),
            queues: aws.queues(QueueUrls::uploads_from_env()?),
            workflows: aws.workflows(setting("REFUND_STATE_MACHINE_ARN")?),
            gateway: chosen.gateway,
            ambient: Ambient::system(),
            unit_price: DUTY,
            allowance: Stamps::new(number("LATE_ALLOWANCE")?),
            settle_within_ms: settings::settle_within_ms()?,
        },
        proof: chosen.proof,
    };
    serve::http(router(app)).await
}
