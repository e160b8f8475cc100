//! The issuer behind HTTP.

use super::{http::send, shared::Shared, shared_folder::SharedFolder};
use crate::{
    Issuer, Outcome,
    issuer::{ON_PREMISES, Paths},
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::Request;
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Desk {
    shared: Arc<Shared<Issuer>>,
    folder: Option<SharedFolder>,
    root_pem: String,
}

impl Desk {
    pub(super) fn new(
        shared: Arc<Shared<Issuer>>,
        folder: Option<SharedFolder>,
        root_pem: String,
    ) -> Self {
        Self {
            shared,
            folder,
            root_pem,
        }
    }

    pub(super) fn issuer(&self) -> &Shared<Issuer> {
        &self.shared
    }

    pub(super) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    pub(super) async fn reply(self: Arc<Self>, request: Request<Bytes>) -> Response {
        let desk = Arc::clone(&self);
        // To stamp a document takes longer than a task may.
        let done = tokio::task::spawn_blocking(move || desk.handle(&request)).await;
        match done {
            Ok((outcome, revision)) => send(&self.shared, outcome, revision).await,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    fn handle(&self, request: &Request<Bytes>) -> (Outcome, u64) {
        let of_folder = request.uri().path() == ON_PREMISES;
        match (
            &self.folder,
            of_folder.then(|| Paths::of(request)).flatten(),
        ) {
            (Some(folder), Some(paths)) => self.handle_in(folder, &paths, request),
            _ => self
                .shared
                .with(|issuer, now_ms| issuer.handle(now_ms, request)),
        }
    }

    /// The call sees the files that it names, and what it makes is on disk before it answers.
    fn handle_in(
        &self,
        folder: &SharedFolder,
        paths: &Paths,
        request: &Request<Bytes>,
    ) -> (Outcome, u64) {
        let (src, specimen) = (folder.read(&paths.src), folder.read(&paths.specimen));
        let ((outcome, made), revision) = self.shared.with(|issuer, now_ms| {
            issuer.mirror(vec![(&paths.src, src), (&paths.specimen, specimen)]);
            let outcome = issuer.handle(now_ms, request);
            let is_source = paths.dest == paths.src || paths.dest == paths.specimen;
            let made = issuer.unshare(&paths.dest).filter(|_| !is_source);
            (outcome, made)
        });
        let written = made.map_or(Ok(()), |file| folder.write(&paths.dest, &file));
        match written {
            Ok(()) => (outcome, revision),
            Err(error) => {
                tracing::error!(%error, "the shared folder can't be written");
                (Issuer::unwritten(), revision)
            }
        }
    }
}
