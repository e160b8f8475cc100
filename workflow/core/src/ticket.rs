//! A document's place in the queue.

use crate::money::Stamps;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A lane of the queue; lanes are served side by side, each by workers of its own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Everyone's lane.
    Single,
    /// The lane of accounts that have many documents under way.
    Bulk,
}

/// An account with so many documents under way queues further ones in the bulk lane. An applicant has two or three
/// (domain: CASN 2024); an office that stamps its files has hundreds.
pub const BULK_FROM: u32 = 10;

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 2] = [Self::Single, Self::Bulk];

    /// The lane's name in rows and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Bulk => "bulk",
        }
    }

    /// The lane for the next document of an account, by how many of its stamps are on documents that are under way.
    /// Nothing an owner says moves a document to another lane: asking for haste would be free.
    #[must_use]
    pub fn of(under_way: Stamps) -> Self {
        if under_way.get() >= BULK_FROM {
            Self::Bulk
        } else {
            Self::Single
        }
    }
}

/// A number in a lane: lower numbers were accepted earlier, to within a few seconds. Numbers may be skipped, never
/// given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ticket {
    /// The lane.
    pub lane: Lane,
    /// The number, from 1.
    pub number: u64,
}

/// How long numbers that were taken ahead are used, in milliseconds. Older ones are skipped: who comes now must not
/// stand before those who came earlier. Several times as long as they should last, for each number that is skipped
/// looks like a document that was served, and makes the lane's pace too fast.
const USED_WITHIN_MS: u64 = 3_000;
/// Most numbers that one worker takes ahead.
const AHEAD_MAX: u32 = 64;

/// Numbers of one lane that a worker took ahead, as many as it lately gave out in a second: so the lane's counter is
/// written some dozen times a second however many documents come, and hardly a number is skipped when few do. It is
/// only thrift: a worker that dies takes numbers along, and nothing else.
#[derive(Debug, Clone, Default)]
pub struct Ahead {
    next: u64,
    left: u32,
    since_ms: u64,
    given: u32,
}

impl Ahead {
    /// The next number, if one is left that may still be used.
    pub fn give(&mut self, now_ms: u64) -> Option<u64> {
        if now_ms.saturating_sub(self.since_ms) >= USED_WITHIN_MS {
            self.left = 0;
        }
        let number = self.next;
        self.left = self.left.checked_sub(1)?;
        self.next = number.saturating_add(1);
        self.given = self.given.saturating_add(1);
        Some(number)
    }

    /// How many numbers to take from the counter now.
    #[must_use]
    pub fn wanted(&self, now_ms: u64) -> u32 {
        let lasted_ms = now_ms.saturating_sub(self.since_ms).max(1);
        let a_second = u64::from(self.given).saturating_mul(1_000) / lasted_ms;
        u32::try_from(a_second)
            .unwrap_or(AHEAD_MAX)
            .clamp(1, AHEAD_MAX)
    }

    /// Notes that `count` numbers from `first` on were taken, and gives the first of them.
    pub fn took(&mut self, first: u64, count: u32, now_ms: u64) -> u64 {
        *self = Self {
            next: first.saturating_add(1),
            left: count.saturating_sub(1),
            since_ms: now_ms,
            given: 1,
        };
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A lane's counter, and a worker that takes from it.
    struct Desk {
        last: u64,
        takes: u32,
        ahead: Ahead,
    }

    impl Desk {
        fn new() -> Self {
            Self {
                last: 0,
                takes: 0,
                ahead: Ahead::default(),
            }
        }

        fn number(&mut self, now_ms: u64) -> u64 {
            if let Some(number) = self.ahead.give(now_ms) {
                return number;
            }
            let count = self.ahead.wanted(now_ms);
            let first = self.last + 1;
            self.last += u64::from(count);
            self.takes += 1;
            self.ahead.took(first, count, now_ms)
        }
    }

    #[test]
    fn an_account_with_ten_documents_under_way_queues_the_next_in_the_bulk_lane() {
        assert_eq!(Lane::of(Stamps::new(9)), Lane::Single);
        assert_eq!(Lane::of(Stamps::new(10)), Lane::Bulk);
    }

    #[test]
    fn a_worker_with_one_document_now_and_then_skips_no_number() {
        let mut desk = Desk::new();
        let numbers: Vec<u64> = (1..=5).map(|n| desk.number(n * 10_000)).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_busy_worker_writes_to_the_counter_about_once_a_second() {
        let mut desk = Desk::new();
        for n in 0..600_u64 {
            desk.number(1_000_000 + n * 50);
        }
        assert!(desk.takes < 60, "{} takes in 30 s", desk.takes);
    }

    #[test]
    fn numbers_taken_ahead_are_not_given_three_seconds_later() {
        let mut ahead = Ahead::default();
        assert_eq!(ahead.took(10, 8, 5_000), 10);
        assert_eq!(ahead.give(7_999), Some(11));
        assert_eq!(ahead.give(8_000), None);
        assert_eq!(ahead.give(7_999), None);
    }

    proptest! {
        #[test]
        fn no_number_is_given_twice_and_numbers_only_grow(waits in prop::collection::vec(0_u64..3_000, 1..300)) {
            let (mut desk, mut now_ms, mut last) = (Desk::new(), 1_000_000, 0);
            for wait in waits {
                now_ms += wait;
                let number = desk.number(now_ms);
                prop_assert!(number > last);
                prop_assert!(number <= desk.last);
                last = number;
            }
        }
    }
}
