//! Owners and their programs, payers, and the gateway.

use super::{
    What, World,
    call::track,
    doc::{ALONE, Doc, Stage},
    queues::Which,
};
use crate::{error::Error, limits::Limit, steps::Step};

/// When the gateway notifies again what was not taken, in milliseconds (domain.md, Midtrans).
const NOTIFIED_AGAIN_MS: [f64; 5] = [120_000.0, 600_000.0, 1_800_000.0, 5_400_000.0, 12_600_000.0];
/// After which a turn that was computed is computed anew at the latest, in milliseconds: the pace may have changed.
const COMPUTED_AGAIN_MS: u64 = 300_000;
/// When sweep asks the gateway about an order whose notification never came, in milliseconds: an hour after it was placed.
const ASKED_AFTER_MS: f64 = 3_600_000.0;

impl World<'_> {
    /// A document comes.
    pub(super) fn arrive(&mut self, account: Option<u32>, at_ms: u64) {
        let buys = account.is_none() && self.random.happens(self.known.buys_permille);
        let (stage, step) = if buys {
            (Stage::Buying, Step::Order)
        } else {
            (Stage::Announcing, Step::Announce)
        };
        let mut doc = Doc::new(stage, account.unwrap_or(ALONE), at_ms as u32);
        doc.file_kb = self.steps.draw(self.known.file_kb, &mut self.random) as u32;
        let id = self.docs.add(doc);
        self.tally.arrived += 1;
        self.tally.minute(at_ms).arrived += 1;
        self.tally.hour(at_ms).arrived += 1;
        self.note(at_ms, What::Request(step, 0), id);
    }

    /// A request was refused; whoever made it comes again. `asked`: how often it was made before; `told_ms`: what
    /// Retry-After says.
    pub(super) fn turned_away(&mut self, step: Step, asked: u8, id: u32, told_ms: Option<f64>) {
        self.tally.turned_away += 1;
        let least_ms = told_ms.unwrap_or(0.0);
        if step.only_looks() {
            // Who only looks is not in a greater hurry for having been turned away (infra/portal/js/poll.js).
            self.look_later(step, asked, id, least_ms);
            return;
        }
        let tries = asked.saturating_add(1);
        if step == Step::Notify {
            let again_ms = NOTIFIED_AGAIN_MS.get(usize::from(asked)).copied();
            let again_ms = again_ms.unwrap_or(ASKED_AFTER_MS);
            self.after(again_ms, What::Request(step, tries), id);
            return;
        }
        if u64::from(tries) >= self.known.client_tries {
            if let Some(doc) = self.doc(id) {
                doc.stage = Stage::GivenUp;
            }
            self.tally.given_up += 1;
            self.docs.free(id);
            return;
        }
        let (first_ms, longest_ms) = (self.known.first_wait_ms, self.known.longest_wait_ms);
        let wait_ms = (first_ms * f64::from(1_u32 << asked.min(16))).min(longest_ms);
        let wait_ms = wait_ms * (0.5 + self.random.unit() / 2.0);
        self.after(wait_ms.max(least_ms), What::Request(step, tries), id);
    }

    /// A request was answered.
    pub(super) fn done(&mut self, step: Step, id: u32) -> Result<(), Error> {
        self.end(step, id)?;
        match step {
            Step::Accept => return self.accepted(id),
            Step::Stamp => {
                self.stamped(id);
                return Ok(());
            }
            Step::Wake => {
                self.message_done(Which::Uploads, id);
                self.docs.free(id);
                return Ok(());
            }
            _ => {}
        }
        match step {
            Step::Order => self.ordered(id),
            Step::Notify => self.credited(id),
            Step::PollOrder => self.looked_at_order(id),
            Step::Announce => self.announced(id),
            _ => self.looked_at_document(id),
        }
        Ok(())
    }

    fn ordered(&mut self, id: u32) {
        if !self.stock.sell(self.known.per_order) {
            self.limits.met(Limit::Serials, self.now_ms);
            let asked = self.asked(Step::Order, id);
            self.turned_away(Step::Order, asked, id, Some(60_000.0));
            return;
        }
        self.tally.orders += 1;
        let pays_ms = self.steps.draw(self.known.payer, &mut self.random);
        self.after(pays_ms, What::Paid, id);
        self.look_later(Step::PollOrder, 0, id, 0.0);
    }

    fn credited(&mut self, id: u32) {
        if let Some(doc) = self.doc(id) {
            doc.stage = Stage::Credited;
        }
        // Whatever the account has waiting is woken: a message of its own.
        let wake = self
            .docs
            .add(Doc::new(Stage::Wake, ALONE, self.now_ms as u32));
        self.send(Which::Uploads, wake);
    }

    fn looked_at_order(&mut self, id: u32) {
        let now_ms = self.now_ms as u32;
        let Some(doc) = self.doc(id) else {
            return;
        };
        if doc.stage == Stage::Credited {
            doc.stage = Stage::Announcing;
            doc.asked_ms = now_ms;
            self.note(self.now_ms, What::Request(Step::Announce, 0), id);
        } else {
            let asked = self.asked(Step::PollOrder, id);
            self.look_later(Step::PollOrder, asked, id, 0.0);
        }
    }

    fn announced(&mut self, id: u32) {
        let now_ms = self.now_ms;
        let Some(doc) = self.docs.get_mut(id) else {
            return;
        };
        doc.stage = Stage::Uploading;
        let took_ms = now_ms.saturating_sub(u64::from(doc.asked_ms));
        let kbit = f64::from(doc.file_kb) * 8.0;
        self.tally
            .announced(took_ms, now_ms, self.arrivals.is_peak(now_ms / 1_000));
        let link = self.link_kbit();
        let upload_ms = kbit / link * 1_000.0;
        // A broken one breaks off somewhere and begins anew.
        let broken = if self.random.happens(self.known.breaks_permille) {
            self.random.unit()
        } else {
            0.0
        };
        self.after(60.0 + upload_ms * (1.0 + broken), What::Uploaded, id);
    }

    fn link_kbit(&mut self) -> f64 {
        let [slow, usual, fast] = self.known.links_kbit;
        let draw = self.random.unit() * 1_000.0;
        if draw < self.known.slow_permille {
            slow
        } else if draw < 1_000.0 - self.known.fast_permille {
            usual
        } else {
            fast
        }
    }

    pub(super) fn uploaded(&mut self, id: u32) {
        let now_ms = self.now_ms;
        if !self.uploads_put.take(1.0, now_ms) {
            self.limits.met(Limit::UploadPuts, now_ms);
            self.after(1_000.0, What::Uploaded, id);
            return;
        }
        self.tally.uploads += 1;
        let mut looks = true;
        if let Some(doc) = self.docs.get_mut(id) {
            doc.stage = Stage::Uploaded;
            doc.uploaded_ms = now_ms as u32;
            self.tally.stored_kb += u64::from(doc.file_kb);
            looks = doc.group().is_none() || self.known.bulk_looks;
        }
        let told_ms = self.steps.draw(self.known.storage_event, &mut self.random)
            + self.server.answers_in_ms(1, now_ms);
        self.after(told_ms, What::Told, id);
        if looks {
            self.look_later(Step::PollDocument, 0, id, 0.0);
        }
    }

    fn looked_at_document(&mut self, id: u32) {
        let asked = self.asked(Step::PollDocument, id);
        let Some(doc) = self.doc(id) else {
            return;
        };
        if doc.stage == Stage::Stamped {
            self.docs.free(id);
            return;
        }
        doc.told = doc.stage == Stage::Queued;
        self.look_later(Step::PollDocument, asked, id, 0.0);
    }

    /// Who was told a ticket computes from the public queue when it is worth a look, and looks at nothing else until
    /// then; whether it is so.
    pub(super) fn waits_its_turn(&mut self, asked: u8, id: u32) -> bool {
        let now_ms = self.now_ms;
        let doc = self.docs.get(id);
        let Some(doc) = doc.filter(|doc| doc.told && doc.stage == Stage::Queued) else {
            return false;
        };
        let earliest_ms = self.lanes.earliest_ms(doc.lane, doc.ticket, now_ms);
        let wait_ms = earliest_ms.saturating_sub(now_ms).min(COMPUTED_AGAIN_MS);
        if wait_ms == 0 {
            return false;
        }
        self.note(
            now_ms + wait_ms,
            What::Request(Step::PollDocument, asked),
            id,
        );
        true
    }

    /// How often a request that is being answered was made before.
    pub(super) fn asked(&self, step: Step, id: u32) -> u8 {
        let doc = self.docs.get(id);
        doc.map_or(0, |doc| doc.call(track(step)).asked)
    }

    /// The next look at an own order or document after so many, after at least so long.
    fn look_later(&mut self, step: Step, looks: u8, id: u32, least_ms: f64) {
        let (first_ms, longest_ms) = (self.known.poll_first_ms, self.known.poll_longest_ms);
        let wait_ms = (first_ms * f64::from(1_u32 << looks.min(16))).min(longest_ms);
        let wait_ms = wait_ms * (0.9 + self.random.unit() / 5.0);
        let step = What::Request(step, looks.saturating_add(1));
        self.after(wait_ms.max(least_ms), step, id);
    }
}
