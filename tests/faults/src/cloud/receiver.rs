//! Whoever is told by webhooks, through the same door as everything else.

use super::{Cloud, Fault, Service, Verdict};
use bubuh_gateway::{Error, Transport};
use bytes::Bytes;
use http::{Request, Response};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Where.
    pub url: String,
    /// Under which name.
    pub id: String,
    /// The time it says.
    pub timestamp_s: u64,
    /// How it is signed.
    pub signature: String,
    /// What it says.
    pub body: String,
    /// How it was answered.
    pub answered: u16,
    /// When it came, in milliseconds since the epoch.
    pub at_ms: u64,
}

#[derive(Debug, Default)]
struct State {
    heard: Vec<Heard>,
    answers: VecDeque<u16>,
}

/// A receiver at every address.
#[derive(Clone)]
pub struct Receiver {
    cloud: Cloud,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub(crate) fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            state: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers the next ones so, one after the other, and all others with 204.
    pub fn answers(&self, statuses: impl IntoIterator<Item = u16>) {
        self.lock().answers.extend(statuses);
    }

    /// All that was heard, in order.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.lock().heard.clone()
    }

    fn hear(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let header = |name: &str| {
            let value = request.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let at_ms = self.cloud.now_ms();
        let mut state = self.lock();
        let answered = state.answers.pop_front().unwrap_or(204);
        state.heard.push(Heard {
            url: request.uri().to_string(),
            id: header("webhook-id"),
            timestamp_s: header("webhook-timestamp").parse().unwrap_or_default(),
            signature: header("webhook-signature"),
            body: String::from_utf8_lossy(request.body()).into_owned(),
            answered,
            at_ms,
        });
        status(answered)
    }
}

fn status(code: u16) -> Response<Bytes> {
    let answer = Response::builder().status(code).body(Bytes::new());
    answer.expect("an answer")
}

impl Transport for Receiver {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let (path, method) = (request.uri().path().to_owned(), request.method().as_str());
        let verdict = self
            .cloud
            .enter(Service::Webhooks, method, &path, request.body());
        match verdict.await {
            Verdict::Apply => Ok(self.hear(&request)),
            Verdict::Fail(Fault::Throttle) => Ok(status(429)),
            Verdict::Fail(_) => Err(Error::NotSent("nobody is there".to_owned())),
            Verdict::LoseReply => {
                self.hear(&request);
                Err(Error::LostReply("the connection broke".to_owned()))
            }
            Verdict::Crash { applied } => {
                if applied {
                    self.hear(&request);
                }
                self.cloud.die().await
            }
        }
    }
}
