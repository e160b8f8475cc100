//! Asking an issuer for serials that may lose its answer.
//!
//! An issuer's call has no idempotency key: a lost answer leaves serials that are paid for and that nobody knows of. So
//! that something was asked is written down before the call, one call at a time; and as long as it is not known what
//! came of it, nothing more is asked. Then the issuer is asked which serials it made since, and those that never were
//! in the inventory enter it. A serial enters once, by the condition of [`Write::Enter`], however often it is found.

use crate::{
    capacity,
    error::Error,
    id::{BlockId, Serial},
    inventory::{BLOCK_SIZE, Block, Offer},
    write::{Expect, Put, Write},
};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU8;

/// How long after it was made a call may still take effect, in milliseconds: longer than any answer is waited for.
pub const LATE_AT_MOST_MS: u64 = 2 * 60_000;
/// How long a batch may be under way before it is searched for, in milliseconds.
const BATCH_WITHIN_MS: u64 = 30 * 60_000;
/// How often the issuer is searched for serials that nobody missed, in milliseconds.
const SEARCH_EVERY_MS: u64 = 60 * 60_000;
/// How much the issuer's clock may be off, and how much longer than ever a call may take, in milliseconds.
const MARGIN_MS: u64 = 15 * 60_000;

/// What was asked of the issuer; no row: nothing yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Minting {
    /// Grows by one with each change.
    pub version: u64,
    /// What was asked and has not all come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Up to when all serials that the issuer made are known, in milliseconds since the epoch.
    #[serde(default)]
    pub searched_at_ms: u64,
}

/// A call for serials.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Asked {
    /// How many.
    pub count: u32,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// The issuer's name for it, where it makes them later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// What is to be done about the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// More may be asked for.
    Ask,
    /// A call may still take effect.
    Wait,
    /// Ask for what a batch brought.
    Collect(String),
    /// Look for serials that the issuer made since then, in milliseconds since the epoch.
    Search {
        /// Since when.
        since_ms: u64,
    },
}

impl Minting {
    /// What is to be done now.
    #[must_use]
    pub fn step(&self, now_ms: u64) -> Step {
        let search = Step::Search {
            since_ms: self.searched_at_ms.saturating_sub(MARGIN_MS),
        };
        match &self.asked {
            Some(asked) => {
                let age_ms = now_ms.saturating_sub(asked.at_ms);
                match &asked.batch {
                    Some(batch) if age_ms < BATCH_WITHIN_MS => Step::Collect(batch.clone()),
                    None if age_ms < LATE_AT_MOST_MS => Step::Wait,
                    _ => search,
                }
            }
            None if now_ms.saturating_sub(self.searched_at_ms) < SEARCH_EVERY_MS => Step::Ask,
            None => search,
        }
    }

    /// Writes down that serials are about to be asked for. Only who wrote this may ask.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] while it is open what came of another call.
    pub fn ask(&self, count: u32, now_ms: u64) -> Result<(Self, Vec<Write>), Error> {
        if self.asked.is_some() {
            return Err(Error::IllegalTransition {
                state: "asked",
                event: "ask",
            });
        }
        self.with(Self {
            asked: Some(Asked {
                count,
                at_ms: now_ms,
                batch: None,
            }),
            ..self.clone()
        })
    }

    /// The issuer makes them later, and calls them so.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] when nothing was asked.
    pub fn promised(&self, batch: &str) -> Result<(Self, Vec<Write>), Error> {
        let asked = self.asked.clone().ok_or(Error::IllegalTransition {
            state: "idle",
            event: "promised",
        })?;
        self.with(Self {
            asked: Some(Asked {
                batch: Some(batch.to_owned()),
                ..asked
            }),
            ..self.clone()
        })
    }

    /// All that was asked for is in the inventory.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn came(&self) -> Result<(Self, Vec<Write>), Error> {
        self.with(Self {
            asked: None,
            ..self.clone()
        })
    }

    /// All that the issuer made until `at_ms`, when the search began, is in the inventory.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn searched(&self, at_ms: u64) -> Result<(Self, Vec<Write>), Error> {
        self.with(Self {
            asked: None,
            searched_at_ms: at_ms.max(self.searched_at_ms),
            ..self.clone()
        })
    }

    fn with(&self, row: Self) -> Result<(Self, Vec<Write>), Error> {
        let expect = match self.version {
            0 => Expect::Absent,
            version => Expect::Version(version),
        };
        let row = Self {
            version: self.version.checked_add(1).ok_or(Error::Overflow)?,
            ..row
        };
        let write = Write::Minting(Put {
            expect,
            row: row.clone(),
        });
        Ok((row, vec![write]))
    }
}

