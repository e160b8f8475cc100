//! What the client sends, and what it makes of each reply.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_core::Rupiah;
use bubuh_gateway::{
    Bank, ChargeRequest, Error, FraudStatus, Gateway, Instructions, Method, Midtrans,
    RefundRequest, Status, TransactionStatus, Transport,
};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::sync::Mutex;

/// Answers every request with one reply and keeps what was asked.
struct Script {
    http: u16,
    body: Vec<u8>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl Transport for &Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        self.seen.lock().unwrap().push(request);
        let body = Bytes::from(self.body.clone());
        Ok(Response::builder().status(self.http).body(body).unwrap())
    }
}

fn script(http: u16, body: &Value) -> Script {
    raw(http, body.to_string().as_bytes())
}

fn raw(http: u16, body: &[u8]) -> Script {
    Script {
        http,
        body: body.to_vec(),
        seen: Mutex::default(),
    }
}

fn client(script: &Script) -> Midtrans<&Script> {
    Midtrans::new("https://gateway.test/", "top-secret".into(), script)
}

fn request(method: Method) -> ChargeRequest {
    ChargeRequest {
        order_id: "order-1".to_owned(),
        gross_amount: Rupiah::new(100_000),
        method,
        expiry_minutes: 30,
        expires_at_ms: 1_800_000,
        item_name: Some("10 e-Meterai".to_owned()),
    }
}

fn charged() -> Value {
    json!({
        "status_code": "201", "transaction_id": "tx-1", "order_id": "order-1",
        "gross_amount": "100000.00", "payment_type": "qris", "transaction_status": "pending",
        "expiry_time": "1970-01-01 07:30:00", "qr_string": "00020101",
        "actions": [{ "name": "generate-qr-code", "url": "https://gateway.test/qr" }],
    })
}

fn settled() -> Value {
    json!({
        "status_code": "200", "transaction_id": "tx-1", "order_id": "order-1",
        "gross_amount": "100000.00", "payment_type": "qris", "transaction_status": "settlement",
        "fraud_status": "accept", "settlement_time": "1970-01-01 07:00:05",
    })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn status(body: &Value) -> Result<Status, Error> {
    client(&script(200, body)).status("order-1").await
}

#[tokio::test]
async fn a_qris_charge_is_asked_and_read_as_documented() {
    let script = script(200, &charged());
    let answer = client(&script)
        .charge(&request(Method::Qris))
        .await
        .unwrap();
    assert_eq!(answer.transaction_id, "tx-1");
    assert_eq!(answer.gross_amount, Rupiah::new(100_000));
    assert_eq!(answer.expires_at_ms, Some(1_800_000));
    assert_eq!(
        answer.instructions,
        Instructions::Qris {
            qr_string: Some("00020101".to_owned()),
            qr_url: Some("https://gateway.test/qr".to_owned()),
        }
    );
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen[0].method(), "POST");
    assert_eq!(seen[0].uri(), "https://gateway.test/v2/charge");
    // base64 of "top-secret:"
    assert_eq!(seen[0].headers()["authorization"], "Basic dG9wLXNlY3JldDo=");
    assert_eq!(
        serde_json::from_slice::<Value>(seen[0].body()).unwrap(),
        json!({
            "payment_type": "qris",
            "transaction_details": { "order_id": "order-1", "gross_amount": 100_000 },
            "custom_expiry": { "expiry_duration": 30, "unit": "minute" },
            "qris": { "acquirer": "gopay" },
            "item_details": [{ "id": "e-meterai", "price": 100_000, "quantity": 1, "name": "10 e-Meterai" }],
        })
    );
}

#[tokio::test]
async fn virtual_accounts_are_read_in_both_forms() {
    let common = with(charged(), "qr_string", Value::Null);
    let listed = with(
        common.clone(),
        "va_numbers",
        json!([{ "bank": "bca", "va_number": "123" }]),
    );
    let permata = with(common, "permata_va_number", json!("456"));
    for (body, bank, name, number) in [
        (listed, Bank::Bca, "bca", "123"),
        (permata, Bank::Permata, "permata", "456"),
    ] {
        let answer = client(&script(201, &body))
            .charge(&request(Method::BankTransfer { bank }))
            .await
            .unwrap();
        assert_eq!(
            answer.instructions,
            Instructions::VirtualAccount {
                bank: name.to_owned(),
                number: number.to_owned()
            }
        );
    }
}

#[tokio::test]
async fn a_settlement_is_paid_and_read_in_full() {
    let status = status(&settled()).await.unwrap();
    assert!(status.paid());
    assert_eq!(status.gross_amount, Rupiah::new(100_000));
    assert_eq!(status.settled_at_ms, Some(5_000));
    assert_eq!(status.fraud_status, Some(FraudStatus::Accept));
    assert_eq!(status.refunded, Rupiah::ZERO);
}

