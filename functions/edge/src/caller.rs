//! Who calls, and under which key. The token was checked before the function ran, by the API's
//! authorizer; without its claims there is no caller.

use crate::{
    problem::Problem,
    scope::{Grant, needed},
};
use axum::{
    extract::{FromRequestParts, Request},
    middleware::Next,
    response::Response,
};
use bubuh_core::id::{AccountId, IdempotencyKey};
use http::request::Parts;
use lambda_http::request::RequestContext;
use std::collections::HashMap;

/// The caller's account: the token's `sub`.
#[derive(Debug, Clone)]
pub struct Caller(pub AccountId);

/// The caller's `Idempotency-Key`.
#[derive(Debug, Clone)]
pub struct Key(pub IdempotencyKey);

/// Puts the account that the authorizer found, and what its token may do, into the request.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let claims = claims(&request);
    let sub = claims.and_then(|claims| claims.get("sub"));
    let account = sub.and_then(|sub| AccountId::new(sub.clone()).ok());
    let grant = claims.map(Grant::of);
    if let (Some(account), Some(grant)) = (account, grant) {
        request.extensions_mut().insert(Caller(account));
        request.extensions_mut().insert(grant);
    }
    next.run(request).await
}

/// What the authorizer found in the caller's token.
pub(crate) fn claims(request: &Request) -> Option<&HashMap<String, String>> {
    match request.extensions().get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            let jwt = context.authorizer.as_ref().and_then(|a| a.jwt.as_ref());
            jwt.map(|jwt| &jwt.claims)
        }
        _ => None,
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>();
        let (Some(caller), Some(grant)) = (caller, parts.extensions.get::<Grant>()) else {
            return Err(Problem::unauthorized());
        };
        let scope = needed(&parts.method, parts.uri.path());
        if grant.allows(&scope) {
            Ok(caller.clone())
        } else {
            Err(Problem::insufficient_scope(&scope))
        }
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
