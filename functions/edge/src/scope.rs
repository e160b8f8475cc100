//! What a token may do. A token of its owner's own login may do all; one that names scopes of ours (RFC 6749, section
//! 3.3), as an integrator's does, may do what they say and nothing else.

use http::Method;
use std::collections::{BTreeSet, HashMap};

/// Scopes of ours begin so: the resource server's identifier where that is how an issuer names scopes (Cognito), a prefix
/// elsewhere.
const OURS: &str = "bubuh/";

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    /// All that its owner may.
    All,
    /// What these scopes name. A scope that there is not allows nothing, so a slip of the pen does not open a door.
    Only(BTreeSet<String>),
}

impl Grant {
    /// Of a token's claims. Scopes stand in `scope`, with spaces between (RFC 9068, section 2.2.3), or in `scp`, which
    /// is a list at some issuers.
    pub(crate) fn of(claims: &HashMap<String, String>) -> Self {
        let named = ["scope", "scp"].into_iter().filter_map(|c| claims.get(c));
        let ours: BTreeSet<String> = named
            .flat_map(|text| words(text))
            .filter(|word| word.starts_with(OURS))
            .map(str::to_owned)
            .collect();
        if ours.is_empty() {
            Self::All
        } else {
            Self::Only(ours)
        }
    }

    /// Whether it allows what needs this scope.
    pub(crate) fn allows(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes.contains(scope),
        }
    }
}

/// The words of a claim: with spaces between, or a list as the API's gateway writes it (`[a b]`).
pub(crate) fn words(claim: &str) -> impl Iterator<Item = &str> {
    claim.split([' ', ',', '[', ']', '"'])
}

/// The scope that a request needs: whose door it is, and whether it changes something (`bubuh/documents.write`).
pub(crate) fn needed(method: &Method, path: &str) -> String {
    let access = if method.is_safe() { "read" } else { "write" };
    format!("{OURS}{}.{access}", door(path))
}

/// Whose door a path leads to: what follows the version.
pub(crate) fn door(path: &str) -> &str {
    let door = path.trim_start_matches("/v1").split('/').nth(1);
    door.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(claims: &[(&str, &str)]) -> Grant {
        let claims = claims.iter();
        let claims = claims.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Grant::of(&claims.collect())
    }

    #[test]
    fn a_token_without_scopes_of_ours_is_its_owners_own() {
        for scope in ["", "openid email", "aws.cognito.signin.user.admin"] {
            let own = grant(&[("scope", scope), ("sub", "bubuh/orders.read")]);
            assert_eq!(own, Grant::All, "{scope}");
            assert!(own.allows("bubuh/orders.write"));
        }
        assert_eq!(grant(&[]), Grant::All);
    }

    #[test]
    fn a_token_with_scopes_of_ours_may_do_what_they_say_and_no_more() {
        for claim in [
            ("scope", "openid bubuh/documents.read bubuh/orders.write"),
            ("scp", "[openid bubuh/documents.read bubuh/orders.write]"),
            ("scp", "[\"bubuh/documents.read\",\"bubuh/orders.write\"]"),
        ] {
            let some = grant(&[claim]);
            assert!(some.allows("bubuh/documents.read"), "{claim:?}");
            assert!(some.allows("bubuh/orders.write"), "{claim:?}");
            // To write is not to read.
            assert!(!some.allows("bubuh/orders.read"), "{claim:?}");
            assert!(!some.allows("bubuh/documents.write"), "{claim:?}");
        }
    }

    #[test]
    fn a_scope_that_there_is_not_allows_nothing() {
        let mistyped = grant(&[("scope", "bubuh/documents.reed")]);
        assert!(!mistyped.allows("bubuh/documents.read"));
    }

    #[test]
    fn a_request_needs_the_scope_of_its_door_and_of_what_it_does() {
        for (method, path, scope) in [
            (Method::GET, "/v1/documents", "bubuh/documents.read"),
            (Method::HEAD, "/v1/documents/x", "bubuh/documents.read"),
            (
                Method::DELETE,
                "/v1/documents/{id}",
                "bubuh/documents.write",
            ),
            (Method::POST, "/v1/orders/x/refund", "bubuh/orders.write"),
            (Method::GET, "/v1/account", "bubuh/account.read"),
        ] {
            assert_eq!(needed(&method, path), scope);
        }
    }
}
