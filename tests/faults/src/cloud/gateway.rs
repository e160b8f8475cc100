//! The way to the payment gateway and to the issuer, through the same door as everything else.

use super::{Cloud, Fault, Service, Verdict};
use bubuh_gateway::{Error, Transport};
use bubuh_sandbox::{Bank, InProcess, Issuer, Remote};
use bytes::Bytes;
use http::{Request, Response};
use std::sync::Arc;

/// The world's clock.
pub type Clock = Box<dyn Fn() -> u64 + Send + Sync>;
/// A bank under the world's clock.
pub type SharedBank = Arc<InProcess<Clock, Bank>>;
/// An issuer under the world's clock.
pub type SharedIssuer = Arc<InProcess<Clock, Issuer>>;

/// A transport into a sandbox, with faults.
pub struct Teller<R> {
    /// The door.
    pub cloud: Cloud,
    /// Whom a request is for.
    pub service: Service,
    /// Who is behind the door.
    pub remote: Arc<InProcess<Clock, R>>,
}

impl<R> Clone for Teller<R> {
    fn clone(&self) -> Self {
        Self {
            cloud: self.cloud.clone(),
            service: self.service,
            remote: Arc::clone(&self.remote),
        }
    }
}

impl<R: Remote> Transport for Teller<R> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let path = request.uri().path().to_owned();
        let method = request.method().as_str().to_owned();
        let lost = || Error::LostReply("the connection broke".to_owned());
        match self
            .cloud
            .enter(self.service, &method, &path, request.body())
            .await
        {
            Verdict::Apply => self.remote.send(request).await,
            Verdict::Fail(Fault::Throttle) => Ok(refusal(429)),
            Verdict::Fail(_) => Ok(refusal(503)),
            Verdict::LoseReply => {
                let _ = self.remote.send(request).await?;
                Err(lost())
            }
            Verdict::Crash { applied } => {
                if applied {
                    let _ = self.remote.send(request).await?;
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
