//! Calls that are made again until they are answered: on a bad line, and while the service is busy.

use crate::{
    Error,
    client::{Answer, Client, says_later},
};
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

/// For how long a call is made again.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A client with so many calls at a time.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) client: Client,
    places: Semaphore,
}

impl Caller {
    pub(super) fn new(client: Client, at_a_time: usize) -> Self {
        Self {
            client,
            places: Semaphore::new(at_a_time.max(1)),
        }
    }

    /// Calls the API until it answers with anything but "busy".
    ///
    /// # Errors
    /// The last failure, after a quarter of an hour; and [`Error::Api`] with status 401 at once, as no later call would
    /// do better.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        let answer = self
            .patiently(|| self.client.send(method.clone(), path, key, body), later)
            .await?;
        if answer.status == 401 {
            return Err(Error::Api {
                call: "call the API (the token is wrong, or has ended: run again with a new one)",
                status: 401,
                detail: answer.text("detail").to_owned(),
            });
        }
        Ok(answer)
    }

    /// Makes a call of storage until it is answered.
    ///
    /// # Errors
    /// As [`Caller::send`].
    pub(super) async fn storage<T, F: Future<Output = Result<T, Error>>>(
        &self,
        call: impl Fn() -> F,
    ) -> Result<T, Error> {
        self.patiently(call, |_| None).await
    }

    async fn patiently<T, F: Future<Output = Result<T, Error>>>(
        &self,
        call: impl Fn() -> F,
        later: impl Fn(&T) -> Option<Duration>,
    ) -> Result<T, Error> {
        let until = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        loop {
            let met = {
                let _place = self.places.acquire().await;
                call().await
            };
            let asked = match &met {
                Ok(answer) => later(answer),
                Err(error) => error.passing().then_some(Duration::ZERO),
            };
            let Some(asked) = asked.filter(|_| Instant::now() < until) else {
                return met;
            };
            sleep(asked.max(pause).min(PATIENCE)).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
}

/// For how long an answer asks to wait, if it says "later".
fn later(answer: &Answer) -> Option<Duration> {
    says_later(answer.status).then(|| answer.retry_after.unwrap_or_default())
}
