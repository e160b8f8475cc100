//! When a document's turn will be: a range, never a moment.

use super::{Progress, pace::HOUR_MS};
use serde::{Deserialize, Serialize};

/// When a document will be finished, in milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// Hardly before.
    pub earliest_ms: u64,
    /// Hardly after; none: nobody can tell, for the lane stands still or it takes more than a day.
    pub latest_ms: Option<u64>,
}

/// The first range that an owner was told. What became of it is kept with the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Promise {
    /// Hardly before, in milliseconds since the epoch.
    pub earliest_ms: u64,
    /// Hardly after.
    pub latest_ms: u64,
}

impl Promise {
    /// How far off the range a document was finished, in milliseconds; 0 within it.
    #[must_use]
    pub const fn missed_by_ms(&self, finished_ms: u64) -> u64 {
        let early_ms = self.earliest_ms.saturating_sub(finished_ms);
        early_ms.saturating_add(finished_ms.saturating_sub(self.latest_ms))
    }
}

/// A snapshot older than this says nothing, in milliseconds.
const STALE_AFTER_MS: u64 = 2 * 60 * 1000;
/// Nobody is promised more than this, in milliseconds.
const PROMISED_AT_MOST_MS: u64 = 24 * HOUR_MS;
/// What every document takes besides its place in the queue, in milliseconds: two looks at the lane, its own stamp,
/// and a little for a worker that has to be started.
pub const ITS_OWN_MS: u64 = 20_000;
/// The least doubt in a pace, in thousandths. With this and half of what the pace strays, 90 in a hundred first promises
/// and more hold in `bubuh simulate deadline-day`, with a range of about half of the wait.
const DOUBT_PERMILLE: u64 = 100;
const DOUBT_MOST_PERMILLE: u64 = 600;
/// At most so many times as many workers as there are now may come to help.
const HELP_MOST: u64 = 4;

/// How long `count` documents take at `per_hour`; `None` for ever.
fn lasts_ms(count: u64, per_hour: u64) -> Option<u64> {
    let whole = u128::from(count) * u128::from(HOUR_MS);
    u64::try_from(whole.checked_div(u128::from(per_hour))?).ok()
}

