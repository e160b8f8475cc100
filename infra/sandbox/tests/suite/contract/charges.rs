//! Charging, paying, ending.

use super::{Side, client, sides, xendit};
use crate::common::MINUTE_MS;
use bubuh_core::{Rupiah, payment::Method as Paid};
use bubuh_gateway::{
    Bank as At, ChargeRequest, Error, Gateway, Instructions, Method, TransactionStatus,
};
use bubuh_sandbox::{BuyerError, Pay, State};

fn late() -> Pay {
    Pay {
        late: true,
        ..Pay::default()
    }
}

/// How many charges the bank holds for it.
fn charges(side: &Side) -> usize {
    side.line.with(|bank, _| bank.transactions().count())
}

#[tokio::test]
async fn a_charge_is_pending_until_the_buyer_pays_and_then_captured_in_the_exact_amount() {
    for side in sides() {
        let charged = side.gateway.charge(&side.qris("o1")).await.unwrap();
        assert_eq!(charged.order_id, "o1");
        assert_eq!(charged.gross_amount, Rupiah::new(100_000));
        assert_eq!(
            charged.expires_at_ms,
            Some(side.clock.now_ms() + 15 * MINUTE_MS),
            "{}",
            side.name
        );
        let code = matches!(
            charged.instructions,
            Instructions::Qris {
                qr_string: Some(_),
                ..
            }
        );
        assert!(code, "{}", side.name);
        let before = side.gateway.status("o1").await.unwrap();
        assert_eq!(before.transaction_status, TransactionStatus::Pending);
        assert!(!before.paid() && !before.captured(), "{}", side.name);
        side.clock.pass(5_000);
        side.pay("o1", Pay::default()).unwrap();
        for id in ["o1", &charged.transaction_id] {
            let after = side.gateway.status(id).await.unwrap();
            assert!(after.paid() && after.captured(), "{}: {after:?}", side.name);
            assert_eq!(after.gross_amount, Rupiah::new(100_000));
            assert_eq!(after.order_id, "o1");
            assert_eq!(after.transaction_id, charged.transaction_id);
            assert_eq!(after.method, Some(Paid::Qris));
            assert_eq!(after.settled_at_ms, Some(side.clock.now_ms()));
            assert_eq!((after.refunds, after.refunded), (vec![], Rupiah::ZERO));
        }
    }
}

#[tokio::test]
async fn a_duplicate_order_id_gives_the_same_charge_or_says_so_and_never_a_second() {
    for side in sides() {
        let request = side.qris("o1");
        let first = side.gateway.charge(&request).await.unwrap();
        let other_amount = ChargeRequest {
            gross_amount: Rupiah::new(1),
            ..request.clone()
        };
        side.clock.pass(5_000);
        for again in [&request, &side.qris("o1"), &other_amount] {
            match side.gateway.charge(again).await {
                Ok(second) => assert_eq!(second, first, "{}", side.name),
                Err(Error::DuplicateOrder { order_id }) => assert_eq!(order_id, "o1"),
                Err(error) => panic!("{}: {error:?}", side.name),
            }
        }
        assert_eq!(charges(&side), 1, "{}", side.name);
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.transaction_id, first.transaction_id);
        assert_eq!(seen.gross_amount, Rupiah::new(100_000));
        // What a lost reply would have told can be read back.
        assert!(seen.instructions.is_some(), "{}", side.name);
    }
}

#[tokio::test]
async fn every_bank_gives_an_account_that_can_be_read_back() {
    for side in sides() {
        for bank in [At::Bca, At::Bni, At::Bri, At::Cimb, At::Permata] {
            let request = ChargeRequest {
                method: Method::BankTransfer { bank },
                ..side.qris(bank.as_str())
            };
            let charged = side.gateway.charge(&request).await.unwrap();
            let Instructions::VirtualAccount { bank: name, .. } = &charged.instructions else {
                panic!("{}: no account", side.name);
            };
            assert_eq!(name, bank.as_str());
            let seen = side.gateway.status(bank.as_str()).await.unwrap();
            assert_eq!(seen.instructions, Some(charged.instructions));
            assert_eq!(seen.method, Some(Paid::BankTransfer));
        }
    }
}

#[tokio::test]
async fn nothing_charged_is_not_found() {
    for side in sides() {
        for id in ["nobody", "pr-00000000-0000-0000-0000-000000000000"] {
            let not_found = Err(Error::NotFound { id: id.to_owned() });
            assert_eq!(side.gateway.status(id).await, not_found, "{}", side.name);
            assert_eq!(side.gateway.cancel(id).await, not_found, "{}", side.name);
            assert_eq!(side.gateway.expire(id).await, not_found, "{}", side.name);
        }
    }
}

