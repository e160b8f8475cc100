//! Batches: the messages that one invocation was handed, worked on a few at a time.

use super::{What, World, queues::Which};
use crate::steps::Step;
use std::collections::VecDeque;

/// Messages that are worked on side by side (functions/edge/src/batch.rs).
const AT_ONCE: usize = 10;

/// What a local stack's server has to do for a batch besides its documents' calls: hand it on, hear that it is done.
const BATCH_REQUESTS: u64 = 2;

/// A batch at work.
#[derive(Debug)]
pub(super) struct Batch {
    which: Which,
    environment: u32,
    begun_ms: u64,
    size: u64,
    todo: VecDeque<(Step, u32)>,
    at_work: usize,
}

/// All of them; places are used again.
#[derive(Debug, Default)]
pub(super) struct Batches {
    all: Vec<Option<Batch>>,
    free: Vec<u32>,
}

impl Batches {
    fn add(&mut self, batch: Batch) -> u32 {
        let id = self.free.pop().unwrap_or(self.all.len() as u32);
        match self.all.get_mut(id as usize) {
            Some(place) => *place = Some(batch),
            None => self.all.push(Some(batch)),
        }
        id
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Batch> {
        self.all.get_mut(id as usize)?.as_mut()
    }

    fn remove(&mut self, id: u32) -> Option<Batch> {
        let batch = self.all.get_mut(id as usize)?.take();
        self.free.push(id);
        batch
    }
}

impl World<'_> {
    /// An invocation begins with these messages, in an environment that is there so many milliseconds from now.
    pub(super) fn begin_batch(
        &mut self,
        which: Which,
        environment: u32,
        ids: Vec<u32>,
        wait_ms: f64,
    ) {
        let batch = self.batches.add(Batch {
            which,
            environment,
            begun_ms: self.now_ms,
            size: ids.len() as u64,
            todo: VecDeque::new(),
            at_work: 0,
        });
        self.queue(which).in_hand += ids.len() as u64;
        let todo: VecDeque<_> = ids
            .into_iter()
            .map(|id| (self.took(which, id, environment, batch), id))
            .collect();
        if let Some(begun) = self.batches.get_mut(batch) {
            begun.todo = todo;
        }
        // The rows of uploads are read together before.
        let rows_ms = match which {
            Which::Uploads => self.steps.draw(self.known.row, &mut self.random),
            Which::Single | Which::Bulk => 0.0,
        };
        let asked_ms = self.server.answers_in_ms(BATCH_REQUESTS, self.now_ms);
        for _ in 0..AT_ONCE {
            self.next_of_batch(batch, wait_ms + rows_ms + asked_ms);
        }
    }

    fn next_of_batch(&mut self, id: u32, wait_ms: f64) {
        let Some(batch) = self.batches.get_mut(id) else {
            return;
        };
        if let Some((step, doc)) = batch.todo.pop_front() {
            batch.at_work += 1;
            self.after(wait_ms, What::Work(step), doc);
        }
    }

    /// A message of a batch was worked on: the next one's turn, or the end of the invocation.
    pub(super) fn one_of_batch_done(&mut self, id: u32) {
        self.next_of_batch(id, 0.0);
        let Some(batch) = self.batches.get_mut(id) else {
            return;
        };
        batch.at_work = batch.at_work.saturating_sub(1);
        if batch.at_work > 0 {
            return;
        }
        let Some(batch) = self.batches.remove(id) else {
            return;
        };
        // What an uploads' batch queued is sent together.
        self.tally
            .own_messages(u64::from(batch.which == Which::Uploads));
        let (function, now_ms) = (batch.which.function(), self.now_ms);
        let lasted_ms = now_ms.saturating_sub(batch.begun_ms);
        if let Some(of) = self.functions.get_mut(function) {
            of.end(&mut self.account, batch.environment, lasted_ms, now_ms);
        }
        self.invoked(function, lasted_ms);
        let queue = self.queue(batch.which);
        queue.mapping.end();
        queue.in_hand = queue.in_hand.saturating_sub(batch.size);
    }
}
