//! The daily report of a made-up day, against files that were read by people. `BUBUH_WRITE_GOLDEN=1` writes
//! them anew, to be looked at again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    missing_docs
)]

/// The model's interpreter of decisions.
#[path = "../../../tests/model/src/world.rs"]
mod world;

use bubuh::reconcile::{csv, day, html};
use bubuh_core::{
    dispute,
    id::{AccountId, OrderId, RefundKey, Sha256, StatementId, TransactionId},
    money::{DUTY, Rupiah, Stamps},
    order::{Observed, ObservedState, Order, Wanted, observe},
    payment::Method,
    refund::{Answer, Next, Refund, plan, settle},
    settlement::{
        Books, Line, LineId, LineKind as K, Rates, Statement, Verdict, Word, await_payout, judge,
        overdue,
        report::{GatewaySays, Match, Words, report},
    },
};
use world::World;

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;
const DATE: &str = "2026-11-25";

/// Nine in the morning of that day in Jakarta.
fn morning() -> u64 {
    day::bounds(DATE.parse().unwrap()).unwrap().from_ms + 9 * HOUR_MS
}

fn order(name: &str) -> OrderId {
    OrderId::derive(&[name])
}

fn transaction(name: &str) -> TransactionId {
    TransactionId::new(format!("tx-{name}")).unwrap()
}

fn buy(world: &mut World, name: &str, quantity: u32, method: Method, at_ms: u64) {
    let wanted = Wanted {
        id: order(name),
        account: AccountId::new("ani").unwrap(),
        quantity: Stamps::new(quantity),
        method,
        request_hash: Sha256::of(name.as_bytes()),
        unit_price: DUTY,
    };
    let (row, writes) = Order::place(wanted, at_ms).unwrap();
    world.apply(&writes).unwrap();
    let seen = Observed {
        transaction: transaction(name),
        state: ObservedState::Captured,
        amount: row.total,
        method,
    };
    let writes = observe(&row, None, &[], &seen, at_ms).unwrap();
    world
        .apply(&await_payout(writes, Some(5 * DAY_MS), at_ms))
        .unwrap();
}

fn refund(world: &mut World, name: &str, at_ms: u64) {
    let key = RefundKey::derive(&[name]);
    let lots: Vec<_> = world.lots.values().cloned().collect();
    let payment = world.payments[&transaction(name)].clone();
    let (row, writes) = Refund::ask(key, &payment, &lots, Stamps::ONE, at_ms).unwrap();
    world.apply(&writes).unwrap();
    let Next::Call(writes) = plan(&row, &world.payments[&transaction(name)], at_ms).unwrap() else {
        panic!()
    };
    world.apply(&writes).unwrap();
    let payment = &world.payments[&transaction(name)];
    let writes = settle(&world.refunds[&key], payment, None, Answer::Made, at_ms).unwrap();
    world.apply(&writes).unwrap();
}

fn line(world: &mut World, number: u32, kind: K, name: &str, (amount, fee): (u64, u64)) {
    let at_ms = morning() + 2 * HOUR_MS;
    let line = Line {
        id: LineId {
            statement: StatementId::derive(&["file"]),
            number,
        },
        kind,
        order: Some(order(name)),
        transaction: Some(transaction(name)),
        amount: Rupiah::new(amount),
        fee: Rupiah::new(fee),
        settled_at_ms: at_ms,
        reference: None,
    };
    let row = world.orders.get(&order(name));
    let refunds: Vec<_> = world.refunds.values().cloned().collect();
    let books = Books {
        buyer: row.map(|o| (&o.account, o.id)),
        payment: world.payments.get(&transaction(name)),
        refunds: &refunds,
        case: None,
    };
    let word = Word::Says {
        captured: true,
        amount: Rupiah::new(30_000),
    };
    let word = if world.payments.contains_key(&transaction(name)) {
        word
    } else {
        Word::Unknown
    };
    let Verdict::Write(writes) = judge(&line, books, word, &Rates::default(), at_ms).unwrap()
    else {
        panic!("{number}")
    };
    world.apply(&writes).unwrap();
}

