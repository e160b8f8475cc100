//! What goes on second by second: arrivals, growth, looks at the public queue, restocking.

use super::{What, World, stock::BLOCK};
use crate::limits::Limit;
use bubuh_core::ticket::Lane;

/// Between two passes of sweep.
const PASS_S: u64 = 10;
/// Units of a block in all: its row and its place in the list in a transaction, its leaving the list, its settling, and
/// its entry among what is due, which comes and goes.
const BLOCK_UNITS: f64 = 4.0 + 1.0 + 1.0 + 2.0;
/// How long the API's function needs for the public queue, in GB-milliseconds: from memory, mostly.
const QUEUE_MS: f64 = 8.0;

impl World<'_> {
    pub(super) fn second(&mut self) {
        let (now_ms, second) = (self.now_ms, self.now_ms / 1_000);
        self.table.second(now_ms);
        if second < self.arrivals.lasts_s {
            self.arrivals_of(second);
        }
        self.mappings();
        self.public_queue();
        if second.is_multiple_of(PASS_S) {
            let blocks = self.stock.restock();
            self.tally.sweep_writes += blocks * BLOCK_UNITS;
            self.tally.own.dynamodb_write += blocks * BLOCK_UNITS;
            self.tally.own.dynamodb_read += blocks * (1.0 + BLOCK);
            // To settle it each of its serials is read.
            self.tally.sweep_reads += blocks * (1.0 + BLOCK);
            self.tally.sweep_reads += 64.0 + self.stock.open_blocks() * 60.0 / 4_096.0;
        }
        let depths = self.depths();
        let waiting = depths.values().map(|(visible, _)| *visible).sum();
        let [uploads, ..] = &self.queues;
        let before = uploads.messages.waiting() as u64;
        let at_work: Vec<u64> = self.functions.iter().map(|f| f.at_work).collect();
        self.tally.state(now_ms, before, waiting, &at_work);
        let bulk = depths.get(&Lane::Bulk).map_or(0, |(visible, _)| *visible);
        self.tally.bulk_peak = self.tally.bulk_peak.max(bulk);
        self.lanes.hold(depths);
        self.note(now_ms + 1_000, What::Second, 0);
    }

    fn arrivals_of(&mut self, second: u64) {
        let arrivals = self.arrivals;
        for (at_ms, account) in arrivals.exact_in(second) {
            self.arrive(*account, *at_ms);
        }
        for stream in &arrivals.streams {
            // One bulk customer stays one.
            let scale = if stream.account.is_some() {
                1.0
            } else {
                self.scale
            };
            let mean = stream.rate(second) * scale;
            if mean <= 0.0 {
                continue;
            }
            for _ in 0..self.random.poisson(mean) {
                let at_ms = self.now_ms + self.random.below(1_000);
                self.arrive(stream.account, at_ms);
            }
        }
    }

    /// Who waits looks at the public queue. With a cache before it, the API hears of its edges only.
    fn public_queue(&mut self) {
        let looks = self.tally.in_queue() as f64 / self.known.queue_poll_s;
        let asked = if self.known.cdn {
            self.tally.cdn += looks;
            (self.known.cdn_edges / 2.0).min(looks)
        } else {
            looks
        };
        let taken = self.api.take_some(asked.round(), self.now_ms);
        let refused = (asked.round() - taken).max(0.0) as u64;
        self.limits.met_often(Limit::Api, refused, self.now_ms);
        self.tally.api_requests += asked.round() as u64;
        self.tally.public_calls += taken;
        self.tally.public_ms += taken * QUEUE_MS;
    }
}
