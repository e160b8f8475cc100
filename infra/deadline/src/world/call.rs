//! A call from its request to its answer: the API's throttle, an environment, the SDK's tries.

use super::{
    What, World,
    doc::{Call, Doc, Track},
};
use crate::{error::Error, function::Refused, limits::Limit, steps::Step};

/// What a local stack's server has to do for a request of an owner besides its calls: the request and the invocation.
const HTTP_REQUESTS: u64 = 2;
/// What Retry-After says when the SDK has given up (functions/edge/src/problem.rs), in milliseconds.
const TOLD_BUSY_MS: f64 = 2_000.0;

/// Which of a document's two tracks a step is on.
pub(super) const fn track(step: Step) -> Track {
    match step {
        Step::Notify | Step::Accept | Step::Wake | Step::Stamp => Track::Service,
        Step::Order | Step::PollOrder | Step::Announce | Step::PollDocument => Track::Owner,
    }
}

/// The limit that a function's refusal is of.
pub(super) const fn refused(function: usize, why: Refused) -> Limit {
    match (why, function) {
        (Refused::Account, _) => Limit::Account,
        (Refused::Reserved, 0) => Limit::ReservedPurchase,
        (Refused::Reserved, 1) => Limit::ReservedEnqueueHttp,
        (Refused::Reserved, 2) => Limit::ReservedEnqueueUploads,
        (Refused::Reserved, _) => Limit::ReservedStamp,
        (Refused::Scaling, _) => Limit::Scaling,
        (Refused::Requests, _) => Limit::Requests,
    }
}

/// Whether a step is a document's own, and not an order's or somebody's look.
const fn of_the_document(step: Step) -> bool {
    matches!(step, Step::Announce | Step::Accept | Step::Stamp)
}

