//! A line of a settlement file, whichever gateway's.

use crate::{
    error::Error,
    id::{OrderId, StatementId, TransactionId},
    money::Rupiah,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A payment that is paid out.
    Payment,
    /// A refund that is kept back.
    Refund,
    /// A payment that the payer's bank took and that is kept back.
    Chargeback,
    /// An adjustment in our favour.
    Added,
    /// An adjustment against us.
    Taken,
}

impl LineKind {
    /// The kind's name, as in cases and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
            Self::Added => "adjustment in our favour",
            Self::Taken => "adjustment against us",
        }
    }

    /// Whether it brings money; else it is kept back.
    #[must_use]
    pub const fn brings(self) -> bool {
        matches!(self, Self::Payment | Self::Added)
    }
}

/// A line's name: its file and its place in it, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LineId {
    /// The file.
    pub statement: StatementId,
    /// The place among its lines, from 1; the header is none.
    pub number: u32,
}

impl fmt::Display for LineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.statement, self.number)
    }
}

impl FromStr for LineId {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::Invalid {
            field: "line",
            reason: "not a statement and a number".to_owned(),
        };
        let (statement, number) = text.split_once('.').ok_or_else(bad)?;
        Ok(Self {
            statement: statement.parse()?,
            number: number.parse().map_err(|_| bad())?,
        })
    }
}

impl TryFrom<String> for LineId {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<LineId> for String {
    fn from(id: LineId) -> Self {
        id.to_string()
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// Its name.
    pub id: LineId,
    /// What it is about.
    pub kind: LineKind,
    /// The order; none if the file names none of ours.
    pub order: Option<OrderId>,
    /// The gateway's transaction; an adjustment may have none.
    pub transaction: Option<TransactionId>,
    /// How much, before the fee; never negative: the kind tells the direction.
    pub amount: Rupiah,
    /// The gateway's fee.
    pub fee: Rupiah,
    /// When it was paid out, in milliseconds since the epoch.
    pub settled_at_ms: u64,
    /// What else the gateway calls it; a refund's key.
    pub reference: Option<String>,
}

impl Line {
    /// What it moves on our bank account: the amount less the fee if it brings money, else with it.
    ///
    /// # Errors
    /// [`Error::Overflow`] when that is below zero or does not fit.
    pub fn net(&self) -> Result<Rupiah, Error> {
        if self.kind.brings() {
            self.amount.minus(self.fee)
        } else {
            self.amount.plus(self.fee)
        }
    }

    /// The line for a person.
    #[must_use]
    pub fn told(&self) -> String {
        let of = self
            .transaction
            .as_ref()
            .map_or_else(String::new, |t| format!(" of {t}"));
        format!(
            "line {} says: {} of {} less a fee of {}{of}",
            self.id.number,
            self.kind.name(),
            self.amount,
            self.fee
        )
    }
}
