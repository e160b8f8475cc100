//! A queue's mapping to a function: how many batches it has at work, and may have.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>

/// How a mapping grows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Growth {
    /// At first.
    pub(crate) first: f64,
    /// More in a minute while messages wait.
    pub(crate) per_minute: f64,
    /// At most: the service's limit or the mapping's own.
    pub(crate) most: f64,
    /// How long it keeps what it has grown to without waiting messages, in milliseconds.
    pub(crate) rests_after_ms: u64,
}

/// The mapping.
#[derive(Debug)]
pub(crate) struct Mapping {
    growth: Growth,
    may: f64,
    at_ms: u64,
    busy_at_ms: u64,
    at_work: u64,
    pub(crate) peak: u64,
}

impl Mapping {
    pub(crate) fn new(growth: Growth) -> Self {
        Self {
            growth,
            may: growth.first.min(growth.most),
            at_ms: 0,
            busy_at_ms: 0,
            at_work: 0,
            peak: 0,
        }
    }

    /// Once in a while: grows while messages wait, and starts anew after a rest. It grows only when what it has is at
    /// work, so that it does not hold pollers that nothing needs.
    pub(crate) fn tick(&mut self, waiting: usize, now_ms: u64) {
        let passed_ms = now_ms.saturating_sub(self.at_ms) as f64;
        self.at_ms = now_ms;
        if waiting > 0 && self.at_work as f64 + 1.0 > self.may {
            self.may += self.growth.per_minute * passed_ms / 60_000.0;
        }
        if waiting > 0 || self.at_work > 0 {
            self.busy_at_ms = now_ms;
        } else if now_ms.saturating_sub(self.busy_at_ms) >= self.growth.rests_after_ms {
            self.may = self.growth.first;
        }
        self.may = self.may.min(self.growth.most);
    }

    pub(crate) fn has_room(&self) -> bool {
        (self.at_work as f64) + 1.0 <= self.may
    }

    /// Whether the mapping's own limit is what holds messages up.
    pub(crate) fn is_full(&self) -> bool {
        self.may >= self.growth.most && !self.has_room()
    }

    pub(crate) fn begin(&mut self) {
        self.at_work += 1;
        self.peak = self.peak.max(self.at_work);
    }

    pub(crate) const fn end(&mut self) {
        self.at_work = self.at_work.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GROWTH: Growth = Growth {
        first: 5.0,
        per_minute: 300.0,
        most: 100.0,
        rests_after_ms: 60_000,
    };

    fn fill(mapping: &mut Mapping) {
        while mapping.has_room() {
            mapping.begin();
        }
    }

    #[test]
    fn it_begins_with_five_and_grows_by_three_hundred_a_minute_up_to_its_limit() {
        let mut mapping = Mapping::new(GROWTH);
        fill(&mut mapping);
        let mut grown = vec![mapping.at_work];
        for second in 1..=30 {
            mapping.tick(1_000, second * 1_000);
            fill(&mut mapping);
            grown.push(mapping.at_work);
        }
        assert_eq!(grown[..4], [5, 10, 15, 20]);
        assert_eq!(grown[19..], [100; 12]);
        assert!(mapping.is_full());
    }

    #[test]
    fn after_a_rest_it_begins_anew() {
        let mut mapping = Mapping::new(GROWTH);
        fill(&mut mapping);
        mapping.tick(9, 10_000);
        fill(&mut mapping);
        assert_eq!(mapping.at_work, 55);
        (0..55).for_each(|_| mapping.end());
        mapping.tick(0, 69_000);
        fill(&mut mapping);
        assert_eq!(mapping.at_work, 55);
        (0..55).for_each(|_| mapping.end());
        mapping.tick(0, 130_000);
        fill(&mut mapping);
        assert_eq!(mapping.at_work, 5);
    }

    proptest! {
        #[test]
        fn never_more_than_its_limit_is_at_work(
            steps in prop::collection::vec((0_usize..500, 1_u64..9_000, 0_usize..200), 1..100),
        ) {
            let (mut mapping, mut now_ms) = (Mapping::new(GROWTH), 0);
            for (waiting, passed_ms, ended) in steps {
                let before = mapping.may;
                now_ms += passed_ms;
                mapping.tick(waiting, now_ms);
                prop_assert!(mapping.may <= before.max(5.0) + 300.0 * passed_ms as f64 / 60_000.0 + 1e-6);
                fill(&mut mapping);
                prop_assert!(mapping.at_work <= 100);
                (0..ended.min(mapping.at_work as usize)).for_each(|_| mapping.end());
            }
        }
    }
}
