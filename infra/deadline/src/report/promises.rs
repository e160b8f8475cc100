//! What was promised against what came.

use crate::histogram::Histogram;
use bubuh_core::queue::Promise;
use serde::Serialize;

/// Waits that are shorter than this say little about a promise, in milliseconds.
const SHORT_MS: u64 = 60_000;

/// Counts of promises kept and missed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Promises {
    none: u64,
    all: Kept,
    /// Of documents that waited a minute or longer.
    long: Kept,
}

#[derive(Debug, Clone, Default)]
struct Kept {
    inside: u64,
    early: Histogram,
    late: Histogram,
    /// The range's width in thousandths of the wait.
    width: Histogram,
}

/// How the first promises held.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kept100 {
    /// Documents.
    pub documents: u64,
    /// In a hundred, within the range.
    pub inside: f64,
    /// In a hundred, before it, and by how many seconds: median and 90th percentile.
    pub early: f64,
    /// See `early`.
    pub early_by_s: [f64; 2],
    /// In a hundred, after it.
    pub late: f64,
    /// See `early`.
    pub late_by_s: [f64; 2],
    /// The range's width against the wait: the median.
    pub width_to_wait: f64,
}

impl Promises {
    pub(crate) fn note(&mut self, promise: Option<Promise>, queued_ms: u64, stamped_ms: u64) {
        let Some(promise) = promise else {
            self.none += 1;
            return;
        };
        let wait_ms = stamped_ms.saturating_sub(queued_ms);
        self.all.note(promise, wait_ms, stamped_ms);
        if wait_ms >= SHORT_MS {
            self.long.note(promise, wait_ms, stamped_ms);
        }
    }

    /// Documents that were promised nothing, all that were promised something, and those of them that waited long.
    pub(crate) fn told(&self) -> (u64, Kept100, Kept100) {
        (self.none, self.all.told(), self.long.told())
    }
}

impl Kept {
    fn note(&mut self, promise: Promise, wait_ms: u64, stamped_ms: u64) {
        match promise.missed_by_ms(stamped_ms) {
            0 => self.inside += 1,
            by_ms if stamped_ms < promise.earliest_ms => self.early.note(by_ms),
            by_ms => self.late.note(by_ms),
        }
        let width_ms = promise.latest_ms.saturating_sub(promise.earliest_ms);
        self.width.note(width_ms * 1_000 / wait_ms.max(1));
    }

    fn told(&self) -> Kept100 {
        let documents = self.inside + self.early.count() + self.late.count();
        let of = |count: u64| count as f64 * 100.0 / documents.max(1) as f64;
        let by = |h: &Histogram| [500, 900].map(|p| h.permille(p) as f64 / 1_000.0);
        Kept100 {
            documents,
            inside: of(self.inside),
            early: of(self.early.count()),
            early_by_s: by(&self.early),
            late: of(self.late.count()),
            late_by_s: by(&self.late),
            width_to_wait: self.width.permille(500) as f64 / 1_000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_after_and_within_its_range_is_told_apart() {
        let mut promises = Promises::default();
        let promise = Promise {
            earliest_ms: 100_000,
            latest_ms: 150_000,
        };
        for stamped_ms in [40_000, 90_000, 100_000, 120_000, 150_000, 152_000] {
            promises.note(Some(promise), 0, stamped_ms);
        }
        promises.note(None, 0, 7);
        let (none, all, long) = promises.told();
        assert_eq!((none, all.documents, all.inside), (1, 6, 50.0));
        assert_eq!((long.documents, long.early_by_s[0].round()), (5, 10.0));
        assert_eq!(
            (all.late_by_s[0].round(), (all.width_to_wait * 10.0).round()),
            (2.0, 4.0)
        );
    }
}
