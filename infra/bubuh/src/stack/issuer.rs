//! A development OIDC issuer: whoever can reach loopback gets a token for any account.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::home::private_file;
use crate::Error;

/// The audience of every token, which the template's authorizer asks for.
pub(crate) const AUDIENCE: &str = "bubuh";
const LIFETIME_S: u64 = 7 * 24 * 3600;
/// Whose account has this name, or begins with it and a hyphen, is an operator.
const OPERATOR: &str = "operator";

fn groups(sub: &str) -> &'static [&'static str] {
    let rest = sub.strip_prefix(OPERATOR);
    match rest {
        Some(rest) if rest.is_empty() || rest.starts_with('-') => &["operators"],
        _ => &[],
    }
}

/// Signs tokens with a key that is kept in the state directory.
#[derive(Debug)]
pub(crate) struct Issuer {
    key: KeyPair,
    kid: String,
    url: String,
    portal: String,
}

#[derive(Deserialize)]
struct Wish {
    sub: String,
    #[serde(default)]
    scope: String,
}

impl Issuer {
    /// Loads or makes the key. `url` is where this issuer is served; pages of `portal` may ask it.
    pub(crate) fn open(dir: &Path, url: &str, portal: &str) -> Result<Self, Error> {
        let failed = |what| move |e: String| Error::Key { what, detail: e };
        let pkcs8 = private_file(dir, "issuer.pk8", || {
            let key =
                KeyPair::generate(KeySize::Rsa2048).map_err(|e| failed("make")(e.to_string()))?;
            let der: Pkcs8V1Der<'_> = key.as_der().map_err(|e| failed("make")(e.to_string()))?;
            Ok(der.as_ref().to_vec())
        })?;
        let key = KeyPair::from_pkcs8(&pkcs8).map_err(|e| failed("read")(e.to_string()))?;
        let kid = hex::encode(Sha256::digest(key.public_key().as_ref()));
        let kid = kid.get(..16).unwrap_or_default().to_owned();
        Ok(Self {
            key,
            kid,
            url: url.to_owned(),
            portal: portal.to_owned(),
        })
    }

    /// A bearer token for the account `sub`.
    pub(crate) fn token(&self, sub: &str, scope: &str) -> Result<String, Error> {
        let failed = |detail: String| Error::Key {
            what: "sign with",
            detail,
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|e| failed(e.to_string()))?
            .as_secs();
        let head = json!({"alg": "RS256", "typ": "JWT", "kid": self.kid});
        let claims = json!({
            "iss": self.url, "aud": AUDIENCE, "sub": sub, "scope": scope, "cognito:groups": groups(sub),
            "iat": now, "exp": now + LIFETIME_S,
        });
        let message = format!(
            "{}.{}",
            encode(head.to_string()),
            encode(claims.to_string())
        );
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .map_err(|e| failed(e.to_string()))?;
        Ok(format!("{message}.{}", encode(signature)))
    }

    fn keys(&self) -> Value {
        let public = self.key.public_key();
        json!({"keys": [{
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid,
            "n": encode(public.modulus().big_endian_without_leading_zero()),
            "e": encode(public.exponent().big_endian_without_leading_zero()),
        }]})
    }

    fn discovery(&self) -> Value {
        let url = &self.url;
        json!({
            "issuer": url,
            "jwks_uri": format!("{url}/jwks.json"),
            "token_endpoint": format!("{url}/token"),
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }

    /// `/.well-known/openid-configuration`, `/jwks.json` and `POST /token {sub, scope?}`.
    pub(crate) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(|State(i): Shared| async move { Json(i.discovery()) }),
            )
            .route(
                "/jwks.json",
                get(|State(i): Shared| async move { Json(i.keys()) }),
            )
            .route(
                "/token",
                post(issue).options(|State(i): Shared| async move { i.allow(()) }),
            )
            .with_state(self)
    }

    fn allow(&self, response: impl IntoResponse) -> Response {
        let mut response = response.into_response();
        if let Ok(portal) = HeaderValue::from_str(&self.portal) {
            response
                .headers_mut()
                .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, portal);
        }
        let headers = HeaderValue::from_static("content-type");
        response
            .headers_mut()
            .insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
        response
    }
}

type Shared = State<Arc<Issuer>>;

async fn issue(State(issuer): Shared, Json(wish): Json<Wish>) -> Response {
    match issuer.token(&wish.sub, &wish.scope) {
        Ok(token) => issuer.allow(Json(json!({
            "access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S,
        }))),
        Err(e) => (axum::http::StatusCode::INTERNAL_SERVER_ERROR, e.to_string()).into_response(),
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;

    fn part(token: &str, n: usize) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(token.split('.').nth(n).unwrap())
            .unwrap()
    }

    fn field(keys: &Value, name: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD
            .decode(keys["keys"][0][name].as_str().unwrap())
            .unwrap()
    }

    #[test]
    fn the_published_key_verifies_a_token_and_refuses_a_changed_one() {
        let dir = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(dir.path(), "http://i", "http://p").unwrap();
        let token = issuer.token("acct", "").unwrap();
        let keys = issuer.keys();
        let public = RsaPublicKeyComponents {
            n: field(&keys, "n"),
            e: field(&keys, "e"),
        };
        let (message, _) = token.rsplit_once('.').unwrap();
        public
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message.as_bytes(),
                &part(&token, 2),
            )
            .unwrap();
        let changed = message.replacen('e', "f", 1);
        assert!(
            public
                .verify(
                    &RSA_PKCS1_2048_8192_SHA256,
                    changed.as_bytes(),
                    &part(&token, 2)
                )
                .is_err()
        );
    }

    #[test]
    fn tokens_stay_valid_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let before = Issuer::open(dir.path(), "http://i", "http://p").unwrap();
        let after = Issuer::open(dir.path(), "http://i", "http://p").unwrap();
        assert_eq!(before.keys(), after.keys());
    }

    #[test]
    fn only_accounts_that_are_named_so_are_operators() {
        for (sub, operator) in [
            ("operator", true),
            ("operator-sari", true),
            ("operators", false),
            ("sari", false),
            ("", false),
        ] {
            assert_eq!(groups(sub).contains(&"operators"), operator, "{sub}");
        }
    }

    #[test]
    fn a_token_names_account_issuer_and_audience() {
        let dir = tempfile::tempdir().unwrap();
        let issuer = Issuer::open(dir.path(), "http://i", "http://p").unwrap();
        let claims: Value =
            serde_json::from_slice(&part(&issuer.token("acct", "a b").unwrap(), 1)).unwrap();
        assert_eq!(
            (&claims["sub"], &claims["iss"], &claims["aud"]),
            (&json!("acct"), &json!("http://i"), &json!("bubuh"))
        );
        assert_eq!(
            claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
            LIFETIME_S
        );
    }
}
