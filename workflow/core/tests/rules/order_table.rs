//! Every event in every state of an order, by design.md §3.

use crate::support::*;
use bubuh_core::{
    Error,
    id::TransactionId,
    money::Rupiah,
    order::{Instructions, ObservedState as S, Order, OrderState, observe},
    refund::RefundReason,
    write::Write,
};

/// `=`: the row changes, its state does not. `-`: nothing is written. `no`: illegal.
/// `second`, `late`, `amount`: the money goes back for that reason, and the state stays; but whoever
/// paid a wrong amount is awaited no longer. `x`: there is no such order.
const TABLE: &str = "
event              awaiting_payment credited expired  cancelled failed
charged            =                no       no       no        no
charged_again      -                no       no       no        no
cancel             cancelled        no       cancelled -        no
look_again         =                no       =        =         =
uncharged_early    no               no       no       no        no
uncharged          expired          no       no       no        no
pending            -                -        -        -         -
captured           credited         second   credited late      credited
captured_wrong     amount           second   amount   late      amount
captured_known     x                -        -        -         -
disputed           credited         second   credited late      credited
disputed_known     x                =        =        =         =
expired            expired          -        -        -         -
cancelled          cancelled        -        -        -         -
denied             failed           -        -        -         -
expired_known      x                -        -        -         -
cancelled_known    x                -        -        -         -
denied_known       x                -        -        -         -
";

const NOW: u64 = T0 + HOUR_MS;

/// An order in that state, and the transaction `known` whose money was wrong and went back.
fn order_in(state: &str) -> World {
    let mut world = World::default();
    world.place("o", "ani", 3);
    let instructions = instructions("t");
    world.must(&world.order("o").charged(instructions).unwrap());
    match state {
        "awaiting_payment" => return world,
        "credited" => assert!(world.capture("o", "first", 30_000, T0) > 0),
        "expired" => gateway_says(&mut world, S::Expired),
        "failed" => gateway_says(&mut world, S::Denied),
        "cancelled" => world.must(&world.order("o").cancel(T0).unwrap()),
        other => panic!("{other}"),
    }
    world.capture("o", "known", 1, T0);
    assert_eq!(world.order("o").state.name(), state);
    world
}

fn gateway_says(world: &mut World, state: S) {
    assert_eq!(
        world.observe("o", &seen("t", state, Rupiah::new(30_000)), T0),
        2,
        "the order, and what it no longer claims"
    );
}

fn instructions(paid: &str) -> Instructions {
    Instructions {
        transaction: TransactionId::new(paid).unwrap(),
        qr_text: None,
        qr_url: None,
        virtual_account: None,
    }
}

fn offer(world: &World, event: &str) -> Result<Vec<Write>, Error> {
    let order: &Order = world.order("o");
    let see = |state, amount| {
        observe(
            order,
            None,
            &[],
            &seen("t", state, Rupiah::new(amount)),
            NOW,
        )
    };
    let known = |state| {
        let payment = Some(world.payment("known"));
        observe(
            order,
            payment,
            &[],
            &seen("known", state, Rupiah::new(1)),
            NOW,
        )
    };
    match event {
        "charged" => order.charged(instructions("another")),
        "charged_again" => order.charged(instructions("t")),
        "cancel" => order.cancel(NOW),
        "look_again" => order.look_again(NOW + 5),
        "uncharged_early" => order.expire_uncharged(T0 + HOUR_MS - 1),
        "uncharged" => order.expire_uncharged(NOW),
        "pending" => see(S::Pending, 30_000),
        "captured" => see(S::Captured, 30_000),
        "captured_wrong" => see(S::Captured, 29_999),
        "captured_known" => known(S::Captured),
        "disputed" => see(S::Disputed, 30_000),
        "disputed_known" => known(S::Disputed),
        "expired" => see(S::Expired, 30_000),
        "cancelled" => see(S::Cancelled, 30_000),
        "denied" => see(S::Denied, 30_000),
        "expired_known" => known(S::Expired),
        "cancelled_known" => known(S::Cancelled),
        "denied_known" => known(S::Denied),
        other => panic!("{other}"),
    }
}

