//! The API itself: what only a raw caller can send.

use crate::common::{KEY, MINUTE_MS, START_MS, settings};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_sandbox::{Bank, Snapshot};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

fn ask(bank: &mut Bank, verb: &str, path: &str, body: &Value) -> Value {
    let response = raw(bank, verb, path, body.to_string());
    serde_json::from_slice(response.body()).unwrap()
}

fn raw(bank: &mut Bank, verb: &str, path: &str, body: String) -> Response<Bytes> {
    let request = Request::builder()
        .method(verb)
        .uri(path)
        .header(
            "authorization",
            format!("Basic {}", STANDARD.encode(format!("{KEY}:"))),
        )
        .body(Bytes::from(body))
        .unwrap();
    bank.handle(START_MS, &request).response.unwrap()
}

fn charge(order_id: &str) -> Value {
    json!({
        "payment_type": "qris",
        "transaction_details": { "order_id": order_id, "gross_amount": 100_000 },
    })
}

fn paid_bank() -> Bank {
    let mut bank = Bank::new(settings());
    ask(&mut bank, "POST", "/v2/charge", &charge("o1"));
    ask(&mut bank, "POST", "/sandbox/orders/o1/pay", &json!({}));
    bank
}

#[test]
fn without_a_key_every_refund_call_refunds_again() {
    let mut bank = paid_bank();
    let mut keys = Vec::new();
    for _ in 0..3 {
        let reply = ask(
            &mut bank,
            "POST",
            "/v2/o1/refund",
            &json!({ "amount": 30_000 }),
        );
        assert_eq!(reply["status_code"], "200");
        keys.push(reply["refund_key"].clone());
    }
    keys.dedup();
    assert_eq!(keys.len(), 3);
    assert_eq!(bank.books().refunded, 90_000);
}

#[test]
fn a_refund_without_an_amount_refunds_all_that_is_left() {
    let mut bank = paid_bank();
    ask(
        &mut bank,
        "POST",
        "/v2/o1/refund",
        &json!({ "amount": 30_000, "refund_key": "k1" }),
    );
    let reply = ask(
        &mut bank,
        "POST",
        "/v2/o1/refund",
        &json!({ "refund_key": "k2" }),
    );
    assert_eq!(reply["refund_amount"], "70000.00");
    assert_eq!(reply["transaction_status"], "refund");
}

#[test]
fn a_charge_that_breaks_a_rule_is_refused_and_leaves_nothing() {
    let mut bank = Bank::new(settings());
    let patched = |patch: fn(&mut Value)| {
        let mut body = charge("o1");
        patch(&mut body);
        body
    };
    let bad = [
        Value::Null,
        json!({}),
        patched(|body| body["payment_type"] = json!("magic")),
        patched(|body| body["payment_type"] = json!("bank_transfer")),
        patched(|body| body["transaction_details"]["order_id"] = json!("a/b")),
        patched(|body| body["transaction_details"]["order_id"] = json!("x".repeat(51))),
        patched(|body| body["transaction_details"]["gross_amount"] = json!(0)),
        patched(|body| body["transaction_details"]["gross_amount"] = json!(-1)),
        patched(|body| body["transaction_details"]["gross_amount"] = json!(1.5)),
        patched(|body| body["transaction_details"]["gross_amount"] = json!(u64::MAX)),
        patched(|body| body["custom_expiry"] = json!({ "expiry_duration": 0 })),
        patched(|body| body["item_details"] = json!([{ "price": 1, "quantity": 1 }])),
        patched(|body| body["item_details"] = json!([{ "price": u64::MAX, "quantity": 2 }])),
    ];
    for body in bad {
        let reply = ask(&mut bank, "POST", "/v2/charge", &body);
        assert!(
            ["400", "402"].contains(&reply["status_code"].as_str().unwrap()),
            "{body}: {reply}"
        );
    }
    assert_eq!(bank.transactions().count(), 0);
}

