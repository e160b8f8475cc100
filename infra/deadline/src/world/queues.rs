//! The three queues and their mappings.

use super::{
    What, World,
    call::refused,
    doc::{Call, Stage},
};
use crate::{
    error::Error,
    fair::{FairQueue, Rule},
    limits::Limit,
    mapping::{Growth, Mapping},
    settings::Settings,
    steps::Step,
};
use bubuh_core::ticket::Lane;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Uploads,
    Single,
    Bulk,
}

impl Which {
    pub(super) const ALL: [Self; 3] = [Self::Uploads, Self::Single, Self::Bulk];

    pub(super) const fn of(lane: Lane) -> Self {
        match lane {
            Lane::Single => Self::Single,
            Lane::Bulk => Self::Bulk,
        }
    }

    pub(super) const fn function(self) -> usize {
        match self {
            Self::Uploads => 2,
            Self::Single | Self::Bulk => 3,
        }
    }

    const fn full(self) -> Limit {
        match self {
            Self::Uploads => Limit::Uploads,
            Self::Single => Limit::Stamps,
            Self::Bulk => Limit::Bulk,
        }
    }
}

/// A queue, its mapping, and what is hidden after a failed delivery.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) messages: FairQueue,
    pub(super) mapping: Mapping,
    pub(super) hidden: u64,
    /// Messages that workers have in hand: those of a batch until all of it is done.
    pub(super) in_hand: u64,
    visibility_ms: f64,
    pub(super) dead: u64,
}

impl Queue {
    pub(super) fn all(settings: &Settings) -> Result<[Self; 3], Error> {
        Ok([
            Self::new(settings, "UploadsConcurrency", "UploadsVisibilitySeconds")?,
            Self::new(settings, "StampsConcurrency", "StampsVisibilitySeconds")?,
            Self::new(settings, "BulkConcurrency", "StampsVisibilitySeconds")?,
        ])
    }

    fn new(settings: &Settings, most: &str, visibility: &str) -> Result<Self, Error> {
        let rule = Rule {
            noisy_permille: settings.whole("fair_noisy_permille")?,
            noisy_least: settings.whole("fair_noisy_least")?,
            disorder_permille: settings.whole("queue_disorder_permille")?,
        };
        let growth = Growth {
            first: settings.get("mapping_first")?,
            per_minute: settings.get("mapping_more_per_minute")?,
            most: settings.get(most)?.min(settings.get("mapping_most")?),
            rests_after_ms: settings.whole("mapping_rests_after_s")? * 1_000,
        };
        Ok(Self {
            messages: FairQueue::new(rule),
            mapping: Mapping::new(growth),
            hidden: 0,
            in_hand: 0,
            visibility_ms: settings.get(visibility)? * 1_000.0,
            dead: 0,
        })
    }
}

