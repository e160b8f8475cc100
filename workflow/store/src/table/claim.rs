//! What is decided by a condition alone, and gives back the row it leaves: no read before it.

use super::{Table, commit::changed};
use crate::{
    error::Error,
    keys,
    row::{number, primary, text},
};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bubuh_core::document::{Document, DocumentState, FirstClaim};
use serde::Serialize;

const CLAIM: &str = "SET #state = :stamping, #since = :now, #version = #version + :one, #fence = :one, \
                     #tries = :one, #lease = :lease, #affixing = :affixing";
const UNCLAIMED: &str = "#state = :queued AND #fence = :zero";

impl Table {
    /// Claims a document that nobody has claimed since it was queued; gives the row this leaves, as
    /// [`FirstClaim::of`] does. `None`: there is none, or it is not so; then the row tells, also whether it was this
    /// claim whose reply was lost.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the outcome is unknown.
    pub async fn claim_first(&self, claim: &FirstClaim) -> Result<Option<Document>, Error> {
        let state = |state: DocumentState| text(state.name());
        let done = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(primary(&keys::document(claim.id))))
            .update_expression(CLAIM)
            .condition_expression(UNCLAIMED)
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#since", "since_ms")
            .expression_attribute_names("#version", "version")
            .expression_attribute_names("#fence", "fence")
            .expression_attribute_names("#tries", "tries")
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#affixing", "affixing")
            .expression_attribute_values(":stamping", state(DocumentState::Stamping))
            .expression_attribute_values(":queued", state(DocumentState::Queued))
            .expression_attribute_values(":now", number(claim.now_ms))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":lease", part(&claim.lease)?)
            .expression_attribute_values(":affixing", part(&claim.affixing)?)
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        changed("claim", done)
    }
}

/// A part of a row.
fn part<T: Serialize>(value: &T) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value).map_err(|e| Error::Refused {
        doing: "claim",
        why: e.to_string(),
    })
}
