//! What the gateways' HTTP APIs have in common: a base URL, and a key as the user name.

use crate::{Error, Transport};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// Sends JSON with basic authentication. The key is never printed or logged.
#[derive(Debug, Clone)]
pub(crate) struct Client<T> {
    base_url: String,
    key: SecretString,
    transport: T,
}

impl<T: Transport> Client<T> {
    pub(crate) fn new(base_url: impl Into<String>, key: SecretString, transport: T) -> Self {
        let mut base_url = base_url.into();
        base_url.truncate(base_url.trim_end_matches('/').len());
        Self {
            base_url,
            key,
            transport,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    pub(crate) async fn send(
        &self,
        verb: Method,
        path: &str,
        own_header: Option<(&'static str, &str)>,
        body: Bytes,
    ) -> Result<Response<Bytes>, Error> {
        let mut request = Request::builder()
            .method(verb)
            .uri(self.url(path))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, self.authorization()?);
        if let Some((name, value)) = own_header {
            request = request.header(name, value);
        }
        let request = request.body(body).map_err(|_| Error::InvalidRequest {
            field: "base_url",
            reason: "is no URL",
        })?;
        self.transport.send(request).await
    }

    fn authorization(&self) -> Result<HeaderValue, Error> {
        let pair = format!("{}:", self.key.expose_secret());
        let mut value =
            HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).map_err(|_| {
                Error::InvalidRequest {
                    field: "server_key",
                    reason: "can't be sent",
                }
            })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

pub(crate) fn json(body: &impl Serialize) -> Result<Bytes, Error> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|_| Error::InvalidRequest {
            field: "body",
            reason: "can't be written as JSON",
        })
}