impl World<'_> {
    /// An invocation for documents has ended.
    pub(super) fn invoked(&mut self, function: usize, lasted_ms: u64) {
        let gb = self.known.function_gb.get(function).copied();
        let own = &mut self.tally.own;
        own.lambda_request += 1.0;
        own.lambda_gb_s += lasted_ms as f64 / 1_000.0 * gb.unwrap_or(0.0);
    }

    /// A request reaches the API.
    pub(super) fn request(&mut self, step: Step, asked: u8, id: u32) -> Result<(), Error> {
        if step == Step::PollDocument && self.waits_its_turn(asked, id) {
            return Ok(());
        }
        self.tally.api_requests += 1;
        if let Err(met) = self.api.take(step, self.now_ms) {
            self.limits.met(met, self.now_ms);
            self.turned_away(step, asked, id, None);
            return Ok(());
        }
        let function = self.steps.of(step)?.function;
        match self.environment(function) {
            Ok((environment, cold_ms)) => {
                let begun_ms = self.now_ms as u32;
                if let Some(doc) = self.doc(id) {
                    *doc.call_mut(track(step)) = Call {
                        environment,
                        begun_ms,
                        batch: 0,
                        asked,
                        tries: 0,
                    };
                }
                let overhead_ms = self.steps.draw(self.known.http, &mut self.random);
                self.after(cold_ms + overhead_ms, What::Work(step), id);
            }
            Err(why) => {
                self.limits.met(refused(function, why), self.now_ms);
                self.turned_away(step, asked, id, None);
            }
        }
        Ok(())
    }

    /// Begins an invocation; gives its environment and how long that takes to start, in milliseconds.
    pub(super) fn environment(&mut self, function: usize) -> Result<(u32, f64), Refused> {
        let elsewhere = self.reserved_elsewhere(function);
        let Some(of) = self.functions.get_mut(function) else {
            return Err(Refused::Account);
        };
        let begun = of.begin(&mut self.account, elsewhere, self.now_ms)?;
        let cold_ms = if begun.cold {
            self.steps.draw(self.known.cold, &mut self.random)
        } else {
            0.0
        };
        Ok((begun.id, cold_ms))
    }

    /// What of the account's concurrency a function without its own may not use. What is reserved is counted apart.
    fn reserved_elsewhere(&self, function: usize) -> u64 {
        let all = self.functions.iter().enumerate();
        let others = all.filter(|(n, _)| *n != function);
        others.filter_map(|(_, f)| f.reserved()).sum()
    }

    /// Gives the environment back.
    pub(super) fn end(&mut self, step: Step, id: u32) -> Result<(), Error> {
        let function = self.steps.of(step)?.function;
        let now_ms = self.now_ms;
        let Some(doc) = self.doc(id) else {
            return Ok(());
        };
        let call = *doc.call_mut(track(step));
        if matches!(step, Step::Accept | Step::Wake | Step::Stamp) {
            self.one_of_batch_done(call.batch);
            return Ok(());
        }
        let lasted_ms = now_ms.saturating_sub(u64::from(call.begun_ms));
        if let Some(of) = self.functions.get_mut(function) {
            of.end(&mut self.account, call.environment, lasted_ms, now_ms);
        }
        if of_the_document(step) {
            self.invoked(function, lasted_ms);
        }
        Ok(())
    }

    /// The calls of a step: all of what they ask is there, or the first that lacks something is tried again as the SDK
    /// does.
    pub(super) fn work(&mut self, step: Step, id: u32) -> Result<(), Error> {
        let Some(doc) = self.docs.get(id).copied() else {
            return Ok(());
        };
        let lacking = match self.files(step) {
            Err(lacking) => Some(lacking),
            Ok(()) => self.rows(step, id, &doc)?,
        };
        let Some(lacking) = lacking else {
            let calls = self.steps.of(step)?.calls;
            self.tally.count(calls);
            if of_the_document(step) {
                self.tally.own.s3_get += calls.s3_gets as f64;
            }
            let mut lasts_ms = self.steps.lasts_ms(step, &mut self.random);
            let around = match track(step) {
                Track::Owner => HTTP_REQUESTS,
                Track::Service => 0,
            };
            lasts_ms += self
                .server
                .answers_in_ms(calls.requests + around, self.now_ms);
            self.after(lasts_ms, What::Done(step), id);
            return Ok(());
        };
        self.limits.met(lacking, self.now_ms);
        let most = self.known.sdk_tries;
        let Some(doc) = self.doc(id) else {
            return Ok(());
        };
        let call = doc.call_mut(track(step));
        call.tries += 1;
        let tries = u64::from(call.tries);
        if tries >= most {
            return self.failed(step, id);
        }
        let longest_ms = self.known.sdk_first_ms * f64::from(1_u32 << (tries - 1).min(8));
        let wait_ms = longest_ms * self.random.unit();
        self.after(wait_ms, What::Work(step), id);
        Ok(())
    }

    /// What a step asks of the buckets.
    fn files(&mut self, step: Step) -> Result<(), Limit> {
        let now_ms = self.now_ms;
        match step {
            Step::Accept if !self.uploads_read.take(1.0, now_ms) => Err(Limit::UploadReads),
            Step::Stamp if !self.uploads_read.has(1.0, now_ms) => Err(Limit::UploadReads),
            Step::Stamp if !self.stamped_put.take(1.0, now_ms) => Err(Limit::StampedPuts),
            Step::Stamp => {
                self.uploads_read.take(1.0, now_ms);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What a step asks of the table; gives what was not there.
    fn rows(&mut self, step: Step, id: u32, doc: &Doc) -> Result<Option<Limit>, Error> {
        let mut ask = self.steps.of(step)?.ask;
        match step {
            Step::Accept => self.ask_for_a_place(id, doc, &mut ask),
            Step::Stamp => {
                if let Some(account) = doc.group() {
                    ask.lots = Some((account, 2.0, 0.0));
                }
            }
            Step::Order => ask.read += self.stock.looks_around(),
            _ => {}
        }
        Ok(match self.table.take(&ask, self.now_ms) {
            Ok(()) => {
                if of_the_document(step) {
                    self.tally.own.dynamodb_write += ask.write + ask.index;
                    self.tally.own.dynamodb_read += ask.read;
                }
                None
            }
            Err(lacking) => Some(lacking),
        })
    }

    /// The SDK has given up: the owner's program is told to come again, a message comes again.
    fn failed(&mut self, step: Step, id: u32) -> Result<(), Error> {
        self.end(step, id)?;
        match step {
            Step::Accept | Step::Wake | Step::Stamp => self.message_failed(step, id),
            _ => {
                let asked = self.asked(step, id);
                self.turned_away(step, asked, id, Some(TOLD_BUSY_MS));
            }
        }
        Ok(())
    }
}
