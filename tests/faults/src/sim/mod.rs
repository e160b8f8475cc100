//! The simulator: a whole world in one seed. Real handlers and real AWS clients take turns at every
//! request; the seed decides who goes next, what fails, who dies, who stalls and when time passes.
//! The same seed is the same run.

mod aim;
mod coverage;
mod hands;
mod judge;
mod moves;
mod people;
mod sums;
mod tasks;
mod web;

pub use aim::Aim;
pub use coverage::Coverage;
pub use sums::Sums;
pub use web::signed_in;

use crate::{
    cloud::Variant,
    remote::Serials,
    world::{Dice, Retries, World, in_virtual_time, in_virtual_time_here},
};
use people::Person;
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
};
use tasks::Tasks;

/// What a run showed.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What does not hold; empty when all does.
    pub problems: Vec<String>,
    /// Every decision, in order; empty unless asked for.
    pub schedule: Vec<String>,
    /// The requests that were made, and the faults they met.
    pub coverage: Coverage,
    /// Where its money is in the end.
    pub sums: Sums,
}

/// How a run is made.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// Decides everything.
    pub seed: u64,
    /// A guarantee that is taken away.
    pub variant: Option<Variant>,
    /// A fault that is to happen, where it can.
    pub aim: Option<Aim>,
    /// Whether the schedule is kept.
    pub told: bool,
}

/// Two worlds of so many have a remote issuer, one for each way to ask for serials.
const REMOTE_ONE_IN: u64 = 12;
/// One world of so many has two or three documents and one or two orders of each account.
const CROWDED_ONE_IN: u64 = 6;
/// One world of so many has a webhook.
const HOOKED_ONE_IN: u64 = 3;
/// Turns after which faults end.
const TURNS_MAX: u32 = 1_500;
/// How long the world goes on after the last fault, in milliseconds.
const CALM_MS: u64 = 4 * 60 * 60 * 1000;

/// Runs one seed on a thread of its own.
#[must_use]
pub fn run(setting: Setting) -> Outcome {
    judged(move || in_virtual_time(move || simulate(setting)))
}

/// Runs one seed on this thread, which must have [`STACK`](crate::world::STACK): a thread for each world costs its
/// memory anew.
#[must_use]
pub fn run_here(setting: Setting) -> Outcome {
    judged(move || in_virtual_time_here(simulate(setting)))
}

async fn simulate(setting: Setting) -> Outcome {
    Sim::new(setting).await.run().await
}

fn judged(work: impl FnOnce() -> Outcome) -> Outcome {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Outcome {
        problems: vec![crate::unwind::words(panic.as_ref())],
        ..Outcome::default()
    })
}

struct Sim {
    world: World,
    tasks: Tasks,
    dice: Dice,
    told: bool,
    outcome: Outcome,
    /// Of a thousand requests, how many meet a fault.
    per_mille: u64,
    /// Whether anything goes wrong in this world.
    faulty: bool,
    /// How likely it is that somebody stands still or time jumps.
    restless: u64,
    /// Whether stamp workers fall asleep over their writes.
    drowsy: bool,
    /// Faults that may still happen.
    faults_left: u64,
    /// Whether anybody looks at the queue's lanes. Where nobody does, documents that wait are sent again and again, and
    /// more workers meet at one.
    watched: bool,
    /// Whether somebody wants to be told what happens.
    hooked: bool,
    /// Decides which kinds of request meet more.
    picks: u64,
    /// Whether faults go on while people only wait, as when a deadline passes.
    late: bool,
    /// The fault that is hunted, until it has happened.
    aim: Option<Aim>,
    /// Processes that may still stand still, jumps of time, and doubled messages.
    stalls_left: u64,
    /// Whether anything went wrong or time passed while somebody worked.
    disturbed: bool,
    stalled: BTreeSet<u64>,
    calm: bool,
    swept_at_ms: u64,
}

