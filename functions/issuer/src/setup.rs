//! The embedded issuer as a deployment sets it up.

use crate::{Authority, Embedded, Key};
use bubuh_pdf::{LocalSigner, Seal, certificates_from_pem};
use bubuh_store::{Ambient, Error, KmsKey};
use serde::Deserialize;

/// What a deployment sets. Without a key of the key service, the secret's own key signs; without an authority's
/// address, nothing is time-stamped.
pub struct Setup {
    /// The secret's text.
    pub secret: String,
    /// Where the public verifies a stamp.
    pub verify_base_url: String,
    /// A key of the key service, for which the secret's certificates are.
    pub kms_key: Option<KmsKey>,
    /// The time-stamp authority's address.
    pub tsa_url: Option<String>,
    /// The only policy that its time-stamps may be made under.
    pub tsa_policy: Option<String>,
    /// Randomness, for the questions to the authority.
    pub ambient: Ambient,
}

/// The signing identity, as the secret holds it.
#[derive(Deserialize)]
struct Identity {
    key_pem: Option<String>,
    chain_pem: String,
    tsa_roots_pem: Option<String>,
}

impl Setup {
    /// The issuer.
    ///
    /// # Errors
    /// [`Error::Setting`] says which one is wrong.
    pub fn open(self) -> Result<Embedded<Key>, Error> {
        let wrong = |why: String| Error::Setting {
            name: "SIGNING_SECRET_ARN",
            why,
        };
        let identity: Identity = serde_json::from_str(&self.secret)
            // The error's text could quote the key.
            .map_err(|_| wrong("is not an identity".to_owned()))?;
        let key = match (self.kms_key, identity.key_pem) {
            (Some(key), _) => Key::Service {
                key,
                seal: Seal::new(
                    certificates_from_pem(&identity.chain_pem).map_err(|e| wrong(e.to_string()))?,
                ),
            },
            (None, Some(pem)) => Key::Memory(
                LocalSigner::from_pem(&pem, &identity.chain_pem)
                    .map_err(|e| wrong(e.to_string()))?,
            ),
            (None, None) => return Err(wrong("has no key".to_owned())),
        };
        let authority = match self.tsa_url {
            None => None,
            Some(url) => {
                let roots = identity
                    .tsa_roots_pem
                    .ok_or_else(|| wrong("has no tsa_roots_pem".to_owned()))?;
                let authority = Authority::new(&url, &roots, self.tsa_policy, self.ambient);
                Some(authority?)
            }
        };
        Embedded::new(key, authority, &self.verify_base_url)
    }
}
