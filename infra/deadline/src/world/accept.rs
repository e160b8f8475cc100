//! Accepted and stamped: the service's two steps with a document.

use super::{
    World,
    doc::{Doc, Stage},
    queues::Which,
};
use crate::{error::Error, steps::Step, table::Ask};

/// A consistent read's unit, in bytes.
const READ_BYTES: f64 = 4_096.0;
/// A lot's row, and stamps in one.
const LOT_BYTES: f64 = 350.0;
const LOT_STAMPS: f64 = 1_000.0;
/// From reading a block's cursor to the transaction that moves it, in milliseconds.
const CURSOR_MS: f64 = 30.0;
/// Tries of a reservation (workflow/steps/src/lib.rs).
const TRIES: u32 = 8;

impl World<'_> {
    /// What an acceptance asks for besides its fixed part: a number, the snapshot, the list of blocks, the lots.
    pub(super) fn ask_for_a_place(&mut self, id: u32, doc: &Doc, ask: &mut Ask) {
        let [_, call] = doc.calls;
        if doc.ticket == 0 {
            let lane = self.lanes.of(doc.group());
            let (ticket, asked) = self.lanes.ticket(call.environment, lane, self.now_ms);
            if asked {
                ask.write += 1.0;
                ask.tickets = 1.0;
            }
            if let Some(doc) = self.doc(id) {
                (doc.ticket, doc.lane) = (ticket, lane);
            }
        }
        if self.lanes.reads_again(call.environment, self.now_ms) {
            ask.read += 1.0;
        }
        let listed = self.stock.open_blocks();
        let listed = match self.known.blocks_listed {
            all if all < 1.0 => listed,
            most => listed.min(most),
        };
        ask.inventory = (listed * self.known.block_bytes / READ_BYTES)
            .ceil()
            .max(1.0);
        ask.read += ask.inventory;
        let lots = match doc.group() {
            Some(_) => (self.stock.bulk_lots(LOT_STAMPS) * LOT_BYTES / READ_BYTES).ceil(),
            None => 1.0,
        };
        ask.read += lots;
        if let Some(account) = doc.group() {
            ask.lots = Some((account, 2.0, lots));
        }
    }

    /// How long it takes to choose again because another took from the same block meanwhile; what was asked for in vain
    /// is paid.
    pub(super) fn conflicts_ms(&mut self, step: Step) -> Result<f64, Error> {
        if step != Step::Accept {
            return Ok(0.0);
        }
        self.tally.accepts_this_second += 1;
        let rate = self.tally.accepts_last_second.max(1) as f64;
        let met = 1.0 - (-rate * CURSOR_MS / 1_000.0 / self.stock.open_blocks()).exp();
        let (mut lost_ms, mut tries) = (0.0, 1);
        while tries < TRIES && self.random.unit() < met {
            tries += 1;
            self.tally.conflicts += 1;
            let again = self.steps.of(Step::Accept)?.ask;
            // It is a part of what was taken from the table already; if the table has no more, the next step waits.
            let _ = self.table.take(&again, self.now_ms);
            lost_ms += CURSOR_MS;
        }
        Ok(lost_ms)
    }

    /// A document has its place in the queue.
    pub(super) fn accepted(&mut self, id: u32) -> Result<(), Error> {
        let now_ms = self.now_ms;
        let Some(doc) = self.docs.get(id).copied() else {
            return Ok(());
        };
        let [_, call] = doc.calls;
        let progress = self.lanes.progress(call.environment, doc.lane, now_ms);
        let promise = progress.and_then(|lane| lane.promise(doc.ticket, now_ms));
        let within = |ms: u64| u32::try_from(ms).unwrap_or(u32::MAX);
        if let Some(doc) = self.doc(id) {
            doc.stage = Stage::Queued;
            doc.queued_ms = now_ms as u32;
            (doc.deliveries, doc.polls) = (0, 0);
            (doc.earliest_ms, doc.latest_ms) =
                promise.map_or((0, 0), |p| (within(p.earliest_ms), within(p.latest_ms)));
        }
        self.lanes.count(doc.group(), 1);
        self.stock.spend();
        self.tally.queued(
            doc.uploaded_ms,
            now_ms,
            self.arrivals.is_peak(u64::from(doc.uploaded_ms) / 1_000),
        );
        self.send(Self::lane_queue(doc.lane), id);
        self.message_done(Which::Uploads, id);
        Ok(())
    }

    /// A document is stamped.
    pub(super) fn stamped(&mut self, id: u32) {
        let Some(doc) = self.docs.get(id).copied() else {
            return;
        };
        if doc.stage != Stage::Queued {
            return;
        }
        let in_peak = self.arrivals.is_peak(u64::from(doc.uploaded_ms) / 1_000);
        self.tally.stamped(&doc, self.now_ms, in_peak);
        self.lanes.count(doc.group(), -1);
        if let Some(doc) = self.doc(id) {
            doc.stage = Stage::Stamped;
        }
        self.message_done(Self::lane_queue(doc.lane), id);
    }
}
