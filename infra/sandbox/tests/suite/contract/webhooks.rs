//! Notifications as each gateway sends them, proven as each proves them: whom to ask about.

use super::{Side, midtrans, sides, xendit};
use crate::common::{MINUTE_MS, refund};
use bubuh_gateway::{
    Gateway,
    notification::{Hint, Proof, Rejection, xendit::TOKEN_HEADER},
};
use bubuh_sandbox::{Delivered, Due, FaultKind, FaultSpec};
use serde_json::Value;

/// Sends all that is due.
fn deliver(side: &Side) -> Vec<Due> {
    side.line.with(|bank, now_ms| {
        let due = bank.due_notifications(now_ms);
        for due in &due {
            bank.notification_result(now_ms, due.id, Delivered::Answered(200));
        }
        due
    })
}

fn proven(side: &Side, due: &Due) -> Result<Hint, Rejection> {
    side.proof.check(due.request.headers(), due.request.body())
}

/// The event's name and the hint, of Xendit's.
fn events(side: &Side) -> Vec<(String, Hint)> {
    let named = |due: &Due| {
        let body: Value = serde_json::from_slice(due.request.body()).unwrap();
        body["event"].as_str().unwrap().to_owned()
    };
    let due = deliver(side);
    due.iter()
        .map(|due| (named(due), proven(side, due).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_payment_is_told_and_leads_to_its_charge() {
    for side in sides() {
        let charged = side.paid("o1").await;
        let hints: Vec<Hint> = deliver(&side)
            .iter()
            .map(|due| proven(&side, due).unwrap())
            .collect();
        let hint = hints.last().unwrap();
        assert_eq!(hint.order_id.as_deref(), Some("o1"), "{}", side.name);
        let transaction_id = hint.transaction_id.as_deref();
        assert_eq!(transaction_id, Some(charged.transaction_id.as_str()));
        let seen = side.gateway.status(transaction_id.unwrap()).await.unwrap();
        assert!(seen.paid());
    }
}

#[tokio::test]
async fn an_expiry_is_told_of_the_order() {
    for side in sides() {
        side.gateway.charge(&side.qris("o1")).await.unwrap();
        deliver(&side);
        side.clock.pass(15 * MINUTE_MS);
        let due = deliver(&side);
        let hint = proven(&side, &due[0]).unwrap();
        assert_eq!(hint.order_id.as_deref(), Some("o1"), "{}", side.name);
    }
}

#[tokio::test]
async fn a_refund_is_told_when_it_is_decided_and_names_the_order_and_not_its_key() {
    let side = xendit();
    let charged = side.paid("o1").await;
    deliver(&side);
    for (fails, wanted) in [(true, "refund.failed"), (false, "refund.succeeded")] {
        if fails {
            side.fault(FaultSpec::once(FaultKind::RefundFails));
        }
        let key = format!("key-{fails}");
        side.gateway
            .refund("o1", &refund(&key, 1_000))
            .await
            .unwrap();
        assert!(deliver(&side).is_empty(), "nothing is decided yet");
        side.wait();
        let told = events(&side);
        let hint = Hint {
            order_id: Some("o1".to_owned()),
            transaction_id: Some(charged.transaction_id.clone()),
        };
        assert_eq!(told, [(wanted.to_owned(), hint)]);
    }
}

#[tokio::test]
async fn another_gateways_proof_or_none_is_not_believed() {
    for (side, wanted) in [
        (xendit(), Rejection::Forged),
        (midtrans(), Rejection::Forged),
    ] {
        side.paid("o1").await;
        let due = deliver(&side).remove(0);
        let (headers, body) = (due.request.headers(), due.request.body());
        assert!(side.proof.check(headers, body).is_ok());
        let stranger = match side.proof {
            Proof::Midtrans(_) => Proof::Midtrans("another".into()),
            Proof::Xendit(_) => Proof::Xendit("another".into()),
        };
        assert_eq!(stranger.check(headers, body), Err(wanted));
        let crossed = match side.name {
            "midtrans" => xendit().proof,
            _ => midtrans().proof,
        };
        assert!(crossed.check(headers, body).is_err(), "{}", side.name);
    }
    let side = xendit();
    side.paid("o1").await;
    let due = deliver(&side).remove(0);
    assert!(due.request.headers()[TOKEN_HEADER].is_sensitive());
    let nobodys = Proof::Xendit("".into()).check(due.request.headers(), due.request.body());
    assert_eq!(nobodys, Err(Rejection::Forged));
}

#[tokio::test]
async fn xendits_retries_follow_its_own_schedule() {
    let side = xendit();
    side.paid("o1").await;
    let mut minutes = Vec::new();
    for minute in 0..1_500 {
        side.line.with(|bank, now_ms| {
            for due in bank.due_notifications(now_ms) {
                bank.notification_result(now_ms, due.id, Delivered::Answered(503));
                minutes.push(minute);
            }
        });
        side.clock.pass(MINUTE_MS);
    }
    assert_eq!(minutes, [0, 15, 60, 180, 360, 720, 1440]);
}
