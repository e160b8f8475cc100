//! A day's report: what stands in it, under which day, and how far gateway, ledger and files agree.

use crate::support::*;
use bubuh_core::{
    case::{Case, CaseKind, Owner},
    ledger::LedgerAccount as A,
    money::{Rupiah, Stamps},
    order::ObservedState,
    payment::Method,
    refund::{Answer, Next, Refund, keep_stamps, plan, settle},
    settlement::{
        Break, LineId, LineKind as K, Word,
        report::{Day, GatewaySays, Kind, Match, Paid, Report, Row, Turnover, Words, report},
    },
};

/// The day that begins so long after the first capture.
const fn day(after_ms: u64) -> Day {
    Day {
        from_ms: T0 + after_ms,
        to_ms: T0 + after_ms + DAY_MS,
    }
}

/// The day of the capture, and the day on which files pay out.
const FIRST: Day = day(0);
const SECOND: Day = day(DAY_MS);
const THIRD: Day = day(2 * DAY_MS);

fn told(world: &World, day: Day) -> Report {
    report(&world.rows(), &Words::new(), day, T0 + 9 * DAY_MS).unwrap()
}

fn asked(world: &World, day: Day, word: Option<GatewaySays>) -> Report {
    let words = Words::from([(transaction("o"), word)]);
    report(&world.rows(), &words, day, T0).unwrap()
}

fn knows(amount: u64, refunded: u64) -> GatewaySays {
    GatewaySays {
        captured: true,
        amount: Rupiah::new(amount),
        refunded: Rupiah::new(refunded),
    }
}

/// One order of three stamps, paid at a gateway that sends files.
fn bought() -> World {
    let mut world = World::default();
    world.buy_awaiting("o", "ani", 3);
    world
}

fn settled() -> World {
    let mut world = bought();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    world
}

/// What stands in a report: kind, name, state and breaks of each row.
fn rows(report: &Report) -> Vec<(Kind, &str, Match, Vec<&str>)> {
    let rows = report.rows.iter();
    rows.map(|r| {
        let breaks = r.breaks.iter().map(String::as_str).collect();
        (r.kind, r.name.as_str(), r.state, breaks)
    })
    .collect()
}

/// An open case of a break of the order `o`.
fn open(kind: Break, what: &LineId, note: &str, at_ms: u64) -> Case {
    let kind = CaseKind::SettlementBreak(format!("{}:{what}", kind.name()));
    Case::open(kind, account("ani"), note.to_owned(), at_ms, 0).of(order_id("o"))
}

const NONE: Vec<&str> = Vec::new();

#[test]
fn a_payment_stands_in_the_day_of_its_capture_from_its_first_millisecond_to_its_last() {
    let world = bought();
    let expected = Row {
        kind: Kind::Payment,
        order: Some(order_id("o")),
        transaction: "o".to_owned(),
        name: String::new(),
        method: Some(Method::Qris),
        at_ms: T0,
        booked: Some(Rupiah::new(30_000)),
        gateway: None,
        paid: None,
        state: Match::Waiting,
        breaks: Vec::new(),
    };
    for (from_ms, to_ms, there) in [
        (T0 - DAY_MS, T0, false),
        (T0 - 1, T0 + 1, true),
        (T0, T0 + DAY_MS, true),
        (T0 + 1, T0 + DAY_MS, false),
    ] {
        let report = told(&world, Day { from_ms, to_ms });
        let rows = if there {
            vec![expected.clone()]
        } else {
            Vec::new()
        };
        assert_eq!(report.rows, rows, "{from_ms} to {to_ms}");
    }
    let report = told(&world, FIRST);
    let counts = [Match::Matched, Match::Waiting, Match::Broken].map(|m| report.count(m));
    assert_eq!((counts, report.clean()), ([0, 1, 0], true));
    assert_eq!(report.trial(), (30_000, 30_000));
}

#[test]
fn a_payment_waits_until_the_day_on_which_a_file_pays_it_out() {
    let world = settled();
    let first = told(&world, FIRST);
    assert_eq!(rows(&first), [(Kind::Payment, "", Match::Waiting, NONE)]);
    assert_eq!(first.rows[0].paid, None, "that is not known yet");
    let second = told(&world, SECOND);
    assert_eq!(rows(&second), [(Kind::Payment, "", Match::Matched, NONE)]);
    let paid = Paid {
        line: line_id(1),
        gross: Rupiah::new(30_000),
        fee: Rupiah::new(210),
        at_ms: T0 + DAY_MS,
    };
    assert_eq!(second.rows[0].paid, Some(paid));
    assert_eq!(rows(&told(&world, THIRD)), [], "nothing moved");
    // A day that ends as the file pays out does not know of it.
    let until = |to_ms| Day { from_ms: T0, to_ms };
    for (after_ms, state) in [(0, Match::Waiting), (1, Match::Matched)] {
        let report = told(&world, until(T0 + DAY_MS + after_ms));
        assert_eq!(rows(&report), [(Kind::Payment, "", state, NONE)]);
    }
}

