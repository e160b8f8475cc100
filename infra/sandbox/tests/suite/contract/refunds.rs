//! Giving money back, at once or in the end.

use super::{Side, sides, xendit};
use crate::common::{DAY_MS, refund};
use bubuh_core::Rupiah;
use bubuh_gateway::{Error, Gateway, Status, TransactionStatus};
use bubuh_sandbox::{BuyerError, FaultKind, FaultSpec, Pay};

async fn status(side: &Side) -> Status {
    side.gateway.status("o1").await.unwrap()
}

#[tokio::test]
async fn a_refund_is_made_in_the_end_and_found_by_its_key() {
    for side in sides() {
        let charged = side.paid("o1").await;
        let id = charged.transaction_id.as_str();
        let reply = side.gateway.refund(id, &refund("k1", 40_000)).await;
        assert_eq!(reply.unwrap().refund_amount, Some(Rupiah::new(40_000)));
        side.wait();
        let seen = status(&side).await;
        assert_eq!(seen.transaction_status, TransactionStatus::PartialRefund);
        assert_eq!(seen.refund("k1").unwrap().amount, Rupiah::new(40_000));
        assert_eq!(seen.refunded, Rupiah::new(40_000), "{}", side.name);
        // What came in stays what came in.
        assert_eq!(seen.gross_amount, Rupiah::new(100_000));
        assert!(seen.captured() && !seen.paid());
        side.gateway
            .refund(id, &refund("k2", 60_000))
            .await
            .unwrap();
        side.wait();
        let seen = status(&side).await;
        assert_eq!(seen.transaction_status, TransactionStatus::Refund);
        assert_eq!(seen.refunds.len(), 2, "{}", side.name);
        assert_eq!(seen.refunded, Rupiah::new(100_000));
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_refund_before_and_after_it_is_made() {
    for side in sides() {
        side.paid("o1").await;
        for _ in 0..3 {
            let reply = side.gateway.refund("o1", &refund("k1", 40_000)).await;
            assert_eq!(reply.unwrap().refund_key.as_deref(), Some("k1"));
        }
        side.wait();
        for _ in 0..3 {
            let reply = side.gateway.refund("o1", &refund("k1", 40_000)).await;
            assert!(reply.unwrap().made, "{}", side.name);
        }
        side.wait();
        assert_eq!(status(&side).await.refunds.len(), 1, "{}", side.name);
        assert_eq!(side.refunded(), 40_000, "{}", side.name);
    }
}

#[tokio::test]
async fn what_can_never_be_refunded_is_refused_for_good() {
    for side in sides() {
        side.gateway.charge(&side.qris("pending")).await.unwrap();
        side.gateway.charge(&side.account("account")).await.unwrap();
        side.pay("account", Pay::default()).unwrap();
        side.paid("much").await;
        side.paid("old").await;
        for (order_id, rupiah) in [("pending", 1), ("account", 1), ("much", 100_001)] {
            let error = side.gateway.refund(order_id, &refund("k", rupiah)).await;
            let error = error.unwrap_err();
            assert!(error.refund_refused_for_good(), "{}: {error:?}", side.name);
            assert!(!error.outcome_unknown() && !error.retryable());
        }
        side.clock.pass(7 * DAY_MS + 1);
        let error = side.gateway.refund("old", &refund("k", 1)).await;
        assert!(
            error.unwrap_err().refund_refused_for_good(),
            "{}",
            side.name
        );
        assert_eq!(side.refunded(), 0);
    }
}

#[tokio::test]
async fn a_refund_of_nothing_known_is_not_found_and_not_final() {
    for side in sides() {
        let error = side.gateway.refund("nobody", &refund("k", 1)).await;
        let error = error.unwrap_err();
        assert!(
            matches!(error, Error::NotFound { .. }),
            "{}: {error:?}",
            side.name
        );
        assert!(!error.refund_refused_for_good());
    }
}

#[tokio::test]
async fn a_refund_in_the_dashboard_is_seen_and_is_not_ours() {
    for side in sides() {
        side.paid("o1").await;
        side.line
            .with(|bank, now_ms| bank.refund_in_dashboard(now_ms, "o1", 30_000))
            .unwrap();
        let seen = status(&side).await;
        assert_eq!(seen.refunded, Rupiah::new(30_000), "{}", side.name);
        assert_eq!(seen.refund("k1"), None);
    }
}

// What only a gateway with refunds that take time can show.

#[tokio::test]
async fn a_pending_refund_counts_nowhere_and_is_seen_under_way() {
    let side = xendit();
    side.paid("o1").await;
    let reply = side.gateway.refund("o1", &refund("k1", 40_000)).await;
    assert!(!reply.unwrap().made);
    let seen = status(&side).await;
    assert_eq!(seen.refund("k1"), None);
    assert!(seen.refund_under_way("k1") && !seen.refund_under_way("k2"));
    assert_eq!(seen.refunded, Rupiah::ZERO);
    assert!(seen.paid(), "all the money is still here");
    assert_eq!(side.refunded(), 0);
}

#[tokio::test]
async fn a_refund_that_fails_in_the_end_is_refused_for_good_under_its_key_and_not_under_another() {
    let side = xendit();
    side.paid("o1").await;
    side.fault(FaultSpec::once(FaultKind::RefundFails));
    let first = side.gateway.refund("o1", &refund("k1", 100_000)).await;
    assert!(!first.unwrap().made);
    side.wait();
    let seen = status(&side).await;
    assert!(seen.paid() && seen.refunds.is_empty() && seen.refunding.is_empty());
    for _ in 0..2 {
        let error = side.gateway.refund("o1", &refund("k1", 100_000)).await;
        assert!(error.unwrap_err().refund_refused_for_good());
    }
    side.gateway
        .refund("o1", &refund("k2", 100_000))
        .await
        .unwrap();
    side.wait();
    assert_eq!(side.refunded(), 100_000);
}

#[tokio::test]
async fn the_gateway_can_be_told_to_decide_a_refund() {
    let side = xendit();
    side.paid("o1").await;
    let decide = |key: &str, made| {
        side.line
            .with(|bank, now_ms| bank.decide_refund(now_ms, "o1", key, made))
            .map(|tx| tx.refunded())
    };
    assert_eq!(decide("k1", true), Err(BuyerError::NotFound));
    side.gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    assert_eq!(decide("k1", false), Ok(0));
    side.gateway
        .refund("o1", &refund("k2", 40_000))
        .await
        .unwrap();
    assert_eq!(decide("k2", true), Ok(40_000));
    assert!(decide("k2", false).is_err(), "what is made stays made");
    side.wait();
    assert_eq!(side.refunded(), 40_000);
}

#[tokio::test]
async fn a_second_refund_while_one_is_pending_waits_and_is_not_refused() {
    let side = xendit();
    side.paid("o1").await;
    side.gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    let error = side.gateway.refund("o1", &refund("k2", 40_000)).await;
    let error = error.unwrap_err();
    assert!(
        error.retryable() && !error.refund_refused_for_good(),
        "{error:?}"
    );
    side.wait();
    side.gateway
        .refund("o1", &refund("k2", 40_000))
        .await
        .unwrap();
    side.wait();
    assert_eq!(side.refunded(), 80_000);
}

#[tokio::test]
async fn a_refund_is_made_once_also_when_the_gateway_has_forgotten_its_key() {
    let side = xendit();
    side.paid("o1").await;
    side.gateway
        .refund("o1", &refund("k1", 10_000))
        .await
        .unwrap();
    for _ in 0..3 {
        side.wait();
        side.line.with(|bank, _| bank.forget_idempotency_keys());
        side.gateway
            .refund("o1", &refund("k1", 10_000))
            .await
            .unwrap();
    }
    side.wait();
    assert_eq!(side.refunded(), 10_000);
}

#[tokio::test]
async fn all_refunds_of_many_pages_are_seen() {
    let side = xendit();
    side.paid("o1").await;
    for number in 0..120 {
        let key = format!("k{number}");
        side.gateway.refund("o1", &refund(&key, 10)).await.unwrap();
        side.wait();
    }
    let seen = status(&side).await;
    assert_eq!(
        (seen.refunds.len(), seen.refunded),
        (120, Rupiah::new(1_200))
    );
}

#[tokio::test]
async fn a_payer_who_takes_the_money_back_leaves_nothing_for_a_pending_refund() {
    let side = xendit();
    side.paid("o1").await;
    side.gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    side.line
        .with(|bank, now_ms| bank.charge_back(now_ms, "o1"))
        .unwrap();
    side.wait();
    let books = side.line.with(|bank, _| bank.books());
    assert_eq!(
        (books.refunded, books.charged_back, books.remaining),
        (0, 100_000, 0)
    );
}
