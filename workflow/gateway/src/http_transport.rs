//! The transport over the network.

use crate::{Error, Reach, Transport};
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use std::time::Duration;

/// Largest reply read, in bytes, unless told otherwise. Replies of a gateway have a few KiB.
const REPLY_LIMIT_BYTES: usize = 1 << 20;

/// HTTP/1.1 with TLS where the URI says so; a pool of connections that clones share.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    limit_bytes: usize,
    /// Where it may go, when strangers say where.
    outside: Option<Reach>,
}

impl Http {
    /// `connect` bounds making a connection, `overall` a whole call with its reply. Keep `overall`
    /// under the time-out of whatever calls, so that the outcome can still be recorded.
    ///
    /// # Errors
    /// [`Error::NotSent`] when TLS can't be set up on this machine.
    pub fn new(connect: Duration, overall: Duration) -> Result<Self, Error> {
        Self::built(reqwest::Client::builder(), connect, overall)
    }

    pub(crate) fn built(
        client: reqwest::ClientBuilder,
        connect: Duration,
        overall: Duration,
    ) -> Result<Self, Error> {
        // A redirect would carry the key elsewhere.
        client
            .connect_timeout(connect)
            .timeout(overall)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("bubuh/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self {
                client,
                limit_bytes: REPLY_LIMIT_BYTES,
                outside: None,
            })
            .map_err(|error| Error::NotSent(chain(&error)))
    }

    /// Goes nowhere else, and reads no bodies.
    pub(crate) fn kept_to(self, reach: Reach) -> Self {
        Self {
            outside: Some(reach),
            ..self
        }
    }

    /// Reads replies of up to so many bytes instead of 1 MiB.
    #[must_use]
    pub fn reading_up_to(self, limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            ..self
        }
    }
}

impl Transport for Http {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let request = reqwest::Request::try_from(request)
            .map_err(|error| Error::NotSent(chain(&error.without_url())))?;
        if let Some(reach) = self.outside {
            // A literal address is not resolved.
            let permitted = reach.permits(request.url().as_str());
            permitted.map_err(|why| Error::NotSent(why.to_owned()))?;
        }
        let mut reply = self.client.execute(request).await.map_err(classify)?;
        let mut head = Response::builder().status(reply.status());
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(reply.headers());
        }
        let mut body = BytesMut::new();
        if self.outside.is_some() {
            return finished(head, body);
        }
        while let Some(chunk) = reply.chunk().await.map_err(classify)? {
            if body.len().saturating_add(chunk.len()) > self.limit_bytes {
                let limit = self.limit_bytes;
                return Err(Error::MalformedReply(format!("larger than {limit} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        finished(head, body)
    }
}

fn finished(head: http::response::Builder, body: BytesMut) -> Result<Response<Bytes>, Error> {
    head.body(body.freeze())
        .map_err(|error| Error::MalformedReply(error.to_string()))
}

fn classify(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        Error::NotSent(chain(&error))
    } else {
        Error::LostReply(chain(&error))
    }
}

/// The error with its causes; reqwest's own text leaves them out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
