//! The gateway's word of what happened: twice, late, and overtaken.

use super::{Face, by_both_faces, qris};
use bubuh_gateway::{Gateway, TransactionStatus};
use bubuh_sandbox::{Call, FaultKind, FaultSpec};

by_both_faces! {
    every_change_is_told_signed_and_in_order,
    a_notification_may_come_twice_although_it_was_taken,
    a_notification_may_be_overtaken_by_the_next,
    a_notification_may_come_late_and_never_early,
    a_lost_notification_leaves_only_the_status_to_ask,
}

use TransactionStatus::{Pending, Settlement};

async fn told(face: &mut Face) -> TransactionStatus {
    face.told().await.transaction_status
}

async fn every_change_is_told_signed_and_in_order(mut face: Face) {
    let charged = face.gateway.charge(&qris("o")).await.unwrap();
    assert_eq!(told(&mut face).await, Pending);
    face.pay("o");
    let heard = face.told().await;
    assert_eq!(heard.transaction_status, Settlement);
    assert_eq!(heard.order_id, "o");
    assert_eq!(
        heard.transaction_id.as_deref(),
        Some(&*charged.transaction_id)
    );
    assert_eq!(heard.gross_amount, "100000.00");
}

async fn a_notification_may_come_twice_although_it_was_taken(mut face: Face) {
    face.gateway.charge(&qris("o")).await.unwrap();
    assert_eq!(told(&mut face).await, Pending);
    face.fault(FaultSpec::once(FaultKind::NotificationDuplicate));
    face.pay("o");
    assert_eq!(told(&mut face).await, Settlement);
    assert_eq!(told(&mut face).await, Settlement);
    // And no third time: the next is another order's.
    face.gateway.charge(&qris("p")).await.unwrap();
    assert_eq!(told(&mut face).await, Pending);
}

async fn a_notification_may_be_overtaken_by_the_next(mut face: Face) {
    face.fault(FaultSpec::once(FaultKind::NotificationOutOfOrder));
    face.gateway.charge(&qris("o")).await.unwrap();
    face.pay("o");
    assert_eq!(told(&mut face).await, Settlement);
    assert_eq!(told(&mut face).await, Pending);
}

async fn a_notification_may_come_late_and_never_early(mut face: Face) {
    face.fault(FaultSpec {
        delay_ms: 300,
        ..FaultSpec::once(FaultKind::Delay).at(Call::Notification)
    });
    let before_ms = face.with(|_, now_ms| now_ms);
    face.gateway.charge(&qris("o")).await.unwrap();
    assert_eq!(told(&mut face).await, Pending);
    let after_ms = face.with(|_, now_ms| now_ms);
    assert!(after_ms >= before_ms + 300, "{before_ms} to {after_ms}");
}

async fn a_lost_notification_leaves_only_the_status_to_ask(mut face: Face) {
    face.gateway.charge(&qris("o")).await.unwrap();
    assert_eq!(told(&mut face).await, Pending);
    face.fault(FaultSpec::once(FaultKind::NotificationLost));
    face.pay("o");
    assert!(face.gateway.status("o").await.unwrap().paid());
    face.gateway.charge(&qris("p")).await.unwrap();
    assert_eq!(face.told().await.order_id, "p");
}