#[test]
fn a_charge_lasts_as_long_as_asked_or_as_usual_for_its_method() {
    let mut bank = Bank::new(settings());
    let mut lasts = |order_id: &str, patch: Value| {
        let mut body = charge(order_id);
        for (field, value) in patch.as_object().unwrap() {
            body[field] = value.clone();
        }
        ask(&mut bank, "POST", "/v2/charge", &body);
        bank.find(order_id).unwrap().expires_at_ms - START_MS
    };
    let bca = json!({ "payment_type": "bank_transfer", "bank_transfer": { "bank": "bca" } });
    let expiry = |unit: &str| json!({ "custom_expiry": { "expiry_duration": 20, "unit": unit } });
    assert_eq!(lasts("a", json!({})), 15 * MINUTE_MS);
    assert_eq!(lasts("b", bca), 24 * 60 * MINUTE_MS);
    assert_eq!(lasts("c", expiry("second")), 20_000);
    assert_eq!(lasts("d", expiry("hour")), 20 * 60 * MINUTE_MS);
    assert_eq!(lasts("e", expiry("day")), 20 * 24 * 60 * MINUTE_MS);
}

#[test]
fn the_code_is_told_under_http_200_and_an_unknown_path_is_404() {
    let mut bank = paid_bank();
    let response = raw(&mut bank, "POST", "/v2/o1/cancel", String::new());
    assert_eq!(response.status(), 200);
    let reply: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(reply["status_code"], "412");
    assert_eq!(
        ask(&mut bank, "GET", "/v2/nobody/status", &json!({}))["status_code"],
        "404"
    );
    assert_eq!(
        ask(&mut bank, "GET", "/v1/else", &json!({}))["status_code"],
        "404"
    );
    assert_eq!(
        ask(&mut bank, "DELETE", "/v2/charge", &json!({}))["status_code"],
        "404"
    );
}

#[test]
fn times_are_told_in_the_gateways_zone_and_amounts_with_two_decimals() {
    let mut bank = paid_bank();
    let reply = ask(&mut bank, "GET", "/v2/o1/status", &json!({}));
    assert_eq!(reply["transaction_time"], "2026-01-01 07:00:00");
    assert_eq!(reply["expiry_time"], "2026-01-01 07:15:00");
    assert_eq!(reply["gross_amount"], "100000.00");
    assert_eq!(reply["status_code"], "200");
}

#[test]
fn a_fault_that_could_never_fire_is_refused() {
    let mut bank = Bank::new(settings());
    for bad in [
        json!({}),
        json!({ "kind": "earthquake" }),
        json!({ "kind": "reply_lost", "cuont": 2 }),
        json!({ "kind": "reply_lost", "count": 0 }),
        json!({ "kind": "reply_lost", "call": "pay" }),
        json!({ "kind": "notification_lost", "call": "charge" }),
        json!({ "kind": "late_settlement", "call": "charge" }),
        json!({ "kind": "wrong_amount" }),
        json!({ "kind": "delay" }),
        json!({ "kind": "error_before_applying", "code": 200 }),
    ] {
        let response = raw(&mut bank, "POST", "/sandbox/faults", bad.to_string());
        assert_eq!(response.status(), 400, "{bad}");
    }
    assert_eq!(
        ask(&mut bank, "GET", "/sandbox/faults", &json!({}))["faults"],
        json!([])
    );
}

