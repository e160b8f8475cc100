//! Random sequences of captures, refunds, disputes and settlement lines, each line perhaps many times: after
//! every single write the books balance, and each line is booked once.

use crate::support::*;
use bubuh_core::{
    money::{Rupiah, Stamps},
    order::{ObservedState, observe},
    refund::{Answer, Elsewhere, Next, Refund, plan, settle},
    settlement::{Ending, LineKind as K, Word, await_payout, overdue},
    write::Write,
};
use proptest::{prelude::*, sample::select};
use std::{cell::RefCell, collections::BTreeMap};

const ORDERS: u8 = 4;

#[derive(Debug, Clone, Copy)]
enum Event {
    Pass(u64),
    Capture(u8, bool),
    Dispute(u8),
    Decide(u8, bool),
    Ask(u8, u32),
    Refund(u8),
    Elsewhere(u8, u64),
    Line(u32, K, u8, u64, u64, bool),
    Late(u8),
    End(u8, u8),
}

fn events() -> impl Strategy<Value = Event> {
    let of = || 0..ORDERS;
    let kinds = select(vec![
        K::Payment,
        K::Payment,
        K::Payment,
        K::Refund,
        K::Chargeback,
        K::Added,
        K::Taken,
    ]);
    let amounts = select(vec![30_000, 30_000, 30_000, 10_000, 29_000, 1]);
    let fees = select(vec![0, 210, 210, 1]);
    prop_oneof![
        2 => select(vec![1, DAY_MS, 6 * DAY_MS]).prop_map(Event::Pass),
        4 => (of(), prop::bool::weighted(0.9)).prop_map(|(n, right)| Event::Capture(n, right)),
        1 => of().prop_map(Event::Dispute),
        1 => (of(), any::<bool>()).prop_map(|(n, won)| Event::Decide(n, won)),
        2 => (of(), 1..4_u32).prop_map(|(n, count)| Event::Ask(n, count)),
        3 => of().prop_map(Event::Refund),
        1 => (of(), select(vec![10_000, 5_000])).prop_map(|(n, amount)| Event::Elsewhere(n, amount)),
        12 => (1..12_u32, kinds, 0..=ORDERS, amounts, fees, any::<bool>())
            .prop_map(|(l, k, n, a, f, ask)| Event::Line(l, k, n, a, f, ask)),
        3 => of().prop_map(Event::Late),
        4 => (any::<u8>(), 0..5_u8).prop_map(|(n, how)| Event::End(n, how)),
    ]
}

struct Run {
    world: World,
    now_ms: u64,
    /// What each line of the file is: a file does not change.
    file: BTreeMap<u32, Event>,
    booked: BTreeMap<u32, bool>,
    met: BTreeMap<String, u32>,
}

fn name(n: u8) -> String {
    format!("o{n}")
}

impl Run {
    fn new() -> Self {
        let mut world = World::default();
        for n in 0..ORDERS {
            world.place(&name(n), ["ani", "budi"][usize::from(n) % 2], 3);
        }
        Self {
            world,
            now_ms: T0,
            file: BTreeMap::new(),
            booked: BTreeMap::new(),
            met: BTreeMap::new(),
        }
    }

    fn step(&mut self, event: Event) {
        let wrote = self.one(event);
        let text = format!("{event:?}");
        let what = text.split('(').next().unwrap_or_default();
        *self.met.entry(format!("{what} {wrote}")).or_default() += 1;
    }

