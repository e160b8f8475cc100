//! The lanes, by the rules of `bubuh-core`: which one, which number, and what is promised.

use super::{World, queues::Which};
use crate::{error::Error, settings::Settings};
use bubuh_core::{
    id::{BlockId, Serial},
    inventory::{Offer, Shelf},
    money::Stamps,
    queue::{BATCH, Progress, Seen, Snapshot},
    ticket::{Ahead, Lane},
    write::Write,
};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How long a worker uses a snapshot that it read (workflow/steps/src/line.rs).
const READ_AGAIN_MS: u64 = 2_000;
/// Between two looks, and how long one sweep goes on (functions/sweep/src/lib.rs and main.rs).
const LOOK_EVERY_MS: u64 = 5_000;
const SWEEP_LASTS_MS: u64 = 55_000;
/// When in its minute a sweep begins.
const SWEEP_BEGINS_MS: u64 = 700;
const MINUTE_MS: u64 = 60_000;
/// Snapshots that some worker may still use.
const KEPT: usize = 4;

/// What one worker holds in memory.
#[derive(Debug, Default)]
struct Desk {
    single: Ahead,
    bulk: Ahead,
    shelf: Shelf,
    takes: u64,
    read_ms: u64,
    version: u64,
}

/// Where a worker's serial comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Took {
    /// It had it.
    InHand,
    /// It took some from a block.
    Taken,
    /// It read the list of open blocks before.
    TakenFromNewList,
}

/// Takes after which a worker's blocks are used up and it reads the list again; each takes of a block of forty what
/// others leave.
const TAKES_OF_A_LIST: u64 = 32;

/// The lanes' state.
#[derive(Debug)]
pub(super) struct Lanes {
    issued: BTreeMap<Lane, u64>,
    desks: Vec<Desk>,
    snapshots: VecDeque<Snapshot>,
    workers: BTreeMap<Lane, u64>,
    /// Documents under way of accounts with several.
    under_way: HashMap<u32, u32>,
    /// What the queues held at the end of each of the last seconds: visible, in flight.
    lately: VecDeque<BTreeMap<Lane, (u64, u64)>>,
    late_s: u64,
    off_permille: f64,
}

impl Lanes {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            issued: BTreeMap::new(),
            desks: Vec::new(),
            snapshots: VecDeque::new(),
            workers: BTreeMap::from([
                (Lane::Single, settings.whole("StampsConcurrency")? * BATCH),
                (
                    Lane::Bulk,
                    settings.whole("BulkConcurrency")? * settings.whole("BulkBatchSize")?,
                ),
            ]),
            under_way: HashMap::new(),
            lately: VecDeque::new(),
            late_s: settings.whole("queue_counts_late_s")?,
            off_permille: settings.get("queue_counts_off_permille")?,
        })
    }

    fn desk(&mut self, environment: u32) -> Option<&mut Desk> {
        let index = environment as usize;
        if self.desks.len() <= index {
            self.desks.resize_with(index + 1, Desk::default);
        }
        self.desks.get_mut(index)
    }

    /// The lane of an account's next document.
    pub(super) fn of(&self, account: Option<u32>) -> Lane {
        let under_way = account.and_then(|a| self.under_way.get(&a));
        Lane::of(Stamps::new(under_way.copied().unwrap_or(0)))
    }

    /// A document of an account is accepted, or done.
    pub(super) fn count(&mut self, account: Option<u32>, by: i32) {
        if let Some(account) = account {
            let count = self.under_way.entry(account).or_default();
            *count = count.saturating_add_signed(by);
        }
    }

    /// A worker's next number of a lane, and whether it had to ask the counter.
    pub(super) fn ticket(&mut self, environment: u32, lane: Lane, now_ms: u64) -> (u64, bool) {
        let issued = self.issued.get(&lane).copied().unwrap_or(0);
        let Some(desk) = self.desk(environment) else {
            return (issued, false);
        };
        let ahead = match lane {
            Lane::Single => &mut desk.single,
            Lane::Bulk => &mut desk.bulk,
        };
        if let Some(number) = ahead.give(now_ms) {
            return (number, false);
        }
        let count = ahead.wanted(now_ms);
        let number = ahead.took(issued + 1, count, now_ms);
        self.issued.insert(lane, issued + u64::from(count));
        (number, true)
    }

    /// A worker's next serial.
    pub(super) fn serial(&mut self, environment: u32, now_ms: u64) -> Took {
        let Some(desk) = self.desk(environment) else {
            return Took::InHand;
        };
        if desk.shelf.give(now_ms).is_some() {
            return Took::InHand;
        }
        let wanted = desk.shelf.wanted(now_ms);
        // Which serials they are makes no difference here.
        let any = Serial::new("S").map(|serial| Offer {
            serial,
            block: BlockId::derive(&["b"]),
        });
        let offers = any.map_or_else(|_| Vec::new(), |any| vec![any; wanted as usize]);
        desk.shelf.took(offers, now_ms);
        desk.shelf.give(now_ms);
        desk.takes += 1;
        if desk.takes % TAKES_OF_A_LIST == 1 {
            Took::TakenFromNewList
        } else {
            Took::Taken
        }
    }

    /// Whether a worker has to read the snapshot again; it has read it then.
    pub(super) fn reads_again(&mut self, environment: u32, now_ms: u64) -> bool {
        let version = self.snapshots.back().map_or(0, |s| s.version);
        let Some(desk) = self.desk(environment) else {
            return false;
        };
        let again = desk.version == 0 || now_ms.saturating_sub(desk.read_ms) >= READ_AGAIN_MS;
        if again {
            (desk.read_ms, desk.version) = (now_ms, version);
        }
        again
    }

    /// How far a lane has come, as a worker knows it.
    pub(super) fn progress(
        &mut self,
        environment: u32,
        lane: Lane,
        now_ms: u64,
    ) -> Option<Progress> {
        let version = self.desk(environment)?.version;
        let snapshot = self.snapshots.iter().rev().find(|s| s.version <= version)?;
        snapshot.lane(lane, now_ms).copied()
    }

    /// When the document with this number is finished at the earliest, as everyone may compute from the public queue;
    /// now, if that tells nothing.
    pub(super) fn earliest_ms(&self, lane: Lane, number: u64, now_ms: u64) -> u64 {
        let newest = self.snapshots.back().and_then(|s| s.lane(lane, now_ms));
        newest.map_or(now_ms, |lane| lane.eta(number, now_ms).earliest_ms)
    }

    /// What the queues hold at the end of a second.
    pub(super) fn hold(&mut self, counts: BTreeMap<Lane, (u64, u64)>) {
        self.lately.push_back(counts);
        while self.lately.len() as u64 > self.late_s + 1 {
            self.lately.pop_front();
        }
    }
}