impl World<'_> {
    pub(super) fn queue(&mut self, which: Which) -> &mut Queue {
        let [uploads, single, bulk] = &mut self.queues;
        match which {
            Which::Uploads => uploads,
            Which::Single => single,
            Which::Bulk => bulk,
        }
    }

    /// A message can be seen.
    pub(super) fn send(&mut self, which: Which, id: u32) {
        let Some(doc) = self.docs.get(id) else {
            return;
        };
        // Storage's events and wakes can't say whose they are.
        let group = if which == Which::Uploads {
            None
        } else {
            doc.group()
        };
        let again = doc.deliveries > 0;
        // Storage's own message: wakes are counted where they are sent, and what is queued is sent with its batch.
        let told = which == Which::Uploads && doc.stage != Stage::Wake && !again;
        let queue = self.queue(which);
        queue.messages.send(id, group);
        if again {
            queue.hidden = queue.hidden.saturating_sub(1);
        }
        self.tally.own_messages(u64::from(told));
        self.dispatch(which);
    }

    /// Hands messages to workers as long as there are both.
    pub(super) fn dispatch(&mut self, which: Which) {
        self.dispatch_while(which, self.known.window_ms > 0.0);
    }

    fn dispatch_while(&mut self, which: Which, collects: bool) {
        if which != Which::Uploads && self.now_ms < self.known.lanes_open_ms {
            return;
        }
        loop {
            let queue = self.queue(which);
            if queue.messages.waiting() == 0 || !queue.mapping.has_room() {
                return;
            }
            // While a window is open only whole batches go; the rest go when it closes.
            if collects && self.queue(which).messages.waiting() < self.known.batch(which) {
                return;
            }
            let function = which.function();
            // The environment first: a message that is not taken stays where it is.
            let (environment, cold_ms) = match self.environment(function) {
                Ok(found) => found,
                Err(why) => {
                    self.limits.met(refused(function, why), self.now_ms);
                    return;
                }
            };
            let most = self.known.batch(which);
            let ids: Vec<u32> = {
                let [uploads, single, bulk] = &mut self.queues;
                let queue = match which {
                    Which::Uploads => uploads,
                    Which::Single => single,
                    Which::Bulk => bulk,
                };
                queue.mapping.begin();
                let receive = || queue.messages.receive(&mut self.random);
                std::iter::from_fn(receive).take(most).collect()
            };
            // A receive and a delete for all of them.
            self.tally.own_messages(2);
            let wait_ms = cold_ms + self.steps.draw(self.known.mapping, &mut self.random);
            self.begin_batch(which, environment, ids, wait_ms);
        }
    }

    pub(super) fn took(&mut self, which: Which, id: u32, environment: u32, batch: u32) -> Step {
        let now_ms = self.now_ms as u32;
        let Some(doc) = self.docs.get_mut(id) else {
            return Step::Wake;
        };
        doc.deliveries += 1;
        let [_, call] = &mut doc.calls;
        *call = Call {
            environment,
            begun_ms: now_ms,
            batch,
            asked: 0,
            tries: 0,
        };
        match (which, doc.stage) {
            (Which::Uploads, Stage::Wake) => Step::Wake,
            (Which::Uploads, _) => Step::Accept,
            _ => Step::Stamp,
        }
    }

    /// A worker is done with a message.
    pub(super) fn message_done(&mut self, which: Which, id: u32) {
        let doc = self.docs.get(id).copied();
        let group = doc
            .filter(|_| which != Which::Uploads)
            .and_then(|doc| doc.group());
        let queue = self.queue(which);
        queue.messages.done(group);
        self.dispatch(which);
    }

    /// A worker failed: the message is hidden for its time, and after too many deliveries it goes to the dead letters;
    /// then the row, which stays due, is sent again by sweep.
    pub(super) fn message_failed(&mut self, step: Step, id: u32) {
        let most = self.known.deliveries;
        let Some(doc) = self.docs.get_mut(id) else {
            return;
        };
        doc.ticket = if step == Step::Accept { 0 } else { doc.ticket };
        let which = if step == Step::Stamp {
            Which::of(doc.lane)
        } else {
            Which::Uploads
        };
        let dead = u64::from(doc.deliveries) >= most;
        if dead {
            doc.deliveries = 1;
        }
        let queue = self.queue(which);
        queue.hidden += 1;
        queue.dead += u64::from(dead);
        let wait_ms = queue.visibility_ms;
        self.after(wait_ms, What::Again(which), id);
        self.message_done(which, id);
    }

    /// Once a second: mappings grow, and whatever waits for an environment is tried again.
    pub(super) fn mappings(&mut self) {
        let now_ms = self.now_ms;
        for which in Which::ALL {
            let queue = self.queue(which);
            let waiting = queue.messages.waiting();
            queue.mapping.tick(waiting, now_ms);
            // A window closes; all of them at the same moment, for none is longer than this, a second.
            self.dispatch_while(which, false);
            let queue = self.queue(which);
            if queue.mapping.is_full() && queue.messages.waiting() > 0 {
                self.limits.met(which.full(), now_ms);
            }
        }
    }
}