#[tokio::test]
async fn what_is_pending_can_be_ended_and_nothing_else() {
    for side in sides() {
        for order_id in ["cancelled", "expired"] {
            side.gateway.charge(&side.qris(order_id)).await.unwrap();
        }
        let cancelled = side.gateway.cancel("cancelled").await.unwrap();
        let expired = side.gateway.expire("expired").await.unwrap();
        assert_eq!(expired.transaction_status, TransactionStatus::Expire);
        // Not every gateway tells them apart.
        assert!(matches!(
            cancelled.transaction_status,
            TransactionStatus::Cancel | TransactionStatus::Expire
        ));
        side.paid("paid").await;
        for order_id in ["cancelled", "expired", "paid"] {
            for ended in [
                side.gateway.cancel(order_id).await,
                side.gateway.expire(order_id).await,
            ] {
                let refused = matches!(ended, Err(Error::Refused { .. }));
                assert!(refused, "{} {order_id}: {ended:?}", side.name);
            }
        }
        assert!(side.gateway.status("paid").await.unwrap().paid());
        assert!(side.pay("cancelled", Pay::default()).is_err());
    }
}

#[tokio::test]
async fn what_is_not_paid_in_time_expires_by_itself() {
    for side in sides() {
        side.gateway.charge(&side.qris("o1")).await.unwrap();
        side.clock.pass(15 * MINUTE_MS - 1);
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.transaction_status, TransactionStatus::Pending);
        side.clock.pass(1);
        let seen = side.gateway.status("o1").await.unwrap();
        assert_eq!(seen.transaction_status, TransactionStatus::Expire);
        assert!(!seen.captured(), "{}", side.name);
    }
}

#[tokio::test]
async fn a_saved_code_paid_after_its_end_is_captured_and_a_closed_account_takes_nothing() {
    for side in sides() {
        side.gateway.charge(&side.qris("code")).await.unwrap();
        side.gateway.charge(&side.account("account")).await.unwrap();
        side.clock.pass(16 * MINUTE_MS);
        let closed = side.pay("account", late());
        assert_eq!(closed, Err(BuyerError::AccountClosed));
        assert_eq!(side.pay("code", late()), Ok(State::Settlement));
        let seen = side.gateway.status("code").await.unwrap();
        assert!(seen.paid(), "{}: {seen:?}", side.name);
        assert_eq!(seen.gross_amount, Rupiah::new(100_000));
    }
}

#[tokio::test]
async fn another_amount_than_asked_shows_as_what_was_paid() {
    for side in sides() {
        for (order_id, paid) in [("less", 99_999), ("more", 100_001)] {
            side.gateway.charge(&side.qris(order_id)).await.unwrap();
            let amount = Some(paid);
            let pay = Pay {
                amount,
                ..Pay::default()
            };
            side.pay(order_id, pay).unwrap();
            let seen = side.gateway.status(order_id).await.unwrap();
            assert_eq!(seen.gross_amount, Rupiah::new(paid), "{}", side.name);
            assert!(seen.captured());
        }
    }
}

#[tokio::test]
async fn a_refused_payment_is_over_and_not_captured() {
    for side in sides() {
        side.gateway.charge(&side.qris("o1")).await.unwrap();
        let denied = side.line.with(|bank, now_ms| bank.deny(now_ms, "o1"));
        denied.unwrap();
        let seen = side.gateway.status("o1").await.unwrap();
        assert!(!seen.captured(), "{}", side.name);
        assert!(matches!(
            seen.transaction_status,
            TransactionStatus::Deny | TransactionStatus::Failure
        ));
    }
}

#[tokio::test]
async fn another_key_opens_nothing_and_is_no_final_refusal() {
    for side in sides() {
        let request = side.qris("o1");
        let stranger = |error: Error| match error {
            Error::Refused { code, for_good, .. } => (code, for_good),
            other => panic!("{other:?}"),
        };
        let other = client(side.name, "another-key", side.line.clone());
        let answer = other.charge(&request).await;
        assert_eq!(stranger(answer.unwrap_err()), (401, false));
        assert_eq!(charges(&side), 0);
    }
}

#[tokio::test]
async fn a_paid_charge_of_an_order_goes_before_a_newer_one_that_is_not() {
    // Only where the gateway lets a second one happen: its key is forgotten.
    let side = xendit();
    let first = side.gateway.charge(&side.qris("o1")).await.unwrap();
    side.line.with(|bank, _| bank.forget_idempotency_keys());
    side.clock.pass(1);
    let second = side.gateway.charge(&side.qris("o1")).await.unwrap();
    let seen = side.gateway.status("o1").await.unwrap();
    assert_eq!(seen.transaction_id, second.transaction_id);
    side.pay(&first.transaction_id, Pay::default()).unwrap();
    let seen = side.gateway.status("o1").await.unwrap();
    assert_eq!(seen.transaction_id, first.transaction_id);
    assert!(seen.paid());
}
