//! One origin in front of API and portal, as a CDN is on AWS: a stable URL without the emulator's API id.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::portal::Portal;

/// What an HTTP API takes at most.
const BODY_MAX_BYTES: usize = 10 << 20;

#[derive(Clone, Debug)]
struct Upstream {
    http: reqwest::Client,
    base: String,
}

/// Hands every request under `/v1/` and a stamp's page to the API at `base`, and chunks of uploads to
/// storage at `endpoint`, whose links hold here as well: a browser asks before it sends to another origin, which on a
/// bad link is a loss for each chunk. The rest is the portal's.
pub(crate) fn router(base: String, endpoint: &str, portal: Portal) -> Router {
    let upstream = Upstream {
        http: reqwest::Client::new(),
        base,
    };
    let storage = Router::new()
        .route(
            "/{bucket}/chunks/{document}/{chunk}",
            axum::routing::put(forward),
        )
        .with_state(Upstream {
            http: upstream.http.clone(),
            base: endpoint.to_owned(),
        });
    Router::new()
        .route("/v1/{*path}", axum::routing::any(forward))
        .route("/v/{serial}", axum::routing::any(forward))
        .route("/V/{serial}", axum::routing::any(forward))
        .with_state(upstream)
        .merge(storage)
        .merge(portal.router())
}

async fn forward(State(upstream): State<Upstream>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |p| p.as_str());
    let url = format!("{}{path}", upstream.base);
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let sent = upstream
        .http
        .request(head.method, url)
        .headers(end_to_end(head.headers))
        .body(body)
        .send()
        .await;
    match sent {
        Ok(answer) => {
            let (status, headers) = (answer.status(), end_to_end(answer.headers().clone()));
            match answer.bytes().await {
                Ok(bytes) => (status, headers, Body::from(bytes)).into_response(),
                Err(e) => bad_gateway(&e),
            }
        }
        Err(e) => bad_gateway(&e),
    }
}

fn bad_gateway(error: &reqwest::Error) -> Response {
    (
        StatusCode::BAD_GATEWAY,
        format!("the API does not answer: {error}"),
    )
        .into_response()
}

/// Without the headers that speak of one connection only (RFC 9110, 7.6.1) and those set anew.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    for name in [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::HOST,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ] {
        headers.remove(name);
    }
    headers
}
