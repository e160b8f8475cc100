//! Each fault, met by the real client.

use crate::common::{World, qris, refund, world};
use bubuh_core::Rupiah;
use bubuh_gateway::{Error, Gateway, TransactionStatus, notification};
use bubuh_sandbox::{BuyerError, Call, Delivered, FaultKind, FaultSpec, Pay, State};

fn set(world: &World, spec: FaultSpec) {
    world.line.with(|bank, _| bank.set_fault(spec)).unwrap();
}

fn fired(world: &World) -> Vec<(FaultKind, Call)> {
    world.line.with(|bank, _| {
        let fired = bank.fired().iter();
        fired.map(|fired| (fired.kind, fired.call)).collect()
    })
}

fn pay(world: &World, order_id: &str) -> State {
    world
        .line
        .with(|bank, now_ms| bank.pay(now_ms, order_id, Pay::default()))
        .unwrap()
        .state
}

/// Sends all that is due, and tells what arrived.
fn deliver(world: &World) -> Vec<TransactionStatus> {
    world.line.with(|bank, now_ms| {
        let due = bank.due_notifications(now_ms);
        due.into_iter()
            .map(|due| {
                bank.notification_result(now_ms, due.id, Delivered::Answered(200));
                let read = notification::verify(due.request.body(), &crate::common::KEY.into());
                read.unwrap().transaction_status
            })
            .collect()
    })
}

use TransactionStatus::{Expire, Pending, Settlement};

#[tokio::test]
async fn an_error_before_applying_applies_nothing_and_is_met_as_often_as_asked() {
    let world = world();
    let spec = FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Charge);
    set(&world, FaultSpec { count: 2, ..spec });
    for _ in 0..2 {
        let error = world.gateway.charge(&qris("o1")).await.unwrap_err();
        assert!(
            matches!(error, Error::Unavailable { code: 500, .. }),
            "{error:?}"
        );
        let status = world.gateway.status("o1").await;
        assert!(matches!(status, Err(Error::NotFound { .. })), "{status:?}");
    }
    world.gateway.charge(&qris("o1")).await.unwrap();
    assert_eq!(
        fired(&world),
        [(FaultKind::ErrorBeforeApplying, Call::Charge); 2]
    );
}

#[tokio::test]
async fn an_error_can_have_any_code_as_an_empty_merchant_balance() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    pay(&world, "o1");
    let spec = FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Refund);
    set(
        &world,
        FaultSpec {
            code: Some(414),
            ..spec
        },
    );
    let error = world
        .gateway
        .refund("o1", &refund("k", 1))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { code: 414, .. }),
        "{error:?}"
    );
    world.gateway.refund("o1", &refund("k", 1)).await.unwrap();
}

#[tokio::test]
async fn a_charge_whose_reply_is_lost_was_made_and_its_retry_says_so() {
    let world = world();
    set(
        &world,
        FaultSpec::once(FaultKind::ReplyLost).at(Call::Charge),
    );
    let error = world.gateway.charge(&qris("o1")).await.unwrap_err();
    assert!(error.outcome_unknown() && error.retryable(), "{error:?}");
    let retry = world.gateway.charge(&qris("o1")).await;
    assert_eq!(
        retry,
        Err(Error::DuplicateOrder {
            order_id: "o1".to_owned()
        })
    );
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.transaction_status, Pending);
}

#[tokio::test]
async fn a_refund_whose_reply_is_lost_was_made_once_over_all_retries() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    pay(&world, "o1");
    let spec = FaultSpec::once(FaultKind::ReplyLost).at(Call::Refund);
    set(&world, FaultSpec { count: 3, ..spec });
    for _ in 0..3 {
        let error = world
            .gateway
            .refund("o1", &refund("k1", 100_000))
            .await
            .unwrap_err();
        assert!(error.outcome_unknown(), "{error:?}");
    }
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.refund("k1").unwrap().amount, Rupiah::new(100_000));
    assert_eq!(status.refunds.len(), 1);
    world
        .gateway
        .refund("o1", &refund("k1", 100_000))
        .await
        .unwrap();
    assert_eq!(world.line.with(|bank, _| bank.books().refunded), 100_000);
}

#[tokio::test]
async fn a_delay_beyond_the_clients_patience_is_a_lost_reply_of_an_applied_call() {
    let world = world();
    let delay = |delay_ms| FaultSpec {
        delay_ms,
        ..FaultSpec::once(FaultKind::Delay).at(Call::Charge)
    };
    set(&world, delay(9_999));
    world.gateway.charge(&qris("patient")).await.unwrap();
    set(&world, delay(10_000));
    let error = world.gateway.charge(&qris("o1")).await.unwrap_err();
    assert!(matches!(error, Error::LostReply(_)), "{error:?}");
    assert!(world.gateway.status("o1").await.is_ok());
}

