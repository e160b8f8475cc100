//! A refund: what it may take, when it ends, and that it never happens twice.

use crate::support::*;
use bubuh_core::{
    Error,
    case::CaseKind,
    id::RefundKey,
    money::{Rupiah, Stamps},
    order::{ObservedState as S, Wanted},
    payment::Method,
    refund::{Answer, Next, Refund, RefundState, plan, settle},
};

fn ask(
    world: &World,
    key: &str,
    paid: &str,
    count: u32,
) -> Result<(Refund, Vec<bubuh_core::write::Write>), Error> {
    let lots = world.lots_of("ani");
    Refund::ask(
        refund_key(key),
        world.payment(paid),
        &lots,
        Stamps::new(count),
        T0,
    )
}

fn asked(world: &mut World, key: &str, paid: &str, count: u32) {
    let (refund, writes) = ask(world, key, paid, count).unwrap();
    world.must(&writes);
    assert_eq!(world.refunds[&refund_key(key)], refund);
}

fn send(world: &mut World, key: RefundKey, now_ms: u64) {
    let refund = &world.refunds[&key];
    match plan(refund, &world.payments[&refund.transaction], now_ms).unwrap() {
        Next::Call(writes) => world.must(&writes),
        other => panic!("{other:?}"),
    }
}

fn answer(world: &mut World, key: RefundKey, answer: Answer, now_ms: u64) -> usize {
    let refund = &world.refunds[&key];
    let payment = &world.payments[&refund.transaction];
    let case = refund.case.map(|id| &world.cases[&id]);
    let writes = settle(refund, payment, case, answer, now_ms).unwrap();
    world.must(&writes);
    writes.len()
}

fn two_orders() -> World {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    world.buy("p", "ani", 5);
    world
}

#[test]
fn a_buyers_refund_holds_stamps_of_its_own_payment_only() {
    let mut world = two_orders();
    assert!(matches!(
        ask(&world, "r", "o", 3),
        Err(Error::Invalid {
            field: "quantity",
            ..
        })
    ));
    assert!(matches!(
        ask(&world, "r", "o", 0),
        Err(Error::Invalid {
            field: "quantity",
            ..
        })
    ));
    asked(&mut world, "r", "o", 2);
    for lot in world.lots_of("ani") {
        let held = if lot.transaction.as_str() == "o" {
            2
        } else {
            0
        };
        assert_eq!(lot.refunding, Stamps::new(held));
    }
    assert_eq!(world.refund_of("o").amount, Rupiah::new(20_000));
    assert_eq!(world.payment("o").refundable, Rupiah::ZERO);
}

#[test]
fn a_stamp_on_a_document_or_on_its_way_there_cannot_be_asked_back() {
    let mut world = World::queued();
    assert!(ask(&world, "r", "o", 3).is_err());
    let fence = world.claim("d", "me", T0);
    world.commit("d", fence);
    assert!(ask(&world, "r", "o", 3).is_err());
    asked(&mut world, "r", "o", 2);
    assert!(
        world.grant(&account("ani")).is_none(),
        "what is asked back can't be used"
    );
}

#[test]
fn of_a_refund_and_a_document_that_want_the_last_stamp_one_gets_it() {
    let mut world = World::default();
    world.buy("o", "ani", 1);
    world.restock("b", &["S1"]);
    world.announce("d", "ani");
    let (_, refund) = ask(&world, "r", "o", 1).unwrap();
    world.accept("d");
    assert!(world.apply(&refund).is_err());
}

#[test]
fn two_refunds_of_one_payment_are_never_in_flight_together() {
    let mut world = two_orders();
    let (_, rival) = ask(&world, "r2", "p", 1).unwrap();
    asked(&mut world, "r", "p", 2);
    let refused = ask(&world, "r2", "p", 1).unwrap_err();
    let state = "refund in flight";
    assert_eq!(
        refused,
        Error::IllegalTransition {
            state,
            event: "refund"
        }
    );
    assert!(
        world.apply(&rival).is_err(),
        "decided on an old copy of the payment"
    );
    send(&mut world, refund_key("r"), T0);
    assert!(ask(&world, "r2", "p", 1).is_err());
    answer(&mut world, refund_key("r"), Answer::Made, T0);
    asked(&mut world, "r2", "p", 3);
    assert_eq!(world.payment("p").refundable, Rupiah::ZERO);
}

#[test]
fn a_refund_over_several_lots_takes_from_each_what_it_has() {
    let mut world = World::default();
    world.buy("o", "ani", 2_100);
    asked(&mut world, "r", "o", 2_050);
    let held: Vec<u32> = world
        .refund_of("o")
        .held
        .iter()
        .map(|h| h.count.get())
        .collect();
    assert_eq!(held, [1_000, 1_000, 50]);
    send(&mut world, refund_key("r"), T0);
    assert_eq!(answer(&mut world, refund_key("r"), Answer::Made, T0), 7);
    let refunded: Vec<u32> = world
        .lots_of("ani")
        .iter()
        .map(|l| l.refunded.get())
        .collect();
    assert_eq!(refunded, [1_000, 1_000, 50]);
}

