//! `/v1/documents`.

use crate::{
    chunks::{Uploading, Wanted},
    view::DocumentView,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use bubuh_core::{
    document::{Announced, Document, DocumentState, DocumentType, Placement},
    id::{DocumentId, Sha256},
    queue::Snapshot,
};
use bubuh_edge::{Body, Caller, Key, MaybeBody, Problem, time::from_rfc3339};
use bubuh_steps::Desk;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Documents on one page of the list.
const PAGE: i32 = 50;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    name: String,
    size: u64,
    sha256: Sha256,
    document_type: DocumentType,
    page: Option<u32>,
    rect: Option<[i32; 4]>,
    anchor: Option<String>,
    /// RFC 3339: when its owner needs it.
    deadline: Option<String>,
}

pub(crate) async fn create(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Key(key): Key,
    body: Body<Create>,
) -> Result<(StatusCode, Json<DocumentView>), Problem> {
    let wanted = body.value;
    let deadline_ms = match wanted.deadline.as_deref() {
        Some(text) => Some(from_rfc3339(text).ok_or_else(|| {
            Problem::invalid("deadline", "must be a time such as 2026-12-01T16:59:00Z")
        })?),
        None => None,
    };
    let document = desk
        .announce(Announced {
            id: DocumentId::derive(&[account.as_str(), "POST /v1/documents", key.as_str()]),
            account,
            name: wanted.name,
            document_type: wanted.document_type,
            placement: Placement {
                page: wanted.page,
                rect: wanted.rect,
                anchor: wanted.anchor,
            },
            size_bytes: wanted.size,
            sha256: wanted.sha256,
            deadline_ms,
            request_hash: body.hash,
        })
        .await?;
    Ok((StatusCode::CREATED, whole(&desk, &document).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    from: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Documents {
    documents: Vec<DocumentView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) async fn list(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Query(page): Query<Page>,
) -> Result<Json<Documents>, Problem> {
    let found = desk
        .table
        .documents(&account, page.from.as_deref(), PAGE)
        .await?;
    Ok(Json(Documents {
        documents: views(&desk, &found.rows).await,
        next: found.next,
    }))
}

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Json<DocumentView>, Problem> {
    let document = desk.document(&account, document_id(&id)?).await?;
    whole(&desk, &document).await
}

pub(crate) async fn cancel(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Json<DocumentView>, Problem> {
    let document = desk.cancel(&account, document_id(&id)?).await?;
    whole(&desk, &document).await
}

/// Fresh links for a document whose upload has not been accepted yet: one for the file as a whole, and, to who sends it
/// in chunks, those of the next chunks that have not come.
pub(crate) async fn upload(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Key(_): Key,
    Path(id): Path<String>,
    MaybeBody(wanted): MaybeBody<Wanted>,
) -> Result<Json<Uploading>, Problem> {
    let document = desk.document(&account, document_id(&id)?).await?;
    let chunks = match Wanted::chunks(wanted, &document)? {
        Some(chunks) => desk.sent(&document, &chunks).await?,
        None => None,
    };
    let Json(view) = whole(&desk, &document).await?;
    Ok(Json(Uploading::new(view, &document, chunks)))
}

/// The owner says that the file, or its last chunk, is there. Of a whole file storage says so too; whichever comes first
/// counts.
pub(crate) async fn complete(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Key(_): Key,
    Path(id): Path<String>,
    MaybeBody(wanted): MaybeBody<Wanted>,
) -> Result<(StatusCode, Json<DocumentView>), Problem> {
    let document = desk.document(&account, document_id(&id)?).await?;
    if let Some(chunks) = Wanted::chunks(wanted, &document)? {
        desk.assemble(&document, &chunks).await?;
    }
    if document.may_be_accepted() {
        desk.queues.accept(document.id).await?;
    }
    Ok((StatusCode::ACCEPTED, whole(&desk, &document).await?))
}

/// Documents, each with its place in the queue if it stands there. The lanes are asked about once for all.
async fn views(desk: &Desk, documents: &[Document]) -> Vec<DocumentView> {
    let queued = |document: &Document| document.state == DocumentState::Queued;
    let lanes = if documents.iter().any(queued) {
        desk.line.known().await
    } else {
        Snapshot::default()
    };
    let now_ms = desk.ambient.now_ms();
    let view = |document: &Document| {
        let mut view = DocumentView::from(document);
        if queued(document)
            && let Some(ticket) = document.ticket
            && let Some(lane) = lanes.lane(ticket.lane, now_ms)
        {
            view.stand_in(lane, ticket, document.deadline_ms, now_ms);
        }
        view
    };
    documents.iter().map(view).collect()
}

/// A document with the links its owner can use now.
async fn whole(desk: &Desk, document: &Document) -> Result<Json<DocumentView>, Problem> {
    let views = views(desk, std::slice::from_ref(document)).await;
    let mut view = views.into_iter().next().ok_or_else(Problem::not_found)?;
    view.upload = desk.upload_link(document).await?;
    view.download_url = desk.download_link(document).await?.map(|link| link.url);
    Ok(Json(view))
}

/// An address that is no id names nothing.
fn document_id(text: &str) -> Result<DocumentId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
