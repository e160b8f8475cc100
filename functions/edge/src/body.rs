//! A JSON body with the hash of what it says.

use crate::problem::Problem;
use axum::extract::{FromRequest, Request};
use bubuh_core::id::Sha256;
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

/// The largest body read, in bytes; files go to storage, not through here.
const LARGEST_BYTES: usize = 64 * 1024;

/// A JSON body. `hash` is over what was understood, so white space and field order don't matter.
#[derive(Debug)]
pub struct Body<T> {
    /// What the caller says.
    pub value: T,
    /// Its hash.
    pub hash: Sha256,
}

/// A JSON body that may be left out.
#[derive(Debug)]
pub struct MaybeBody<T>(pub Option<T>);

async fn read(request: Request) -> Result<Bytes, Problem> {
    axum::body::to_bytes(request.into_body(), LARGEST_BYTES)
        .await
        .map_err(|_| Problem::too_large("64 KiB"))
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for MaybeBody<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let raw = read(request).await?;
        if raw.is_empty() {
            return Ok(Self(None));
        }
        let value = serde_json::from_slice(&raw);
        value
            .map(|value| Self(Some(value)))
            .map_err(|e| Problem::unreadable(&e.to_string()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Serialize> FromRequest<S> for Body<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let raw = read(request).await?;
        let value: T =
            serde_json::from_slice(&raw).map_err(|e| Problem::unreadable(&e.to_string()))?;
        let canonical =
            serde_json::to_vec(&value).map_err(|e| Problem::unreadable(&e.to_string()))?;
        Ok(Self {
            hash: Sha256::of(&canonical),
            value,
        })
    }
}
