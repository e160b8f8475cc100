//! Money that comes late, twice, wrong or disputed.

use crate::support::*;
use bubuh_core::{
    Error,
    case::CaseKind,
    id::Sha256,
    ledger::LedgerAccount,
    money::{DUTY, Rupiah, Stamps},
    order::{ORDER_MAX, ObservedState as S, Order, OrderState, Wanted, observe},
    payment::{Method, PaymentState},
    refund::{RefundReason, RefundState},
};

fn placed() -> World {
    let mut world = World::default();
    world.place("o", "ani", 3);
    world
}

fn goes_back(world: &World, paid: &str, amount: u64, reason: RefundReason) {
    let (payment, refund) = (world.payment(paid), world.refund_of(paid));
    assert_eq!((refund.reason, refund.state), (reason, RefundState::Due));
    assert_eq!(refund.amount, Rupiah::new(amount));
    assert_eq!(refund.due_at_ms, Some(refund.created_at_ms));
    assert!(refund.held.is_empty());
    assert!(payment.refund_in_flight && !payment.credited);
    assert_eq!(payment.refundable, Rupiah::ZERO);
    let entry = &world.entries[&format!("capture.{paid}")];
    assert_eq!(entry.legs[1].account, LedgerAccount::RefundsPayable);
    assert_eq!(entry.balanced(), Ok(Rupiah::new(amount)));
}

#[test]
fn a_capture_buys_exactly_the_stamps_that_were_ordered() {
    let mut world = World::default();
    world.buy("o", "ani", 2_500);
    let sizes: Vec<u32> = world
        .lots_of("ani")
        .iter()
        .map(|l| l.available.get())
        .collect();
    assert_eq!(sizes, [1_000, 1_000, 500]);
    let payment = world.payment("o");
    assert!(payment.credited && !payment.refund_in_flight);
    assert_eq!(payment.refundable, Rupiah::new(25_000_000));
    assert_eq!(world.order("o").state, OrderState::Credited);
}

#[test]
fn a_late_capture_after_expiry_still_credits() {
    let mut world = placed();
    assert_eq!(
        world.observe("o", &seen("t", S::Expired, Rupiah::new(30_000)), T0),
        2
    );
    assert_eq!(world.free, 0, "nobody is offered anything");
    assert!(world.capture("o", "t", 30_000, T0 + DAY_MS) > 0);
    assert_eq!(world.free, -3, "credited also where no serial is free");
    assert_eq!(world.order("o").state, OrderState::Credited);
    assert_eq!(world.lots_of("ani")[0].available, Stamps::new(3));
    assert!(world.refunds.is_empty());
}

#[test]
fn a_capture_after_a_cancel_is_refunded_in_full() {
    let mut world = placed();
    world.must(&world.order("o").cancel(T0).unwrap());
    world.capture("o", "t", 30_000, T0);
    assert_eq!(world.order("o").state, OrderState::Cancelled);
    assert!(world.lots.is_empty());
    goes_back(&world, "t", 30_000, RefundReason::OrderCancelled);
}

#[test]
fn a_wrong_amount_goes_back_and_the_right_one_can_still_pay() {
    for wrong in [0, 1, 29_999, 30_001] {
        let mut world = placed();
        world.capture("o", "t", wrong, T0);
        goes_back(&world, "t", wrong, RefundReason::WrongAmount);
        assert_eq!(world.order("o").state, OrderState::Failed);
        world.capture("o", "t2", 30_000, T0);
        assert_eq!(world.order("o").state, OrderState::Credited);
        assert!(world.payment("t2").credited);
    }
}

#[test]
fn a_second_payment_goes_back_and_leaves_the_stamps_of_the_first() {
    let mut world = placed();
    world.capture("o", "t", 30_000, T0);
    world.capture("o", "t2", 30_000, T0 + 1);
    goes_back(&world, "t2", 30_000, RefundReason::SecondPayment);
    assert_eq!(world.lots_of("ani").len(), 1);
    assert!(world.payment("t").credited);
}

#[test]
fn a_capture_that_is_seen_again_writes_nothing_in_any_order() {
    let mut world = placed();
    world.capture("o", "t", 30_000, T0);
    let after = world.clone();
    for state in [
        S::Captured,
        S::Pending,
        S::Expired,
        S::Denied,
        S::Cancelled,
        S::Captured,
    ] {
        let amount = Rupiah::new(30_000);
        assert_eq!(world.observe("o", &seen("t", state, amount), T0 + 9), 0);
        assert_eq!(
            world.observe("o", &seen("other", S::Pending, amount), T0 + 9),
            0
        );
    }
    assert_eq!(world, after);
}