#[test]
fn a_disputed_payment_cannot_be_refunded() {
    let mut world = two_orders();
    world.observe("o", &seen("o", S::Disputed, Rupiah::new(20_000)), T0);
    let refused = ask(&world, "r", "o", 1).unwrap_err();
    assert_eq!(
        refused,
        Error::IllegalTransition {
            state: "disputed",
            event: "refund"
        }
    );
}

#[test]
fn an_answer_that_comes_again_changes_nothing() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    send(&mut world, refund_key("r"), T0);
    assert_eq!(answer(&mut world, refund_key("r"), Answer::Made, T0), 5);
    for again in [Answer::Made, Answer::Unclear, Answer::Refused] {
        assert_eq!(
            answer(&mut world, refund_key("r"), again, T0 + 14 * DAY_MS),
            0
        );
    }
    assert_eq!(
        plan(world.refund_of("o"), world.payment("o"), T0),
        Ok(Next::Done)
    );
    let lot = &world.lots_of("ani")[0];
    assert!(lot.is_whole());
    assert!(!world.payment("o").refund_in_flight);
}

#[test]
fn a_refund_is_planned_before_it_is_settled() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    let (refund, payment) = (world.refund_of("o"), world.payment("o"));
    let early = settle(refund, payment, None, Answer::Made, T0);
    assert_eq!(
        early,
        Err(Error::IllegalTransition {
            state: "due",
            event: "settle"
        })
    );
}

#[test]
fn a_refund_is_asked_for_after_five_seconds_then_ever_more_rarely_and_at_last_every_six_hours() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    let (mut now_ms, mut waits) = (T0, Vec::new());
    for _ in 0..15 {
        send(&mut world, refund_key("r"), now_ms);
        let refund = world.refund_of("o");
        // The workflow has a minute more before somebody looks whether it is alive.
        assert_eq!(refund.due_at_ms, Some(refund.next_at_ms + 60_000));
        waits.push(refund.next_at_ms - now_ms);
        now_ms = refund.next_at_ms;
    }
    let seconds = [
        5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120, 10_240, 20_480, 21_600, 21_600,
    ];
    assert_eq!(waits, seconds.map(|s| s * 1_000));
    assert_eq!(world.refund_of("o").attempts, 15);
}

#[test]
fn an_unclear_refund_is_tried_for_seven_days_and_then_a_person_looks() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    send(&mut world, refund_key("r"), T0);
    let last = T0 + 7 * DAY_MS;
    assert_eq!(
        answer(&mut world, refund_key("r"), Answer::Unclear, last),
        0
    );
    assert_eq!(
        answer(&mut world, refund_key("r"), Answer::Unclear, last + 1),
        2
    );
    in_hand(&world, "o", RefundState::Stuck);
}

fn in_hand(world: &World, paid: &str, state: RefundState) {
    let refund = world.refund_of(paid);
    assert_eq!((refund.state, refund.due_at_ms), (state, None));
    let key = refund.key.to_string();
    let kind = match state {
        RefundState::Stuck => CaseKind::RefundStuck(key),
        _ => CaseKind::PayoutDue(key),
    };
    let kinds: Vec<_> = world.cases.values().map(|c| c.kind.clone()).collect();
    assert_eq!(kinds, [kind]);
    assert!(
        world.payment(paid).refund_in_flight,
        "no second refund beside a stuck one"
    );
    assert_eq!(plan(refund, world.payment(paid), T0), Ok(Next::Done));
}

/// What the person who gets a stuck refund's case is told.
fn note<'a>(world: &'a World, paid: &str) -> &'a str {
    &world.cases[&world.refund_of(paid).case.unwrap()].note
}

#[test]
fn a_refund_the_gateway_refuses_is_to_be_paid_by_hand_until_it_shows_after_all() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    send(&mut world, refund_key("r"), T0);
    assert_eq!(answer(&mut world, refund_key("r"), Answer::Refused, T0), 2);
    in_hand(&world, "o", RefundState::Payout);
    assert!(note(&world, "o").ends_with("refused for good"));
    for idle in [Answer::Refused, Answer::Unclear] {
        assert_eq!(answer(&mut world, refund_key("r"), idle, T0), 0);
    }
    assert_eq!(answer(&mut world, refund_key("r"), Answer::Made, T0), 6);
    assert_eq!(world.refund_of("o").state, RefundState::Refunded);
    assert!(world.cases.values().all(|case| case.closed.is_some()));
    assert!(!world.payment("o").refund_in_flight);
}

