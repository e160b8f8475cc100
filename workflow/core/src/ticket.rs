//! A document's place in the queue.

use serde::{Deserialize, Serialize};

/// A lane of the queue; lanes are served side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Everyone's lane.
    Single,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 1] = [Self::Single];

    /// The lane's name in rows and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
        }
    }
}

/// A number in a lane: lower numbers were accepted earlier. Numbers may be skipped, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ticket {
    /// The lane.
    pub lane: Lane,
    /// The number, from 1.
    pub number: u64,
}