impl Sim {
    async fn new(setting: Setting) -> Self {
        let mut dice = Dice::new(setting.seed ^ 0x5eed_5eed);
        let stocked = dice.below(8) > 0;
        let ways = [Serials::Single, Serials::Batch];
        let remote = ways.get(dice.index(REMOTE_ONE_IN));
        let world = match remote {
            Some(serials) => World::remote(setting.seed, Retries::None, *serials).await,
            None if stocked => World::stocked(setting.seed, Retries::None),
            None => World::new(setting.seed, Retries::None),
        };
        let stocked = stocked || remote.is_some();
        let faulty = dice.below(3) > 0;
        let drowsy = faulty && dice.below(2) == 0;
        let (per_mille, restless) = (10 << dice.below(5), 1 + dice.below(5));
        let (faults_left, stalls_left) = (2 + dice.below(12), dice.below(12));
        let stalls_left = if drowsy { stalls_left + 4 } else { stalls_left };
        let hooked = setting.seed % HOOKED_ONE_IN == 1;
        if hooked {
            hands::registers(&world, hands::ACCOUNTS[0]).await;
        }
        world.cloud.take_turns();
        if let Some(variant) = setting.variant {
            world.cloud.break_it(variant);
        }
        Self {
            swept_at_ms: world.now_ms(),
            world,
            tasks: Tasks::default(),
            told: setting.told,
            outcome: Outcome::default(),
            per_mille,
            faults_left: if faulty { faults_left } else { 0 },
            stalls_left,
            faulty,
            restless,
            drowsy,
            picks: dice.next(),
            // What is hunted comes after the same throws as without a hunt.
            late: dice.below(3) == 0 || setting.aim.is_some(),
            watched: dice.below(3) == 0,
            hooked,
            aim: setting.aim,
            // Without serials documents wait for a sweep.
            disturbed: !stocked,
            stalled: BTreeSet::new(),
            calm: false,
            dice,
        }
    }

    /// Two accounts, two orders and three documents, all at once, and now and then one more of them. A world with more is
    /// seldom worth what it costs: what goes wrong goes wrong between two or three.
    fn people(&mut self) {
        let crowded = self.dice.below(CROWDED_ONE_IN) == 0;
        for (account, documents) in hands::ACCOUNTS.into_iter().zip([1, 2]) {
            let (orders, documents) = if crowded {
                (1 + self.dice.below(2), 2 + self.dice.below(2))
            } else {
                (1 + self.one_in(8), documents + self.one_in(8))
            };
            let person = Person {
                account,
                world: self.world.clone(),
                tasks: self.tasks.clone(),
                stocked: !self.disturbed,
            };
            for n in 0..orders {
                let (name, dice) = (format!("{account}-order-{n}"), self.dice.split());
                let life = person.clone().buys(name.clone(), dice);
                self.tasks.person(name, life);
            }
            for n in 0..documents {
                let (name, dice) = (format!("{account}-document-{n}"), self.dice.split());
                let life = person.clone().submits(name.clone(), dice);
                self.tasks.person(name, life);
            }
        }
    }

    /// 1 in one of so many cases, else 0.
    fn one_in(&mut self, cases: u64) -> u64 {
        u64::from(self.dice.below(cases) == 0)
    }

    async fn run(mut self) -> Outcome {
        self.people();
        let mut turns = 0;
        while turns < TURNS_MAX && self.turn().await {
            turns += 1;
        }
        self.calm = true;
        self.stalled.clear();
        self.say(|| "calm".to_owned());
        while self.turn().await {}
        if !self.disturbed {
            judge::prompt(&self.world, &mut self.outcome.problems).await;
        }
        // Until all has ended as it must, or hours have gone by and it has not.
        let end_ms = self.world.now_ms() + CALM_MS;
        let (mut unfinished, mut cases) = judge::end(&self.world).await;
        let mut rounds = 3;
        loop {
            let handed = unfinished.is_empty() && rounds > 0 && self.hands(cases);
            rounds -= u32::from(handed);
            if !handed && (unfinished.is_empty() || !self.pass_time(end_ms)) {
                break;
            }
            while self.turn().await {}
            (unfinished, cases) = judge::end(&self.world).await;
        }
        self.outcome.problems.extend(unfinished);
        self.outcome.sums = judge::sums(&self.world, &mut self.outcome.problems).await;
        self.outcome
    }

    fn say(&mut self, what: impl FnOnce() -> String) {
        if self.told {
            let at_ms = self.world.now_ms() - crate::world::EPOCH_MS;
            self.outcome.schedule.push(format!("{at_ms:>9} {}", what()));
        }
    }
}
