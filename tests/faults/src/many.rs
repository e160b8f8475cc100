//! Many documents through a remote issuer, with faults at every call and of the issuer's own: in the end each serial that
//! was paid for is on the one document it was meant for, or in the inventory.

use crate::{
    check,
    cloud::Plan,
    driver::{Driver, Times},
    remote::{Serials, pdf},
    story::{Ends, people::Person},
    unwind::words,
    world::{Dice, Retries, World, in_virtual_time},
};
use bubuh_core::{case::CaseKind, document::DocumentState, money::Stamps, payment::Method};
use bubuh_sandbox::issuer::{Call, FaultKind as Kind, FaultSpec as Fault};
use bubuh_steps::Resolution;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Documents of one account, all bought at once.
const EACH: u32 = 50;
/// Documents that come before what is ready is worked on.
const TOGETHER: u32 = 10;
const MINUTE_MS: u64 = 60_000;

/// How many, and what goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Decides everything.
    pub seed: u64,
    /// How many documents.
    pub documents: u32,
    /// How many more serials are wanted than that, to be left in the inventory.
    pub more: u32,
    /// Of a thousand calls, to whomever, so many meet a fault.
    pub per_mille: u64,
    /// How serials are asked for.
    pub serials: Serials,
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Serials that the issuer made.
    pub minted: u64,
    /// Of these, on documents.
    pub stamped: u64,
    /// Documents that are stamped here.
    pub documents: u64,
    /// Faults of the network and of our processes.
    pub faults: usize,
    /// Faults of the issuer's own.
    pub issuer_faults: usize,
    /// Documents that a person had to have tried again.
    pub stalled: u64,
    /// What does not hold; empty when all does.
    pub problems: Vec<String>,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} documents stamped, {} serials made, {} of them stamped, {} in the inventory; {} faults on the way, {} of \
             the issuer's own, {} documents tried again by hand; {} problems",
            self.documents,
            self.minted,
            self.stamped,
            self.minted - self.stamped,
            self.faults,
            self.issuer_faults,
            self.stalled,
            self.problems.len()
        )
    }
}

/// Runs it.
#[must_use]
pub fn run(setting: Setting) -> Counted {
    let work = move || in_virtual_time(move || async move { Many::new(setting).await.run().await });
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Counted {
        problems: vec![words(panic.as_ref())],
        ..Counted::default()
    })
}

struct Many {
    setting: Setting,
    driver: Driver,
    dice: Dice,
    counted: Counted,
}

impl Many {
    async fn new(setting: Setting) -> Self {
        let mut world = World::remote(setting.seed, Retries::None, setting.serials).await;
        world.sellable = Stamps::new(setting.documents + setting.more);
        world.block_size = 40;
        Self {
            driver: Driver::new(world, Times::Once).patient(),
            dice: Dice::new(setting.seed ^ 0x1550_e4ff),
            counted: Counted::default(),
            setting,
        }
    }

    async fn run(mut self) -> Counted {
        let Setting {
            seed,
            documents,
            per_mille,
            ..
        } = self.setting;
        let world = self.driver.world.clone();
        world.cloud.set_plan(Plan::seeded(seed, per_mille));
        self.stock().await;
        for first in (0..documents).step_by(EACH as usize) {
            let count = EACH.min(documents - first);
            let account = format!("account-{first}");
            let person = Person(&account);
            self.buys(&person, count).await;
            for n in 0..count {
                self.submits(&person, first + n).await;
                if n % TOGETHER == TOGETHER - 1 {
                    self.trouble();
                    self.passes(MINUTE_MS).await;
                }
            }
            world.cloud.forget_sites();
        }
        self.counted.faults = world.cloud.fired().len();
        world.cloud.set_plan(Plan::none());
        let (issuer, _) = world.remote.as_ref().expect("an issuer");
        self.counted.issuer_faults = issuer.with(|issuer, _| issuer.fired().len());
        issuer.with(|issuer, _| issuer.clear_faults());
        // Until the next look at the issuer's books has been.
        for _ in 0..8 {
            self.passes(15 * MINUTE_MS).await;
            self.resolves().await;
        }
        self.judged().await
    }

