//! A fair queue: a standard queue that serves groups which have much in hand already after the others.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>

use crate::random::Random;
use std::collections::{HashMap, VecDeque};

/// What waits: its place in the order of arrival, whose it is, and what.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    order: u64,
    group: Option<u32>,
    what: u32,
}

/// How a queue keeps order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) noisy_permille: u64,
    pub(crate) noisy_least: u64,
    pub(crate) disorder_permille: u64,
}

/// The queue. What has no group is a group of its own and never noisy.
#[derive(Debug)]
pub(crate) struct FairQueue {
    rule: Rule,
    quiet: VecDeque<Waiting>,
    /// What was found to be of a noisy group.
    noisy: VecDeque<Waiting>,
    in_hand: HashMap<u32, u64>,
    all_in_hand: u64,
    arrived: u64,
}

impl FairQueue {
    pub(crate) fn new(rule: Rule) -> Self {
        Self {
            rule,
            quiet: VecDeque::new(),
            noisy: VecDeque::new(),
            in_hand: HashMap::new(),
            all_in_hand: 0,
            arrived: 0,
        }
    }

    pub(crate) fn send(&mut self, what: u32, group: Option<u32>) {
        self.arrived += 1;
        self.quiet.push_back(Waiting {
            order: self.arrived,
            group,
            what,
        });
    }

    pub(crate) fn waiting(&self) -> usize {
        self.quiet.len() + self.noisy.len()
    }

    /// Takes one into hand.
    pub(crate) fn receive(&mut self, random: &mut Random) -> Option<u32> {
        let next = self.next(random)?;
        if let Some(group) = next.group {
            *self.in_hand.entry(group).or_default() += 1;
        }
        self.all_in_hand += 1;
        Some(next.what)
    }

    /// One of this group is out of hand: done, or to be sent again.
    pub(crate) fn done(&mut self, group: Option<u32>) {
        self.all_in_hand = self.all_in_hand.saturating_sub(1);
        if let Some(group) = group
            && let Some(count) = self.in_hand.get_mut(&group)
        {
            *count = count.saturating_sub(1);
        }
    }

    fn is_noisy(&self, group: Option<u32>) -> bool {
        let count = group.and_then(|group| self.in_hand.get(&group));
        let count = count.copied().unwrap_or(0);
        count >= self.rule.noisy_least
            && count * 1_000 > self.all_in_hand * self.rule.noisy_permille
    }

    fn next(&mut self, random: &mut Random) -> Option<Waiting> {
        let first = self.quiet.front().map_or(u64::MAX, |w| w.order);
        if self
            .noisy
            .front()
            .is_some_and(|w| w.order < first && !self.is_noisy(w.group))
        {
            return self.noisy.pop_front();
        }
        while let Some(next) = self.first_but_a_few(random) {
            if !self.is_noisy(next.group) {
                return Some(next);
            }
            self.noisy.push_back(next);
        }
        self.noisy.pop_front()
    }

    /// One of the first few: order is best effort.
    fn first_but_a_few(&mut self, random: &mut Random) -> Option<Waiting> {
        let few = self.quiet.len() as u64 * self.rule.disorder_permille / 1_000;
        let index = random.below(few + 1) as usize;
        self.quiet.swap_remove_front(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: Rule = Rule {
        noisy_permille: 100,
        noisy_least: 30,
        disorder_permille: 0,
    };

    /// How many of others' and of the bulk account's are served before a single one that came after all of them.
    fn served_before(bulk: u32, others: u32, workers: u32) -> u32 {
        let (mut queue, mut random) = (FairQueue::new(RULE), Random::new(1));
        for n in 0..bulk {
            queue.send(n, Some(1));
        }
        for n in 0..others {
            queue.send(1_000_000 + n, Some(100 + n));
        }
        queue.send(u32::MAX, Some(2));
        let (mut hand, mut before) = (VecDeque::new(), 0);
        loop {
            while hand.len() < workers as usize {
                match queue.receive(&mut random) {
                    Some(u32::MAX) => return before,
                    Some(what) => hand.push_back(what),
                    None => break,
                }
                before += 1;
            }
            let what = hand.pop_front().unwrap();
            queue.done(Some(if what < bulk {
                1
            } else {
                what - 1_000_000 + 100
            }));
        }
    }

    #[test]
    fn a_single_account_never_waits_for_a_noisy_one() {
        // Until the bulk account is noisy it gets 30 workers; from then on everyone else comes first.
        assert!(served_before(50_000, 0, 100) <= 31);
        // It keeps 30 of 100 workers at most, so the others pass at 7 in 10.
        assert!(served_before(50_000, 200, 100) <= 200 * 10 / 7 + 31 + 10);
    }

    proptest! {
        #[test]
        fn everything_that_was_sent_is_received_once(
            groups in prop::collection::vec(0_u32..4, 1..400), workers in 1_usize..60, disorder in 0_u64..300,
        ) {
            let rule = Rule { disorder_permille: disorder, ..RULE };
            let (mut queue, mut random) = (FairQueue::new(rule), Random::new(9));
            for (n, group) in groups.iter().enumerate() {
                queue.send(u32::try_from(n).unwrap(), Some(*group));
            }
            let (mut hand, mut seen) = (VecDeque::new(), Vec::new());
            while queue.waiting() > 0 || !hand.is_empty() {
                while hand.len() < workers {
                    let Some(what) = queue.receive(&mut random) else { break };
                    hand.push_back(what);
                }
                if let Some(what) = hand.pop_front() {
                    queue.done(Some(groups[what as usize]));
                    seen.push(what);
                }
            }
            seen.sort_unstable();
            prop_assert_eq!(seen.len(), groups.len());
            prop_assert!(seen.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