#[tokio::test]
async fn only_a_cleared_capture_or_settlement_with_200_is_paid() {
    let capture = with(settled(), "transaction_status", json!("capture"));
    let no_fraud_field = with(settled(), "fraud_status", Value::Null);
    for paid in [capture, no_fraud_field] {
        assert!(status(&paid).await.unwrap().paid(), "{paid}");
    }
    for word in [
        "pending",
        "authorize",
        "deny",
        "cancel",
        "expire",
        "failure",
        "refund",
        "partial_refund",
        "chargeback",
        "partial_chargeback",
        "settled",
        "",
    ] {
        let seen = status(&with(settled(), "transaction_status", json!(word))).await;
        assert!(!seen.is_ok_and(|seen| seen.paid()), "{word}");
    }
    for (field, value) in [
        ("fraud_status", json!("challenge")),
        ("fraud_status", json!("deny")),
        ("fraud_status", json!("whatever")),
        ("status_code", json!("201")),
    ] {
        let body = with(settled(), field, value);
        let seen = status(&body).await.unwrap();
        assert!(!seen.paid() && !seen.captured(), "{body}");
    }
}

#[tokio::test]
async fn a_refunded_payment_was_captured_and_its_refund_is_found_by_key() {
    let refunds = json!([
        { "refund_key": "k1", "refund_amount": "30000.00" },
        { "refund_chargeback_id": 7, "refund_amount": 20000 },
    ]);
    let body = with(settled(), "transaction_status", json!("partial_refund"));
    let seen = status(&with(body.clone(), "refunds", refunds.clone()))
        .await
        .unwrap();
    assert!(seen.captured() && !seen.paid());
    assert_eq!(seen.refund("k1").unwrap().amount, Rupiah::new(30_000));
    assert_eq!(seen.refund("k2"), None);
    assert_eq!(seen.refunds[1].refund_key, None);
    assert_eq!(seen.refunded, Rupiah::new(50_000));
    let told = with(
        with(body, "refunds", refunds),
        "refund_amount",
        json!("60000.00"),
    );
    assert_eq!(status(&told).await.unwrap().refunded, Rupiah::new(60_000));
}

#[tokio::test]
async fn an_unknown_status_word_is_kept_and_never_paid() {
    let seen = status(&with(settled(), "transaction_status", json!("half_paid")))
        .await
        .unwrap();
    assert_eq!(
        seen.transaction_status,
        TransactionStatus::Unknown("half_paid".to_owned())
    );
    assert!(!seen.paid() && !seen.captured());
}

#[tokio::test]
async fn numbers_for_texts_and_new_fields_do_not_break_a_status() {
    let body = with(settled(), "gross_amount", json!(100_000));
    let body = with(body, "status_code", json!(200));
    let body = with(body, "brand_new", json!({ "deep": [1, 2] }));
    assert!(status(&body).await.unwrap().paid());
}

#[tokio::test]
async fn a_fraction_of_a_rupiah_is_refused_and_not_rounded() {
    let body = with(settled(), "gross_amount", json!("100000.50"));
    let error = status(&body).await.unwrap_err();
    assert!(matches!(error, Error::MalformedReply(_)), "{error:?}");
}

#[tokio::test]
async fn an_expired_transaction_is_a_status_and_not_an_error() {
    let body = with(settled(), "transaction_status", json!("expire"));
    let body = with(body, "status_code", json!("407"));
    for http in [200, 407] {
        let seen = client(&script(http, &body))
            .status("order-1")
            .await
            .unwrap();
        assert_eq!(seen.transaction_status, TransactionStatus::Expire);
        assert!(!seen.captured());
    }
}

#[tokio::test]
async fn codes_are_understood_as_http_status_and_in_the_body_under_200() {
    for (code, wanted) in [
        (
            404,
            Error::NotFound {
                id: "order-1".to_owned(),
            },
        ),
        (
            412,
            Error::Refused {
                code: 412,
                message: "words".to_owned(),
                for_good: true,
            },
        ),
        (429, Error::RateLimited),
        (
            503,
            Error::Unavailable {
                code: 503,
                message: "words".to_owned(),
            },
        ),
    ] {
        let body = json!({ "status_code": code.to_string(), "status_message": "words" });
        for http in [200, code] {
            let got = client(&script(http, &body)).cancel("order-1").await;
            assert_eq!(got, Err(wanted.clone()), "{code} under {http}");
        }
    }
}

