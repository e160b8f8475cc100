//! What is asked of an authority.

use super::response::granted;
use super::{TimestampError, Token};
use crate::Error;
use crate::cms::der::{BOOLEAN, INTEGER, OCTETS, SEQUENCE, SHA256, tlv};
use x509_cert::der::oid::ObjectIdentifier;

/// One question: that this digest existed at the time of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampQuery {
    imprint: [u8; 32],
    nonce: [u8; 8],
    policy: Option<ObjectIdentifier>,
}

impl TimestampQuery {
    /// Asks for a SHA-256 digest. The nonce must be new and random for each question, so that an old answer is none.
    #[must_use]
    pub const fn new(imprint: [u8; 32], nonce: [u8; 8]) -> Self {
        Self {
            imprint,
            nonce,
            policy: None,
        }
    }

    /// Asks for a time-stamp under this policy only (`1.2.3.4`).
    ///
    /// # Errors
    /// [`Error::Request`] when it is no object identifier.
    pub fn under(mut self, policy: &str) -> Result<Self, Error> {
        let policy = ObjectIdentifier::new(policy)
            .map_err(|_| Error::Request("the time-stamp policy is no object identifier"))?;
        self.policy = Some(policy);
        Ok(self)
    }

    /// The TimeStampReq in DER, to be sent as `application/timestamp-query`. Asks for the certificates as well.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let imprint = tlv(
            SEQUENCE,
            &[&tlv(SEQUENCE, &[SHA256]), &tlv(OCTETS, &[&self.imprint])],
        );
        let policy = self.policy.map(|policy| tlv(0x06, &[policy.as_bytes()]));
        tlv(
            SEQUENCE,
            &[
                &tlv(INTEGER, &[&[1]]),
                &imprint,
                &policy.unwrap_or_default(),
                &self.nonce_der(),
                &tlv(BOOLEAN, &[&[0xff]]),
            ],
        )
    }

    /// Reads the answer, checks that it is one to this question by an authority that leads to one of the roots (DER
    /// certificates), and gives the token to embed.
    ///
    /// # Errors
    /// The first fact that does not hold.
    pub fn accept(&self, response: &[u8], roots: &[Vec<u8>]) -> Result<Vec<u8>, TimestampError> {
        let encoded = granted(response)?;
        let token = Token::read(encoded).ok_or(TimestampError::Unreadable)?;
        token.check(&self.imprint)?;
        if token.nonce.as_deref() != Some(&*self.nonce_der()) {
            return Err(TimestampError::WrongNonce);
        }
        if self.policy.is_some_and(|policy| policy != token.policy) {
            return Err(TimestampError::WrongPolicy);
        }
        if !token.leads_to(roots) {
            return Err(TimestampError::Untrusted);
        }
        Ok(encoded.to_vec())
    }

    /// A positive INTEGER of just eight bytes.
    fn nonce_der(&self) -> Vec<u8> {
        let mut nonce = self.nonce;
        nonce[0] = nonce[0] & 0x7f | 0x40;
        tlv(INTEGER, &[&nonce])
    }
}
