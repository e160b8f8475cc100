//! A client of Bubuh's HTTP API, as the demo and the tests use it.

use crate::Error;
use reqwest::{Method, StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How often a state is asked for.
const POLL: Duration = Duration::from_millis(100);
/// How long a connection may take to be made, and to bring the next bytes.
const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(60);

/// A caller: an account's token and the API's address.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    api: String,
    token: String,
}

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when it is no JSON.
    pub body: Value,
    /// When to come back, if it says so.
    pub retry_after: Option<Duration>,
}

impl Answer {
    /// A text field of the body; empty when it is not there.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.body
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn ok(self, call: &'static str) -> Result<Self, Error> {
        if (200..300).contains(&self.status) {
            Ok(self)
        } else {
            Err(Error::Api {
                call,
                status: self.status,
                detail: self.text("detail").to_owned(),
            })
        }
    }
}

/// Whether an answer's status says that the same call may succeed later.
pub(crate) const fn says_later(status: u16) -> bool {
    status == 429 || status >= 500
}

fn lost(call: &'static str) -> impl FnOnce(reqwest::Error) -> Error {
    move |e| Error::Api {
        call,
        status: 0,
        detail: e.without_url().to_string(),
    }
}

/// What an upload of these bytes is announced as.
#[must_use]
pub fn announcement(name: &str, bytes: &[u8]) -> Value {
    json!({
        "name": name,
        "size": bytes.len(),
        "sha256": hex::encode(Sha256::digest(bytes)),
        "document_type": "3",
    })
}

impl Client {
    /// A caller of the API at `api` with this bearer token.
    #[must_use]
    pub fn new(api: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            http: reqwest::Client::new(),
            api: api.into(),
            token: token.into(),
        }
    }

    /// The same on a line that may break: a connection that brings nothing for a while is given up.
    ///
    /// # Errors
    /// [`Error::Api`] when no client can be made.
    pub fn patient(api: impl Into<String>, token: impl Into<String>) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .map_err(lost("make a client"))?;
        Ok(Self {
            http,
            ..Self::new(api, token)
        })
    }

    /// Sends one request; `key` is the `Idempotency-Key`.
    ///
    /// # Errors
    /// Only when no answer came.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.api))
            .bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(lost("call the API"))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer {
            status,
            retry_after: retry_after.map(Duration::from_secs),
            body: answer.json().await.unwrap_or_default(),
        })
    }

    /// Places an order.
    ///
    /// # Errors
    /// [`Error::Api`] with the problem's detail.
    pub async fn order(&self, key: &str, quantity: u32, method: &str) -> Result<Answer, Error> {
        let body = json!({ "quantity": quantity, "method": method });
        self.send(Method::POST, "/v1/orders", Some(key), Some(&body))
            .await?
            .ok("place an order")
    }

    /// Announces a document.
    ///
    /// # Errors
    /// [`Error::Api`] with the problem's detail.
    pub async fn announce(&self, key: &str, name: &str, bytes: &[u8]) -> Result<Answer, Error> {
        let body = announcement(name, bytes);
        let path = "/v1/documents";
        self.send(Method::POST, path, Some(key), Some(&body))
            .await?
            .ok("announce a document")
    }

    /// Sends a file to the presigned link of an announced document. A file that is there already is
    /// done, so the call may be repeated.
    ///
    /// # Errors
    /// [`Error::Api`] when storage refuses it.
    pub async fn upload(&self, document: &Answer, bytes: &[u8]) -> Result<(), Error> {
        let call = "upload the file";
        let link = document.body.get("upload").unwrap_or(&Value::Null);
        let url = link.get("url").and_then(Value::as_str).unwrap_or_default();
        let mut put = self.http.put(url).body(bytes.to_vec());
        for (name, value) in link
            .get("headers")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            put = put.header(name, value.as_str().unwrap_or_default());
        }
        let answer = put.send().await.map_err(lost(call))?;
        match answer.status() {
            status if status.is_success() || status == StatusCode::PRECONDITION_FAILED => Ok(()),
            status => Err(Error::Api {
                call,
                status: status.as_u16(),
                detail: answer.text().await.unwrap_or_default(),
            }),
        }
    }

    /// Waits until the row at `path` is in one of these states.
    ///
    /// # Errors
    /// [`Error::Waited`] after `at_most`.
    pub async fn wait(
        &self,
        path: &str,
        states: &[&str],
        at_most: Duration,
    ) -> Result<Answer, Error> {
        let mut last = String::new();
        let waited = tokio::time::timeout(at_most, async {
            loop {
                match self.send(Method::GET, path, None, None).await?.ok("look") {
                    Ok(answer) if states.contains(&answer.text("state")) => return Ok(answer),
                    Ok(answer) => last = answer.text("state").to_owned(),
                    // A function that was killed answers 5xx once; the row is what counts.
                    Err(Error::Api { status, .. }) if status >= 500 => {}
                    Err(e) => return Err(e),
                }
                tokio::time::sleep(POLL).await;
            }
        });
        waited.await.unwrap_or(Err(Error::Waited {
            what: path.to_owned(),
            last,
        }))
    }

    /// Downloads a stamped document.
    ///
    /// # Errors
    /// [`Error::Api`] when storage refuses it.
    pub async fn download(&self, document: &Answer) -> Result<Vec<u8>, Error> {
        let call = "download the file";
        let answer = self
            .http
            .get(document.text("download_url"))
            .send()
            .await
            .map_err(lost(call))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Error::Api {
                call,
                status: status.as_u16(),
                detail: String::new(),
            });
        }
        Ok(answer.bytes().await.map_err(lost(call))?.to_vec())
    }

    /// What the account has, by bucket.
    ///
    /// # Errors
    /// [`Error::Api`].
    pub async fn account(&self) -> Result<Answer, Error> {
        self.send(Method::GET, "/v1/account", None, None)
            .await?
            .ok("look at the account")
    }
}
