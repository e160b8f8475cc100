//! Which limits were met, how often, and when first.

use serde::Serialize;
use std::collections::BTreeMap;

/// A limit that was met.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// What it is a limit of.
    pub limit: &'static str,
    /// How often it refused something; for a queue whose workers are all at work, seconds.
    pub times: u64,
    /// When first, in seconds from the start of the curve.
    pub first_s: u64,
    /// Whether it refused calls. Otherwise documents only waited, as designed.
    pub refuses: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Limits(BTreeMap<&'static str, Hit>);

impl Limits {
    fn note(&mut self, limit: &'static str, times: u64, now_ms: u64, refuses: bool) {
        let hit = self.0.entry(limit).or_insert(Hit {
            limit,
            times: 0,
            first_s: now_ms / 1_000,
            refuses,
        });
        hit.times += times;
    }

    /// Something was refused.
    pub(crate) fn refused(&mut self, limit: &'static str, now_ms: u64) {
        self.note(limit, 1, now_ms, true);
    }

    pub(crate) fn refused_many(&mut self, limit: &'static str, times: u64, now_ms: u64) {
        if times > 0 {
            self.note(limit, times, now_ms, true);
        }
    }

    /// For a second, documents waited for workers of which no more are allowed.
    pub(crate) fn waited(&mut self, limit: &'static str, now_ms: u64) {
        self.note(limit, 1, now_ms, false);
    }

    /// The first one met first.
    pub(crate) fn in_order(self) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.0.into_values().collect();
        hits.sort_by_key(|hit| (hit.first_s, hit.limit));
        hits
    }
}