impl Progress {
    /// Whether this still says something.
    pub(super) const fn is_fresh(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.at_ms) < STALE_AFTER_MS
    }

    /// When the document with this number will be finished.
    #[must_use]
    pub fn eta(&self, number: u64, now_ms: u64) -> Eta {
        let count = self.before(number).saturating_add(1);
        let (slowest, fastest) = self.per_hour();
        let earliest_ms = lasts_ms(count, fastest).unwrap_or(PROMISED_AT_MOST_MS);
        let latest_ms = lasts_ms(count, slowest).filter(|ms| *ms <= PROMISED_AT_MOST_MS);
        Eta {
            earliest_ms: self.at_ms.saturating_add(earliest_ms).max(now_ms),
            latest_ms: latest_ms.map(|ms| {
                let latest_ms = self.at_ms.saturating_add(ms);
                latest_ms.max(now_ms).saturating_add(ITS_OWN_MS)
            }),
        }
    }

    /// Documents an hour: hardly less, and hardly more.
    ///
    /// The lesser is the slower of two paces without any help; the greater the faster pace with the help of every
    /// worker that may still be started (Little's law: the pace grows as the workers do).
    #[must_use]
    pub fn per_hour(&self) -> (u64, u64) {
        let doubt = DOUBT_PERMILLE
            .saturating_add(self.pace.strays_permille / 2)
            .min(DOUBT_MOST_PERMILLE);
        let in_hand = self.in_flight.max(1);
        let help = (self.workers.saturating_mul(1_000) / in_hand)
            .clamp(1_000, HELP_MOST.saturating_mul(1_000));
        let scaled = |pace: u64, permille: u64| pace.saturating_mul(permille) / 1_000;
        let slowest = scaled(self.pace.slower(), 1_000_u64.saturating_sub(doubt));
        let fastest = scaled(self.pace.faster(), doubt.saturating_add(1_000));
        (slowest, scaled(fastest, help))
    }

    /// What is told, and kept, when a document gets this number.
    #[must_use]
    pub fn promise(&self, number: u64, now_ms: u64) -> Option<Promise> {
        let Eta {
            earliest_ms,
            latest_ms,
        } = self.eta(number, now_ms);
        latest_ms.map(|latest_ms| Promise {
            earliest_ms,
            latest_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{Pace, Seen};
    use proptest::prelude::*;

    const NOW: u64 = 1_800_000_000_000;

    fn lane(issued: u64, visible: u64, per_hour: u64) -> Progress {
        let seen = Seen {
            issued,
            visible,
            in_flight: 10,
            workers: 10,
        };
        Progress {
            pace: Pace {
                lately_per_hour: per_hour,
                longer_per_hour: per_hour,
                strays_permille: 0,
                worked_ms: 600_000,
                rested_ms: 0,
            },
            ..Progress::first(seen, NOW)
        }
    }

    #[test]
    fn a_place_in_a_steady_lane_is_told_within_ten_hundredths() {
        // 990 + 10 before it, 3,600 an hour: about 1,000 s.
        let eta = lane(5_000, 990, 3_600).eta(5_001, NOW);
        let after = |ms: u64| (ms - NOW) / 1_000;
        assert_eq!(after(eta.earliest_ms), 910);
        assert_eq!(after(eta.latest_ms.unwrap()), 1_112 + 20);
    }

    #[test]
    fn who_is_served_already_is_told_now_to_twenty_seconds() {
        let eta = lane(5_000, 0, 3_600).eta(4_000, NOW + 3_000);
        assert_eq!(eta.earliest_ms, NOW + 3_000);
        assert_eq!(eta.latest_ms, Some(NOW + 3_000 + 20_000));
    }

    #[test]
    fn a_lane_that_stands_still_promises_nothing() {
        assert_eq!(lane(500, 490, 0).eta(500, NOW).latest_ms, None);
        assert_eq!(lane(500, 490, 0).promise(500, NOW), None);
    }

    #[test]
    fn nobody_is_promised_more_than_a_day() {
        let lane = lane(100_000, 99_000, 3_600);
        assert_eq!(lane.promise(100_000, NOW), None);
        assert!(lane.promise(30_000, NOW).is_some());
    }

    #[test]
    fn workers_that_may_still_come_move_the_earlier_end_only() {
        let full = lane(5_000, 990, 3_600);
        let started = Progress {
            workers: 30,
            ..full
        };
        let (full, started) = (full.eta(5_001, NOW), started.eta(5_001, NOW));
        assert!(started.earliest_ms - NOW < (full.earliest_ms - NOW) / 2);
        assert_eq!(started.latest_ms, full.latest_ms);
    }

    #[test]
    fn a_restless_pace_widens_the_range_at_both_ends() {
        let calm = lane(5_000, 990, 3_600);
        let mut restless = calm;
        restless.pace.strays_permille = 400;
        let (calm, restless) = (calm.eta(5_001, NOW), restless.eta(5_001, NOW));
        assert!(restless.earliest_ms < calm.earliest_ms);
        assert!(restless.latest_ms > calm.latest_ms);
    }

    #[test]
    fn half_of_what_a_pace_strays_is_doubt_and_never_more_than_six_tenths_in_all() {
        for (strays_permille, slowest, fastest) in [
            (0, 3_240, 3_960),
            (200, 2_880, 4_320),
            (5_000, 1_440, 5_760),
        ] {
            let mut lane = lane(5_000, 990, 3_600);
            lane.pace.strays_permille = strays_permille;
            assert_eq!(lane.per_hour(), (slowest, fastest), "{strays_permille}");
        }
    }

    #[test]
    fn a_promise_is_missed_by_what_lies_outside_of_it() {
        let promise = Promise {
            earliest_ms: 100,
            latest_ms: 200,
        };
        let missed = [40, 100, 200, 230].map(|at| promise.missed_by_ms(at));
        assert_eq!(missed, [60, 0, 0, 30]);
    }

    proptest! {
        #[test]
        fn a_later_number_never_has_an_earlier_end(
            issued in 0_u64..1_000_000, visible in 0_u64..1_000_000, per_hour in 0_u64..10_000_000,
            number in 0_u64..1_000_000, later in 0_u64..1_000_000, age in 0_u64..100_000,
        ) {
            let lane = lane(issued, visible, per_hour);
            let (a, b) = (lane.eta(number, NOW + age), lane.eta(number + later, NOW + age));
            prop_assert!(a.earliest_ms <= b.earliest_ms && a.earliest_ms >= NOW + age);
            match (a.latest_ms, b.latest_ms) {
                (Some(a_ms), Some(b_ms)) => prop_assert!(a_ms <= b_ms && a.earliest_ms <= a_ms),
                (None, b_ms) => prop_assert_eq!(b_ms, None),
                (Some(_), None) => {}
            }
        }
    }
}
