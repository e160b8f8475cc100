//! How fast a lane goes.

use serde::{Deserialize, Serialize};

/// Documents an hour while others wait: lately, over a longer time, and how far the one strays from the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pace {
    /// Over about a minute of work.
    pub lately_per_hour: u64,
    /// Over about five minutes of work.
    pub longer_per_hour: u64,
    /// How far the pace of late lies from the longer one, in thousandths of that. Not how far single looks lie from each
    /// other: queues are counted about, and what one look has too many of the next has too few.
    pub strays_permille: u64,
    /// How long the lane has worked without a rest, in milliseconds.
    pub worked_ms: u64,
    /// How long it has rested since, in milliseconds.
    pub rested_ms: u64,
}

pub(super) const HOUR_MS: u64 = 60 * 60 * 1000;
const LATELY_MS: u64 = 60_000;
const LONGER_MS: u64 = 5 * 60 * 1000;
const STRAYS_OVER_MS: u64 = 2 * 60 * 1000;
/// After so long a rest workers have gone, and the pace is found anew.
const FORGOTTEN_AFTER_MS: u64 = 5 * 60 * 1000;
/// What a worker is thought to finish in an hour before it was seen at work: two a second.
const GUESS_PER_WORKER: u64 = 2 * 60 * 60;
const GUESS_STRAYS_PERMILLE: u64 = 500;

/// What so many in so many milliseconds are in an hour.
fn per_hour(done: i128, lasted_ms: u64) -> i128 {
    done * i128::from(HOUR_MS) / i128::from(lasted_ms.max(1))
}

/// Moves `from` towards `to`: all the way at first, and by the part that `lasted_ms` is of `over_ms` later. Not below 0.
fn towards(from: u64, to: i128, lasted_ms: u64, over_ms: u64) -> u64 {
    let whole = i128::from(over_ms.max(lasted_ms).max(1));
    let part = i128::from(lasted_ms);
    let sum = i128::from(from) * (whole - part) + to * part;
    u64::try_from((sum / whole).max(0)).unwrap_or(u64::MAX)
}

impl Pace {
    /// The pace of a lane that nobody has seen at work.
    pub(super) const fn guess(workers: u64) -> Self {
        let pace = workers.saturating_mul(GUESS_PER_WORKER);
        Self {
            lately_per_hour: pace,
            longer_per_hour: pace,
            strays_permille: GUESS_STRAYS_PERMILLE,
            worked_ms: 0,
            rested_ms: 0,
        }
    }

    /// So many documents were finished, with more waiting all the time. Below 0 when the counts of two looks are off in
    /// different ways: to leave that out would make every pace too fast, for the same errors count the other way.
    pub(super) fn worked(self, done: i64, lasted_ms: u64) -> Self {
        let seen = per_hour(done.into(), lasted_ms);
        let found_anew = self.rested_ms >= FORGOTTEN_AFTER_MS;
        let worked_ms = if found_anew { 0 } else { self.worked_ms };
        let worked_ms = worked_ms.saturating_add(lasted_ms);
        // The average of all there is, until there is as much as the window holds.
        let within = |window_ms: u64| window_ms.min(worked_ms);
        let lately_per_hour = towards(self.lately_per_hour, seen, lasted_ms, within(LATELY_MS));
        let longer_per_hour = towards(self.longer_per_hour, seen, lasted_ms, within(LONGER_MS));
        let off = lately_per_hour.abs_diff(longer_per_hour);
        let strays = off.saturating_mul(1_000) / longer_per_hour.max(1);
        Self {
            lately_per_hour,
            longer_per_hour,
            strays_permille: towards(
                self.strays_permille,
                strays.min(1_000).into(),
                lasted_ms,
                STRAYS_OVER_MS,
            ),
            worked_ms,
            rested_ms: 0,
        }
    }

    /// All that waited were taken up, and then some time went by with nobody waiting.
    pub(super) fn emptied(self, waited: u64, lasted_ms: u64) -> Self {
        let seen = u64::try_from(per_hour(waited.into(), lasted_ms)).unwrap_or(u64::MAX);
        Self {
            lately_per_hour: self.lately_per_hour.max(seen),
            longer_per_hour: self.longer_per_hour.max(seen),
            ..self.idled(lasted_ms)
        }
    }

    /// Nobody waited for a while.
    const fn idled(self, lasted_ms: u64) -> Self {
        Self {
            rested_ms: self.rested_ms.saturating_add(lasted_ms),
            ..self
        }
    }

