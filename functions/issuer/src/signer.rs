//! Who signs: a key in memory, or a key that never leaves the key service.

use bubuh_pdf::{LocalSigner, Seal, Signer as _};
use bubuh_store::{Error, KmsKey};
use std::future::Future;

/// Signs digests, perhaps elsewhere. A call may be repeated; the signatures may differ.
pub trait Signer: Send + Sync {
    /// What is embedded with a signature.
    fn seal(&self) -> &Seal;

    /// The DER signature over a SHA-256 digest, which is not hashed again.
    ///
    /// # Errors
    /// [`Error`] says whether another call may succeed.
    fn sign(&self, sha256: [u8; 32]) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;
}

impl Signer for LocalSigner {
    fn seal(&self) -> &Seal {
        bubuh_pdf::Signer::seal(self)
    }

    async fn sign(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error> {
        self.sign_digest(sha256).map_err(|e| Error::Unavailable {
            doing: "sign",
            why: e.to_string(),
        })
    }
}

/// The key that a deployment is set up with.
pub enum Key {
    /// In memory, from the secret: deterministic, and no call per stamp.
    Memory(LocalSigner),
    /// At the key service, one call per stamp.
    Service {
        /// The key.
        key: KmsKey,
        /// The certificates for it.
        seal: Seal,
    },
}

impl Signer for Key {
    fn seal(&self) -> &Seal {
        match self {
            Self::Memory(signer) => Signer::seal(signer),
            Self::Service { seal, .. } => seal,
        }
    }

    async fn sign(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error> {
        match self {
            Self::Memory(signer) => signer.sign(sha256).await,
            Self::Service { key, .. } => key.sign(sha256).await,
        }
    }
}