    async fn passes(&mut self, ms: u64) {
        let end_ms = self.driver.world.now_ms() + ms;
        self.driver.run_until(end_ms).await;
        self.driver.sweep().await;
    }

    /// Until there are serials for everything that will be sold.
    async fn stock(&mut self) {
        let table = self.driver.world.table();
        let wanted = i64::from(self.setting.documents + self.setting.more);
        loop {
            let slots = self.driver.world.cloud.unseen(table.capacity()).await;
            let free: i64 = slots.expect("slots").iter().map(|slot| slot.free).sum();
            if free >= wanted {
                return;
            }
            self.trouble();
            self.driver.sweep().await;
            self.driver.world.wait(MINUTE_MS / 4);
        }
    }

    /// Something of the issuer's own goes wrong, next time or later.
    fn trouble(&mut self) {
        let kinds = [
            (Kind::ReplyLost, None),
            (Kind::Slow, None),
            (Kind::Refused, Some(Call::Sign)),
            (Kind::SignedButRefused, Some(Call::Sign)),
            (Kind::TokenExpired, None),
            (Kind::BalanceEmpty, None),
            (Kind::ImageMissing, None),
            (Kind::Garbled, None),
        ];
        let (kind, call) = kinds[self.dice.index(kinds.len() as u64)];
        let mut fault = Fault::once(kind);
        fault.call = call;
        if kind == Kind::Slow {
            fault.delay_ms = 40_000;
        }
        if kind == Kind::Refused {
            fault.code = Some([92, 95, 96, 97][self.dice.index(4)]);
        }
        let (issuer, _) = self.driver.world.remote.as_ref().expect("an issuer");
        let set = issuer.with(|issuer, _| issuer.set_fault(fault));
        set.expect("a fault that can be");
    }

    async fn buys(&mut self, person: &Person<'_>, count: u32) {
        let driver = &mut self.driver;
        let order = person.order(driver, "order", count, Method::Qris).await;
        person.pays(driver, &mut Ends::default(), order, None);
        self.passes(2 * MINUTE_MS).await;
    }

    async fn submits(&mut self, person: &Person<'_>, n: u32) {
        let (name, driver) = (format!("document-{n}"), &mut self.driver);
        let file = pdf(&name);
        let paper = person.announces(driver, &name, &file).await;
        person.uploads(driver, &paper).await;
    }

    /// People have what stalled tried again.
    async fn resolves(&mut self) {
        let cases = self.driver.world.whole().await.rows.cases;
        for case in cases.into_iter().filter(|case| case.closed.is_none()) {
            if matches!(case.kind, CaseKind::DocumentStalled(_)) {
                let desk = self.driver.world.cases();
                let again = || desk.resolve(case.id, &Resolution::Retry, "sari");
                self.driver.client("a case is resolved", again).await;
                self.counted.stalled += 1;
            }
        }
    }

    async fn judged(mut self) -> Counted {
        let world = &self.driver.world;
        let whole = world.whole().await;
        let problems = &mut self.counted.problems;
        problems.extend(check::breaches(&whole));
        check::files(world, &whole, problems);
        check::issuer(world, &whole, problems);
        let documents = &whole.rows.documents;
        let stamped = |state| state == DocumentState::Stamped;
        let done = documents.iter().filter(|d| stamped(d.state)).count();
        self.counted.documents = done as u64;
        let wanted = self.setting.documents as usize;
        if (done, documents.len()) != (wanted, wanted) {
            problems.push(format!("{done} of {wanted} documents are stamped"));
        }
        let (issuer, _) = world.remote.as_ref().expect("an issuer");
        let books = issuer.with(|issuer, _| issuer.books());
        (self.counted.minted, self.counted.stamped) = (books.minted, books.stamped);
        self.counted
    }
}