#[test]
fn a_payment_of_which_nothing_is_left_waits_for_no_file() {
    let mut world = bought();
    let key = world.refund("r", "o", 3, T0).to_string();
    let report = told(&world, FIRST);
    let expected = [
        (Kind::Payment, "", Match::Matched, NONE),
        (Kind::Refund, key.as_str(), Match::Matched, NONE),
    ];
    assert_eq!(rows(&report), expected);
}

#[test]
fn the_gateways_own_word_must_be_that_of_the_books() {
    let world = settled();
    let agrees = asked(&world, SECOND, Some(knows(30_000, 0)));
    assert_eq!(rows(&agrees), [(Kind::Payment, "", Match::Matched, NONE)]);
    assert_eq!(agrees.rows[0].gateway, Some(Rupiah::new(30_000)));
    let uncaptured = GatewaySays {
        captured: false,
        ..knows(30_000, 0)
    };
    for word in [
        None,
        Some(uncaptured),
        Some(knows(29_999, 0)),
        Some(knows(30_000, 1)),
    ] {
        // On any day that has the payment behind it.
        for day in [SECOND, THIRD] {
            let report = asked(&world, day, word);
            let broken = (Kind::Payment, "", Match::Broken, vec!["gateway_differs"]);
            assert_eq!(rows(&report), [broken], "{word:?}");
            assert!(!report.clean());
        }
        assert_eq!(rows(&asked(&world, FIRST, word)).len(), 1);
    }
    // Before it was captured there is nothing to agree on.
    let before = Day {
        from_ms: 0,
        to_ms: T0,
    };
    assert_eq!(rows(&asked(&world, before, None)), []);
    // It is said once, also where a case says it already.
    let mut world = bought();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    let case = open(Break::GatewayDiffers, &line_id(1), "", T0);
    world.must(&[case.create()]);
    let report = asked(&world, SECOND, None);
    let broken = (Kind::Payment, "", Match::Broken, vec!["gateway_differs"]);
    assert_eq!(rows(&report), [broken]);
}

#[test]
fn a_break_stands_at_the_payment_it_is_about_for_as_long_as_it_is_open() {
    let mut world = settled();
    // Paid out again: nobody but a person can place it.
    world.book(&line(2, K::Payment, "o", 30_000), Word::NotAsked);
    assert_eq!(world.breaks().len(), 1);
    let broken = (Kind::Payment, "", Match::Broken, vec!["settled_twice"]);
    for day in [SECOND, THIRD] {
        let report = told(&world, day);
        assert_eq!(rows(&report), std::slice::from_ref(&broken));
        assert!(!report.clean());
        let [open] = &report.open[..] else { panic!() };
        let case = world.break_case("settled_twice");
        assert_eq!(
            (&open.case, open.kind.as_str(), open.owner, open.age_ms),
            (
                &case.id.to_string(),
                "settled_twice",
                Owner::Finance,
                8 * DAY_MS
            )
        );
    }
    assert!(told(&world, FIRST).clean(), "it was not known then");
    // Another order's payment has nothing to do with it.
    world.buy_awaiting("p", "budi", 1);
    let states: Vec<Match> = told(&world, day(0)).rows.iter().map(|r| r.state).collect();
    assert_eq!(states, [Match::Waiting, Match::Waiting]);
    let states: Vec<Match> = told(&world, SECOND).rows.iter().map(|r| r.state).collect();
    assert_eq!(states, [Match::Broken]);
}

#[test]
fn what_a_line_has_in_suspense_stands_at_its_orders_payment_and_what_it_has_not_at_its_own() {
    // An amount that differs is the line's own, and the line is the payment's.
    let mut world = bought();
    world.book(&line(1, K::Payment, "o", 29_000), says(true, 30_000));
    let report = told(&world, SECOND);
    let broken = (Kind::Payment, "", Match::Broken, vec!["amount_differs"]);
    assert_eq!(rows(&report), [broken]);
    // A case about the order that is in no suspense, and of no line of the payment, stands for itself.
    let mut world = settled();
    let other = open(Break::FeeDiffers, &line_id(7), "seen", T0);
    world.must(&[other.create()]);
    let report = told(&world, SECOND);
    let expected = [
        (Kind::Payment, "", Match::Matched, NONE),
        (Kind::Other, "seen", Match::Broken, vec!["fee_differs"]),
    ];
    assert_eq!(rows(&report), expected);
}

