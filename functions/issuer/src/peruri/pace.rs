//! How many documents are at the issuer at a time, and how often one goes there: within its limits, and fewer while it is
//! strained. What is known of it is this process's own and lost with it; it saves the issuer calls and nothing rests on it.

use super::call::Failed;
use bubuh_store::Ambient;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The issuer's limits, as far as this process may use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Documents at a time; one at least.
    pub at_once: usize,
    /// Documents a second; none: no limit.
    pub per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: 10,
            per_second: None,
        }
    }
}

#[derive(Debug)]
struct Now {
    /// Documents that may be there at a time now.
    at_once: usize,
    /// That went well since that changed.
    well: usize,
    /// When the next one may go.
    next_ms: u64,
}

#[derive(Debug)]
pub(super) struct Pace {
    limits: Limits,
    places: Semaphore,
    now: Mutex<Now>,
}

impl Pace {
    pub(super) fn new(limits: Limits) -> Self {
        let at_once = limits.at_once.max(1);
        Self {
            limits: Limits { at_once, ..limits },
            places: Semaphore::new(at_once),
            now: Mutex::new(Now {
                at_once,
                well: 0,
                next_ms: 0,
            }),
        }
    }

    /// Waits for a place, and for the time to go.
    pub(super) async fn enter(&self, ambient: &Ambient) -> Result<Visit<'_>, Failed> {
        let place = self.places.acquire().await;
        let place = place.map_err(|e| Failed::NotDone(e.to_string()))?;
        let wait_ms = self.wait_ms(ambient.now_ms());
        if wait_ms > 0 {
            tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        }
        Ok(Visit { pace: self, place })
    }

    fn wait_ms(&self, now_ms: u64) -> u64 {
        let Some(per_second) = self.limits.per_second.filter(|n| *n > 0) else {
            return 0;
        };
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let at_ms = now.next_ms.max(now_ms);
        now.next_ms = at_ms.saturating_add(1_000_u64.div_ceil(u64::from(per_second)));
        at_ms.saturating_sub(now_ms)
    }
}

/// A document's time at the issuer.
pub(super) struct Visit<'a> {
    pace: &'a Pace,
    place: SemaphorePermit<'a>,
}

impl Visit<'_> {
    /// Ends. A strained issuer gets one document fewer at a time, one at least; as many that go well as are there at a
    /// time bring one place back.
    pub(super) fn end(self, strained: bool) {
        let pace = self.pace;
        let mut now = pace.now.lock().unwrap_or_else(PoisonError::into_inner);
        if strained {
            now.well = 0;
            if now.at_once > 1 {
                now.at_once = now.at_once.saturating_sub(1);
                self.place.forget();
            }
            return;
        }
        now.well = now.well.saturating_add(1);
        if now.well >= now.at_once && now.at_once < pace.limits.at_once {
            now.well = 0;
            now.at_once = now.at_once.saturating_add(1);
            pace.places.add_permits(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(at_once: usize, per_second: Option<u32>) -> Pace {
        Pace::new(Limits {
            at_once,
            per_second,
        })
    }

    fn visits(pace: &Pace, strained: bool, times: usize) {
        for _ in 0..times {
            let place = pace.places.try_acquire().unwrap();
            Visit { pace, place }.end(strained);
        }
    }

    #[test]
    fn a_strained_issuer_gets_fewer_at_a_time_down_to_one_and_a_place_back_for_each_round_that_goes_well()
     {
        let pace = pace(4, None);
        visits(&pace, true, 2);
        assert_eq!(pace.places.available_permits(), 2);
        visits(&pace, true, 5);
        assert_eq!(pace.places.available_permits(), 1);
        visits(&pace, false, 1);
        assert_eq!(pace.places.available_permits(), 2);
        visits(&pace, false, 1);
        assert_eq!(pace.places.available_permits(), 2);
        visits(&pace, false, 4);
        assert_eq!(pace.places.available_permits(), 4);
        visits(&pace, false, 40);
        assert_eq!(pace.places.available_permits(), 4);
    }

    #[test]
    fn a_visit_that_is_cut_short_gives_its_place_back() {
        let pace = pace(1, None);
        drop(Visit {
            pace: &pace,
            place: pace.places.try_acquire().unwrap(),
        });
        assert_eq!(pace.places.available_permits(), 1);
        assert_eq!(pace.now.lock().unwrap().at_once, 1);
    }

    #[test]
    fn documents_go_at_the_rate_that_is_allowed_and_nothing_is_saved_up() {
        let pace = pace(10, Some(4));
        let waits: Vec<u64> = (0..3).map(|_| pace.wait_ms(1_000)).collect();
        assert_eq!(waits, [0, 250, 500]);
        let later: Vec<u64> = (0..2).map(|_| pace.wait_ms(9_000)).collect();
        assert_eq!(later, [0, 250]);
    }
}
