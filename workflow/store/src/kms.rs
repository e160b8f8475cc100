//! A signing key that never leaves the key service.

use crate::error::{Error, classify};
use aws_sdk_kms::{
    Client,
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};

/// An ECDSA P-256 key of AWS KMS. Its signatures differ from call to call.
#[derive(Debug, Clone)]
pub struct KmsKey {
    client: Client,
    arn: String,
}

impl KmsKey {
    /// The key of this ARN.
    #[must_use]
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self {
            client,
            arn: arn.into(),
        }
    }

    /// The DER signature over a SHA-256 digest, which is not hashed again.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: another call may succeed.
    pub async fn sign(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error> {
        let signed = self
            .client
            .sign()
            .key_id(&self.arn)
            .message(Blob::new(sha256))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .send()
            .await
            .map_err(|e| classify("sign", &e))?;
        signed
            .signature
            .map(Blob::into_inner)
            .ok_or_else(|| Error::Unavailable {
                doing: "sign",
                why: "the answer holds no signature".to_owned(),
            })
    }
}
