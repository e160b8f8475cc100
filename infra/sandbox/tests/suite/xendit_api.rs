//! Xendit's face itself: what only a raw caller can send.

use crate::common::{KEY, START_MS, settings};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_sandbox::{Bank, Snapshot};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

fn raw(bank: &mut Bank, verb: &str, path: &str, key: Option<&str>, body: &str) -> Response<Bytes> {
    let basic = format!("Basic {}", STANDARD.encode(format!("{KEY}:")));
    let mut request = Request::builder().method(verb).uri(path);
    request = request.header("authorization", basic);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    bank.handle(START_MS, &request).response.unwrap()
}

/// The HTTP status and the JSON.
fn ask(bank: &mut Bank, verb: &str, path: &str, key: Option<&str>, body: &Value) -> (u16, Value) {
    let response = raw(bank, verb, path, key, &body.to_string());
    let status = response.status().as_u16();
    (status, serde_json::from_slice(response.body()).unwrap())
}

fn get(bank: &mut Bank, path: &str) -> Value {
    ask(bank, "GET", path, None, &Value::Null).1
}

fn code(order_id: &str) -> Value {
    json!({
        "reference_id": order_id, "amount": 100_000, "currency": "IDR", "country": "ID",
        "payment_method": {
            "type": "QR_CODE", "reusability": "ONE_TIME_USE",
            "qr_code": { "channel_code": "QRIS" },
        },
    })
}

fn paid() -> (Bank, String) {
    let mut bank = Bank::new(settings());
    let (_, reply) = ask(&mut bank, "POST", "/payment_requests", None, &code("o1"));
    let id = reply["id"].as_str().unwrap().to_owned();
    raw(&mut bank, "POST", "/sandbox/orders/o1/pay", None, "");
    (bank, id)
}

fn refund(id: &str, rupiah: u64) -> Value {
    json!({ "payment_request_id": id, "amount": rupiah, "reason": "OTHERS" })
}

#[test]
fn without_an_idempotency_key_every_call_charges_again() {
    let mut bank = Bank::new(settings());
    let mut ids = Vec::new();
    for key in [None, None, Some("k"), Some("k")] {
        let (status, reply) = ask(&mut bank, "POST", "/payment_requests", key, &code("o1"));
        assert_eq!(status, 200);
        ids.push(reply["id"].clone());
    }
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    assert_eq!(ids[2], ids[3]);
    assert_eq!(bank.transactions().count(), 3);
}

#[test]
fn an_idempotency_key_with_another_body_is_a_conflict() {
    let mut bank = Bank::new(settings());
    ask(
        &mut bank,
        "POST",
        "/payment_requests",
        Some("k"),
        &code("o1"),
    );
    let (status, reply) = ask(
        &mut bank,
        "POST",
        "/payment_requests",
        Some("k"),
        &code("o2"),
    );
    assert_eq!(
        (status, &reply["error_code"]),
        (409, &json!("DUPLICATE_ERROR"))
    );
    assert_eq!(bank.transactions().count(), 1);
}

#[test]
fn without_an_idempotency_key_every_refund_call_refunds_again() {
    let (mut bank, id) = paid();
    for _ in 0..3 {
        let (status, reply) = ask(&mut bank, "POST", "/refunds", None, &refund(&id, 30_000));
        assert_eq!((status, &reply["status"]), (200, &json!("PENDING")));
        let key = reply["reference_id"].as_str().unwrap();
        let path = format!("/sandbox/orders/o1/refunds/{key}/made");
        assert_eq!(raw(&mut bank, "POST", &path, None, "").status(), 200);
        let id = reply["id"].as_str().unwrap();
        assert_eq!(
            get(&mut bank, &format!("/refunds/{id}"))["status"],
            "SUCCEEDED"
        );
    }
    assert_eq!(bank.books().refunded, 90_000);
}

