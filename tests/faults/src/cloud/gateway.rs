//! The way to the payment gateway, through the same door as everything else.

use super::{Cloud, Fault, Service, Verdict};
use bubuh_gateway::{Error, Transport};
use bubuh_sandbox::InProcess;
use bytes::Bytes;
use http::{Request, Response};
use std::sync::Arc;

/// A bank under the world's clock.
pub type SharedBank = Arc<InProcess<Box<dyn Fn() -> u64 + Send + Sync>>>;

/// A transport into the sandbox bank, with faults.
#[derive(Clone)]
pub struct Teller {
    /// The door.
    pub cloud: Cloud,
    /// The bank behind it.
    pub bank: SharedBank,
}

impl Transport for Teller {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let path = request.uri().path().to_owned();
        let method = request.method().as_str().to_owned();
        let lost = || Error::LostReply("the connection broke".to_owned());
        match self
            .cloud
            .enter(Service::Gateway, &method, &path, request.body())
            .await
        {
            Verdict::Apply => self.bank.send(request).await,
            Verdict::Fail(Fault::Throttle) => Ok(refusal(429)),
            Verdict::Fail(_) => Ok(refusal(503)),
            Verdict::LoseReply => {
                let _ = self.bank.send(request).await?;
                Err(lost())
            }
            Verdict::Crash { applied } => {
                if applied {
                    let _ = self.bank.send(request).await?;
                }
                self.cloud.die().await
            }
        }
    }
}

fn refusal(code: u16) -> Response<Bytes> {
    let body = format!("{{\"status_code\":\"{code}\",\"status_message\":\"a fault\"}}");
    Response::builder()
        .status(code)
        .body(Bytes::from(body))
        .expect("a reply")
}
