//! `/v1/verify/{serial}`: what anyone may know of a stamp: its state and digests, nobody's name.

use axum::{Json, extract::State};
use bubuh_core::{
    document::{DocumentState, DocumentType},
    id::{Serial, Sha256},
};
use bubuh_edge::{At, Problem, api::Says};
use bubuh_steps::Desk;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A stamp that is on a document.
#[derive(Debug)]
pub(crate) struct Affixed {
    pub(crate) serial: Serial,
    pub(crate) document_type: DocumentType,
    pub(crate) at_ms: u64,
    pub(crate) source_sha256: Sha256,
    pub(crate) stamped_sha256: Sha256,
}

/// The stamp that this text names, as the issuer writes it or as people type ours. A serial that is not on a document
/// is found as little as one that does not exist: serials can't be probed.
pub(crate) async fn find(desk: &Desk, text: &str) -> Result<Option<Affixed>, Problem> {
    let written = Serial::new(text).ok();
    let typed = Serial::typed(text).or_else(|| Serial::new(text.to_ascii_uppercase()).ok());
    let typed = typed.filter(|typed| written.as_ref() != Some(typed));
    for serial in [written, typed].into_iter().flatten() {
        if let Some(found) = affixed(desk, serial).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn affixed(desk: &Desk, serial: Serial) -> Result<Option<Affixed>, Problem> {
    let Some(id) = desk.table.serial_document(&serial).await? else {
        return Ok(None);
    };
    let row = desk.table.document(id).await?;
    let row = row.filter(|row| row.state == DocumentState::Stamped);
    Ok(row.and_then(|row| {
        Some(Affixed {
            serial,
            document_type: row.document_type,
            at_ms: row.affixing?.at_ms,
            source_sha256: row.sha256,
            stamped_sha256: row.output?.sha256,
        })
    }))
}

/// What anyone may know of a stamp.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Verified {
    serial: Serial,
    /// `stamped`.
    state: &'static str,
    /// The digest of the document before it was stamped.
    source_sha256: Sha256,
    /// The digest of the stamped file.
    stamped_sha256: Sha256,
}

pub(crate) const SHOW: Says = Says::new(
    "verifySerial",
    "Whether a serial is on a document, and on which",
)
.details("A serial that is not on a document is found as little as one that does not exist.");

pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    At(serial): At<String>,
) -> Result<Json<Verified>, Problem> {
    let stamp = find(&desk, &serial).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(Verified {
        serial: stamp.serial,
        state: "stamped",
        source_sha256: stamp.source_sha256,
        stamped_sha256: stamp.stamped_sha256,
    }))
}
