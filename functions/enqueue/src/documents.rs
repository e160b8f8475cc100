//! `/v1/documents`.

use crate::{
    chunks::{Uploading, Wanted},
    view::DocumentView,
};
use axum::{Json, extract::State};
use bubuh_core::{
    document::{Announced, Document, DocumentState, DocumentType, Placement, SIZE_MAX_BYTES},
    id::{DocumentId, Sha256},
    queue::Snapshot,
};
use bubuh_edge::{
    At, Body, Caller, Key, MaybeBody, Problem,
    address::Start,
    answer::{Accepted, Created},
    api::Says,
    problem::kind,
    time::from_rfc3339,
};
use bubuh_steps::Desk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Documents on one page of the list.
const PAGE: i32 = 50;

/// A document to be stamped.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewDocument")]
pub(crate) struct Create {
    /// For its owner only.
    #[schemars(length(min = 1, max = 255))]
    name: String,
    /// The file's size in bytes.
    #[schemars(range(min = 1, max = SIZE_MAX_BYTES))]
    size: u64,
    sha256: Sha256,
    document_type: DocumentType,
    /// The page from 1 that the stamp goes on; the last without it.
    page: Option<u32>,
    /// `llx, lly, urx, ury` in points from the page's bottom left.
    rect: Option<[i32; 4]>,
    /// A phrase on the page that marks the place; a rectangle goes before it.
    #[schemars(length(max = 100))]
    anchor: Option<String>,
    /// When its owner needs it.
    #[schemars(extend("format" = "date-time"))]
    deadline: Option<String>,
}

pub(crate) const CREATE: Says = Says::new("createDocument", "Announces a document to be stamped")
    .details("The answer has the link that takes exactly this file.")
    .problems(&[kind::KEY_REUSED])
    .example(EXAMPLE);

const EXAMPLE: &str = r#"{"name":"surat.pdf","size":2400,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","document_type":"3"}"#;

pub(crate) async fn create(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Key(key): Key,
    body: Body<Create>,
) -> Result<Created<DocumentView>, Problem> {
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
    Ok(Created(whole(&desk, &document).await?))
}

/// A page of documents, the newest first.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Documents {
    documents: Vec<DocumentView>,
    /// `from` of the next page; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

pub(crate) const LIST: Says =
    Says::new("listDocuments", "The caller's documents, the newest first");

pub(crate) async fn list(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Start(from): Start,
) -> Result<Json<Documents>, Problem> {
    let found = desk
        .table
        .documents(&account, from.as_deref(), PAGE)
        .await?;
    Ok(Json(Documents {
        documents: views(&desk, &found.rows).await,
        next: found.next,
    }))
}

pub(crate) const SHOW: Says = Says::new(
    "showDocument",
    "A document, its place in the queue, and the links its owner can use now",
);

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    At(id): At<DocumentId>,
) -> Result<Json<DocumentView>, Problem> {
    let document = desk.document(&account, id).await?;
    Ok(Json(whole(&desk, &document).await?))
}

pub(crate) const CANCEL: Says = Says::new(
    "cancelDocument",
    "Calls a document off; its stamp is not spent",
)
.problems(&[kind::NOT_NOW]);

pub(crate) async fn cancel(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    At(id): At<DocumentId>,
) -> Result<Json<DocumentView>, Problem> {
    let document = desk.cancel(&account, id).await?;
    Ok(Json(whole(&desk, &document).await?))
}

pub(crate) const ERASE: Says = Says::new("eraseDocument", "Deletes a document's name and files for good")
    .details(
        "The name at once, the files within minutes; what is not ended is called off. The serial, the digests and the times stay, for the law wants them: a stamped file that its owner still has can be verified as before.",
    )
    .problems(&[kind::NOT_NOW]);

pub(crate) async fn erase(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    At(id): At<DocumentId>,
) -> Result<Json<DocumentView>, Problem> {
    let document = desk.erase(&account, id).await?;
    Ok(Json(whole(&desk, &document).await?))
}

pub(crate) const UPLOAD: Says = Says::new("uploadDocument", "Fresh links to upload a document's file")
    .details(
        "One for the file as a whole, and, to who sends it in chunks, those of the next chunks that have not come.",
    )
    .problems(&[kind::NOT_NOW])
    .example(r"{}");

/// Fresh links for a document whose upload has not been accepted yet: one for the file as a whole, and, to who sends it
/// in chunks, those of the next chunks that have not come.
pub(crate) async fn upload(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Key(_): Key,
    At(id): At<DocumentId>,
    MaybeBody(wanted): MaybeBody<Wanted>,
) -> Result<Json<Uploading>, Problem> {
    let document = desk.document(&account, id).await?;
    let chunks = match Wanted::chunks(wanted, &document)? {
        Some(chunks) => desk.sent(&document, &chunks).await?,
        None => None,
    };
    let view = whole(&desk, &document).await?;
    Ok(Json(Uploading::new(view, &document, chunks)))
}

pub(crate) const COMPLETE: Says = Says::new(
    "completeDocument",
    "Says that a document's file has come",
)
.details(
    "Needed after chunks; of a whole file storage says so too, and whichever comes first counts.",
)
.problems(&[kind::NOT_NOW, kind::CHUNKS_MISSING, kind::CHUNKS_DIFFER])
.example(r"{}");

/// The owner says that the file, or its last chunk, is there. Of a whole file storage says so too; whichever comes first
/// counts.
pub(crate) async fn complete(
    State(desk): State<Arc<Desk>>,
    Caller(account): Caller,
    Key(_): Key,
    At(id): At<DocumentId>,
    MaybeBody(wanted): MaybeBody<Wanted>,
) -> Result<Accepted<DocumentView>, Problem> {
    let document = desk.document(&account, id).await?;
    if let Some(chunks) = Wanted::chunks(wanted, &document)? {
        desk.assemble(&document, &chunks).await?;
    }
    if document.may_be_accepted() {
        desk.queues.accept(document.id).await?;
    }
    Ok(Accepted(whole(&desk, &document).await?))
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
async fn whole(desk: &Desk, document: &Document) -> Result<DocumentView, Problem> {
    let views = views(desk, std::slice::from_ref(document)).await;
    let mut view = views.into_iter().next().ok_or_else(Problem::not_found)?;
    view.upload = desk.upload_link(document).await?;
    view.download_url = desk.download_link(document).await?.map(|link| link.url);
    Ok(view)
}