#[test]
fn a_bank_transfer_goes_to_a_person_and_the_gateway_is_never_asked() {
    let mut world = World::default();
    let method = Method::BankTransfer;
    let transfer = Wanted {
        method,
        ..wanted("o", "ani", 2)
    };
    let writes = offered(transfer, T0).unwrap();
    world.must(&writes);
    for paid in ["t", "t2"] {
        let seen = bubuh_core::order::Observed {
            method,
            ..seen(paid, S::Captured, Rupiah::new(20_000))
        };
        world.observe("o", &seen, T0);
    }
    match plan(world.refund_of("t2"), world.payment("t2"), T0).unwrap() {
        Next::Stop(writes) => world.must(&writes),
        other => panic!("{other:?}"),
    }
    in_hand(&world, "t2", RefundState::Payout);
}

#[test]
fn two_workflows_of_one_refund_book_it_once() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 2);
    let stale = world.refund_of("o").clone();
    send(&mut world, refund_key("r"), T0);
    let Next::Call(writes) = plan(&stale, world.payment("o"), T0).unwrap() else {
        panic!()
    };
    assert!(world.apply(&writes).is_err());
    let made = settle(
        world.refund_of("o"),
        world.payment("o"),
        None,
        Answer::Made,
        T0,
    )
    .unwrap();
    world.must(&made);
    assert!(world.apply(&made).is_err());
}

#[test]
fn a_refund_is_not_settled_against_another_payment() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    asked(&mut world, "r2", "p", 1);
    send(&mut world, refund_key("r"), T0);
    let wrong = settle(
        world.refund_of("o"),
        world.payment("p"),
        None,
        Answer::Made,
        T0,
    );
    assert!(
        matches!(
            wrong,
            Err(Error::Invalid {
                field: "transaction",
                ..
            })
        ),
        "{wrong:?}"
    );
}

#[test]
fn what_a_refund_did_not_take_is_refundable_again() {
    let world = two_orders();
    let payment = world.payment("p");
    let claimed = payment.claim_refund(Rupiah::new(20_000)).unwrap();
    assert_eq!(claimed.refundable, Rupiah::new(30_000));
    let ended = claimed.refund_reversed(Rupiah::new(20_000)).unwrap();
    assert_eq!(ended.refundable, payment.refundable);
    let made = claimed.refund_made(Rupiah::new(20_000)).unwrap();
    assert_eq!(made.refundable, Rupiah::new(30_000));
    assert_eq!(made.left(), Ok(Rupiah::new(30_000)));
    assert_eq!((ended.version, ended.refund_in_flight), (3, false));
    let too_much = payment.claim_refund(Rupiah::new(50_001));
    assert_eq!(too_much, Err(Error::Overflow));
}

#[test]
fn a_refund_of_a_payment_that_is_disputed_meanwhile_goes_to_a_person_and_is_booked_if_it_was_made()
{
    for sent in [false, true] {
        let mut world = two_orders();
        asked(&mut world, "r", "o", 1);
        if sent {
            send(&mut world, refund_key("r"), T0);
        }
        world.observe("o", &seen("o", S::Disputed, Rupiah::new(30_000)), T0);
        let refund = world.refund_of("o");
        match plan(refund, world.payment("o"), T0).unwrap() {
            Next::Stop(writes) if !sent => world.must(&writes),
            Next::Look if sent => {
                assert_eq!(answer(&mut world, refund_key("r"), Answer::Refused, T0), 2);
            }
            other => panic!("the gateway is asked to refund what is disputed: {other:?}"),
        }
        assert!(note(&world, "o").ends_with("the payment is disputed"));
        assert_eq!(world.refund_of("o").state, RefundState::Stuck);
        assert_eq!(world.refund_of("o").was_sent(), sent);
        assert_eq!(answer(&mut world, refund_key("r"), Answer::Made, T0), 6);
        assert_eq!(world.refund_of("o").state, RefundState::Refunded);
    }
}

#[test]
fn a_refund_whose_workflow_cannot_be_seen_to_is_looked_at_at_growing_distances() {
    let mut world = two_orders();
    asked(&mut world, "r", "o", 1);
    let mut waits = Vec::new();
    for _ in 0..4 {
        let now_ms = world.refund_of("o").due_at_ms.unwrap();
        world.must(&world.refund_of("o").put_off(now_ms).unwrap());
        waits.push(world.refund_of("o").due_at_ms.unwrap() - now_ms);
    }
    assert_eq!(waits, [60_000, 60_000, 120_000, 240_000]);
    send(&mut world, refund_key("r"), T0);
    answer(&mut world, refund_key("r"), Answer::Made, T0);
    assert!(world.refund_of("o").put_off(T0).is_err());
}

#[test]
fn a_refund_takes_as_many_stamps_as_were_asked_back() {
    let mut world = two_orders();
    asked(&mut world, "r", "p", 3);
    assert_eq!(world.refund_of("p").stamps(), Ok(Stamps::new(3)));
}
