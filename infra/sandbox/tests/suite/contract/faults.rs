//! Lost replies, failures and late money.

use super::sides;
use crate::common::{MINUTE_MS, refund};
use bubuh_core::Rupiah;
use bubuh_gateway::{Error, Gateway, TransactionStatus};
use bubuh_sandbox::{Call, FaultKind, FaultSpec, Pay, State};

#[tokio::test]
async fn a_charge_whose_reply_is_lost_is_found_by_the_order_and_made_once() {
    for side in sides() {
        side.fault(FaultSpec::once(FaultKind::ReplyLost).at(Call::Charge));
        let request = side.qris("o1");
        let error = side.gateway.charge(&request).await.unwrap_err();
        assert!(error.outcome_unknown() && error.retryable(), "{error:?}");
        let seen = side.gateway.status("o1").await.unwrap();
        match side.gateway.charge(&request).await {
            Ok(charged) => assert_eq!(charged.transaction_id, seen.transaction_id),
            Err(error) => assert!(matches!(error, Error::DuplicateOrder { .. })),
        }
        let charges = side.line.with(|bank, _| bank.transactions().count());
        assert_eq!(charges, 1, "{}", side.name);
        side.pay("o1", Pay::default()).unwrap();
        assert!(side.gateway.status("o1").await.unwrap().paid());
    }
}

#[tokio::test]
async fn a_refund_whose_reply_is_lost_is_made_once() {
    for side in sides() {
        side.paid("o1").await;
        let lost = FaultSpec::once(FaultKind::ReplyLost).at(Call::Refund);
        side.fault(FaultSpec { count: 2, ..lost });
        let mut unknown = 0;
        for _ in 0..4 {
            match side.gateway.refund("o1", &refund("k1", 40_000)).await {
                Ok(reply) => assert_eq!(reply.refund_amount, Some(Rupiah::new(40_000))),
                Err(error) => {
                    assert!(error.outcome_unknown() && !error.refund_refused_for_good());
                    unknown += 1;
                }
            }
        }
        assert!(unknown > 0, "{}", side.name);
        side.wait();
        assert_eq!(side.refunded(), 40_000, "{}", side.name);
    }
}

#[tokio::test]
async fn an_end_whose_reply_is_lost_has_ended_it() {
    for side in sides() {
        side.gateway.charge(&side.qris("o1")).await.unwrap();
        side.fault(FaultSpec::once(FaultKind::ReplyLost).at(Call::Expire));
        assert!(
            side.gateway
                .expire("o1")
                .await
                .unwrap_err()
                .outcome_unknown()
        );
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.transaction_status, TransactionStatus::Expire);
    }
}

#[tokio::test]
async fn a_failing_gateway_is_retried_and_never_taken_for_a_refusal() {
    for side in sides() {
        side.paid("paid").await;
        for code in [429, 500, 503] {
            for call in [Call::Charge, Call::Status, Call::Refund] {
                let spec = FaultSpec::once(FaultKind::ErrorBeforeApplying).at(call);
                let code = Some(code);
                side.fault(FaultSpec { code, ..spec });
                let error = match call {
                    Call::Charge => side.gateway.charge(&side.qris("o1")).await.unwrap_err(),
                    Call::Status => side.gateway.status("paid").await.unwrap_err(),
                    _ => {
                        let refund = side.gateway.refund("paid", &refund("k1", 1)).await;
                        refund.unwrap_err()
                    }
                };
                assert!(error.retryable(), "{} {call:?}: {error:?}", side.name);
                assert!(!error.refund_refused_for_good());
                assert_eq!(error.outcome_unknown(), code != Some(429));
            }
        }
        assert_eq!(side.refunded(), 0);
    }
}

#[tokio::test]
async fn an_empty_merchant_balance_is_no_final_refusal_of_a_refund() {
    for side in sides() {
        side.paid("o1").await;
        let code = match side.name {
            "midtrans" => 414,
            _ => 400,
        };
        let spec = FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Refund);
        side.fault(FaultSpec {
            code: Some(code),
            ..spec
        });
        let error = side.gateway.refund("o1", &refund("k1", 1)).await;
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert!(!error.refund_refused_for_good(), "{}: {error:?}", side.name);
        side.gateway.refund("o1", &refund("k1", 1)).await.unwrap();
        side.wait();
        assert_eq!(side.refunded(), 1);
    }
}

#[tokio::test]
async fn money_that_shows_after_the_expiry_is_captured() {
    for side in sides() {
        side.gateway.charge(&side.qris("o1")).await.unwrap();
        let spec = FaultSpec::once(FaultKind::LateSettlement);
        side.fault(FaultSpec {
            delay_ms: 20 * MINUTE_MS,
            ..spec
        });
        assert_eq!(side.pay("o1", Pay::default()), Ok(State::Expire));
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.transaction_status, TransactionStatus::Expire);
        assert!(!seen.captured());
        side.clock.pass(20 * MINUTE_MS);
        let seen = side.gateway.status("o1").await.unwrap();
        assert!(seen.paid(), "{}: {seen:?}", side.name);
        assert_eq!(seen.gross_amount, Rupiah::new(100_000));
    }
}

#[tokio::test]
async fn a_wrong_amount_is_seen_and_can_be_refunded_whole() {
    for side in sides() {
        side.gateway.charge(&side.qris("o1")).await.unwrap();
        let spec = FaultSpec::once(FaultKind::WrongAmount);
        side.fault(FaultSpec {
            amount: Some(70_000),
            ..spec
        });
        side.pay("o1", Pay::default()).unwrap();
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.gross_amount, Rupiah::new(70_000), "{}", side.name);
        side.gateway
            .refund("o1", &refund("k1", 70_000))
            .await
            .unwrap();
        side.wait();
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.transaction_status, TransactionStatus::Refund);
    }
}