#[tokio::test]
async fn an_http_error_is_not_hidden_by_a_friendly_body() {
    let got = client(&script(503, &settled())).status("order-1").await;
    assert!(
        matches!(got, Err(Error::Unavailable { code: 503, .. })),
        "{got:?}"
    );
}

#[tokio::test]
async fn a_taken_order_id_is_its_own_error_on_charge_only() {
    let body = json!({ "status_code": "406", "status_message": "taken" });
    let charge = client(&script(200, &body))
        .charge(&request(Method::Qris))
        .await;
    assert_eq!(
        charge,
        Err(Error::DuplicateOrder {
            order_id: "order-1".to_owned()
        })
    );
    let cancel = client(&script(200, &body)).cancel("order-1").await;
    assert!(
        matches!(cancel, Err(Error::Refused { code: 406, .. })),
        "{cancel:?}"
    );
}

#[tokio::test]
async fn a_reply_that_is_no_gateways_reply_leaves_the_outcome_unknown() {
    for body in [
        &b""[..],
        b"<html>",
        b"[]",
        b"{}",
        b"{\"status_code\":\"0\"}",
        b"{\"status_code\":\"200\"",
    ] {
        let error = client(&raw(200, body))
            .charge(&request(Method::Qris))
            .await
            .unwrap_err();
        assert!(error.outcome_unknown(), "{error:?} for {body:?}");
    }
    let error = client(&raw(502, b"<html>"))
        .status("order-1")
        .await
        .unwrap_err();
    assert!(error.outcome_unknown() && error.retryable(), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_not_a_success() {
    let got = client(&raw(302, b"")).status("order-1").await;
    assert!(
        matches!(got, Err(Error::Refused { code: 302, .. })),
        "{got:?}"
    );
}

fn refund() -> RefundRequest {
    RefundRequest {
        refund_key: "key-1".to_owned(),
        amount: Rupiah::new(40_000),
        reason: "unused".to_owned(),
    }
}

#[tokio::test]
async fn a_refund_always_carries_its_key() {
    let body = json!({
        "status_code": "200", "transaction_id": "tx-1", "refund_key": "key-1",
        "refund_amount": "40000.00", "transaction_status": "partial_refund",
    });
    let script = script(200, &body);
    let reply = client(&script).refund("tx-1", &refund()).await.unwrap();
    assert_eq!(reply.refund_amount, Some(Rupiah::new(40_000)));
    assert!(reply.made);
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen[0].uri(), "https://gateway.test/v2/tx-1/refund");
    assert_eq!(
        serde_json::from_slice::<Value>(seen[0].body()).unwrap(),
        json!({ "refund_key": "key-1", "amount": 40_000, "reason": "unused" })
    );
}

#[tokio::test]
async fn a_refund_that_the_provider_denies_is_refused_although_it_is_a_2xx() {
    let body = json!({ "status_code": "202", "status_message": "denied", "transaction_status": "settlement" });
    let error = client(&script(200, &body))
        .refund("tx-1", &refund())
        .await
        .unwrap_err();
    assert!(error.refund_refused_for_good(), "{error:?}");
}

#[tokio::test]
async fn what_breaks_a_rule_is_never_sent() {
    let script = script(200, &settled());
    let client = client(&script);
    for bad in ["", "..", "a/../b", "a b"] {
        assert!(client.status(bad).await.is_err());
        let charge = ChargeRequest {
            order_id: bad.to_owned(),
            ..request(Method::Qris)
        };
        assert!(client.charge(&charge).await.is_err());
        assert!(client.refund(bad, &refund()).await.is_err());
    }
    let free = ChargeRequest {
        gross_amount: Rupiah::ZERO,
        ..request(Method::Qris)
    };
    let at_once = ChargeRequest {
        expiry_minutes: 0,
        ..request(Method::Qris)
    };
    for charge in [free, at_once] {
        assert!(client.charge(&charge).await.is_err());
    }
    let keyless = RefundRequest {
        refund_key: String::new(),
        ..refund()
    };
    let nothing = RefundRequest {
        amount: Rupiah::ZERO,
        ..refund()
    };
    for refund in [keyless, nothing] {
        assert!(client.refund("tx-1", &refund).await.is_err());
    }
    assert!(script.seen.lock().unwrap().is_empty());
}

#[test]
fn the_key_is_never_printed() {
    #[derive(Debug)]
    struct Nowhere;
    impl Transport for Nowhere {
        async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, Error> {
            Err(Error::NotSent(String::new()))
        }
    }
    let client = Midtrans::new("https://gateway.test", "top-secret".into(), Nowhere);
    assert!(!format!("{client:?}").contains("top-secret"));
}