#[test]
fn the_controls_tell_the_books_the_faults_and_what_fired() {
    let mut bank = paid_bank();
    let fault =
        json!({ "kind": "error_before_applying", "call": "status", "count": 2, "order_id": "o1" });
    ask(&mut bank, "POST", "/sandbox/faults", &fault);
    assert_eq!(
        ask(&mut bank, "GET", "/v2/other/status", &json!({}))["status_code"],
        "404"
    );
    assert_eq!(
        ask(&mut bank, "GET", "/v2/o1/status", &json!({}))["status_code"],
        "500"
    );
    let told = ask(&mut bank, "GET", "/sandbox/faults", &json!({}));
    assert_eq!(told["faults"][0]["remaining"], 1);
    assert_eq!(told["fired"].as_array().unwrap().len(), 1);
    assert_eq!(told["fired"][0]["order_id"], "o1");
    ask(&mut bank, "DELETE", "/sandbox/faults", &json!({}));
    assert_eq!(
        ask(&mut bank, "GET", "/v2/o1/status", &json!({}))["status_code"],
        "200"
    );
    let books = ask(&mut bank, "GET", "/sandbox/transactions", &json!({}));
    assert_eq!(books["books"]["captured"], 100_000);
    assert_eq!(books["transactions"][0]["order_id"], "o1");
    assert_eq!(books["transactions"][0]["transaction_status"], "settlement");
}

#[test]
fn a_notification_address_that_is_no_web_address_is_refused() {
    let mut bank = Bank::new(settings());
    for bad in [
        "",
        "merchant.test/x",
        "ftp://merchant.test/",
        "/path",
        "http://",
    ] {
        let body = json!({ "url": bad }).to_string();
        assert_eq!(
            raw(&mut bank, "PUT", "/sandbox/notification-url", body).status(),
            400,
            "{bad}"
        );
    }
    let good = json!({ "url": "https://merchant.test/x" }).to_string();
    assert_eq!(
        raw(&mut bank, "PUT", "/sandbox/notification-url", good).status(),
        200
    );
}

#[test]
fn the_picture_is_a_png_and_only_of_a_code() {
    let mut bank = Bank::new(settings());
    let reply = ask(&mut bank, "POST", "/v2/charge", &charge("o1"));
    let path = reply["actions"][0]["url"]
        .as_str()
        .unwrap()
        .replace("http://sandbox.invalid", "");
    let picture = raw(&mut bank, "GET", &path, String::new());
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert!(picture.body().starts_with(b"\x89PNG\r\n\x1a\n"));
    let none = raw(&mut bank, "GET", "/v2/qris/nobody/qr-code", String::new());
    assert_eq!(none.headers()["content-type"], "application/json");
}

#[test]
fn the_same_calls_give_the_same_bank_and_another_seed_other_ids() {
    assert_eq!(paid_bank().snapshot(), paid_bank().snapshot());
    let mut seeded = settings();
    seeded.seed = 1;
    let mut other = Bank::new(seeded);
    ask(&mut other, "POST", "/v2/charge", &charge("o1"));
    let id = |bank: &Bank| bank.find("o1").unwrap().transaction_id.clone();
    assert_ne!(id(&other), id(&paid_bank()));
}

#[test]
fn a_restored_bank_goes_on_where_it_stopped() {
    let mut bank = paid_bank();
    bank.set_notification_url("http://merchant.test/").unwrap();
    let fault = json!({ "kind": "notification_out_of_order" });
    ask(&mut bank, "POST", "/sandbox/faults", &fault);
    ask(&mut bank, "POST", "/v2/charge", &charge("o2"));
    let stored = serde_json::to_vec(bank.snapshot()).unwrap();
    assert!(
        !String::from_utf8_lossy(&stored).contains(KEY),
        "the key is on disk"
    );
    let snapshot: Snapshot = serde_json::from_slice(&stored).unwrap();
    let mut restored = Bank::restore(settings(), snapshot);
    let later_ms = START_MS + 15 * MINUTE_MS;
    for bank in [&mut bank, &mut restored] {
        bank.advance(later_ms);
    }
    assert_eq!(bank.snapshot(), restored.snapshot());
    let due = |bank: &mut Bank| -> Vec<_> {
        bank.due_notifications(later_ms + 1)
            .into_iter()
            .map(|due| due.id)
            .collect()
    };
    assert_eq!(due(&mut bank), due(&mut restored));
    assert_eq!(due(&mut bank).len(), 4);
    let duplicate = ask(&mut restored, "POST", "/v2/charge", &charge("o1"));
    assert_eq!(duplicate["status_code"], "406");
}
