//! Requests in, replies out: a reply goes out once what it says is on disk.

use super::{desk::Desk, shared::Shared};
use crate::{Bank, Outcome, Remote, issuer};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// Largest request read, in bytes.
const REQUEST_LIMIT_BYTES: usize = 1 << 20;
/// The same at the issuer, who is sent documents.
const DOCUMENT_LIMIT_BYTES: usize = 32 << 20;
/// How long a stopping server waits for calls under way.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// What is served.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) bank: Arc<Shared<Bank>>,
    pub(super) desk: Option<Arc<Desk>>,
}

pub(super) async fn answer(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let mut stopped = stop.clone();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = stop.wait_for(|stop| *stop).await;
    });
    let overdue = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(STOP_WAIT).await;
    };
    tokio::select! {
        _ = server.into_future() => {}
        () = overdue => {}
    }
}

pub(super) async fn reply(State(served): State<Served>, request: Request) -> Response {
    let path = request.uri().path();
    let desk = served.desk.filter(|_| issuer::serves(path));
    let limit = match desk {
        Some(_) => DOCUMENT_LIMIT_BYTES,
        None => REQUEST_LIMIT_BYTES,
    };
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, limit).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = axum::http::Request::from_parts(head, body);
    if let Some(desk) = desk {
        return desk.reply(request).await;
    }
    let (outcome, revision) = served
        .bank
        .with(|bank, now_ms| bank.handle(now_ms, &request));
    send(&served.bank, outcome, revision).await
}

/// A remote side does not say what it might forget.
pub(super) async fn send<R: Remote>(
    shared: &Shared<R>,
    outcome: Outcome,
    revision: u64,
) -> Response {
    shared.kept(revision).await;
    if outcome.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(outcome.delay_ms)).await;
    }
    outcome
        .response
        .map_or_else(broken, |response| response.map(Body::from))
}

/// A reply that breaks the connection: its body is promised and never comes.
fn broken() -> Response {
    let error = std::io::Error::other("sandbox fault");
    let body = futures::stream::once(async { Err::<Bytes, _>(error) });
    Response::new(Body::from_stream(body))
}
