//! Who calls, and under which key. The token was checked before the function ran, by the API's
//! authorizer; without its claims there is no caller.

use crate::problem::Problem;
use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::Response,
};
use bubuh_core::id::{AccountId, IdempotencyKey};
use http::request::Parts;
use lambda_http::request::RequestContext;

/// The caller's account: the token's `sub`.
#[derive(Debug, Clone)]
pub struct Caller(pub AccountId);

/// The caller's `Idempotency-Key`.
#[derive(Debug, Clone)]
pub struct Key(pub IdempotencyKey);

/// Puts the account that the authorizer found into the request.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let account = match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context
            .authorizer
            .as_ref()
            .and_then(|a| a.jwt.as_ref())
            .and_then(|jwt| jwt.claims.get("sub"))
            .and_then(|sub| AccountId::new(sub.clone()).ok()),
        _ => None,
    };
    if let Some(account) = account {
        request.extensions_mut().insert(Caller(account));
    }
    next.run(request).await
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Problem::unauthorized)
    }
}

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts
            .headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Self(IdempotencyKey::new(text)?))
    }
}
