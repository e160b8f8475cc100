//! Calls that may be made twice, and calls whose answer does not come.

use super::{Face, by_both_faces, qris, refund};
use bubuh_core::Rupiah;
use bubuh_gateway::{Error, Gateway, TransactionStatus};
use bubuh_sandbox::{Call, FaultKind, FaultSpec};

by_both_faces! {
    a_used_order_id_is_a_duplicate_and_its_status_is_the_first_charges,
    an_order_that_was_never_charged_is_not_found,
    a_refund_is_made_once_for_a_key_however_often_it_is_asked_for,
    a_call_whose_reply_is_lost_was_made,
    a_reply_beyond_the_clients_patience_is_lost,
    a_call_that_failed_before_it_was_made_was_not,
}

async fn a_used_order_id_is_a_duplicate_and_its_status_is_the_first_charges(face: Face) {
    let charged = face.gateway.charge(&qris("o")).await.unwrap();
    let order_id = "o".to_owned();
    let again = face.gateway.charge(&qris("o")).await;
    assert_eq!(again, Err(Error::DuplicateOrder { order_id }));
    let status = face.gateway.status("o").await.unwrap();
    assert_eq!(status.transaction_id, charged.transaction_id);
    assert_eq!(status.transaction_status, TransactionStatus::Pending);
}

async fn an_order_that_was_never_charged_is_not_found(face: Face) {
    let status = face.gateway.status("o").await;
    assert!(matches!(status, Err(Error::NotFound { .. })), "{status:?}");
}

async fn a_refund_is_made_once_for_a_key_however_often_it_is_asked_for(face: Face) {
    face.gateway.charge(&qris("o")).await.unwrap();
    face.pay("o");
    for _ in 0..3 {
        let reply = face
            .gateway
            .refund("o", &refund("k", 40_000))
            .await
            .unwrap();
        assert_eq!(reply.refund_amount, Some(Rupiah::new(40_000)));
    }
    face.gateway.refund("o", &refund("l", 1_000)).await.unwrap();
    assert_eq!(face.with(|bank, _| bank.books().refunded), 41_000);
    let status = face.gateway.status("o").await.unwrap();
    assert_eq!(status.refund("k").unwrap().amount, Rupiah::new(40_000));
}

fn is_lost<T: std::fmt::Debug>(reply: Result<T, Error>) {
    let error = reply.unwrap_err();
    assert!(matches!(error, Error::LostReply(_)), "{error:?}");
    assert!(error.outcome_unknown() && error.retryable());
}

async fn a_call_whose_reply_is_lost_was_made(face: Face) {
    face.fault(FaultSpec::once(FaultKind::ReplyLost).at(Call::Charge));
    is_lost(face.gateway.charge(&qris("o")).await);
    face.gateway.status("o").await.unwrap();
    face.pay("o");
    face.fault(FaultSpec::once(FaultKind::ReplyLost).at(Call::Refund));
    is_lost(face.gateway.refund("o", &refund("k", 100_000)).await);
    face.gateway
        .refund("o", &refund("k", 100_000))
        .await
        .unwrap();
    assert_eq!(face.with(|bank, _| bank.books().refunded), 100_000);
}

async fn a_reply_beyond_the_clients_patience_is_lost(face: Face) {
    face.fault(FaultSpec {
        delay_ms: face.patience_ms + 500,
        ..FaultSpec::once(FaultKind::Delay).at(Call::Charge)
    });
    is_lost(face.gateway.charge(&qris("o")).await);
    face.gateway.status("o").await.unwrap();
}

async fn a_call_that_failed_before_it_was_made_was_not(face: Face) {
    face.fault(FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Charge));
    let error = face.gateway.charge(&qris("o")).await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { code: 500, .. }),
        "{error:?}"
    );
    assert!(error.retryable());
    let status = face.gateway.status("o").await;
    assert!(matches!(status, Err(Error::NotFound { .. })), "{status:?}");
}
