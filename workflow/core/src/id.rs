//! Names of things. An id is its own idempotency key: the same caller, route and key give the same id.

use crate::error::Error;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The namespace of every id derived here (a random UUID, fixed for ever).
const NAMESPACE: Uuid = Uuid::from_u128(0x6f0b_1c9e_5d2a_4c77_9b1e_0f3a_7d64_52c1);

/// A UUIDv5 over length-prefixed parts, so that no two lists of parts collide by concatenation.
fn derive(kind: &str, parts: &[&str]) -> Uuid {
    let mut name = Vec::new();
    for part in std::iter::once(&kind).chain(parts) {
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&NAMESPACE, &name)
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id that these parts always give.
            #[must_use]
            pub fn derive(parts: &[&str]) -> Self {
                Self(derive($kind, parts))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                // Only the canonical form: one resource has one address.
                match Uuid::try_parse(text) {
                    Ok(id) if id.to_string() == text => Ok(Self(id)),
                    _ => Err(Error::Invalid {
                        field: "id",
                        reason: "not a lower-case hyphenated UUID".to_owned(),
                    }),
                }
            }
        }
    };
}

uuid_id!(
    /// An order; also the gateway's `order_id`.
    OrderId,
    "order"
);
uuid_id!(
    /// A document to be stamped.
    DocumentId,
    "document"
);
uuid_id!(
    /// A block of serials in the inventory.
    BlockId,
    "block"
);
uuid_id!(
    /// A refund; its text is the `refund_key` the gateway sees and the name of the workflow execution.
    RefundKey,
    "refund"
);
uuid_id!(
    /// An open case.
    CaseId,
    "case"
);
uuid_id!(
    /// A webhook.
    HookId,
    "webhook"
);
uuid_id!(
    /// An event that is told to webhooks.
    EventId,
    "event"
);
uuid_id!(
    /// A settlement file; made of its content, so that the same file is the same statement.
    StatementId,
    "statement"
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal, $legal:expr, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = $pattern, "maxLength" = $max))]
        pub struct $name(String);

        impl $name {
            /// Checks length and alphabet.
            ///
            /// # Errors
            /// [`Error::Invalid`] names the field and what is wrong.
            pub fn new(text: impl Into<String>) -> Result<Self, Error> {
                let text = text.into();
                let legal: fn(char) -> bool = $legal;
                if text.is_empty() || text.len() > $max || !text.chars().all(legal) {
                    return Err(Error::Invalid {
                        field: $field,
                        reason: format!(concat!("must be 1 to ", $max, " legal characters")),
                    });
                }
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self, Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// The caller, as the token's `sub` names them.
    AccountId,
    "account",
    128,
    |c| c.is_ascii_graphic() && c != '#',
    r#"^[!-\"$-~]+$"#
);
text_id!(
    /// A stamp's serial: opaque (no source states its alphabet), at most 64 ASCII characters.
    /// `/` is left out because a serial is part of an object key and of a URL.
    Serial,
    "serial",
    64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
    "^[A-Za-z0-9._-]+$"
);
text_id!(
    /// The gateway's `transaction_id`: one captured payment.
    TransactionId,
    "transaction_id",
    64,
    |c| c.is_ascii_graphic() && c != '#',
    r#"^[!-\"$-~]+$"#
);
text_id!(
    /// What a client sends as `Idempotency-Key`.
    IdempotencyKey,
    "Idempotency-Key",
    255,
    |c| c.is_ascii_graphic() || c == ' ',
    "^[ -~]+$"
);
text_id!(
    /// A SHA-256 digest in lower-case hex.
    Sha256,
    "sha256",
    64,
    |c| matches!(c, '0'..='9' | 'a'..='f'),
    "^[0-9a-f]{64}$"
);

impl Serial {
    /// A serial of letters and digits that are known to be legal.
    pub(crate) const fn legal(text: String) -> Self {
        Self(text)
    }
}

impl Sha256 {
    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest;
        Self(hex::encode(sha2::Sha256::digest(bytes)))
    }

    /// The 32 bytes of the digest.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the text is not 64 hex digits.
    pub fn bytes(&self) -> Result<[u8; 32], Error> {
        let mut out = [0; 32];
        hex::decode_to_slice(&self.0, &mut out).map_err(|_| Error::Invalid {
            field: "sha256",
            reason: "must be 64 lower-case hex digits".to_owned(),
        })?;
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_id_and_shifted_parts_another() {
        assert_eq!(OrderId::derive(&["a", "bc"]), OrderId::derive(&["a", "bc"]));
        assert_ne!(OrderId::derive(&["a", "bc"]), OrderId::derive(&["ab", "c"]));
        assert_ne!(
            OrderId::derive(&["a"]).to_string(),
            DocumentId::derive(&["a"]).to_string()
        );
    }

    #[test]
    fn a_serial_that_could_leave_its_key_or_url_is_refused() {
        for bad in ["", "a/b", "a#b", "a b", "é", &"x".repeat(65)] {
            assert!(Serial::new(bad).is_err(), "{bad:?}");
        }
        assert!(Serial::new("x".repeat(64)).is_ok());
    }

    #[test]
    fn only_the_canonical_form_of_an_id_is_read() {
        let id = OrderId::derive(&["a"]);
        assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
        assert!(id.to_string().to_uppercase().parse::<OrderId>().is_err());
    }
}