#[test]
fn of_two_workers_that_see_one_capture_one_books_it() {
    let mut world = placed();
    let order = world.order("o").clone();
    let capture = |paid| {
        observe(
            &order,
            None,
            &[],
            &seen(paid, S::Captured, Rupiah::new(30_000)),
            T0,
        )
        .unwrap()
    };
    let (first, same, other) = (capture("t"), capture("t"), capture("t2"));
    world.must(&first);
    let after = world.clone();
    assert!(world.apply(&same).is_err());
    assert!(
        world.apply(&other).is_err(),
        "both would have credited the order"
    );
    assert_eq!(world, after);
}

#[test]
fn a_refund_decided_on_an_outdated_order_does_not_hold() {
    let mut world = placed();
    let wrong = seen("t", S::Captured, Rupiah::new(1));
    let refund = observe(world.order("o"), None, &[], &wrong, T0).unwrap();
    world.capture("o", "t2", 30_000, T0);
    assert!(world.apply(&refund).is_err(), "its reason is another now");
    world.observe("o", &wrong, T0);
    goes_back(&world, "t", 1, RefundReason::SecondPayment);
}

#[test]
fn a_payment_of_another_transaction_or_order_is_no_proof_of_a_duplicate() {
    let mut world = placed();
    world.buy("o2", "ani", 1);
    let other = world.payment("o2").clone();
    let here = seen("t", S::Captured, Rupiah::new(30_000));
    let there = seen("o2", S::Captured, Rupiah::new(10_000));
    for seen in [here, there] {
        let result = observe(world.order("o"), Some(&other), &[], &seen, T0);
        assert!(
            matches!(
                result,
                Err(Error::Invalid {
                    field: "transaction",
                    ..
                })
            ),
            "{result:?}"
        );
    }
}

#[test]
fn a_dispute_blocks_refunds_and_opens_one_case() {
    let mut world = World::default();
    world.buy("o", "ani", 3);
    let disputed = seen("o", S::Disputed, Rupiah::new(30_000));
    assert_eq!(world.observe("o", &disputed, T0), 4);
    assert_eq!(world.observe("o", &disputed, T0), 0, "told once");
    assert_eq!(
        world.observe("o", &seen("o", S::Captured, Rupiah::new(30_000)), T0),
        0
    );
    assert_eq!(world.payment("o").state, PaymentState::Disputed);
    assert_eq!(world.cases.len(), 1);
    assert!(world.payment("o").claim_refund(DUTY).is_err());
}

#[test]
fn a_payment_first_seen_in_dispute_is_disputed_from_the_start() {
    let mut world = placed();
    let disputed = |paid| seen(paid, S::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed("t"), T0);
    assert_eq!(world.order("o").state, OrderState::Credited);
    assert_eq!(world.payment("t").state, PaymentState::Disputed);
    let kinds: Vec<_> = world.cases.values().map(|c| c.kind.clone()).collect();
    assert_eq!(kinds, [CaseKind::PaymentDisputed("t".to_owned())]);
    // Money that would go back must not: the payer's bank may be taking it already.
    world.observe("o", &disputed("t2"), T0);
    assert_eq!(world.refund_of("t2").state, RefundState::Stuck);
    assert_eq!(world.cases.len(), 3);
}

#[test]
fn an_order_of_none_or_of_more_than_ten_thousand_is_refused() {
    for quantity in [0, ORDER_MAX.get() + 1] {
        let refused = Order::place(wanted("o", "ani", quantity), T0);
        assert!(matches!(
            refused,
            Err(Error::Invalid {
                field: "quantity",
                ..
            })
        ));
    }
    let mut world = World::default();
    world.buy("o", "ani", ORDER_MAX.get());
    assert_eq!(world.lots.len(), 10);
}

#[test]
fn amounts_at_the_end_of_their_range_are_an_error_and_not_a_panic() {
    let wanted = Wanted {
        unit_price: Rupiah::new(u64::MAX),
        method: Method::BankTransfer,
        request_hash: Sha256::of(b""),
        ..wanted("o", "ani", 2)
    };
    assert_eq!(
        Order::place(wanted.clone(), T0).unwrap_err(),
        Error::Overflow
    );
    let one = Wanted {
        quantity: Stamps::ONE,
        ..wanted
    };
    assert_eq!(
        Order::place(one.clone(), u64::MAX).unwrap_err(),
        Error::Overflow
    );
    let (mut order, _) = Order::place(one, T0).unwrap();
    order.version = u64::MAX;
    assert_eq!(order.cancel(T0), Err(Error::Overflow));
    let captured = seen("t", S::Captured, Rupiah::new(u64::MAX));
    assert_eq!(
        observe(&order, None, &[], &captured, T0),
        Err(Error::Overflow)
    );
}
