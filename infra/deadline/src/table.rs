//! The table's throughput: what it has been warmed to, what it grows to, and its hot places.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>

use crate::{bucket::Bucket, limits::Limit};
use std::collections::{HashMap, VecDeque};

/// Units a second, as they are given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Throughput {
    pub(crate) warm_write: f64,
    pub(crate) warm_read: f64,
    pub(crate) most_write: f64,
    pub(crate) most_read: f64,
    pub(crate) partition_write: f64,
    pub(crate) partition_read: f64,
    pub(crate) remembers_minutes: usize,
    /// Partitions of the index of what is due.
    pub(crate) due_shards: f64,
}

/// What one step asks for, in units.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ask {
    pub(crate) write: f64,
    pub(crate) read: f64,
    pub(crate) index: f64,
    /// Of `write`: on the counter of tickets.
    pub(crate) tickets: f64,
    /// Of `read`: on the list of open blocks.
    pub(crate) inventory: f64,
    /// Of `write` and `read`: on the lots of this account, if it has so many that they are a hot place.
    pub(crate) lots: Option<(u32, f64, f64)>,
}

/// One direction of an on-demand table: twice the peak of the last half hour, or what it was warmed to.
#[derive(Debug)]
struct OnDemand {
    bucket: Bucket,
    warm: f64,
    most: f64,
    minutes: VecDeque<f64>,
    remembers: usize,
    this_second: f64,
    this_minute: f64,
    total: f64,
}

impl OnDemand {
    fn new(warm: f64, most: f64, remembers: usize) -> Self {
        Self {
            bucket: Bucket::of_a_second(warm.min(most)),
            warm,
            most,
            minutes: VecDeque::new(),
            remembers,
            this_second: 0.0,
            this_minute: 0.0,
            total: 0.0,
        }
    }

    fn take(&mut self, units: f64, now_ms: u64) {
        self.bucket.take(units, now_ms);
        self.this_second += units;
        self.total += units;
    }

    fn second(&mut self, now_ms: u64) {
        self.this_minute = self.this_minute.max(self.this_second);
        self.this_second = 0.0;
        if now_ms.is_multiple_of(60_000) {
            self.minutes.push_back(self.this_minute);
            self.this_minute = 0.0;
            if self.minutes.len() > self.remembers {
                self.minutes.pop_front();
            }
        }
        let peak = self.minutes.iter().fold(self.this_minute, |a, b| a.max(*b));
        let may = (peak * 2.0).max(self.warm).min(self.most);
        self.bucket.now_per_second(may, now_ms);
    }
}

/// The table and its indexes.
#[derive(Debug)]
pub(crate) struct Table {
    write: OnDemand,
    read: OnDemand,
    index: OnDemand,
    shards: Bucket,
    tickets: Bucket,
    inventory: Bucket,
    lots: HashMap<u32, (Bucket, Bucket)>,
    throughput: Throughput,
}

impl Table {
    pub(crate) fn new(t: Throughput) -> Self {
        Self {
            write: OnDemand::new(t.warm_write, t.most_write, t.remembers_minutes),
            read: OnDemand::new(t.warm_read, t.most_read, t.remembers_minutes),
            index: OnDemand::new(t.warm_write, t.most_write, t.remembers_minutes),
            shards: Bucket::of_a_second(t.partition_write * t.due_shards),
            tickets: Bucket::of_a_second(t.partition_write),
            inventory: Bucket::of_a_second(t.partition_read),
            lots: HashMap::new(),
            throughput: t,
        }
    }

