//! A settlement file while it is read: whole or refused, then line by line up to its end.

use super::{Break, Line, LineKind};
use crate::{
    error::Error,
    id::{Sha256, StatementId},
    money::Rupiah,
    patience::doubled_ms,
    write::{Expect, Put, Write},
};
use serde::{Deserialize, Serialize};

const FIRST_WAIT_MS: u64 = 5_000;
const LONGEST_WAIT_MS: u64 = 10 * 60 * 1000;

/// Where a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementState {
    /// Its lines are being booked.
    Reading,
    /// All lines are booked.
    Done,
    /// It can't be read; none of its lines was booked.
    Refused,
}

/// What a file's lines come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sums {
    /// Payments, before fees.
    pub paid: Rupiah,
    /// All fees.
    pub fees: Rupiah,
    /// Refunds and chargebacks that were kept back, before fees.
    pub kept: Rupiah,
    /// Adjustments in our favour.
    pub added: Rupiah,
    /// Adjustments against us.
    pub taken: Rupiah,
}

impl Sums {
    /// Of these lines.
    ///
    /// # Errors
    /// [`Error::Overflow`] when a sum does not fit.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Result<Self, Error> {
        let mut sums = Self::default();
        for line in lines {
            let sum = match line.kind {
                LineKind::Payment => &mut sums.paid,
                LineKind::Refund | LineKind::Chargeback => &mut sums.kept,
                LineKind::Added => &mut sums.added,
                LineKind::Taken => &mut sums.taken,
            };
            *sum = sum.plus(line.amount)?;
            sums.fees = sums.fees.plus(line.fee)?;
        }
        Ok(sums)
    }
}

/// A settlement file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Statement {
    /// Its name: made of its content.
    pub id: StatementId,
    /// Grows by one with each change.
    pub version: u64,
    /// What the file was called when it came.
    pub name: String,
    /// The digest of its content.
    pub sha256: Sha256,
    /// How many lines it has.
    pub lines: u32,
    /// How many of them, from the first, are booked.
    pub booked: u32,
    /// What they come to.
    pub sums: Sums,
    /// Where it is.
    pub state: StatementState,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// How often in a row it got no further.
    pub tries: u32,
    /// When it was taken up, in milliseconds since the epoch.
    pub taken_at_ms: u64,
    /// When `sweep` reads on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at_ms: Option<u64>,
}

impl Statement {
    /// The name that a file of this content always has.
    #[must_use]
    pub fn name_of(sha256: &Sha256) -> StatementId {
        StatementId::derive(&[sha256.as_str()])
    }

    /// A file whose lines can all be read, before any of them is booked.
    #[must_use]
    pub fn taken(
        (name, sha256): (String, Sha256),
        lines: u32,
        sums: Sums,
        now_ms: u64,
    ) -> (Self, Vec<Write>) {
        let row = Self {
            id: Self::name_of(&sha256),
            version: 1,
            name,
            sha256,
            lines,
            booked: 0,
            sums,
            state: StatementState::Reading,
            refused: None,
            tries: 0,
            taken_at_ms: now_ms,
            due_at_ms: Some(now_ms),
        };
        (row.clone(), vec![row.create()])
    }

    /// A file that can't be read: a person must get a right one.
    ///
    /// # Errors
    /// As [`super::nobody`].
    pub fn refused(
        (name, sha256): (String, Sha256),
        why: &str,
        now_ms: u64,
    ) -> Result<(Self, Vec<Write>), Error> {
        let (mut row, _) = Self::taken((name, sha256), 0, Sums::default(), now_ms);
        row.state = StatementState::Refused;
        row.refused = Some(why.to_owned());
        row.due_at_ms = None;
        let note = format!("{}: {why}", row.name);
        let case = Break::FileRefused.case(row.id, None, note, now_ms, 0)?;
        Ok((row.clone(), vec![row.create(), case.create()]))
    }

    /// The lines up to this one are booked; none more than before: it is tried again, each time later.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] unless it is being read; [`Error::Overflow`] beyond its end.
    pub fn read_to(&self, booked: u32, now_ms: u64) -> Result<Vec<Write>, Error> {
        if self.state != StatementState::Reading {
            return Err(Error::IllegalTransition {
                state: "ended",
                event: "read on",
            });
        }
        if booked > self.lines || booked < self.booked {
            return Err(Error::Overflow);
        }
        let mut next = self.clone();
        next.version = self.version.checked_add(1).ok_or(Error::Overflow)?;
        next.booked = booked;
        next.tries = if booked > self.booked {
            0
        } else {
            self.tries.saturating_add(1)
        };
        let wait_ms = match next.tries {
            0 => 0,
            tries => doubled_ms(u64::from(tries), FIRST_WAIT_MS, LONGEST_WAIT_MS),
        };
        next.due_at_ms = Some(now_ms.saturating_add(wait_ms));
        if booked == self.lines {
            next.state = StatementState::Done;
            next.due_at_ms = None;
        }
        Ok(vec![Write::Statement(Put {
            expect: Expect::Version(self.version),
            row: next,
        })])
    }

    fn create(self) -> Write {
        Write::Statement(Put {
            expect: Expect::Absent,
            row: self,
        })
    }
}