#[test]
fn what_breaks_a_rule_changes_nothing_and_is_told_in_its_own_form() {
    let mut bank = Bank::new(settings());
    let patched = |path: &str, value: Value| {
        let mut body = code("o1");
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    for body in [
        Value::Null,
        json!([]),
        patched("/reference_id", json!("")),
        patched("/amount", json!(0)),
        patched("/amount", json!(-1)),
        patched("/amount", json!(1.5)),
        patched("/amount", json!(u64::MAX)),
        patched("/currency", json!("PHP")),
        patched("/country", json!("PH")),
        patched("/payment_method/type", json!("MAGIC")),
        patched("/payment_method/type", json!("VIRTUAL_ACCOUNT")),
        patched("/payment_method/reusability", json!("MULTIPLE_USE")),
        patched("/payment_method/qr_code/channel_code", json!("DANA")),
        patched(
            "/payment_method/qr_code",
            json!({ "channel_code": "QRIS", "channel_properties": { "expires_at": "yesterday" } }),
        ),
        patched(
            "/payment_method/qr_code",
            json!({
                "channel_code": "QRIS",
                "channel_properties": { "expires_at": "2025-12-31T23:59:59Z" },
            }),
        ),
    ] {
        let (status, reply) = ask(&mut bank, "POST", "/payment_requests", None, &body);
        let told = (status, &reply["error_code"]);
        assert_eq!(told, (400, &json!("API_VALIDATION_ERROR")), "{body}");
        assert!(reply["message"].is_string());
    }
    assert_eq!(bank.snapshot(), &Snapshot::default());
}

#[test]
fn what_is_not_there_is_not_found() {
    let (mut bank, _) = paid();
    for (verb, path) in [
        ("GET", "/payment_requests/pr-none"),
        ("GET", "/payment_requests/o1"),
        ("GET", "/v2/payment_methods/pm-none/payments"),
        ("GET", "/v2/payment_methods/pr-none/payments"),
        ("POST", "/v2/payment_methods/pm-none/expire"),
        ("GET", "/refunds/rfd-none"),
        ("GET", "/refunds?after_id=rfd-none"),
        ("DELETE", "/refunds"),
        ("POST", "/payment_requests/pr-none/magic"),
    ] {
        let (status, reply) = ask(&mut bank, verb, path, None, &Value::Null);
        let told = (status, &reply["error_code"]);
        assert_eq!(told, (404, &json!("DATA_NOT_FOUND")), "{verb} {path}");
    }
}

#[test]
fn the_faces_do_not_show_each_others_charges() {
    let (mut bank, id) = paid();
    let charge = json!({
        "payment_type": "qris",
        "transaction_details": { "order_id": "m1", "gross_amount": 1 },
    });
    let (_, charged) = ask(&mut bank, "POST", "/v2/charge", None, &charge);
    let theirs = charged["transaction_id"].as_str().unwrap();
    let (status, _) = ask(
        &mut bank,
        "GET",
        &format!("/payment_requests/{theirs}"),
        None,
        &json!({}),
    );
    assert_eq!(status, 404);
    let rows = get(&mut bank, "/payment_requests");
    assert_eq!(rows["data"].as_array().unwrap().len(), 1);
    assert_eq!(rows["data"][0]["id"], id.as_str());
}

#[test]
fn a_restart_keeps_keys_refunds_under_way_and_their_time() {
    let (mut bank, id) = paid();
    ask(
        &mut bank,
        "POST",
        "/payment_requests",
        Some("k"),
        &code("o2"),
    );
    ask(
        &mut bank,
        "POST",
        "/refunds",
        Some("r"),
        &refund(&id, 1_000),
    );
    let stored = serde_json::to_string(bank.snapshot()).unwrap();
    let mut again = Bank::restore(settings(), serde_json::from_str(&stored).unwrap());
    assert_eq!(again.next_event_ms(), bank.next_event_ms());
    ask(
        &mut again,
        "POST",
        "/payment_requests",
        Some("k"),
        &code("o2"),
    );
    assert_eq!(again.transactions().count(), 2);
    again.advance(START_MS + 60_000);
    assert_eq!(again.books().refunded, 1_000);
}

#[test]
fn a_snapshot_of_before_there_were_two_faces_is_read() {
    let mut bank = Bank::new(settings());
    let charge = json!({
        "payment_type": "qris",
        "transaction_details": { "order_id": "m1", "gross_amount": 7 },
    });
    ask(&mut bank, "POST", "/v2/charge", None, &charge);
    raw(&mut bank, "POST", "/sandbox/orders/m1/pay", None, "");
    ask(
        &mut bank,
        "POST",
        "/v2/m1/refund",
        None,
        &json!({ "amount": 3 }),
    );
    let mut old = serde_json::to_value(bank.snapshot()).unwrap();
    let tx = old
        .pointer_mut("/transactions/1")
        .unwrap()
        .as_object_mut()
        .unwrap();
    for field in ["api", "asked", "asked_amount"] {
        assert!(tx.remove(field).is_some(), "{field}");
    }
    let refund = tx["refunds"][0].as_object_mut().unwrap();
    for field in ["state", "decides_at_ms", "fails", "idempotency_key"] {
        assert!(refund.remove(field).is_some(), "{field}");
    }
    let read: Snapshot = serde_json::from_value(old).unwrap();
    assert_eq!(&read, bank.snapshot());
}
