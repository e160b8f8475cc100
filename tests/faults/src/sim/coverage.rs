//! Which requests there are, by their shape, and which faults each has met. The list is made of what
//! was seen, so a new request is on it by itself.

use super::Aim;
use crate::cloud::{Fault, Site};
use std::collections::BTreeMap;

/// Requests of a kind in all worlds, below which that kind is rare.
const RARE: u64 = 50;

/// Counts of requests and their faults.
#[derive(Debug, Default)]
pub struct Coverage {
    sites: BTreeMap<String, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    times: u64,
    faults: BTreeMap<Fault, u64>,
}

impl Coverage {
    pub(super) fn add(&mut self, shape: String, site: &Site, fault: Option<Fault>) {
        let seen = self.sites.entry(shape).or_insert_with(|| Seen {
            times: 0,
            faults: Fault::kinds(site).into_iter().map(|f| (f, 0)).collect(),
        });
        seen.times += 1;
        if let Some(fault) = fault {
            *seen.faults.entry(fault).or_default() += 1;
        }
    }

    /// Adds another run's counts.
    pub fn merge(&mut self, other: Self) {
        for (shape, seen) in other.sites {
            let mine = self.sites.entry(shape).or_default();
            mine.times += seen.times;
            for (fault, times) in seen.faults {
                *mine.faults.entry(fault).or_default() += times;
            }
        }
    }

    /// Requests of different shape.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.sites.len()
    }

    /// Pairs of a request and a fault that fits it: those that happened, and all.
    #[must_use]
    pub fn pairs(&self) -> (usize, usize) {
        let all = self.sites.values().flat_map(|seen| seen.faults.values());
        (all.clone().filter(|n| **n > 0).count(), all.count())
    }

    /// Faults that happened.
    #[must_use]
    pub fn fired(&self) -> u64 {
        let all = self.sites.values().flat_map(|seen| seen.faults.values());
        all.sum()
    }

    /// Pairs that never happened.
    #[must_use]
    pub fn missing(&self) -> Vec<Aim> {
        let sites = self.sites.iter();
        sites
            .flat_map(|(shape, seen)| {
                let never = seen.faults.iter().filter(|(_, n)| **n == 0);
                never.map(|(fault, _)| Aim {
                    fault: *fault,
                    shape: shape.clone(),
                })
            })
            .collect()
    }

    /// Whether such a request is met too rarely to be hunted.
    #[must_use]
    pub fn rare(&self, aim: &Aim) -> bool {
        self.sites
            .get(&aim.shape)
            .is_none_or(|seen| seen.times < RARE)
    }

    /// Whether this fault happened.
    #[must_use]
    pub fn met(&self, aim: &Aim) -> bool {
        let seen = self.sites.get(&aim.shape);
        seen.and_then(|s| s.faults.get(&aim.fault))
            .is_some_and(|n| *n > 0)
    }

    /// Requests in all.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.sites.values().map(|seen| seen.times).sum()
    }
}
