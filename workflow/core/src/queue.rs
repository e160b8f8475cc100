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

/// Documents that one worker is handed at once (`infra/template.yaml`, the mappings' batch size).
pub const BATCH: u64 = 10;

/// What was seen of a lane at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// The last number that was given.
    pub issued: u64,
    /// Documents that nobody has taken up yet.
    pub visible: u64,
    /// Documents that workers have in hand.
    pub in_flight: u64,
    /// Most documents that workers may have in hand at once.
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
    /// Most documents that workers may have in hand at once.
    pub workers: u64,
    /// How fast documents are finished while others wait.
    pub pace: Pace,
}

/// When to ask again whether orders are taken, in milliseconds.
const COME_BACK_AT_LEAST_MS: u64 = 60_000;
const COME_BACK_AT_MOST_MS: u64 = 10 * 60_000;

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
        let next = Self::first(seen, at_ms);
        let lasted_ms = at_ms.saturating_sub(self.at_ms);
        // While nobody waits, documents are finished as fast as they come, which says nothing of how fast they could be.
        let pace = if self.visible > 0 && seen.visible > 0 {
            let done = i128::from(next.served()) - i128::from(self.served());
            let done = i64::try_from(done).unwrap_or(i64::MAX);
            self.pace.worked(done, lasted_ms)
        } else {
            // Of what waited all was taken up: at least as fast as that, also after it stood still.
            self.pace.emptied(self.visible, lasted_ms)
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

    /// For how long new orders should wait, in milliseconds, as everyone's lane takes longer than `longest_ms`: what is
    /// paid for is stamped before more is sold. `None`: no need, or nobody knows.
    #[must_use]
    pub fn drains_first_ms(&self, longest_ms: u64, now_ms: u64) -> Option<u64> {
        let lane = self.lane(Lane::Single, now_ms)?;
        if lane.visible == 0 {
            return None;
        }
        let latest_ms = lane.eta(lane.issued.saturating_add(1), now_ms).latest_ms;
        let over_ms = match latest_ms {
            Some(latest_ms) => latest_ms
                .saturating_sub(now_ms)
                .checked_sub(longest_ms)
                .filter(|over_ms| *over_ms > 0)?,
            None => COME_BACK_AT_MOST_MS,
        };
        Some(over_ms.clamp(COME_BACK_AT_LEAST_MS, COME_BACK_AT_MOST_MS))
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000_000;
    const HOUR_MS: u64 = 3_600_000;

    fn looked(snapshot: &Snapshot, issued: u64, visible: u64, at_ms: u64) -> Snapshot {
        let seen = Seen {
            issued,
            visible,
            in_flight: 2,
            workers: 2,
        };
        let writes = snapshot.looked(&BTreeMap::from([(Lane::Single, seen)]), at_ms);
        match writes.unwrap().pop() {
            Some(Write::Queue(put)) => put.row,
            None => snapshot.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// A lane that finished two a second for ten minutes, and in which so many wait.
    fn busy(visible: u64) -> Snapshot {
        (0..120).fold(Snapshot::default(), |snapshot, n| {
            looked(&snapshot, visible + 2 + n * 10, visible, NOW + n * 5_000)
        })
    }

    #[test]
    fn what_is_served_is_what_was_given_less_what_waits() {
        let snapshot = busy(100);
        let lane = snapshot.lane(Lane::Single, NOW + 600_000).unwrap();
        assert_eq!((lane.served(), lane.waiting()), (1_190, 102));
        assert_eq!(lane.pace.slower(), 7_200);
        assert_eq!(
            [1_191, 1_193, 5].map(|number| lane.before(number)),
            [0, 2, 0]
        );
    }

    #[test]
    fn a_second_look_within_a_second_changes_nothing() {
        let first = looked(&Snapshot::default(), 10, 5, NOW);
        assert_eq!(looked(&first, 11, 5, NOW + 999), first);
        assert_eq!(looked(&first, 11, 5, NOW + 1_000).version, 2);
    }

    #[test]
    fn documents_that_are_finished_while_nobody_waits_say_nothing_of_the_pace() {
        let mut snapshot = busy(100);
        for n in 0..60 {
            snapshot = looked(&snapshot, 2_000 + n, 0, NOW + 700_000 + n * 5_000);
        }
        let at_ms = NOW + 700_000 + 59 * 5_000;
        assert_eq!(
            snapshot.lane(Lane::Single, at_ms).unwrap().pace.slower(),
            7_200
        );
    }

    #[test]
    fn those_who_come_to_an_empty_lane_say_nothing_of_its_pace_yet() {
        let empty = looked(&busy(100), 2_000, 0, NOW + 700_000);
        let filled = looked(&empty, 9_000, 100, NOW + 705_000);
        let pace = |snapshot: &Snapshot| snapshot.lanes[&Lane::Single].pace;
        let rested_ms = pace(&empty).rested_ms + 5_000;
        let rested = Pace {
            rested_ms,
            ..pace(&empty)
        };
        assert_eq!(pace(&filled), rested);
    }

    #[test]
    fn nobody_is_told_of_a_lane_that_was_not_looked_at_for_two_minutes() {
        let snapshot = looked(&Snapshot::default(), 10, 5, NOW);
        assert!(snapshot.lane(Lane::Single, NOW + 119_999).is_some());
        assert_eq!(snapshot.lane(Lane::Single, NOW + 120_000), None);
        assert_eq!(snapshot.lane(Lane::Bulk, NOW), None);
    }

    #[test]
    fn orders_wait_while_the_queue_is_longer_than_it_may_be_and_no_longer_than_ten_minutes_at_a_time()
     {
        let at_ms = NOW + 119 * 5_000;
        // 7,200 an hour, told with 15 to 40 in a hundred of doubt: 30,000 take five hours or more.
        let long = busy(30_000).drains_first_ms(HOUR_MS, at_ms);
        assert_eq!(long, Some(COME_BACK_AT_MOST_MS));
        assert_eq!(COME_BACK_AT_MOST_MS, 600_000);
        assert_eq!(busy(30_000).drains_first_ms(24 * HOUR_MS, at_ms), None);
        assert_eq!(busy(1_000).drains_first_ms(HOUR_MS, at_ms), None);
        assert_eq!(busy(0).drains_first_ms(0, at_ms), None);
        let still = (0..100).fold(busy(500), |snapshot, n| {
            looked(&snapshot, 1_692, 500, at_ms + 5_000 + n * 5_000)
        });
        let at_ms = at_ms + 500_000;
        assert_eq!(
            still.drains_first_ms(HOUR_MS, at_ms),
            Some(COME_BACK_AT_MOST_MS)
        );
        assert_eq!(
            still.drains_first_ms(HOUR_MS, at_ms + 120_000),
            None,
            "nobody knows"
        );
    }

    #[test]
    fn orders_are_taken_while_the_queue_is_just_as_long_as_it_may_be() {
        let at_ms = NOW + 119 * 5_000;
        let lane = busy(30_000);
        let next = lane.lane(Lane::Single, at_ms).unwrap();
        let latest_ms = next.eta(next.issued + 1, at_ms).latest_ms.unwrap() - at_ms;
        assert_eq!(lane.drains_first_ms(latest_ms, at_ms), None);
        let soon = lane.drains_first_ms(latest_ms - 1, at_ms);
        assert_eq!(soon, Some(COME_BACK_AT_LEAST_MS));
    }

    #[test]
    fn a_lane_that_stood_still_and_was_emptied_promises_again() {
        let still = (0..100).fold(busy(50), |snapshot, n| {
            looked(&snapshot, 1_242, 50, NOW + 600_000 + n * 5_000)
        });
        let at_ms = NOW + 600_000 + 99 * 5_000;
        let lane = still.lane(Lane::Single, at_ms).unwrap();
        assert_eq!(lane.promise(1_243, at_ms), None);
        let emptied = looked(&still, 1_242, 0, at_ms + 10_000);
        let lane = emptied.lane(Lane::Single, at_ms + 10_000).unwrap();
        assert!(lane.promise(1_243, at_ms + 10_000).is_some(), "{lane:?}");
    }
}
