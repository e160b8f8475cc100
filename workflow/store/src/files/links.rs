//! Presigned links: an owner's file goes to and from storage directly.

use super::Files;
use crate::error::{Error, classify};
use aws_sdk_s3::presigning::PresigningConfig;
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_core::id::Sha256;
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// How long an upload link lives.
const UPLOAD_LINK: Duration = Duration::from_secs(60 * 60);
/// How long a download link lives.
const DOWNLOAD_LINK: Duration = Duration::from_secs(15 * 60);

/// A request an owner may make without a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Link {
    /// The method.
    pub method: String,
    /// The signed URL.
    pub url: String,
    /// Headers that are part of the signature; they must be sent as they are.
    pub headers: BTreeMap<String, String>,
    /// Seconds the link lives.
    pub expires_in_s: u64,
}

impl Files {
    /// A link to upload exactly these bytes once: length, digest and "nothing there yet" are signed.
    ///
    /// # Errors
    /// [`Error::Rule`] for a digest that is none; [`Error::Refused`] when signing fails.
    pub async fn upload_link(
        &self,
        key: &str,
        size_bytes: u64,
        sha256: &Sha256,
    ) -> Result<Link, Error> {
        let length = i64::try_from(size_bytes).map_err(|_| Error::Refused {
            doing: "sign an upload link",
            why: "the size does not fit".to_owned(),
        })?;
        let signed = self
            .client
            .put_object()
            .bucket(&self.uploads)
            .key(key)
            .content_length(length)
            .checksum_sha256(STANDARD.encode(sha256.bytes()?))
            .if_none_match("*")
            .presigned(expiring(UPLOAD_LINK)?)
            .await
            .map_err(|e| classify("sign an upload link", &e))?;
        Ok(link(&signed, UPLOAD_LINK))
    }

    /// A link to download a stamped file.
    ///
    /// # Errors
    /// [`Error::Refused`] when signing fails.
    pub async fn download_link(&self, key: &str, file_name: &str) -> Result<Link, Error> {
        let signed = self
            .client
            .get_object()
            .bucket(&self.stamped)
            .key(key)
            .response_content_disposition(format!("attachment; filename=\"{file_name}\""))
            .presigned(expiring(DOWNLOAD_LINK)?)
            .await
            .map_err(|e| classify("sign a download link", &e))?;
        Ok(link(&signed, DOWNLOAD_LINK))
    }
}

fn expiring(after: Duration) -> Result<PresigningConfig, Error> {
    PresigningConfig::expires_in(after).map_err(|e| Error::Refused {
        doing: "sign a link",
        why: e.to_string(),
    })
}

fn link(signed: &aws_sdk_s3::presigning::PresignedRequest, life: Duration) -> Link {
    Link {
        method: signed.method().to_owned(),
        url: signed.uri().to_owned(),
        headers: signed
            .headers()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        expires_in_s: life.as_secs(),
    }
}
