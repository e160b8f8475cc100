//! Notifications: what they say, and how often they are tried.

use crate::common::{KEY, MINUTE_MS, World, qris, refund, world};
use bubuh_gateway::{Gateway, TransactionStatus, notification};
use bubuh_sandbox::{Bank, Delivered, Due, Pay};
use serde_json::Value;

fn due(world: &World) -> Vec<Due> {
    world
        .line
        .with(|bank, now_ms| bank.due_notifications(now_ms))
}

fn result(world: &World, due: &Due, met: Delivered) {
    world
        .line
        .with(|bank, now_ms| bank.notification_result(now_ms, due.id, met));
}

/// The minutes after the first attempt at which a notification is tried again, for these answers.
async fn retries(answers: &[Delivered]) -> Vec<u64> {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    let mut minutes = Vec::new();
    let mut answers = answers.iter().copied().cycle();
    for minute in 0..=400 {
        // The charge's own expiry makes another one.
        if let Some(due) = due(&world).iter().find(|due| due.id == 2) {
            result(&world, due, answers.next().unwrap());
            minutes.push(minute);
        }
        world.clock.pass(MINUTE_MS);
    }
    assert_eq!(minutes.remove(0), 0, "the first attempt");
    minutes
}

#[tokio::test]
async fn retries_follow_the_gateways_schedule_for_each_answer() {
    let code = Delivered::Answered;
    assert_eq!(retries(&[code(200)]).await, [0_u64; 0]);
    assert_eq!(retries(&[code(204)]).await, [0_u64; 0]);
    assert_eq!(retries(&[code(500)]).await, [2]);
    assert_eq!(retries(&[code(400)]).await, [2, 10]);
    assert_eq!(retries(&[code(404)]).await, [2, 10]);
    assert_eq!(retries(&[code(503)]).await, [2, 10, 30, 90]);
    assert_eq!(retries(&[code(502)]).await, [2, 10, 30, 90, 210]);
    assert_eq!(retries(&[code(302)]).await, [2, 10, 30, 90, 210]);
    assert_eq!(
        retries(&[Delivered::Unanswered]).await,
        [2, 10, 30, 90, 210]
    );
}

#[tokio::test]
async fn the_latest_answer_decides_whether_to_try_again() {
    let code = Delivered::Answered;
    assert_eq!(retries(&[code(503), code(503), code(200)]).await, [2, 10]);
    assert_eq!(retries(&[code(503), code(500)]).await, [2]);
    assert_eq!(
        retries(&[code(500), Delivered::Unanswered, code(503)]).await,
        [2, 10, 30]
    );
}

#[tokio::test]
async fn a_notification_stays_due_until_its_result_is_told_and_is_done_once() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    let first = due(&world).remove(0);
    assert_eq!(
        due(&world).len(),
        1,
        "a crash before the result sends it again"
    );
    result(&world, &first, Delivered::Answered(200));
    assert!(due(&world).is_empty());
    result(&world, &first, Delivered::Unanswered);
    world.clock.pass(MINUTE_MS * 10);
    assert!(due(&world).is_empty(), "a second result changes nothing");
}

#[tokio::test]
async fn notifications_wait_for_an_address_and_then_go_to_it() {
    let mut bank = Bank::new(crate::common::settings());
    let charge = http::Request::post("/v2/charge")
        .header("authorization", "Basic c2FuZGJveC1rZXk6")
        .body(
            r#"{"payment_type":"qris","transaction_details":{"order_id":"o1","gross_amount":1}}"#
                .into(),
        )
        .unwrap();
    bank.handle(1_000, &charge);
    assert!(bank.due_notifications(2_000).is_empty());
    bank.set_notification_url("http://merchant.test/n?x=1")
        .unwrap();
    let due = bank.due_notifications(2_000);
    assert_eq!(due[0].request.uri(), "http://merchant.test/n?x=1");
    assert_eq!(due[0].request.method(), "POST");
    assert_eq!(due[0].request.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn every_change_is_told_in_order_signed_as_it_was_then() {
    let world = world();
    let charged = world.gateway.charge(&qris("o1")).await.unwrap();
    world
        .line
        .with(|bank, now_ms| bank.pay(now_ms, "o1", Pay::default()))
        .unwrap();
    world
        .gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    world
        .gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    world
        .gateway
        .refund("o1", &refund("k2", 60_000))
        .await
        .unwrap();
    world.gateway.charge(&qris("o2")).await.unwrap();
    world.gateway.expire("o2").await.unwrap();
    let told: Vec<_> = due(&world)
        .iter()
        .map(|due| {
            let read = notification::verify(due.request.body(), &KEY.into()).unwrap();
            (read.order_id, read.transaction_status, read.status_code)
        })
        .collect();
    use TransactionStatus::{Expire, PartialRefund, Pending, Refund, Settlement};
    let wanted = [
        ("o1", Pending, "201"),
        ("o1", Settlement, "200"),
        ("o1", PartialRefund, "200"),
        ("o1", Refund, "200"),
        ("o2", Pending, "201"),
        ("o2", Expire, "202"),
    ];
    let wanted: Vec<_> = wanted
        .into_iter()
        .map(|(order, status, code)| (order.to_owned(), status, code.to_owned()))
        .collect();
    assert_eq!(told, wanted);
    let refunded: Value = serde_json::from_slice(due(&world)[3].request.body()).unwrap();
    assert_eq!(refunded["transaction_id"], charged.transaction_id);
    assert_eq!(refunded["refunds"][0]["refund_key"], "k1");
    assert_eq!(refunded["refund_amount"], "100000.00");
}

#[tokio::test]
async fn the_schedule_scales() {
    let mut settings = crate::common::settings();
    settings.retry_scale = 0.001;
    let mut bank = Bank::restore(
        settings,
        world().line.with(|bank, _| bank.snapshot().clone()),
    );
    let charge = http::Request::post("/v2/charge")
        .header("authorization", "Basic c2FuZGJveC1rZXk6")
        .body(
            r#"{"payment_type":"qris","transaction_details":{"order_id":"o1","gross_amount":1}}"#
                .into(),
        )
        .unwrap();
    bank.handle(1_000, &charge);
    let id = bank.due_notifications(1_000)[0].id;
    bank.notification_result(1_000, id, Delivered::Unanswered);
    assert_eq!(bank.next_event_ms(), Some(1_120));
    assert!(bank.due_notifications(1_119).is_empty());
    assert_eq!(bank.due_notifications(1_120).len(), 1);
}