/// Serials that enter the inventory, each decision for a block of `size` at most (and of [`BLOCK_SIZE`]). It holds only if
/// none of them was ever in.
///
/// # Errors
/// [`Error::Overflow`] when there are more serials than can be counted.
pub fn enter(serials: &[Serial], size: usize, slots: NonZeroU8) -> Result<Vec<Vec<Write>>, Error> {
    serials
        .chunks(size.clamp(1, BLOCK_SIZE))
        .filter_map(|few| Some((few.first()?, few)))
        .map(|(first, few)| {
            let block = BlockId::derive(&["fresh", first.as_str()]);
            let mut writes = capacity::stock(vec![Block::fresh(block, few.to_vec())], slots)?;
            writes.extend(few.iter().map(|serial| {
                Write::Enter(Offer {
                    serial: serial.clone(),
                    block,
                })
            }));
            Ok(writes)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: u64 = 60 * 60_000;

    fn searched() -> Minting {
        Minting {
            version: 3,
            asked: None,
            searched_at_ms: HOUR_MS,
        }
    }

    #[test]
    fn how_long_an_issuer_is_waited_for_is_so_many_minutes() {
        let minutes =
            [LATE_AT_MOST_MS, MARGIN_MS, BATCH_WITHIN_MS, SEARCH_EVERY_MS].map(|ms| ms / 60_000);
        assert_eq!(minutes, [2, 15, 30, 60]);
    }

    #[test]
    fn nothing_more_is_asked_until_it_is_known_what_came_of_a_call() {
        let (asked, writes) = searched().ask(40, HOUR_MS + 5).unwrap();
        assert!(matches!(
            writes.as_slice(),
            [Write::Minting(Put { expect: Expect::Version(3), row })] if row.version == 4
        ));
        assert!(asked.ask(1, HOUR_MS + 6).is_err());
        assert_eq!(asked.step(HOUR_MS + 6), Step::Wait);
        let late_ms = HOUR_MS + 5 + LATE_AT_MOST_MS;
        assert_eq!(asked.step(late_ms - 1), Step::Wait);
        let since_ms = HOUR_MS - MARGIN_MS;
        assert_eq!(asked.step(late_ms), Step::Search { since_ms });
        let (found, _) = asked.searched(late_ms).unwrap();
        assert_eq!(
            (found.step(late_ms), found.searched_at_ms),
            (Step::Ask, late_ms)
        );
        assert_eq!(asked.came().unwrap().0.step(HOUR_MS + 7), Step::Ask);
    }

    #[test]
    fn a_batch_is_asked_after_until_it_takes_too_long() {
        let (asked, _) = searched().ask(40, HOUR_MS).unwrap();
        let (promised, _) = asked.promised("B-1").unwrap();
        let last_ms = HOUR_MS + BATCH_WITHIN_MS - 1;
        assert_eq!(promised.step(last_ms), Step::Collect("B-1".to_owned()));
        assert!(matches!(promised.step(last_ms + 1), Step::Search { .. }));
        assert!(searched().promised("B-2").is_err());
    }

    #[test]
    fn every_hour_and_at_first_the_issuer_is_searched_for_what_nobody_missed() {
        assert_eq!(
            Minting::default().step(9 * HOUR_MS),
            Step::Search { since_ms: 0 }
        );
        assert_eq!(searched().step(2 * HOUR_MS - 1), Step::Ask);
        assert!(matches!(searched().step(2 * HOUR_MS), Step::Search { .. }));
    }

    #[test]
    fn each_serial_enters_with_its_block_and_is_free_to_be_sold() {
        let serials: Vec<Serial> = (0..=BLOCK_SIZE)
            .map(|n| Serial::new(format!("S-{n}")).unwrap())
            .collect();
        let decisions = enter(&serials, usize::MAX, NonZeroU8::MAX).unwrap();
        let [whole, rest] = decisions.as_slice() else {
            panic!("{} blocks", decisions.len());
        };
        // A transaction takes a hundred items, and a block is two of them.
        assert_eq!(whole.len(), 2 * BLOCK_SIZE + 1);
        let entered = |writes: &[Write]| {
            let entered = writes.iter().filter(|w| matches!(w, Write::Enter(_)));
            entered.count()
        };
        assert_eq!((entered(whole), entered(rest)), (BLOCK_SIZE, 1));
        assert!(enter(&[], 0, NonZeroU8::MIN).unwrap().is_empty());
        assert_eq!(enter(&serials, 2, NonZeroU8::MAX).unwrap().len(), 21);
    }
}
