//! HTTP requests to the real routers, as the API's gateway hands them to the functions.

use super::tasks::{After, Tasks};
use crate::world::World;
use axum::body::Body;
use bubuh_edge::serve::edged;
use http::{Method, Request};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tower::ServiceExt;

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) account: Option<&'static str>,
    pub(super) key: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Call {
    /// A request of a caller with a token.
    pub(super) fn of(account: &'static str, method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            account: Some(account),
            key: None,
            body: Vec::new(),
        }
    }

    pub(super) fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    pub(super) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self
    }

    fn request(self) -> Request<Body> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.path)
            .header("content-type", "application/json");
        if let Some(key) = self.key {
            request = request.header("idempotency-key", key);
        }
        let mut request = request.body(Body::from(self.body)).expect("a request");
        if let Some(account) = self.account {
            request.extensions_mut().insert(signed_in(account));
        }
        request
    }
}

/// What the API's authorizer hands on of a token.
///
/// # Panics
/// Never: it is a context.
#[must_use]
pub fn signed_in(account: &str) -> RequestContext {
    let claims = json!({ "claims": { "sub": account }, "scopes": [] });
    let context = json!({ "authorizer": { "jwt": claims }, "http": { "method": "GET" } });
    RequestContext::ApiGatewayV2(serde_json::from_value(context).expect("a context"))
}

/// The function behind the address answers: status and body.
pub(super) async fn serve(world: World, call: Call) -> (u16, Value) {
    let purchase = ["/v1/orders", "/v1/account", "/v1/payments", "/v1/webhooks"];
    let router = if purchase.iter().any(|p| call.path.starts_with(p)) {
        bubuh_purchase::router(bubuh_purchase::App {
            sales: world.sales(),
            hooks: world.hooks(),
            proof: bubuh_gateway::notification::Proof::Midtrans(world.server_key.clone()),
        })
    } else {
        bubuh_enqueue::http_entry::router(world.desk())
    };
    let answer = edged(router).oneshot(call.request()).await;
    let answer = answer.expect("a router never fails");
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
    let body = serde_json::from_slice(&body.expect("a body")).unwrap_or_default();
    (status, body)
}

/// A request from outside: `None` when the process that served it was killed.
pub(super) async fn ask(world: &World, tasks: &Tasks, call: Call) -> Option<(u16, Value)> {
    let (told, hears) = oneshot::channel();
    let name = format!("http {} {}", call.method, call.path);
    let world = world.clone();
    tasks.start(name, After::Nothing, async move {
        let _ = told.send(serve(world, call).await); // whoever asked may be gone
        After::Nothing
    });
    hears.await.ok()
}
