//! A case: something a person must look at. It has an owner and an age, and is never closed by time.

use crate::id::{AccountId, CaseId};
use serde::{Deserialize, Serialize};

/// What a case is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "subject")]
pub enum CaseKind {
    /// A document no worker could finish; the id.
    DocumentStalled(String),
    /// A refund the gateway does not make; the refund key.
    RefundStuck(String),
    /// A captured payment the payer's bank disputes; the transaction.
    PaymentDisputed(String),
}

/// An open case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Case {
    /// Its name; one per subject and cause, so that it is opened once.
    pub id: CaseId,
    /// What it is about.
    #[serde(flatten)]
    pub kind: CaseKind,
    /// Whose money or document it is.
    pub account: AccountId,
    /// Who looks after it.
    pub owner: String,
    /// When it was opened, in milliseconds since the epoch.
    pub opened_at_ms: u64,
    /// What was seen.
    pub note: String,
}

impl Case {
    /// A case for the operator on duty.
    #[must_use]
    pub fn open(kind: CaseKind, account: AccountId, note: String, now_ms: u64, nth: u64) -> Self {
        let (name, subject) = match &kind {
            CaseKind::DocumentStalled(s) => ("document_stalled", s),
            CaseKind::RefundStuck(s) => ("refund_stuck", s),
            CaseKind::PaymentDisputed(s) => ("payment_disputed", s),
        };
        Self {
            id: CaseId::derive(&[name, subject, &nth.to_string()]),
            kind,
            account,
            owner: "operator".to_owned(),
            opened_at_ms: now_ms,
            note,
        }
    }
}
