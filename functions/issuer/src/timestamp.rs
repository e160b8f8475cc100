//! A time-stamp authority, asked over HTTP (RFC 3161, 3.4).
//!
//! Every try is a new question with a new nonce, so tries may be repeated and replies be lost; which token ends up in
//! a file is settled where the file is stored.

use backon::{ExponentialBuilder, Retryable};
use bubuh_pdf::{TimestampError, TimestampQuery};
use bubuh_store::{Ambient, Error};
use reqwest::{Client, Url, header};
use std::time::Duration;

/// Longest answer that is read, in bytes.
const MOST_ANSWER_BYTES: usize = 64 * 1024;
/// All tries and pauses together stay well below a worker's lease of 20 s.
const RETRIES: usize = 2;
const TRY_TIMEOUT: Duration = Duration::from_secs(4);
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// An authority and whom it must lead to.
pub struct Authority {
    client: Client,
    url: Url,
    /// DER certificates.
    roots: Vec<Vec<u8>>,
    policy: Option<String>,
    ambient: Ambient,
}

impl Authority {
    /// The authority at `url`, which must lead to one of the roots, and if asked for, work under this policy
    /// (`1.2.3.4`).
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn new(
        url: &str,
        roots_pem: &str,
        policy: Option<String>,
        ambient: Ambient,
    ) -> Result<Self, Error> {
        let wrong = |name, why: String| Error::Setting { name, why };
        let client = Client::builder()
            .timeout(TRY_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| wrong("TSA_URL", e.to_string()))?;
        let roots = bubuh_pdf::certificates_from_pem(roots_pem)
            .map_err(|e| wrong("tsa_roots_pem", e.to_string()))?;
        let authority = Self {
            client,
            url: Url::parse(url).map_err(|e| wrong("TSA_URL", e.to_string()))?,
            roots,
            policy,
            ambient,
        };
        // A policy that is none is found at start, not at the first stamp.
        authority
            .query([0; 32], [0; 8])
            .map_err(|e| wrong("TSA_POLICY", e.to_string()))?;
        Ok(authority)
    }

    /// A token for this SHA-256 digest.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it gave none that can be used this time, [`Error::Refused`] when it won't.
    pub async fn token(&self, imprint: [u8; 32]) -> Result<Vec<u8>, Error> {
        (|| self.ask(imprint))
            .retry(
                ExponentialBuilder::default()
                    .with_min_delay(FIRST_PAUSE)
                    .with_factor(4.0)
                    .with_max_times(RETRIES),
            )
            .when(Error::retryable)
            .notify(|error, _| tracing::warn!(%error, "no time-stamp"))
            .await
    }

    async fn ask(&self, imprint: [u8; 32]) -> Result<Vec<u8>, Error> {
        let random = self.ambient.random()?;
        let nonce = random.first_chunk().copied().unwrap_or_default();
        let query = self.query(imprint, nonce)?;
        let sent = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/timestamp-query")
            .header(header::ACCEPT, "application/timestamp-reply")
            .body(query.to_der())
            .send();
        let mut answer = sent.await.map_err(|e| unavailable(chain(&e)))?;
        if !answer.status().is_success() {
            return Err(unavailable(format!("it answered {}", answer.status())));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| unavailable(chain(&e)))? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST_ANSWER_BYTES {
                return Err(unavailable("its answer has no end"));
            }
        }
        query.accept(&body, &self.roots).map_err(|e| given(&e))
    }

    fn query(&self, imprint: [u8; 32], nonce: [u8; 8]) -> Result<TimestampQuery, Error> {
        let query = TimestampQuery::new(imprint, nonce);
        match &self.policy {
            Some(policy) => query.under(policy).map_err(|e| Error::Setting {
                name: "TSA_POLICY",
                why: e.to_string(),
            }),
            None => Ok(query),
        }
    }
}

fn given(error: &TimestampError) -> Error {
    if error.retryable() {
        return unavailable(error.to_string());
    }
    Error::Refused {
        doing: "time-stamp",
        why: error.to_string(),
    }
}

fn unavailable(why: impl Into<String>) -> Error {
    Error::Unavailable {
        doing: "time-stamp",
        why: why.into(),
    }
}

/// The error and what is behind it: the outer one alone says only that sending failed.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut inner = std::error::Error::source(error);
    while let Some(cause) = inner {
        text = format!("{text}: {cause}");
        inner = cause.source();
    }
    text
}
