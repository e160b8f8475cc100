//! `/v1/verify/{serial}`: what anyone may know of a stamp: its state and digests, nobody's name.

use axum::{
    Json,
    extract::{Path, State},
};
use bubuh_core::{
    document::{DocumentState, DocumentType},
    id::{Serial, Sha256},
};
use bubuh_edge::{Problem, time::rfc3339};
use bubuh_steps::Desk;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
pub(crate) struct Verified {
    serial: Serial,
    state: &'static str,
    document_type: DocumentType,
    stamped_at: String,
    /// The digest of the document before it was stamped.
    source_sha256: Sha256,
    /// The digest of the stamped file.
    stamped_sha256: Sha256,
}

/// A serial that is not on a document answers like one that does not exist: serials can't be probed.
pub(crate) async fn show(
    State(desk): State<Arc<Desk>>,
    Path(serial): Path<String>,
) -> Result<Json<Verified>, Problem> {
    let serial = Serial::new(serial).map_err(|_| Problem::not_found())?;
    let id = desk
        .table
        .serial_document(&serial)
        .await?
        .ok_or_else(Problem::not_found)?;
    let row = desk
        .table
        .document(id)
        .await?
        .filter(|row| row.state == DocumentState::Stamped)
        .ok_or_else(Problem::not_found)?;
    match (row.source, row.output, row.affixing) {
        (Some(source), Some(output), Some(affixing)) => Ok(Json(Verified {
            serial,
            state: "stamped",
            document_type: row.document_type,
            stamped_at: rfc3339(affixing.at_ms),
            source_sha256: source.sha256,
            stamped_sha256: output.sha256,
        })),
        _ => Err(Problem::not_found()),
    }
}
