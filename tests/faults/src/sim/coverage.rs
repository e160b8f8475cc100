//! Which requests there are, by their shape, and which faults each has met. The list is made of what
//! was seen, so a new request is on it by itself.

use super::Aim;
use crate::cloud::{Fault, Site};
use std::collections::BTreeMap;

/// Requests of a kind in all worlds, below which that kind is rare.
const RARE: u64 = 50;

/// So many of the worlds that make a kind of request are remembered.
const WORLDS_MAX: usize = 16;

/// Counts of requests and their faults.
#[derive(Debug, Default)]
pub struct Coverage {
    sites: BTreeMap<String, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    times: u64,
    faults: BTreeMap<Fault, u64>,
    /// Seeds of worlds that make it, whatever else is hunted there.
    worlds: Vec<u64>,
}

impl Coverage {
    pub(super) fn add(&mut self, shape: String, site: &Site, fault: Option<Fault>) {
        let seen = self.sites.entry(shape).or_insert_with(|| Seen {
            times: 0,
            faults: Fault::kinds(site).into_iter().map(|f| (f, 0)).collect(),
            worlds: Vec::new(),
        });
        seen.times += 1;
        if let Some(fault) = fault {
            *seen.faults.entry(fault).or_default() += 1;
        }
    }

    /// All of this was seen in the world of this seed, where nothing was hunted: what is hunted comes to the same
    /// request there.
    pub fn seen_in(&mut self, seed: u64) {
        for seen in self.sites.values_mut() {
            seen.worlds = vec![seed];
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
            let room = WORLDS_MAX.saturating_sub(mine.worlds.len());
            mine.worlds.extend(seen.worlds.into_iter().take(room));
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

    /// Pairs that never happened, each with the seeds of worlds where it can.
    #[must_use]
    pub fn missing(&self) -> Vec<(Aim, Vec<u64>)> {
        let sites = self.sites.iter();
        sites
            .flat_map(|(shape, seen)| {
                let never = seen.faults.iter().filter(|(_, n)| **n == 0);
                never.map(|(fault, _)| {
                    let (fault, shape) = (*fault, shape.clone());
                    (Aim { fault, shape }, seen.worlds.clone())
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