/// A day with something of everything.
fn eventful() -> (World, Words) {
    let (mut world, at) = (World::default(), morning());
    buy(&mut world, "late", 3, Method::BankTransfer, at - 6 * DAY_MS);
    for (name, method) in [
        ("good", Method::Qris),
        ("short", Method::Qris),
        ("transfer", Method::BankTransfer),
    ] {
        buy(&mut world, name, 3, method, at - 10 * HOUR_MS);
    }
    buy(&mut world, "fresh", 3, Method::Qris, at);
    buy(&mut world, "disputed", 3, Method::Qris, at);
    buy(&mut world, "odd", 3, Method::Qris, at);
    refund(&mut world, "good", at + HOUR_MS);
    let payment = &world.payments[&transaction("disputed")];
    let lots: Vec<_> = world
        .lots
        .values()
        .filter(|l| l.id.order == order("disputed"))
        .cloned()
        .collect();
    let writes = dispute::open(payment, &lots, at + HOUR_MS).unwrap();
    world.apply(&writes).unwrap();
    line(&mut world, 1, K::Payment, "good", (30_000, 210));
    line(&mut world, 2, K::Payment, "good", (30_000, 210));
    line(&mut world, 3, K::Refund, "good", (10_000, 0));
    line(&mut world, 4, K::Payment, "short", (29_000, 203));
    line(&mut world, 5, K::Payment, "transfer", (30_000, 4_500));
    line(&mut world, 6, K::Payment, "<b>=1+1", (20_000, 140));
    line(&mut world, 7, K::Chargeback, "disputed", (30_000, 0));
    line(&mut world, 8, K::Taken, "good", (750, 0));
    for number in 9..17 {
        let name = format!("stranger-{number}");
        line(&mut world, number, K::Payment, &name, (20_000, 140));
    }
    let writes = overdue(&world.payments[&transaction("late")], at).unwrap();
    world.apply(&writes).unwrap();
    let name = ("<script>.csv".to_owned(), Sha256::of(b"other"));
    let (_, writes) =
        Statement::refused(name, "line 3: net: 9 is not gross 10 less fee 2", at).unwrap();
    world.apply(&writes).unwrap();
    let mut words = Words::new();
    for (name, amount) in [("good", 30_000), ("odd", 29_000)] {
        let refunded = if name == "good" { 10_000 } else { 0 };
        let says = GatewaySays {
            captured: true,
            amount: Rupiah::new(amount),
            refunded: Rupiah::new(refunded),
        };
        words.insert(transaction(name), Some(says));
    }
    words.insert(transaction("fresh"), None);
    (world, words)
}

/// Compares with the file of that name.
fn golden(name: &str, made: &str) {
    let path = format!("{}/tests/reconciliation/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BUBUH_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (n, (made, expected)) in made.lines().zip(expected.lines()).enumerate() {
        assert_eq!(made, expected, "line {} of {name}", n + 1);
    }
    assert_eq!(made, expected);
}

#[test]
fn the_report_of_an_eventful_day_is_as_it_was_read_by_people() {
    let (world, words) = eventful();
    let bounds = day::bounds(DATE.parse().unwrap()).unwrap();
    let now_ms = morning() + 30 * HOUR_MS;
    let report = report(&world.rows(), &words, bounds, now_ms).unwrap();
    golden(
        "day.csv",
        &String::from_utf8(csv::rows(&report).unwrap()).unwrap(),
    );
    golden("day.html", &html::page(&report, DATE, now_ms));
    assert!(!report.clean());
    let (debit, credit) = report.trial();
    assert_eq!(debit, credit);
}

#[test]
fn a_day_on_which_all_agree_is_clean_and_says_so() {
    let mut world = World::default();
    buy(&mut world, "good", 3, Method::Qris, morning());
    line(&mut world, 1, K::Payment, "good", (30_000, 210));
    let bounds = day::bounds(DATE.parse().unwrap()).unwrap();
    let report = report(&world.rows(), &Words::new(), bounds, morning()).unwrap();
    assert!(report.clean());
    assert_eq!(report.count(Match::Matched), 1);
    assert!(html::page(&report, DATE, morning()).contains("all agree"));
}

#[test]
fn a_day_is_as_it_was_at_its_end_whatever_came_later() {
    let (world, _) = eventful();
    let yesterday = day::bounds("2026-11-24".parse().unwrap()).unwrap();
    let report = report(&world.rows(), &Words::new(), yesterday, morning()).unwrap();
    assert_eq!(
        report.turnover.captured.get(),
        90_000,
        "three orders of that evening"
    );
    assert_eq!(report.open.len(), 0, "no case was open yet");
    let balances: u64 = report.balances.iter().map(|b| b.debit.get()).sum();
    assert_eq!(balances, 120_000);
    assert_eq!(report.count(Match::Waiting), report.rows.len());
}