fn outcome(state: &str, event: &str) -> String {
    let mut world = order_in(state);
    let refunds = world.refunds.len();
    let writes = match offer(&world, event) {
        Ok(writes) => writes,
        Err(Error::IllegalTransition { .. }) => return "no".to_owned(),
        Err(other) => panic!("{event} in {state}: {other}"),
    };
    if writes.is_empty() {
        return "-".to_owned();
    }
    world.must(&writes);
    if world.refunds.len() > refunds {
        let left_in = if state == "awaiting_payment" {
            "failed"
        } else {
            state
        };
        assert_eq!(world.order("o").state.name(), left_in);
        return match world.refund_of("t").reason {
            RefundReason::SecondPayment => "second",
            RefundReason::OrderCancelled => "late",
            RefundReason::WrongAmount => "amount",
            RefundReason::BuyerAsked => "asked",
            RefundReason::MadeElsewhere => "elsewhere",
        }
        .to_owned();
    }
    let reached = world.order("o");
    if reached.state.name() == state {
        return "=".to_owned();
    }
    assert_eq!(reached.history.last().unwrap().state, reached.state);
    assert_eq!(reached.history.last().unwrap().at_ms, NOW);
    let looked_at = (reached.state != OrderState::Credited).then_some(NOW + 600_000);
    assert_eq!(reached.due_at_ms, looked_at, "who pays late is seen");
    reached.state.name().to_owned()
}

#[test]
fn every_event_in_every_state_of_an_order_does_what_the_table_says() {
    let mut lines = TABLE.trim().lines().map(str::split_whitespace);
    let states: Vec<&str> = lines.next().unwrap().skip(1).collect();
    assert_eq!(states.len(), 5);
    let mut wrong = Vec::new();
    for mut line in lines {
        let event = line.next().unwrap();
        let cells: Vec<&str> = line.collect();
        assert_eq!(cells.len(), states.len(), "{event}");
        for (state, expected) in states.iter().zip(cells) {
            if expected == "x" {
                continue;
            }
            let found = outcome(state, event);
            if found != expected {
                wrong.push(format!("{event} in {state}: {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_order_that_waits_is_due_after_its_deadline_and_when_it_is_put_off() {
    let mut world = World::default();
    world.place("o", "ani", 3);
    let order = world.order("o");
    assert_eq!(order.state, OrderState::AwaitingPayment);
    assert_eq!(order.expires_at_ms, T0 + HOUR_MS);
    assert_eq!(order.due_at_ms, Some(T0 + HOUR_MS + 60_000));
    world.must(&order.look_again(T0 + HOUR_MS + 60_000).unwrap());
    let put_off = Some(T0 + HOUR_MS + 60_000 + 600_000);
    assert_eq!(world.order("o").due_at_ms, put_off);
    world.must(&world.order("o").charged(instructions("t")).unwrap());
    let order = world.order("o");
    assert_eq!(order.instructions, Some(instructions("t")));
    assert_eq!(order.due_at_ms, put_off);
}

#[test]
fn a_closed_order_is_looked_at_ever_more_rarely_for_eight_days_and_a_credited_one_never() {
    const MINUTE_MS: u64 = 60_000;
    let mut world = World::default();
    world.place("o", "ani", 3);
    world.must(&world.order("o").cancel(T0).unwrap());
    let mut waits = Vec::new();
    while let Some(due_ms) = world.order("o").due_at_ms {
        world.must(&world.order("o").look_again(due_ms).unwrap());
        let next = world.order("o").due_at_ms;
        waits.extend(next.map(|next_ms| next_ms - due_ms));
        assert!(due_ms <= T0 + 9 * 24 * 60 * MINUTE_MS);
        assert!(
            next.is_none_or(|next_ms| next_ms > due_ms),
            "due again at once"
        );
    }
    let minutes = [10, 20, 40, 80, 160, 320, 640, 1280, 1440];
    assert_eq!(waits[..9], minutes.map(|m| m * MINUTE_MS));
    assert_eq!(waits.len(), 15);
    let closed = |order: &Order, age_ms| order.look_again(T0 + age_ms).unwrap();
    let order = world.order("o").clone();
    for (age_ms, in_sight) in [(8 * DAY_MS - 1, true), (8 * DAY_MS, false)] {
        world.orders.insert(order.id, order.clone());
        world.must(&closed(&order, age_ms));
        assert_eq!(world.order("o").due_at_ms.is_some(), in_sight);
    }
    world.buy("p", "ani", 1);
    assert_eq!(world.order("p").due_at_ms, None);
    assert!(world.order("p").look_again(T0).is_err());
}

#[test]
fn an_order_nobody_pays_and_the_gateway_leaves_open_is_looked_at_every_six_hours_at_last() {
    let mut world = World::default();
    world.place("o", "ani", 3);
    let mut waits = Vec::new();
    for _ in 0..10 {
        let due_ms = world.order("o").due_at_ms.unwrap();
        world.must(&world.order("o").look_again(due_ms).unwrap());
        waits.push(world.order("o").due_at_ms.unwrap() - due_ms);
    }
    let minutes = [10, 11, 22, 44, 88, 176, 352, 360, 360, 360];
    assert_eq!(waits, minutes.map(|m| m * 60_000));
}
