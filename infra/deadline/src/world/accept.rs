//! Accepted and stamped: the service's two steps with a document.

use super::{
    World,
    doc::{Doc, Stage},
    lanes::Took,
    queues::Which,
};
use crate::{error::Error, table::Ask};

/// A consistent read's unit, in bytes.
const READ_BYTES: f64 = 4_096.0;
/// A lot's row, and stamps in one.
const LOT_BYTES: f64 = 350.0;
const LOT_STAMPS: f64 = 1_000.0;

impl World<'_> {
    /// What an acceptance asks for besides its fixed part: a number, the snapshot, serials, the lots.
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
        match self.lanes.serial(call.environment, self.now_ms) {
            Took::InHand => {}
            Took::Taken => ask.write += 1.0,
            Took::TakenFromNewList => {
                ask.write += 1.0;
                (ask.inventory, ask.read) = (1.0, ask.read + 1.0);
            }
        }
        let lots = match doc.group() {
            Some(_) => (self.stock.bulk_lots(LOT_STAMPS) * LOT_BYTES / READ_BYTES).ceil(),
            None => 1.0,
        };
        ask.read += lots;
        if let Some(account) = doc.group() {
            ask.lots = Some((account, 2.0, lots));
        }
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
            doc.deliveries = 0;
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