    /// Takes all of it, or says what is not there.
    pub(crate) fn take(&mut self, ask: &Ask, now_ms: u64) -> Result<(), Limit> {
        let t = self.throughput;
        // A request that is larger than a second's worth of a place takes all of it.
        let within = |units: f64, most: f64| units.min(most);
        let inventory = within(ask.inventory, t.partition_read);
        let lots = ask.lots.map(|(account, write, read)| {
            let place = self.lots.entry(account).or_insert_with(|| {
                (
                    Bucket::of_a_second(t.partition_write),
                    Bucket::of_a_second(t.partition_read),
                )
            });
            (place, write, read)
        });
        let met = [
            (Limit::Tickets, self.tickets.has(ask.tickets, now_ms)),
            (Limit::Inventory, self.inventory.has(inventory, now_ms)),
            (Limit::Writes, self.write.bucket.has(ask.write, now_ms)),
            (
                Limit::Reads,
                self.read.bucket.has(within(ask.read, t.warm_read), now_ms),
            ),
            (
                Limit::Index,
                self.index.bucket.has(ask.index, now_ms) && self.shards.has(ask.index, now_ms),
            ),
        ];
        if let Some((met, _)) = met.into_iter().find(|(_, there)| !there) {
            return Err(met);
        }
        if let Some((place, write, read)) = lots {
            if !place.0.has(write, now_ms) || !place.1.has(read, now_ms) {
                return Err(Limit::Lots);
            }
            place.0.take(write, now_ms);
            place.1.take(read, now_ms);
        }
        self.tickets.take(ask.tickets, now_ms);
        self.inventory.take(inventory, now_ms);
        self.shards.take(ask.index, now_ms);
        self.write.take(ask.write, now_ms);
        self.read.take(ask.read, now_ms);
        self.index.take(ask.index, now_ms);
        Ok(())
    }

    /// Once a second.
    pub(crate) fn second(&mut self, now_ms: u64) {
        self.write.second(now_ms);
        self.read.second(now_ms);
        self.index.second(now_ms);
    }

    /// Units in all: written, read, and written to indexes.
    pub(crate) const fn totals(&self) -> (f64, f64, f64) {
        (self.write.total, self.read.total, self.index.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Throughput = Throughput {
        warm_write: 4_000.0,
        warm_read: 12_000.0,
        most_write: 40_000.0,
        most_read: 40_000.0,
        partition_write: 1_000.0,
        partition_read: 3_000.0,
        remembers_minutes: 30,
        due_shards: 64.0,
    };

    fn writes(table: &mut Table, wanted: u32, now_ms: u64) -> u32 {
        let ask = Ask {
            write: 10.0,
            ..Ask::default()
        };
        (0..wanted)
            .take_while(|_| table.take(&ask, now_ms).is_ok())
            .count() as u32
    }

    #[test]
    fn a_table_takes_what_it_was_warmed_to_and_then_twice_its_peak() {
        let mut table = Table::new(T);
        let mut taken = Vec::new();
        for second in 0..4 {
            table.second(second * 1_000);
            taken.push(writes(&mut table, 10_000, second * 1_000));
        }
        assert_eq!(taken[0], 400);
        // What was taken in a second is the new peak; the bucket fills within the next one.
        assert!(taken[2] > 400 && taken[2] <= 800, "{taken:?}");
        for second in 4..2_000 {
            table.second(second * 1_000);
        }
        assert_eq!(writes(&mut table, 10_000, 2_000_000), 400);
    }

    #[test]
    fn a_hot_place_is_throttled_however_much_the_table_takes() {
        let mut table = Table::new(T);
        let ask = Ask {
            write: 1.0,
            tickets: 1.0,
            ..Ask::default()
        };
        let taken = (0..5_000)
            .take_while(|_| table.take(&ask, 0).is_ok())
            .count();
        assert_eq!((taken, table.take(&ask, 0)), (1_000, Err(Limit::Tickets)));
        let list = Ask {
            read: 100.0,
            inventory: 100.0,
            ..Ask::default()
        };
        let taken = (0..5_000)
            .take_while(|_| table.take(&list, 0).is_ok())
            .count();
        assert_eq!((taken, table.take(&list, 0)), (30, Err(Limit::Inventory)));
        let lots = Ask {
            write: 4.0,
            lots: Some((7, 4.0, 1.0)),
            ..Ask::default()
        };
        let taken = (0..5_000)
            .take_while(|_| table.take(&lots, 0).is_ok())
            .count();
        assert_eq!((taken, table.take(&lots, 0)), (250, Err(Limit::Lots)));
        assert_eq!(
            table.take(
                &Ask {
                    lots: Some((8, 4.0, 1.0)),
                    ..lots
                },
                0
            ),
            Ok(())
        );
    }

    #[test]
    fn what_is_not_given_is_not_counted() {
        let mut table = Table::new(T);
        let too_much = Ask {
            write: 4_001.0,
            read: 5.0,
            ..Ask::default()
        };
        assert_eq!(table.take(&too_much, 0), Err(Limit::Writes));
        assert_eq!(table.totals(), (0.0, 0.0, 0.0));
    }
}
