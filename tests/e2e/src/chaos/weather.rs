//! What goes wrong while it runs: storms in the proxy, killed functions, an emulator held up, a bank
//! that fails. Every fault is counted where it happened.

use super::{proxy::Proxy, remote};
use bubuh::stack::Stack;
use bubuh_sandbox::{Call, FaultKind, FaultSpec};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::time::{Instant, sleep};

const FUNCTIONS: [&str; 6] = [
    "StampFunction",
    "EnqueueUploadsFunction",
    "EnqueueHttpFunction",
    "PurchaseFunction",
    "RefundFunction",
    "SweepFunction",
];
const TICK: Duration = Duration::from_millis(100);
const STORM_EVERY: Duration = Duration::from_secs(5);
const STORM_S: f64 = 3.0;
const KILL_EVERY: Duration = Duration::from_millis(1_200);
/// Nothing sweeps until the next minute after a kill, so not with the others.
const KILL_SWEEP_EVERY: Duration = Duration::from_secs(45);
const PAUSE_EVERY: Duration = Duration::from_secs(20);
/// Longer than the first lease on a document: another worker takes it, then this one goes on.
const WORKER_HELD_UP: Duration = Duration::from_secs(25);
const HOLD_WORKER_EVERY: Duration = Duration::from_secs(15);
const BANK_EVERY: Duration = Duration::from_secs(3);
/// How long faults go on for those that have not fired yet, once the rest is done.
const LAST_CHANCE: Duration = Duration::from_secs(60);

/// What the bank does wrong. Notifications that are lost for good are left out: an order is looked
/// at an hour after it was placed, which no run waits for.
const BANK: [(FaultKind, Call); 9] = [
    (FaultKind::ErrorBeforeApplying, Call::Charge),
    (FaultKind::ReplyLost, Call::Charge),
    (FaultKind::ErrorBeforeApplying, Call::Status),
    (FaultKind::ReplyLost, Call::Status),
    (FaultKind::Delay, Call::Status),
    (FaultKind::ReplyLost, Call::Cancel),
    (FaultKind::ErrorBeforeApplying, Call::Refund),
    (FaultKind::ReplyLost, Call::Refund),
    (FaultKind::Delay, Call::Notification),
];

const EMULATOR: &str = "the emulator is held up";
const WORKER: &str = "a stamp function is held up beyond its lease";

/// A stopped process; it goes on when this is dropped.
struct HeldUp(Pid);

impl Drop for HeldUp {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT); // it may be gone
    }
}

/// When something is next due.
struct Every(Duration, Instant);

impl Every {
    fn new(every: Duration) -> Self {
        Self(every, Instant::now() + every / 2)
    }

    fn is_due(&mut self) -> bool {
        let due = Instant::now() >= self.1;
        if due {
            self.1 = Instant::now() + self.0;
        }
        due
    }
}

/// All faults of a run.
pub(super) struct Weather<'a> {
    stack: &'a Stack,
    proxy: Proxy,
    chance: fastrand::Rng,
    /// Faults that this process makes itself.
    own: BTreeMap<String, usize>,
    /// Workers that are held up, and until when.
    held_up: Vec<(HeldUp, Instant)>,
}

impl<'a> Weather<'a> {
    pub(super) fn new(stack: &'a Stack, seed: u64) -> Self {
        let mut own = BTreeMap::from([EMULATOR, WORKER].map(|name| (name.to_owned(), 0)));
        own.extend(FUNCTIONS.map(|function| (killed(function), 0)));
        let url = stack.fault_proxy().expect("a stack with a fault proxy");
        Self {
            proxy: Proxy::new(
                url,
                stack.output("UploadsBucketName"),
                stack.output("StampedBucketName"),
            ),
            stack,
            chance: fastrand::Rng::with_seed(seed),
            own,
            held_up: Vec::new(),
        }
    }

