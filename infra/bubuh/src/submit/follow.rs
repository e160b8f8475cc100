//! When to look at a document again, and when to stop: a run ends when all that is left waits for stamps.

use serde_json::Value;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// For how many looks a document that waits for a stamp is watched, once nothing else is under way.
const LAST_LOOKS: u32 = 3;

/// How many documents are looked at, and how many of them wait for stamps.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    all: AtomicUsize,
    waiting: AtomicUsize,
}

/// One of them; leaves when it is dropped.
#[derive(Debug)]
pub(super) struct Member<'a> {
    crowd: &'a Crowd,
    waits: bool,
    pause: Duration,
    last_looks: u32,
}

impl Crowd {
    pub(super) fn join(&self) -> Member<'_> {
        self.all.fetch_add(1, Ordering::SeqCst);
        Member {
            crowd: self,
            waits: false,
            pause: FIRST,
            last_looks: 0,
        }
    }

    fn only_waits(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) >= self.all.load(Ordering::SeqCst)
    }
}

impl Member<'_> {
    /// How long until the next look at a document of which this is known; none when looking on is of no use.
    pub(super) fn next(
        &mut self,
        waits_for_stamp: bool,
        turn: Option<Duration>,
    ) -> Option<Duration> {
        self.waits(waits_for_stamp);
        if waits_for_stamp && self.crowd.only_waits() {
            self.last_looks = self.last_looks.saturating_add(1);
            if self.last_looks > LAST_LOOKS {
                return None;
            }
        } else {
            self.last_looks = 0;
        }
        let pause = turn.unwrap_or_default().max(self.pause).min(LONGEST);
        self.pause = self.pause.saturating_mul(3).div_f32(2.0).min(LONGEST);
        Some(pause)
    }

    fn waits(&mut self, waits: bool) {
        match (self.waits, waits) {
            (false, true) => _ = self.crowd.waiting.fetch_add(1, Ordering::SeqCst),
            (true, false) => _ = self.crowd.waiting.fetch_sub(1, Ordering::SeqCst),
            _ => {}
        }
        self.waits = waits;
    }
}

impl Drop for Member<'_> {
    fn drop(&mut self) {
        self.waits(false);
        self.crowd.all.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How long until a document's turn can be, by what the service says of it.
pub(super) fn turn(document: &Value, now: jiff::Timestamp) -> Option<Duration> {
    let earliest = document.get("eta")?.get("earliest")?.as_str()?;
    let earliest: jiff::Timestamp = earliest.parse().ok()?;
    Duration::try_from(earliest.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_that_waits_for_a_stamp_is_watched_while_others_are_under_way() {
        let crowd = Crowd::default();
        let mut poor = crowd.join();
        let other = crowd.join();
        for _ in 0..20 {
            assert!(poor.next(true, None).is_some());
        }
        drop(other);
        let left: Vec<_> = std::iter::from_fn(|| poor.next(true, None)).collect();
        assert_eq!(left.len(), 3);
    }

    #[test]
    fn two_that_wait_do_not_wait_for_each_other() {
        let crowd = Crowd::default();
        let (mut one, mut other) = (crowd.join(), crowd.join());
        assert!(one.next(true, None).is_some() && other.next(true, None).is_some());
        let looks = |member: &mut Member<'_>| {
            (0..9)
                .take_while(|_| member.next(true, None).is_some())
                .count()
        };
        assert!(looks(&mut one) < 9 && looks(&mut other) < 9);
    }

    #[test]
    fn a_document_is_looked_at_when_its_turn_can_be_and_at_least_every_half_minute() {
        let now: jiff::Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
        let document = json!({"eta": {"earliest": "2026-11-27T10:00:12Z", "latest": null}});
        let turn = turn(&document, now);
        assert_eq!(turn, Some(Duration::from_secs(12)));
        let crowd = Crowd::default();
        let mut member = crowd.join();
        assert_eq!(member.next(false, turn), turn);
        let far = Some(Duration::from_secs(7_200));
        assert_eq!(member.next(false, far), Some(Duration::from_secs(30)));
        assert_eq!(super::turn(&json!({"state": "queued"}), now), None);
    }
}