    /// The slower of the two, in documents an hour.
    #[must_use]
    pub fn slower(&self) -> u64 {
        self.lately_per_hour.min(self.longer_per_hour)
    }

    /// The faster of the two, in documents an hour.
    #[must_use]
    pub fn faster(&self) -> u64 {
        self.lately_per_hour.max(self.longer_per_hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_look_at_a_working_lane_counts_more_than_the_guess() {
        let guess = Pace::guess(4);
        assert_eq!(
            (guess.lately_per_hour, guess.longer_per_hour),
            (28_800, 28_800)
        );
        let pace = guess.worked(10, 5_000);
        assert_eq!((pace.lately_per_hour, pace.longer_per_hour), (7_200, 7_200));
    }

    #[test]
    fn lately_follows_a_change_within_two_minutes_and_longer_within_ten() {
        let mut pace = Pace::guess(1);
        for _ in 0..120 {
            pace = pace.worked(50, 5_000);
        }
        assert_eq!(pace.slower(), 36_000);
        for _ in 0..24 {
            pace = pace.worked(5, 5_000);
        }
        assert!(pace.lately_per_hour < 8_000, "{pace:?}");
        assert!(pace.longer_per_hour > 24_000, "{pace:?}");
        for _ in 0..200 {
            pace = pace.worked(5, 5_000);
        }
        assert!(pace.faster() < 4_800, "{pace:?}");
    }

    #[test]
    fn counts_that_are_off_by_turns_do_not_make_a_steady_pace_faster() {
        let looks = (0..240_u64).map(|n| if n % 2 == 0 { 80 } else { -60 });
        let pace = looks.fold(Pace::guess(1), |pace, done| pace.worked(done, 5_000));
        assert!(pace.slower() > 4_500 && pace.faster() < 9_000, "{pace:?}");
        let paces = (0..24).fold(pace, |pace, _| pace.worked(10, 5_000));
        assert!(paces.strays_permille < pace.strays_permille, "{paces:?}");
    }

    #[test]
    fn a_lane_that_stands_still_has_no_pace_after_minutes() {
        let mut pace = Pace::guess(1).worked(50, 5_000);
        for _ in 0..120 {
            pace = pace.worked(0, 5_000);
        }
        assert!(pace.slower() < 10, "{pace:?}");
    }

    #[test]
    fn a_short_rest_keeps_the_pace_and_a_long_one_has_it_found_anew() {
        let worked = (0..100).fold(Pace::guess(1), |pace, _| pace.worked(50, 5_000));
        let short = worked.idled(60_000).worked(5, 5_000);
        assert!(short.longer_per_hour > 34_000, "{short:?}");
        let not_yet = worked.idled(299_999).worked(5, 5_000);
        assert!(not_yet.longer_per_hour > 34_000, "{not_yet:?}");
        let long = worked.idled(300_000).worked(5, 5_000);
        assert_eq!(long.longer_per_hour, 3_600);
    }

    #[test]
    fn a_lane_that_was_emptied_went_at_least_as_fast_as_that_and_has_rested_since() {
        let pace = Pace::guess(1).emptied(100, 10_000);
        let fast = 36_000;
        assert_eq!((pace.lately_per_hour, pace.longer_per_hour), (fast, fast));
        assert_eq!((pace.worked_ms, pace.rested_ms), (0, 10_000));
        let slow = pace.emptied(1, 10_000);
        assert_eq!((slow.lately_per_hour, slow.longer_per_hour), (fast, fast));
    }

    #[test]
    fn what_strays_is_forgotten_over_two_minutes_of_work() {
        let steady = Pace {
            lately_per_hour: 7_200,
            longer_per_hour: 7_200,
            strays_permille: 480,
            worked_ms: 3_600_000,
            rested_ms: 0,
        };
        assert_eq!(steady.worked(10, 5_000).strays_permille, 460);
        assert_eq!(steady.worked(240, 120_000).strays_permille, 0);
        // 6,600 lately and 7,080 longer: 67 in a thousand, of which 5 s in two minutes.
        let calm = Pace {
            strays_permille: 0,
            ..steady
        };
        let stopped = calm.worked(0, 5_000);
        assert_eq!(
            (
                stopped.lately_per_hour,
                stopped.longer_per_hour,
                stopped.strays_permille
            ),
            (6_600, 7_080, 2)
        );
    }

    #[test]
    fn no_numbers_overflow() {
        let pace = Pace::guess(u64::MAX)
            .worked(i64::MAX, 1)
            .worked(i64::MAX, 0);
        assert!(pace.faster() > 0);
    }
}
