//! Logging in.

use super::{
    Issuer,
    answer::{Answer, Refusal, taken},
    fields::Fields,
};
use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use secrecy::ExposeSecret;
use serde_json::json;
use subtle::ConstantTimeEq;

/// How long a token lives: 24 hours.
const LIFE_MS: u64 = 24 * 60 * 60 * 1000;

impl Issuer {
    pub(super) fn login(&mut self, now_ms: u64, request: &Request<Bytes>) -> Answer {
        let fields = Fields::read(request)?;
        let (user, password) = (fields.filled("user")?, fields.filled("password")?);
        let known = user.as_bytes().ct_eq(self.settings.user.as_bytes());
        let expected = self.settings.password.expose_secret().as_bytes();
        if !bool::from(known & password.as_bytes().ct_eq(expected)) {
            return Err(Refusal::new("01", "user or password is wrong"));
        }
        let number = self.number();
        let token = self.uuid(number);
        self.tokens.retain(|_, ends_ms| *ends_ms > now_ms);
        let ends_ms = now_ms.saturating_add(LIFE_MS);
        self.tokens.insert(token.clone(), ends_ms);
        Ok(taken(
            &json!({ "statusCode": "00", "message": "success", "token": token }),
        ))
    }

    pub(super) fn is_live(&self, now_ms: u64, token: &str) -> bool {
        self.tokens
            .get(token)
            .is_some_and(|ends_ms| now_ms < *ends_ms)
    }

    pub(super) fn bears_token(&self, now_ms: u64, request: &Request<Bytes>) -> bool {
        request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|token| self.is_live(now_ms, token))
    }

    /// What nobody may log: the password, and each token that was given and not ended.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let password = self.settings.password.expose_secret().to_owned();
        self.tokens.keys().cloned().chain([password]).collect()
    }

    /// Ends every token, as the issuer may at any time.
    pub fn expire_tokens(&mut self) {
        self.tokens.clear();
    }
}
