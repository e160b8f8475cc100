//! The enqueue function on Lambda; `BUBUH_ENTRY` says which of its entries this one is.

use aws_lambda_events::sqs::SqsEvent;
use bubuh_edge::{log, serve};
use bubuh_enqueue::{http_entry::router, uploads};
use bubuh_issuer::Engine;
use bubuh_steps::{Desk, Intake, Line, Stock};
use bubuh_store::{Ambient, Aws, QueueUrls, setting};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    log::start();
    let aws = Aws::from_env().await;
    let table = aws.table(setting("TABLE")?);
    let files = aws.files(setting("UPLOADS_BUCKET")?, setting("STAMPED_BUCKET")?);
    let queues = aws.queues(QueueUrls::from_env()?);
    let ambient = Ambient::system();
    let line = Line::new(table.clone(), ambient.clone());
    match setting("BUBUH_ENTRY")?.as_str() {
        "http" => {
            serve::http(router(Desk {
                table,
                files,
                queues,
                line,
                ambient,
            }))
            .await
        }
        "uploads" => {
            let intake = Intake {
                stock: Stock::new(table.clone(), ambient.clone()),
                table,
                files,
                queues,
                line,
                preflight: Engine,
                ambient,
            };
            let intake = &intake;
            run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
                Ok::<_, Error>(uploads::batch(intake, event.payload).await)
            }))
            .await
        }
        other => Err(format!("BUBUH_ENTRY must be http or uploads, not {other}").into()),
    }
}
