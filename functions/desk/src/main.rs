//! The desk function on Lambda.

use bubuh_desk::{App, router};
use bubuh_edge::{gateway, log, operator::Operators, serve};
use bubuh_steps::{Cases, Desk, Line};
use bubuh_store::{Ambient, Aws, QueueUrls, setting};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    log::start();
    let operators = Operators::from_env()?;
    let aws = Aws::from_env().await;
    let chosen = gateway::chosen(&aws).await?;
    let (table, ambient) = (aws.table(setting("TABLE")?), Ambient::system());
    let app = App {
        cases: Cases {
            desk: Desk {
                line: Line::new(table.clone(), ambient.clone()),
                table,
                files: aws.files(setting("UPLOADS_BUCKET")?, setting("STAMPED_BUCKET")?),
                queues: aws.queues(QueueUrls::from_env()?),
                ambient,
            },
            workflows: aws.workflows(setting("REFUND_STATE_MACHINE_ARN")?),
            gateway: chosen.gateway,
        },
    };
    serve::http(router(app, operators)).await
}
