//! The refund function on Lambda.

use bubuh_edge::{gateway, log};
use bubuh_refund::{Input, step};
use bubuh_steps::Refunds;
use bubuh_store::{Ambient, Aws, setting};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main]
async fn main() -> Result<(), Error> {
    log::start();
    let aws = Aws::from_env().await;
    let refunds = Refunds {
        table: aws.table(setting("TABLE")?),
        gateway: gateway::chosen(&aws).await?.gateway,
        ambient: Ambient::system(),
    };
    let refunds = &refunds;
    run(service_fn(|event: LambdaEvent<Input>| async move {
        step(refunds, event.payload).await.map_err(Error::from)
    }))
    .await
}
