//! A case: something a person must look at. It has an owner and an age, and is never closed by time.

use crate::{
    error::Error,
    id::{AccountId, CaseId, OrderId},
    settlement::Break,
    write::{Expect, Put, Write},
};
use serde::{Deserialize, Serialize};

/// What a case is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "subject")]
pub enum CaseKind {
    /// A document no worker could finish; the id.
    DocumentStalled(String),
    /// A refund the gateway does not confirm; the refund key.
    RefundStuck(String),
    /// A refund the gateway can't make, to be paid out by hand; the refund key.
    PayoutDue(String),
    /// A captured payment the payer's bank disputes; the transaction.
    PaymentDisputed(String),
    /// Money went back that had bought stamps which are used; the refund key.
    RefundBeyondStamps(String),
    /// The gateway says something of a payment that nobody may act on; the transaction.
    PaymentUnclear(String),
    /// Gateway, ledger and settlement file do not agree; the break and what it is about.
    SettlementBreak(String),
}

impl CaseKind {
    /// The kind's name, as in rows.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DocumentStalled(_) => "document_stalled",
            Self::RefundStuck(_) => "refund_stuck",
            Self::PayoutDue(_) => "payout_due",
            Self::PaymentDisputed(_) => "payment_disputed",
            Self::RefundBeyondStamps(_) => "refund_beyond_stamps",
            Self::PaymentUnclear(_) => "payment_unclear",
            Self::SettlementBreak(_) => "settlement_break",
        }
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::DocumentStalled(s)
            | Self::RefundStuck(s)
            | Self::PayoutDue(s)
            | Self::PaymentDisputed(s)
            | Self::RefundBeyondStamps(s)
            | Self::PaymentUnclear(s)
            | Self::SettlementBreak(s) => s,
        }
    }
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The operator on duty.
    Operator,
    /// Whoever pays out and talks to banks.
    Finance,
    /// The buyer, who is asked for something.
    Buyer,
}

impl Owner {
    /// The word for it, as in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Finance => "finance",
            Self::Buyer => "buyer",
        }
    }
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Closed {
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// By whom.
    pub by: String,
    /// With what outcome.
    pub outcome: String,
}

/// A case, open until it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Case {
    /// Its name; one per subject and cause, so that it is opened once.
    pub id: CaseId,
    /// Grows by one with each change.
    #[serde(default = "first")]
    pub version: u64,
    /// What it is about.
    #[serde(flatten)]
    pub kind: CaseKind,
    /// Whose money or document it is.
    pub account: AccountId,
    /// The order whose money it is; none for a document's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// Who looks after it.
    pub owner: Owner,
    /// When it was opened, in milliseconds since the epoch.
    pub opened_at_ms: u64,
    /// What was seen.
    pub note: String,
    /// How it ended; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
}

const fn first() -> u64 {
    1
}

impl Case {
    /// A new case. `nth` tells apart the cases that one subject has one after the other.
    #[must_use]
    pub fn open(kind: CaseKind, account: AccountId, note: String, now_ms: u64, nth: u64) -> Self {
        let owner = match &kind {
            CaseKind::SettlementBreak(subject) => {
                Break::of(subject).map_or(Owner::Finance, Break::owner)
            }
            CaseKind::DocumentStalled(_)
            | CaseKind::RefundStuck(_)
            | CaseKind::PaymentUnclear(_) => Owner::Operator,
            CaseKind::PaymentDisputed(_) | CaseKind::RefundBeyondStamps(_) => Owner::Finance,
            CaseKind::PayoutDue(_) => Owner::Buyer,
        };
        Self {
            id: CaseId::derive(&[kind.name(), kind.subject(), &nth.to_string()]),
            version: 1,
            kind,
            account,
            order: None,
            owner,
            opened_at_ms: now_ms,
            note,
            closed: None,
        }
    }

    /// The case, about that order's money.
    #[must_use]
    pub fn of(mut self, order: OrderId) -> Self {
        self.order = Some(order);
        self
    }

    /// The write that opens it; it must not exist.
    #[must_use]
    pub fn create(self) -> Write {
        Write::Case(Put {
            expect: Expect::Absent,
            row: self,
        })
    }

    /// The write that hands it to somebody else.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once it is closed.
    pub fn hand_to(&self, owner: Owner) -> Result<Write, Error> {
        let mut next = self.clone();
        next.owner = owner;
        self.replace(next)
    }

    /// The write that closes it.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once it is closed.
    pub fn close(&self, by: &str, outcome: &str, now_ms: u64) -> Result<Write, Error> {
        let mut next = self.clone();
        next.closed = Some(Closed {
            at_ms: now_ms,
            by: by.to_owned(),
            outcome: outcome.to_owned(),
        });
        self.replace(next)
    }

    /// The write that closes a case, if there is one and it is open.
    pub(crate) fn close_if_open(
        case: Option<&Self>,
        by: &str,
        outcome: &str,
        now_ms: u64,
    ) -> Result<Option<Write>, Error> {
        let open = case.filter(|case| case.closed.is_none());
        open.map(|case| case.close(by, outcome, now_ms)).transpose()
    }

    fn replace(&self, mut next: Self) -> Result<Write, Error> {
        if self.closed.is_some() {
            return Err(Error::IllegalTransition {
                state: "closed",
                event: "change",
            });
        }
        next.version = self.version.checked_add(1).ok_or(Error::Overflow)?;
        Ok(Write::Case(Put {
            expect: Expect::Version(self.version),
            row: next,
        }))
    }
}
