//! The stamp function on Lambda.

use aws_lambda_events::sqs::SqsEvent;
use bubuh_edge::log;
use bubuh_issuer::Setup;
use bubuh_stamp::handler;
use bubuh_steps::Stamper;
use bubuh_store::{Ambient, Aws, QueueUrls, optional, setting};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

/// How long other workers wait for this one, in milliseconds; a stamp takes well under a second.
const LEASE_MS: u64 = 20_000;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log::start();
    let aws = Aws::from_env().await;
    let secret = aws.secret(&setting("SIGNING_SECRET_ARN")?).await?;
    let setup = Setup {
        secret,
        verify_base_url: setting("VERIFY_BASE_URL")?,
        kms_key: optional("SIGNING_KEY_ARN").map(|arn| aws.kms_key(arn)),
        tsa_url: optional("TSA_URL"),
        tsa_policy: optional("TSA_POLICY"),
        ambient: Ambient::system(),
    };
    let stamper = Stamper {
        table: aws.table(setting("TABLE")?),
        files: aws.files(setting("UPLOADS_BUCKET")?, setting("STAMPED_BUCKET")?),
        queues: aws.queues(QueueUrls::uploads_from_env()?),
        issuer: setup.open()?,
        ambient: Ambient::system(),
        lease_ms: LEASE_MS,
    };
    let stamper = &stamper;
    run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, Error>(handler::batch(stamper, event.payload).await)
    }))
    .await
}
