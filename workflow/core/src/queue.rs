//! How far each lane of the queue has come, and when a document's turn will be.
//!
//! Everything here is an estimate out of a few numbers that cost nothing per document: the last ticket that was given,
//! and how many messages the queue holds. It decides when to look again and what people are told, never who is right.

mod eta;
mod pace;

pub use eta::{Eta, ITS_OWN_MS, Promise};
pub use pace::Pace;

use crate::{
    error::Error,
    ticket::Lane,
    write::{Expect, Put, Write},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was seen of a lane at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// The last number that was given.
    pub issued: u64,
    /// Documents that nobody has taken up yet.
    pub visible: u64,
    /// Documents that workers have in hand.
    pub in_flight: u64,
    /// Most workers that may serve the lane at once.
    pub workers: u64,
}

/// How far a lane has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Progress {
    /// When this was seen, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The last number that was given.
    pub issued: u64,
    /// Documents that nobody has taken up yet.
    pub visible: u64,
    /// Documents that workers have in hand.
    pub in_flight: u64,
    /// Most workers that may serve the lane at once.
    pub workers: u64,
    /// How fast documents are finished while others wait.
    pub pace: Pace,
}

/// Two looks that are closer than this tell nothing of the pace, in milliseconds.
const LOOK_APART_MS: u64 = 1_000;

impl Progress {
    fn first(seen: Seen, at_ms: u64) -> Self {
        Self {
            at_ms,
            issued: seen.issued,
            visible: seen.visible,
            in_flight: seen.in_flight,
            workers: seen.workers,
            pace: Pace::guess(seen.workers),
        }
    }

    /// What a later look makes of it.
    fn then(&self, seen: Seen, at_ms: u64) -> Self {
        let next = Self {
            pace: self.pace,
            ..Self::first(seen, at_ms)
        };
        let lasted_ms = at_ms.saturating_sub(self.at_ms);
        // While nobody waits, documents are finished as fast as they come, which says nothing of how fast they could be.
        let pace = if self.visible > 0 && seen.visible > 0 {
            let done = next.served().saturating_sub(self.served());
            self.pace.worked(done, lasted_ms)
        } else {
            self.pace.idled(lasted_ms)
        };
        Self { pace, ..next }
    }

    /// Documents that are not finished.
    #[must_use]
    pub const fn waiting(&self) -> u64 {
        self.visible.saturating_add(self.in_flight)
    }

    /// The number that is finished next, or was just: whoever has a greater one waits. A lane is first come, first
    /// served to within what the queue's own order and the workers' chances move.
    #[must_use]
    pub const fn served(&self) -> u64 {
        self.issued.saturating_sub(self.waiting())
    }

    /// How many are before this number, those in hand included.
    #[must_use]
    pub const fn before(&self, number: u64) -> u64 {
        number.saturating_sub(self.served()).saturating_sub(1)
    }
}

/// All lanes at one moment; the one row that everyone who waits is answered from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Snapshot {
    /// Grows by one with each change.
    pub version: u64,
    /// The lanes that were looked at.
    pub lanes: BTreeMap<Lane, Progress>,
}

impl Snapshot {
    /// How far a lane has come, unless nobody has looked for so long that it would be a guess.
    #[must_use]
    pub fn lane(&self, lane: Lane, now_ms: u64) -> Option<&Progress> {
        let progress = self.lanes.get(&lane)?;
        progress.is_fresh(now_ms).then_some(progress)
    }

    /// What this look makes of it. Of two who look at once, one is enough: the other's write does not hold.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn looked(&self, seen: &BTreeMap<Lane, Seen>, now_ms: u64) -> Result<Vec<Write>, Error> {
        let newest_ms = self.lanes.values().map(|p| p.at_ms).max().unwrap_or(0);
        if now_ms < newest_ms.saturating_add(LOOK_APART_MS) {
            return Ok(Vec::new());
        }
        let lanes = seen.iter().map(|(lane, seen)| {
            let progress = match self.lanes.get(lane) {
                Some(before) => before.then(*seen, now_ms),
                None => Progress::first(*seen, now_ms),
            };
            (*lane, progress)
        });
        let expect = match self.version {
            0 => Expect::Absent,
            version => Expect::Version(version),
        };
        Ok(vec![Write::Queue(Put {
            expect,
            row: Self {
                version: self.version.checked_add(1).ok_or(Error::Overflow)?,
                lanes: lanes.collect(),
            },
        })])
    }
}