impl World<'_> {
    /// Visible and in flight, by lane.
    pub(super) fn depths(&self) -> BTreeMap<Lane, (u64, u64)> {
        let [_, single, bulk] = &self.queues;
        let of = |q: &super::Queue| (q.messages.waiting() as u64, q.in_hand + q.hidden);
        BTreeMap::from([(Lane::Single, of(single)), (Lane::Bulk, of(bulk))])
    }

    /// Sweep looks at the lanes; the queues' counts are a little old, and a little off.
    pub(super) fn look(&mut self) -> Result<(), Error> {
        let now_ms = self.now_ms;
        let age = self.random.below(self.lanes.lately.len().max(1) as u64) as usize;
        let newest = self.lanes.lately.len().saturating_sub(1);
        let counts = self.lanes.lately.get(newest.saturating_sub(age)).cloned();
        let counts = counts.unwrap_or_else(|| self.depths());
        let mut seen = BTreeMap::new();
        for (lane, workers) in self.lanes.workers.clone() {
            let (visible, in_flight) = counts.get(&lane).copied().unwrap_or((0, 0));
            let (visible, in_flight) = (self.about(visible), self.about(in_flight));
            let issued = self.lanes.issued.get(&lane).copied().unwrap_or(0);
            let look = Seen {
                issued,
                visible,
                in_flight,
                workers,
            };
            seen.insert(lane, look);
        }
        let before = self.lanes.snapshots.back().cloned().unwrap_or_default();
        for write in before.looked(&seen, now_ms + 1)? {
            if let Write::Queue(put) = write {
                self.lanes.snapshots.push_back(put.row);
            }
        }
        while self.lanes.snapshots.len() > KEPT {
            self.lanes.snapshots.pop_front();
        }
        let begun_ms = now_ms / MINUTE_MS * MINUTE_MS + SWEEP_BEGINS_MS;
        let next_ms = if now_ms + LOOK_EVERY_MS < begun_ms + SWEEP_LASTS_MS {
            now_ms + LOOK_EVERY_MS
        } else {
            begun_ms + MINUTE_MS
        };
        // Two counters, two queues and the snapshot: read, and written.
        self.tally.sqs += 2;
        self.tally.sweep_reads += 3.0;
        self.tally.sweep_writes += 1.0;
        self.note(next_ms, super::What::Look, 0);
        Ok(())
    }

    fn about(&mut self, count: u64) -> u64 {
        let off = self.random.normal() * self.lanes.off_permille / 1_000.0;
        (count as f64 * (1.0 + off)).round().max(0.0) as u64
    }

    pub(super) fn lane_queue(lane: Lane) -> Which {
        Which::of(lane)
    }
}