#[tokio::test]
async fn a_fault_waits_for_its_order() {
    let world = world();
    let spec = FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Status);
    set(
        &world,
        FaultSpec {
            order_id: Some("o2".to_owned()),
            ..spec
        },
    );
    for order_id in ["o1", "o2"] {
        world.gateway.charge(&qris(order_id)).await.unwrap();
    }
    let second = world
        .line
        .with(|bank, _| bank.find("o2").unwrap().transaction_id.clone());
    world.gateway.status("o1").await.unwrap();
    // Also when it is asked by transaction.
    assert!(world.gateway.status(&second).await.is_err());
    world.gateway.status("o2").await.unwrap();
}

#[tokio::test]
async fn a_lost_notification_never_arrives() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    assert_eq!(deliver(&world), [Pending]);
    set(&world, FaultSpec::once(FaultKind::NotificationLost));
    pay(&world, "o1");
    world.clock.pass(100 * crate::common::DAY_MS);
    assert_eq!(deliver(&world), []);
    assert!(world.gateway.status("o1").await.unwrap().paid());
}

#[tokio::test]
async fn a_duplicate_notification_arrives_twice_although_the_first_was_taken() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    deliver(&world);
    set(&world, FaultSpec::once(FaultKind::NotificationDuplicate));
    pay(&world, "o1");
    assert_eq!(deliver(&world), [Settlement, Settlement]);
    assert_eq!(deliver(&world), []);
}

#[tokio::test]
async fn out_of_order_the_pending_arrives_after_the_settlement() {
    let world = world();
    set(&world, FaultSpec::once(FaultKind::NotificationOutOfOrder));
    world.gateway.charge(&qris("o1")).await.unwrap();
    world.gateway.charge(&qris("o2")).await.unwrap();
    world.clock.pass(60_000);
    assert_eq!(deliver(&world), [Pending], "only the other order's");
    pay(&world, "o1");
    world.clock.pass(1);
    assert_eq!(deliver(&world), [Settlement, Pending]);
}

#[tokio::test]
async fn a_delayed_notification_comes_that_much_later() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    deliver(&world);
    let spec = FaultSpec::once(FaultKind::Delay).at(Call::Notification);
    set(
        &world,
        FaultSpec {
            delay_ms: 30_000,
            ..spec
        },
    );
    pay(&world, "o1");
    world.clock.pass(29_999);
    assert_eq!(deliver(&world), []);
    world.clock.pass(1);
    assert_eq!(deliver(&world), [Settlement]);
}

#[tokio::test]
async fn a_late_settlement_shows_as_expired_first() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    deliver(&world);
    let spec = FaultSpec::once(FaultKind::LateSettlement);
    set(
        &world,
        FaultSpec {
            delay_ms: 60_000,
            ..spec
        },
    );
    assert_eq!(pay(&world, "o1"), State::Expire);
    assert_eq!(deliver(&world), [Expire]);
    world.clock.pass(59_999);
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.transaction_status, Expire);
    world.clock.pass(1);
    assert_eq!(deliver(&world), [Settlement]);
    assert!(world.gateway.status("o1").await.unwrap().paid());
}

#[tokio::test]
async fn a_late_settlement_without_a_delay_still_expires_first() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    deliver(&world);
    set(&world, FaultSpec::once(FaultKind::LateSettlement));
    assert_eq!(pay(&world, "o1"), State::Settlement);
    assert_eq!(deliver(&world), [Expire, Settlement]);
}

#[tokio::test]
async fn an_order_charged_again_while_a_late_settlement_is_under_way_is_paid_twice() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    let spec = FaultSpec::once(FaultKind::LateSettlement);
    set(
        &world,
        FaultSpec {
            delay_ms: 60_000,
            ..spec
        },
    );
    pay(&world, "o1");
    world.gateway.charge(&qris("o1")).await.unwrap();
    pay(&world, "o1");
    world.clock.pass(60_000);
    assert_eq!(world.line.with(|bank, _| bank.books().captured), 200_000);
}

#[tokio::test]
async fn a_wrong_amount_is_captured_and_told_as_such() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    let spec = FaultSpec::once(FaultKind::WrongAmount);
    set(
        &world,
        FaultSpec {
            amount: Some(1_000),
            ..spec
        },
    );
    pay(&world, "o1");
    let status = world.gateway.status("o1").await.unwrap();
    assert!(status.paid());
    assert_eq!(status.gross_amount, Rupiah::new(1_000));
    assert_eq!(world.line.with(|bank, _| bank.books().captured), 1_000);
}

#[tokio::test]
async fn money_on_its_way_is_not_paid_a_second_time() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    let spec = FaultSpec::once(FaultKind::LateSettlement);
    set(
        &world,
        FaultSpec {
            delay_ms: 60_000,
            ..spec
        },
    );
    pay(&world, "o1");
    let late = Pay {
        late: true,
        ..Pay::default()
    };
    let again = world.line.with(|bank, now_ms| bank.pay(now_ms, "o1", late));
    assert_eq!(again.unwrap_err(), BuyerError::State(State::Expire));
}