#[test]
fn a_line_of_nobody_here_stands_for_itself() {
    let mut world = bought();
    world.book(&line(1, K::Payment, "stranger", 5), Word::NotAsked);
    let report = told(&world, SECOND);
    let [row] = &report.rows[..] else { panic!() };
    let case = world.break_case("unknown_payment");
    assert_eq!(
        (row.kind, &row.name, row.state, row.at_ms, row.breaks.len()),
        (Kind::Other, &case.note, Match::Broken, case.opened_at_ms, 1)
    );
    assert_eq!(row.breaks, ["unknown_payment"]);
}

#[test]
fn a_refund_waits_until_it_is_kept_back_and_stands_in_both_days() {
    let mut world = settled();
    let key = world.refund("r", "o", 1, T0).to_string();
    let state = |world: &World, day: Day| {
        let report = told(world, day);
        let mut refunds = report.rows.into_iter().filter(|r| r.kind == Kind::Refund);
        refunds.next().map(|r| (r.name, r.state, r.paid.is_some()))
    };
    assert_eq!(
        state(&world, FIRST),
        Some((key.clone(), Match::Waiting, false))
    );
    assert_eq!(state(&world, SECOND), None, "nothing moved");
    let mut kept = line(2, K::Refund, "o", 10_000);
    kept.reference = Some(key.clone());
    world.book(&kept, Word::NotAsked);
    assert_eq!(
        state(&world, FIRST),
        Some((key.clone(), Match::Waiting, false))
    );
    assert_eq!(
        state(&world, SECOND),
        Some((key.clone(), Match::Matched, true))
    );
    assert_eq!(state(&world, THIRD), None);
    let until = |to_ms| Day { from_ms: T0, to_ms };
    let there = |after_ms| state(&world, until(T0 + DAY_MS + after_ms)).unwrap().2;
    assert_eq!([0, 1].map(there), [false, true]);
    let before = Day {
        from_ms: 0,
        to_ms: T0,
    };
    assert_eq!(state(&world, before), None);
    let word = Some(knows(30_000, 10_000));
    let report = asked(&world, SECOND, word);
    let refund = report.rows.iter().find(|r| r.kind == Kind::Refund).unwrap();
    assert_eq!(
        (refund.booked, refund.gateway),
        (Some(Rupiah::new(10_000)), Some(Rupiah::new(10_000)))
    );
}

#[test]
fn a_refund_of_what_was_never_paid_out_or_that_is_not_at_the_gateway_waits_for_no_file() {
    let mut world = bought();
    world.refund("r", "o", 1, T0);
    let states = |world: &World| -> Vec<_> {
        let rows = told(world, FIRST).rows.into_iter();
        rows.map(|r| (r.kind, r.state)).collect()
    };
    let expected = [
        (Kind::Payment, Match::Waiting),
        (Kind::Refund, Match::Matched),
    ];
    assert_eq!(states(&world), expected);
    // Of what was paid out, one that was called off and one that is still to be made.
    let mut world = settled();
    let lots = world.lots_of("ani");
    let one = Stamps::ONE;
    let asked = Refund::ask(refund_key("r"), world.payment("o"), &lots, one, T0);
    world.must(&asked.unwrap().1);
    let of_refund = |world: &World| states(world)[1];
    assert_eq!(of_refund(&world), (Kind::Refund, Match::Waiting));
    let called = plan(world.refund_of("o"), world.payment("o"), T0).unwrap();
    let Next::Call(writes) = called else { panic!() };
    world.must(&writes);
    let (refund, payment) = (world.refund_of("o"), world.payment("o"));
    let refused = settle(refund, payment, None, Answer::Refused, T0).unwrap();
    world.must(&refused);
    let (refund, payment) = (world.refund_of("o"), world.payment("o"));
    let case = &world.cases[&refund.case.unwrap()];
    let kept = keep_stamps(refund, payment, case, "ani", T0).unwrap();
    world.must(&kept);
    assert_eq!(of_refund(&world), (Kind::Refund, Match::Matched));
}

#[test]
fn a_refund_kept_back_in_another_amount_is_broken_on_every_day_until_somebody_ends_it() {
    let mut world = settled();
    let key = world.refund("r", "o", 1, T0).to_string();
    let mut kept = line(2, K::Refund, "o", 10_500);
    kept.reference = Some(key.clone());
    world.book(&kept, Word::NotAsked);
    let broken = (
        Kind::Refund,
        key.as_str(),
        Match::Broken,
        vec!["amount_differs"],
    );
    assert_eq!(rows(&told(&world, THIRD)), [broken]);
}

