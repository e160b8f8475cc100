//! What makes a world go: clients that retry, queues that deliver, a gateway that notifies, a state
//! machine that steps, a schedule that sweeps, and time that passes only when nothing else happens.

pub(crate) mod deliver;

pub use deliver::event;

pub(crate) mod refunds;

use crate::{
    cloud::{Fired, Letter},
    world::World,
};
use bubuh_steps::Error;
use std::collections::BTreeSet;

/// Whether everything that may come twice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Once, unless a fault makes it come again.
    Once,
    /// Every request, message, notification, step and sweep comes twice.
    Twice,
}

/// Between two sweeps, in milliseconds: the schedule's granularity.
const SWEEP_EVERY_MS: u64 = 60_000;
/// Sweeps after which a world that is still not quiet never will be.
const SWEEPS_MAX: usize = 400;
/// How often a client tries before it gives up.
const CLIENT_TRIES: usize = 6;

/// The driver of one world.
pub struct Driver {
    /// The world.
    pub world: World,
    times: Times,
    sweeps: usize,
    sweeps_max: usize,
    swept_at_ms: u64,
    restocked: bool,
    audited: usize,
    broken: Vec<String>,
}

impl Driver {
    /// A driver for this world.
    #[must_use]
    pub fn new(world: World, times: Times) -> Self {
        Self {
            world,
            times,
            sweeps: 0,
            sweeps_max: SWEEPS_MAX,
            swept_at_ms: 0,
            restocked: true,
            audited: 0,
            broken: Vec::new(),
        }
    }

    /// For a large world: it is not audited after each fault, and may take long to get quiet.
    #[must_use]
    pub fn patient(self) -> Self {
        Self {
            audited: usize::MAX,
            sweeps_max: usize::MAX,
            ..self
        }
    }

    /// What the audit found broken in the midst of a fault.
    #[must_use]
    pub fn broken(&self) -> &[String] {
        &self.broken
    }

    /// Audits the books right after a fault, before anything is mended.
    async fn audit(&mut self) {
        let fired = self.world.cloud.fired().len();
        if fired > self.audited {
            self.audited = fired;
            let whole = self.world.whole().await;
            let breaches = crate::check::breaches(&whole);
            self.broken.extend(
                breaches
                    .iter()
                    .map(|b| format!("right after the fault: {b}")),
            );
        }
    }

    /// The faults that fired so far.
    #[must_use]
    pub fn fired(&self) -> Vec<Fired> {
        self.world.cloud.fired()
    }

    /// How often the sweep ran.
    #[must_use]
    pub const fn sweeps(&self) -> usize {
        self.sweeps
    }

    fn repeats(&self) -> usize {
        match self.times {
            Times::Once => 1,
            Times::Twice => 2,
        }
    }

    /// A client's request: made again, unchanged, when it fails in a way that may pass, or when no
    /// answer comes. Gives the last answer.
    ///
    /// # Panics
    /// When it is refused for good, or never answered.
    pub async fn client<T, F: Future<Output = Result<T, Error>>>(
        &mut self,
        name: &str,
        request: impl Fn() -> F,
    ) -> T {
        let mut answer = None;
        for _ in 0..self.repeats() {
            answer = Some(self.one_request(name, &request).await);
        }
        answer.expect("at least one answer")
    }

    async fn one_request<T, F: Future<Output = Result<T, Error>>>(
        &mut self,
        name: &str,
        request: &impl Fn() -> F,
    ) -> T {
        let mut told = Vec::new();
        for _ in 0..CLIENT_TRIES {
            let answer = self.world.cloud.process(name, request()).await;
            self.audit().await;
            match answer {
                Some(Ok(answer)) => return answer,
                Some(Err(error)) if error.retryable() => told.push(error.to_string()),
                Some(Err(error)) => panic!("{name} was refused: {error}"),
                None => told.push("no answer".to_owned()),
            }
            self.world.wait(1_000);
        }
        panic!("{name} was never answered: {told:?}");
    }

    /// Lets everything happen that is ready, without time passing.
    pub async fn settle(&mut self) {
        loop {
            let progress = self.messages(|_| true).await
                | self.notifications().await
                | self.executions().await;
            if !progress {
                return;
            }
        }
    }

    /// Delivers the messages that are ready and that `which` picks, until there are none. Gives
    /// whether there were any.
    pub async fn messages(&mut self, which: impl Fn(&Letter) -> bool) -> bool {
        let mut any = false;
        while let Some(letter) = self.ready(&which) {
            any = true;
            self.deliver(letter).await;
        }
        any
    }

    /// Lets time pass until nothing is left to do before this moment, and then up to it.
    ///
    /// # Panics
    /// When it never gets quiet.
    pub async fn run_until(&mut self, end_ms: u64) {
        loop {
            self.settle().await;
            let sweep_ms = self.sweep_ms();
            let next = [self.next_event_ms(), sweep_ms].into_iter().flatten().min();
            let Some(next_ms) = next.filter(|at_ms| *at_ms <= end_ms) else {
                self.world.wait_until(end_ms);
                return;
            };
            self.world.wait_until(next_ms);
            if sweep_ms.is_some_and(|at_ms| at_ms <= self.world.now_ms()) {
                self.sweep().await;
            }
        }
    }

    /// One pass of the sweep, as the schedule starts it; a pass that dies is not repeated before
    /// the next minute.
    ///
    /// # Panics
    /// When the world never gets quiet.
    pub async fn sweep(&mut self) {
        self.sweeps += 1;
        assert!(
            self.sweeps < self.sweeps_max,
            "the world never gets quiet; due: {:?}",
            self.due()
        );
        self.swept_at_ms = self.world.now_ms();
        for _ in 0..self.repeats() {
            let sweep = self.world.sweep();
            let swept = self.world.cloud.process("sweep", sweep.pass()).await;
            self.restocked = matches!(swept, Some(Ok(_)));
            self.audit().await;
        }
        // Beside the sweep; only where there is something to tell, for its looks are many.
        for _ in 0..self.repeats() {
            let now_ms = self.world.now_ms();
            let mut due = self.due().into_iter();
            if due.any(|(at_ms, key)| at_ms <= now_ms && key.contains("EVENT#")) {
                let courier = self.world.courier();
                self.world.cloud.process("courier", courier.pass()).await;
                self.audit().await;
            }
        }
    }

    /// When the schedule's next sweep would find something.
    fn sweep_ms(&self) -> Option<u64> {
        let first = if self.restocked {
            self.due().first()?.0
        } else {
            0
        };
        let earliest_ms = self.swept_at_ms.saturating_add(SWEEP_EVERY_MS);
        Some(first.max(earliest_ms).max(self.world.now_ms()))
    }

    /// What is due when, by its key.
    #[must_use]
    pub fn due(&self) -> BTreeSet<(u64, String)> {
        let due = self.world.cloud.due();
        due.iter()
            .filter_map(|item| {
                let at_ms = item["due_at"]["N"].as_str()?.parse().ok()?;
                let key = format!("{} {}", item["pk"]["S"], item["sk"]["S"]);
                Some((at_ms, key))
            })
            .collect()
    }

    /// When a message, a notification or an execution is ready next.
    fn next_event_ms(&self) -> Option<u64> {
        let letters = self.world.cloud.letters();
        let letter = letters.iter().map(|l| l.visible_at_ms).min();
        let bank = self.world.bank.with(|bank, _| bank.next_event_ms());
        [letter, bank, self.next_execution_ms()]
            .into_iter()
            .flatten()
            .min()
    }
}
