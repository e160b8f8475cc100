//! The stamp function on Lambda.

use aws_lambda_events::sqs::SqsEvent;
use bubuh_edge::{batch, log};
use bubuh_issuer::Embedded;
use bubuh_stamp::handler::record;
use bubuh_steps::Stamper;
use bubuh_store::{Ambient, Aws, setting};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

/// How long other workers wait for this one, in milliseconds; a stamp takes well under a second.
const LEASE_MS: u64 = 20_000;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log::start();
    let aws = Aws::from_env().await;
    let secret = aws.secret(&setting("SIGNING_SECRET_ARN")?).await?;
    let stamper = Stamper {
        table: aws.table(setting("TABLE")?),
        files: aws.files(setting("UPLOADS_BUCKET")?, setting("STAMPED_BUCKET")?),
        queues: aws.queues(setting("UPLOADS_QUEUE_URL")?, ""),
        issuer: Embedded::new(&secret, &setting("VERIFY_BASE_URL")?)?,
        ambient: Ambient::system(),
        lease_ms: LEASE_MS,
    };
    let stamper = &stamper;
    run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(batch::each(event.payload, |message| record(stamper, message)).await)
    }))
    .await
}