    /// Goes on until it is asked to stop and every fault has fired.
    pub(super) async fn blow(&mut self, stop: &AtomicBool) {
        self.proxy.begin().await;
        for (kind, call) in BANK {
            self.bank_fails(kind, call);
        }
        remote::all_fail(self.stack, &mut self.chance);
        let mut storm = Every::new(STORM_EVERY);
        let mut kill = Every::new(KILL_EVERY);
        let mut kill_sweep = Every::new(KILL_SWEEP_EVERY);
        let mut pause = Every::new(PAUSE_EVERY);
        let mut hold_worker = Every::new(HOLD_WORKER_EVERY);
        let mut bank = Every::new(BANK_EVERY);
        let mut last_chance = None;
        let (mut storms, mut kills) = (self.chance.usize(..100), 0_usize);
        loop {
            if storm.is_due() {
                storms += 1;
                self.proxy.storm(storms, STORM_S).await;
            }
            if kill.is_due() {
                kills += 1;
                let function = FUNCTIONS[kills % (FUNCTIONS.len() - 1)];
                self.kill(function);
            }
            if kill_sweep.is_due() {
                self.kill("SweepFunction");
            }
            if pause.is_due() {
                self.hold_up().await;
            }
            if hold_worker.is_due() {
                self.hold_up_worker();
            }
            self.held_up.retain(|(_, until)| Instant::now() < *until);
            if bank.is_due() {
                let (kind, call) = BANK[self.chance.usize(..BANK.len())];
                self.bank_fails(kind, call);
                remote::one_fails(self.stack, &mut self.chance);
            }
            if stop.load(Ordering::Relaxed) {
                let until = *last_chance.get_or_insert_with(|| Instant::now() + LAST_CHANCE);
                if Instant::now() > until || self.fired().await.values().all(|n| *n > 0) {
                    break;
                }
            }
            sleep(TICK).await;
        }
        self.held_up.clear();
        self.proxy.end().await;
        self.stack.payments().with(|bank, _| bank.clear_faults());
        remote::recovers(self.stack);
    }

    /// How often each fault fired: by the proxy's log, the bank's, and our own count of signals.
    pub(super) async fn fired(&self) -> BTreeMap<String, usize> {
        let mut all = self.proxy.fired().await;
        all.extend(self.own.clone());
        all.extend(remote::fired(self.stack));
        all.extend(BANK.map(|(kind, call)| (at_the_bank(kind, call), 0)));
        self.stack.payments().with(|bank, _| {
            for fired in bank.fired() {
                *all.entry(at_the_bank(fired.kind, fired.call)).or_default() += 1;
            }
        });
        all
    }

    /// How many calls went through the proxy.
    pub(super) async fn calls(&self) -> u64 {
        self.proxy.calls().await
    }

    fn kill(&mut self, function: &str) {
        let pid = self.a_process(function);
        if pid.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()) {
            self.happened(killed(function));
        }
    }

    fn hold_up_worker(&mut self) {
        if let Some(pid) = self.a_process("StampFunction")
            && kill_process(pid, Signal::STOP).is_ok()
        {
            let until = Instant::now() + WORKER_HELD_UP;
            self.held_up.push((HeldUp(pid), until));
            self.happened(WORKER.to_owned());
        }
    }

    fn a_process(&mut self, function: &str) -> Option<Pid> {
        let mut processes = self.stack.bootstraps(function);
        self.chance.shuffle(&mut processes);
        Pid::from_raw(processes.pop()?.cast_signed())
    }

    fn happened(&mut self, what: String) {
        *self.own.entry(what).or_default() += 1;
    }

    async fn hold_up(&mut self) {
        let pid = self.stack.emulator_pid().expect("an emulator of our own");
        let pid = Pid::from_raw(pid.cast_signed()).expect("a process");
        kill_process(pid, Signal::STOP).expect("the emulator runs");
        let held_up = HeldUp(pid);
        sleep(Duration::from_millis(self.chance.u64(1_500..4_000))).await;
        drop(held_up);
        self.happened(EMULATOR.to_owned());
    }

    fn bank_fails(&mut self, kind: FaultKind, call: Call) {
        let spec = FaultSpec {
            count: self.chance.u32(1..4),
            delay_ms: if kind == FaultKind::Delay { 2_000 } else { 0 },
            ..FaultSpec::once(kind).at(call)
        };
        let set = self.stack.payments().with(|bank, _| bank.set_fault(spec));
        set.expect("a fault that can fire");
    }
}

fn killed(function: &str) -> String {
    format!("kill -9 of {function}")
}

fn at_the_bank(kind: FaultKind, call: Call) -> String {
    format!("the bank: {kind:?} at {call:?}")
}
