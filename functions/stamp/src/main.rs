//! The stamp function on Lambda.

use aws_lambda_events::sqs::SqsEvent;
use bubuh_edge::log;
use bubuh_stamp::handler;
use bubuh_steps::Stamper;
use bubuh_store::{Ambient, Aws, QueueUrls, setting};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    log::start();
    let aws = Aws::from_env().await;
    let (issuer, lease_ms) = bubuh_issuer::issuer(&aws, Ambient::system()).await?;
    let stamper = Stamper {
        table: aws.table(setting("TABLE")?),
        files: aws.files(setting("UPLOADS_BUCKET")?, setting("STAMPED_BUCKET")?),
        queues: aws.queues(QueueUrls::uploads_from_env()?),
        lease_ms,
        issuer,
        ambient: Ambient::system(),
    };
    let stamper = &stamper;
    run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(handler::batch(stamper, event.payload).await)
    }))
    .await
}
