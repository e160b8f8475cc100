//! A token bucket: so many a second, and so many at once.

/// The bucket; time in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    per_ms: f64,
    most: f64,
    left: f64,
    at_ms: u64,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(per_s: f64, most: f64) -> Self {
        Self {
            per_ms: per_s / 1_000.0,
            most,
            left: most,
            at_ms: 0,
        }
    }

    /// A second's worth at once.
    pub(crate) fn of_a_second(per_s: f64) -> Self {
        Self::new(per_s, per_s)
    }

    /// Another rate from now on; what is in it stays, up to a second's worth.
    pub(crate) fn now_per_second(&mut self, per_s: f64, now_ms: u64) {
        self.fill(now_ms);
        self.per_ms = per_s / 1_000.0;
        self.most = per_s;
        self.left = self.left.min(self.most);
    }

    fn fill(&mut self, now_ms: u64) {
        let passed = now_ms.saturating_sub(self.at_ms) as f64;
        self.left = (self.left + passed * self.per_ms).min(self.most);
        self.at_ms = self.at_ms.max(now_ms);
    }

    /// Whether so many are there.
    pub(crate) fn has(&mut self, count: f64, now_ms: u64) -> bool {
        self.fill(now_ms);
        self.left >= count
    }

    /// Takes so many if they are there.
    pub(crate) fn take(&mut self, count: f64, now_ms: u64) -> bool {
        let there = self.has(count, now_ms);
        if there {
            self.left -= count;
        }
        there
    }

    /// Takes as many as are there, up to `count`, and gives how many it took.
    pub(crate) fn take_some(&mut self, count: f64, now_ms: u64) -> f64 {
        self.fill(now_ms);
        let taken = count.min(self.left).floor().max(0.0);
        self.left -= taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_rate_times_the_time_is_given(
            rate in 1.0_f64..5_000.0, burst in 1.0_f64..5_000.0,
            asks in prop::collection::vec((0_u64..400, 1_u32..60), 1..300),
        ) {
            let mut bucket = Bucket::new(rate, burst);
            let (mut now_ms, mut given, mut asked) = (0_u64, 0.0, 0.0);
            for (wait_ms, count) in asks {
                now_ms += wait_ms;
                asked += f64::from(count);
                if bucket.take(f64::from(count), now_ms) {
                    given += f64::from(count);
                } else {
                    // Nothing is refused that is there.
                    prop_assert!(!bucket.has(f64::from(count), now_ms));
                }
                prop_assert!(given <= burst + rate * now_ms as f64 / 1_000.0 + 1e-6);
            }
            prop_assert!(given <= asked);
        }
    }

    #[test]
    fn what_was_taken_is_back_after_its_time() {
        let mut bucket = Bucket::new(10.0, 10.0);
        assert!(bucket.take(10.0, 0));
        assert!(!bucket.take(1.0, 99));
        assert!(bucket.take(1.0, 100));
    }
}
