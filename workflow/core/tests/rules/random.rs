//! Random sequences of everything that can happen, in any order, by workers with outdated rows.

use crate::{
    happening::{Event, Hand, Step},
    simulation::{DOCUMENTS, ORDERS, REFUNDS, Simulation, TRANSACTIONS, WORKERS},
    support::{DAY_MS, HOUR_MS},
};
use bubuh_core::{document::Lacks, order::ObservedState as S, refund::Answer};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseError, TestRunner},
};
use std::{cell::RefCell, collections::BTreeMap};

fn money() -> impl Strategy<Value = Event> {
    let (order, paid, key) = (0..ORDERS, 0..TRANSACTIONS, 0..REFUNDS);
    let states = select(vec![
        S::Pending,
        S::Captured,
        S::Captured,
        S::Captured,
        S::Expired,
        S::Cancelled,
        S::Denied,
        S::Disputed,
    ]);
    let answers = select(vec![
        Answer::Made,
        Answer::Made,
        Answer::Unclear,
        Answer::Refused,
    ]);
    let hands = select(vec![Hand::PayTo, Hand::Keep, Hand::Paid, Hand::Retry]);
    let amounts = select(vec![1, 7_500, 10_000, 20_000, 25_000, 10_020_000]);
    prop_oneof![
        6 => order.clone().prop_map(Event::Place),
        1 => order.clone().prop_map(Event::Charge),
        8 => (paid.clone(), states, prop::bool::weighted(0.8))
            .prop_map(|(t, s, right)| Event::Observe(t, s, right)),
        1 => order.clone().prop_map(Event::CancelOrder),
        1 => order.prop_map(Event::LookAgain),
        6 => (key.clone(), paid, 1_u32..5).prop_map(|(k, t, n)| Event::Ask(k, t, n)),
        7 => key.clone().prop_map(Event::Plan),
        6 => (key.clone(), answers).prop_map(|(k, a)| Event::Settle(k, a)),
        12 => (key.clone(), hands).prop_map(|(k, h)| Event::Hand(k, h)),
        8 => (0..TRANSACTIONS, any::<bool>()).prop_map(|(t, won)| Event::Decide(t, won)),
        1 => (0..TRANSACTIONS, 0_u8..3, amounts).prop_map(|(t, k, a)| Event::Elsewhere(t, k, a)),
    ]
}

fn documents() -> impl Strategy<Value = Event> {
    let of = || 0..DOCUMENTS;
    let lacks = select(vec![Lacks::Stamp, Lacks::Serial]);
    prop_oneof![
        4 => of().prop_map(Event::Announce),
        8 => of().prop_map(Event::Accept),
        2 => (of(), lacks).prop_map(|(n, l)| Event::Wait(n, l)),
        1 => of().prop_map(Event::Reject),
        20 => of().prop_map(Event::Claim),
        8 => of().prop_map(Event::Store),
        10 => of().prop_map(Event::Commit),
        2 => of().prop_map(Event::Refuse),
        1 => of().prop_map(Event::CancelDocument),
        1 => of().prop_map(Event::Abandon),
        2 => of().prop_map(Event::Resend),
        1 => of().prop_map(Event::Purge),
        1 => of().prop_map(Event::Erase),
        4 => of().prop_map(Event::Redrive),
    ]
}

fn steps() -> impl Strategy<Value = (bool, Vec<Step>)> {
    let pass = select(vec![
        1,
        1_000,
        31_000,
        31_000,
        31_000,
        HOUR_MS,
        DAY_MS,
        8 * DAY_MS,
        31 * DAY_MS,
    ]);
    let event = prop_oneof![
        5 => pass.prop_map(Event::Pass),
        1 => Just(Event::Restock),
        16 => money(),
        24 => documents(),
    ];
    let often = prop::bool::weighted;
    let step =
        (0..WORKERS, often(0.6), often(0.2), event).prop_map(|(worker, fresh, race, event)| Step {
            worker,
            fresh,
            race,
            event,
        });
    let steps = prop::collection::vec(step, 1..250);
    (prop::bool::weighted(0.8), steps)
}

/// What a run must have met, so that a green run means something.
const MET: [&str; 46] = [
    "Restock wrote",
    "Place wrote",
    "Place lost",
    "Charge wrote",
    "Charge illegal",
    "Observe wrote",
    "Observe lost",
    "Observe idle",
    "CancelOrder wrote",
    "CancelOrder illegal",
    "LookAgain wrote",
    "Ask wrote",
    "Ask lost",
    "Ask illegal",
    "Plan wrote",
    "Plan lost",
    "Settle wrote",
    "Settle lost",
    "Settle illegal",
    "Hand wrote",
    "Hand lost",
    "Decide wrote",
    "Decide illegal",
    "Elsewhere wrote",
    "Elsewhere idle",
    "Announce wrote",
    "Announce lost",
    "Accept wrote",
    "Accept lost",
    "Accept illegal",
    "Wait wrote",
    "Wait lost",
    "Reject wrote",
    "Claim wrote",
    "Claim lost",
    "Claim illegal",
    "Commit wrote",
    "Commit illegal",
    "Refuse wrote",
    "CancelDocument wrote",
    "CancelDocument lost",
    "Abandon wrote",
    "Purge wrote",
    "Erase wrote",
    "Erase illegal",
    "Redrive wrote",
];

#[test]
fn after_any_sequence_of_events_every_invariant_holds_and_everything_can_end() {
    let met: RefCell<BTreeMap<String, u32>> = RefCell::default();
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let cases = config.cases;
    TestRunner::new(config)
        .run(&steps(), |(busy, steps)| {
            let mut simulation = if busy {
                Simulation::busy().map_err(TestCaseError::fail)?
            } else {
                Simulation::default()
            };
            for (index, step) in steps.iter().enumerate() {
                simulation
                    .step(*step)
                    .map_err(|why| TestCaseError::fail(format!("step {index}: {why}")))?;
            }
            for (what, often) in &simulation.seen {
                *met.borrow_mut().entry(what.clone()).or_default() += often;
            }
            simulation.drain().map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    all_was_met(&MET, &met.into_inner(), cases);
}

/// What must have been met was, if there were enough cases to meet it.
pub(crate) fn all_was_met(must: &[&str], met: &BTreeMap<String, u32>, cases: u32) {
    if cases < 256 {
        return; // Too few, by PROPTEST_CASES, to meet everything.
    }
    let missed: Vec<_> = must
        .iter()
        .filter(|what| !met.contains_key(**what))
        .collect();
    assert!(missed.is_empty(), "never met: {missed:?}; met: {met:#?}");
}
