//! One call: what is known of its outcome when it gave no answer to act on.

use super::{Peruri, wire::Answer};
use bubuh_gateway::{Error as Lost, Transport};
use bubuh_store::Error;
use bytes::Bytes;
use http::{
    Method, Request, Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde::{Serialize, de::DeserializeOwned};

/// Why a call gave no answer to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// Nothing was done.
    NotDone(String),
    /// It may have been done.
    Unknown(String),
    /// It was read and refused: nothing was done.
    Coded {
        /// Peruri's code.
        code: String,
        /// Its words.
        message: String,
    },
}

impl Failed {
    pub(super) fn why(self) -> String {
        match self {
            Self::NotDone(why) | Self::Unknown(why) => why,
            Self::Coded { code, message } => format!("{code} {message}"),
        }
    }

    /// As an error after which the same is asked again.
    pub(super) fn again(self, doing: &'static str) -> Error {
        Error::Unavailable {
            doing,
            why: self.why(),
        }
    }
}

/// What is sent.
pub(super) struct Body {
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
}

impl Body {
    pub(super) fn json(value: &impl Serialize) -> Result<Self, Failed> {
        let bytes = serde_json::to_vec(value).map_err(|e| Failed::NotDone(e.to_string()))?;
        Ok(Self {
            content_type: "application/json".to_owned(),
            bytes: bytes.into(),
        })
    }

    pub(super) fn none() -> Self {
        Self {
            content_type: "application/json".to_owned(),
            bytes: Bytes::new(),
        }
    }
}

impl<T: Transport> Peruri<T> {
    /// An answer under HTTP 200 to a call with this token, `None` for a token that is no longer good.
    async fn try_call(
        &self,
        method: &Method,
        url: &str,
        token: &str,
        body: &Body,
    ) -> Result<Option<Response<Bytes>>, Failed> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(ACCEPT, "*/*")
            .header(CONTENT_TYPE, &body.content_type)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .body(body.bytes.clone())
            .map_err(|e| Failed::NotDone(e.to_string()))?;
        let response = self.transport.send(request).await.map_err(lost)?;
        match response.status() {
            StatusCode::UNAUTHORIZED => Ok(None),
            status if status.is_success() => Ok(Some(response)),
            status => Err(refused(status)),
        }
    }

    /// An answer under HTTP 200; logs in again once when the token is no longer good.
    pub(super) async fn call(
        &self,
        method: Method,
        url: &str,
        body: impl Fn(&str) -> Result<Body, Failed>,
    ) -> Result<Bytes, Failed> {
        for _ in 0..2 {
            let token = self.token().await?;
            let body = body(&token)?;
            if let Some(response) = self.try_call(&method, url, &token, &body).await? {
                return Ok(response.into_body());
            }
            self.session.forget(&token);
        }
        Err(Failed::NotDone("the token is not accepted".to_owned()))
    }

    /// The result in an answer of the usual kind.
    pub(super) async fn ask<R: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        body: impl Fn(&str) -> Result<Body, Failed>,
    ) -> Result<R, Failed> {
        let answer: Answer<R> = read(&self.call(method, url, body).await?)?;
        if answer.status_code != super::wire::DONE {
            return Err(Failed::Coded {
                code: answer.status_code,
                message: answer.message,
            });
        }
        answer
            .result
            .ok_or_else(|| Failed::Unknown("an answer without a result".to_owned()))
    }
}

/// An answer that can't be read says nothing of what was done.
pub(super) fn read<A: DeserializeOwned>(body: &[u8]) -> Result<A, Failed> {
    serde_json::from_slice(body).map_err(|e| Failed::Unknown(format!("the answer: {e}")))
}

pub(super) fn lost(error: Lost) -> Failed {
    if error.outcome_unknown() {
        Failed::Unknown(error.to_string())
    } else {
        Failed::NotDone(error.to_string())
    }
}

fn refused(status: StatusCode) -> Failed {
    let why = format!("HTTP {status}");
    if status.is_client_error() {
        Failed::NotDone(why)
    } else {
        Failed::Unknown(why)
    }
}