#[test]
fn a_chargeback_stands_in_the_day_on_which_it_is_kept_back_and_in_no_other() {
    let mut world = settled();
    let disputed = seen("o", ObservedState::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed, T0);
    world.book(&line(2, K::Chargeback, "o", 30_000), says(true, 30_000));
    let found = |day| {
        let report = told(&world, day);
        let mut rows = report.rows.into_iter();
        rows.find(|r| r.kind == Kind::Chargeback)
    };
    let row = found(SECOND).unwrap();
    assert_eq!(
        (row.state, row.booked, row.at_ms),
        (Match::Matched, Some(Rupiah::new(30_000)), T0 + DAY_MS)
    );
    assert_eq!(row.paid.unwrap().line, line_id(2));
    assert_eq!((found(FIRST), found(THIRD)), (None, None));
}

#[test]
fn what_is_open_at_the_days_end_comes_the_oldest_first_and_other_cases_are_counted() {
    let mut world = settled();
    for (number, at_ms) in [(8, T0 + 5), (7, T0 + 3), (9, T0 + DAY_MS)] {
        let case = open(
            Break::FeeDiffers,
            &line_id(number),
            &number.to_string(),
            at_ms,
        );
        world.must(&[case.create()]);
    }
    let kind = CaseKind::DocumentStalled("d".to_owned());
    let stalled = Case::open(kind, account("ani"), String::new(), T0, 0);
    let id = stalled.id;
    world.must(&[stalled.create()]);
    let notes =
        |report: &Report| -> Vec<String> { report.open.iter().map(|o| o.note.clone()).collect() };
    let first = told(&world, FIRST);
    assert_eq!(
        (notes(&first).as_slice(), first.other_cases),
        (["7".to_owned(), "8".to_owned()].as_slice(), 1)
    );
    assert_eq!(notes(&told(&world, SECOND)), ["7", "8", "9"]);
    // Closed as the day ends: open at its end. Before: not.
    let closed = |at_ms| {
        let mut world = world.clone();
        let close = world.cases[&id].close("sari", "noted", at_ms).unwrap();
        world.must(&[close]);
        told(&world, FIRST).other_cases
    };
    assert_eq!([FIRST.to_ms - 1, FIRST.to_ms].map(closed), [0, 1]);
}

#[test]
fn a_days_turnover_and_balances_are_what_its_entries_come_to() {
    let mut world = settled();
    let key = world.refund("r", "o", 1, T0).to_string();
    world.buy_awaiting("p", "budi", 1);
    let disputed = seen("p", ObservedState::Disputed, Rupiah::new(10_000));
    world.observe("p", &disputed, T0);
    let mut kept = line(2, K::Refund, "o", 10_000);
    (kept.reference, kept.fee) = (Some(key), Rupiah::new(250));
    world.book(&kept, Word::NotAsked);
    world.book(&line(3, K::Payment, "o", 30_000), Word::NotAsked);
    let sums = |t: Turnover| {
        let sums = [
            t.captured,
            t.refunded,
            t.disputed,
            t.settled,
            t.fees,
            t.kept,
            t.suspended,
        ];
        sums.map(Rupiah::get)
    };
    let of = |day| sums(told(&world, day).turnover);
    assert_eq!(of(FIRST), [40_000, 10_000, 10_000, 0, 0, 0, 0]);
    assert_eq!(of(SECOND), [0, 0, 0, 30_000, 460, 10_250, 29_790]);
    assert_eq!(of(THIRD), [0; 7]);
    let bank = |to_ms| {
        let from_ms = T0;
        let balances = told(&world, Day { from_ms, to_ms }).balances;
        assert_eq!(balances.len(), A::ALL.len());
        let bank = balances.iter().find(|b| b.account == A::Bank).unwrap();
        (bank.debit.get(), bank.credit.get())
    };
    assert_eq!(bank(T0 + DAY_MS), (0, 0));
    assert_eq!(bank(T0 + DAY_MS + 1), (29_790 + 29_790, 10_250));
}

#[test]
fn books_whose_sides_differ_are_not_clean() {
    let mut report = told(&settled(), SECOND);
    assert_eq!(report.trial(), (60_000, 60_000));
    assert!(report.clean());
    let balance = report.balances.iter_mut();
    let bank = balance.into_iter().find(|b| b.account == A::Bank).unwrap();
    assert_eq!(bank.debit, Rupiah::new(29_790));
    bank.debit = Rupiah::new(29_789);
    assert_eq!(report.trial(), (59_999, 60_000));
    assert!(!report.clean());
    // Nor is one in which a row is broken, though no case says so.
    let broken = asked(&settled(), SECOND, None);
    assert_eq!((broken.open.len(), broken.count(Match::Broken)), (0, 1));
    assert!(!broken.clean());
    // Nor one with an open case, though no row says so.
    let mut world = settled();
    let later = open(Break::FeeDiffers, &line_id(9), "", T0);
    world.must(&[later.create()]);
    let mut report = told(&world, SECOND);
    report.rows.clear();
    assert!(!report.clean());
}