    /// Does it if it is legal; gives whether anything was written.
    fn one(&mut self, event: Event) -> bool {
        let (world, now_ms) = (&self.world, self.now_ms);
        let paid = |n: u8| world.payments.get(&transaction(&name(n)));
        let writes: Result<Vec<Write>, _> = match event {
            Event::Pass(ms) => {
                self.now_ms += ms;
                return false;
            }
            Event::Capture(n, right) => {
                let amount = Rupiah::new(if right { 30_000 } else { 29_000 });
                let seen = seen(&name(n), ObservedState::Captured, amount);
                observe(world.order(&name(n)), paid(n), &[], &seen, now_ms)
                    .map(|writes| await_payout(writes, Some(WINDOW_MS), now_ms))
            }
            Event::Dispute(n) => paid(n).map_or(Ok(vec![]), |p| {
                let lots = world.lots_of(p.account.as_str());
                let lots: Vec<_> = lots
                    .into_iter()
                    .filter(|l| l.transaction == p.transaction)
                    .collect();
                bubuh_core::dispute::open(p, &lots, now_ms)
            }),
            Event::Decide(n, won) => paid(n).map_or(Ok(vec![]), |p| world.dispute(p, won, now_ms)),
            Event::Ask(n, count) => paid(n).map_or(Ok(vec![]), |p| {
                let lots = world.lots_of(p.account.as_str());
                let key = refund_key(&format!("{n} {}", p.version));
                Refund::ask(key, p, &lots, Stamps::new(count), now_ms).map(|(_, w)| w)
            }),
            Event::Refund(n) => paid(n).map_or(Ok(vec![]), |p| {
                let open = |r: &&Refund| r.transaction == p.transaction && r.is_open();
                let Some(refund) = world.refunds.values().find(open) else {
                    return Ok(vec![]);
                };
                match plan(refund, p, now_ms)? {
                    Next::Call(writes) if refund.attempts == 0 => Ok(writes),
                    Next::Call(_) | Next::Look if p.left()?.minus(refund.amount).is_ok() => {
                        settle(refund, p, None, Answer::Made, now_ms)
                    }
                    Next::Stop(writes) => Ok(writes),
                    _ => Ok(vec![]),
                }
            }),
            Event::Elsewhere(n, amount) => paid(n).map_or(Ok(vec![]), |p| {
                let amount = Rupiah::new(amount.min(p.left()?.get()));
                let seen = Elsewhere {
                    key: format!("e{}", p.version),
                    amount,
                    told: false,
                };
                if amount == Rupiah::ZERO || p.state != bubuh_core::payment::PaymentState::Captured
                {
                    return Ok(vec![]);
                }
                world.elsewhere(p, &seen, now_ms)
            }),
            Event::Line(number, ..) => return self.line(number, event),
            Event::Late(n) => paid(n).map_or(Ok(vec![]), |p| overdue(p, now_ms)),
            Event::End(n, how) => {
                let open: Vec<_> = world.breaks();
                let Some(subject) = open.get(usize::from(n) % open.len().max(1)) else {
                    return false;
                };
                let case = world.break_case(subject);
                let how = [
                    Ending::Again,
                    Ending::Place,
                    Ending::PaidBack("TX"),
                    Ending::WriteOff,
                    Ending::Noted,
                ][usize::from(how)];
                world.ending(&case, how, now_ms)
            }
        };
        let Ok(writes) = writes else { return false };
        if writes.is_empty() || self.world.clone().apply(&writes).is_err() {
            return false;
        }
        self.world.must(&writes);
        true
    }

    fn line(&mut self, number: u32, event: Event) -> bool {
        let Event::Line(_, kind, n, amount, fee, ask) = *self.file.entry(number).or_insert(event)
        else {
            return false;
        };
        let mut line = line(number, kind, &name(n), amount);
        line.fee = Rupiah::new(fee.min(amount));
        if matches!(kind, K::Added | K::Taken) {
            line.fee = Rupiah::ZERO;
        }
        let word = if ask {
            says(true, 30_000)
        } else {
            Word::NotAsked
        };
        let entries = self.world.entries.len();
        let wrote = self.world.book(&line, word);
        let before = self.booked.insert(number, true).is_some();
        assert_eq!(wrote, !before, "line {number} is booked once");
        assert_eq!(self.world.entries.len(), entries + usize::from(wrote));
        wrote
    }
}

/// What a run must have met, so that a green run means something.
const MET: [&str; 11] = [
    "Capture true",
    "Dispute true",
    "Decide true",
    "Ask true",
    "Refund true",
    "Elsewhere true",
    "Line true",
    "Line false",
    "Late true",
    "End true",
    "End false",
];

#[test]
fn after_every_write_the_books_balance_and_each_line_is_booked_once() {
    let met: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let cases = config.cases;
    proptest::test_runner::TestRunner::new(config)
        .run(&prop::collection::vec(events(), 1..80), |events| {
            let mut run = Run::new();
            for event in events {
                run.step(event);
                let debit: i128 = bubuh_core::ledger::LedgerAccount::ALL
                    .into_iter()
                    .map(|a| match a.normal() {
                        bubuh_core::ledger::Side::Debit => run.world.balance(a),
                        bubuh_core::ledger::Side::Credit => -run.world.balance(a),
                    })
                    .sum();
                prop_assert_eq!(debit, 0, "the trial balance");
            }
            for (what, often) in run.met {
                *met.borrow_mut().entry(what).or_default() += often;
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    crate::random::all_was_met(&MET, &met.into_inner(), cases);
}
