//! What the client sends to Xendit, and what it makes of each reply.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_core::Rupiah;
use bubuh_gateway::{
    Bank, ChargeRequest, Error, Gateway, Instructions, Method, RefundRequest, Status,
    TransactionStatus, Transport, Xendit,
};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use std::{collections::VecDeque, sync::Mutex};

/// Answers requests with replies in order, and keeps what was asked.
struct Script {
    replies: Mutex<VecDeque<(u16, Vec<u8>)>>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl Transport for &Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        self.seen.lock().unwrap().push(request);
        let next = self.replies.lock().unwrap().pop_front();
        let (http, body) = next.expect("a call that was not foreseen");
        Ok(Response::builder()
            .status(http)
            .body(Bytes::from(body))
            .unwrap())
    }
}

fn script<const N: usize>(replies: [(u16, &str); N]) -> Script {
    let owned = replies.map(|(http, body)| (http, body.as_bytes().to_vec()));
    Script {
        replies: Mutex::new(owned.into()),
        seen: Mutex::default(),
    }
}

fn client(script: &Script) -> Xendit<&Script> {
    Xendit::new("https://gateway.test/", "top-secret".into(), script)
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

const CODE: &str = r#"{
    "id": "pr-1", "created": "1970-01-01T00:00:01.5Z", "reference_id": "order-1",
    "business_id": "b", "amount": 100000, "currency": "IDR", "country": "ID",
    "status": "REQUIRES_ACTION", "actions": [], "brand_new": { "deep": [1, 2] },
    "payment_method": {
        "id": "pm-1", "type": "QR_CODE", "reusability": "ONE_TIME_USE", "status": "ACTIVE",
        "virtual_account": null,
        "qr_code": {
            "amount": 100000, "currency": "IDR", "channel_code": "QRIS",
            "channel_properties": { "qr_string": "00020101", "expires_at": "1970-01-01T00:30:00Z" }
        }
    }
}"#;

const ACCOUNT: &str = r#"{
    "id": "pr-2", "reference_id": "order-1", "amount": 100000.0, "currency": "IDR",
    "status": "PENDING",
    "payment_method": {
        "id": "pm-2", "type": "VIRTUAL_ACCOUNT", "qr_code": null,
        "virtual_account": {
            "amount": 100000, "channel_code": "PERMATA",
            "channel_properties": { "customer_name": "E METERAI", "virtual_account_number": "456" }
        }
    }
}"#;

const NONE: &str = r#"{ "data": [], "has_more": false }"#;

const PAID: &str = r#"{ "data": [{
    "id": "py-1", "payment_request_id": "pr-1", "amount": 100000, "currency": "IDR",
    "status": "SUCCEEDED", "created": "1970-01-01T00:00:05Z"
}], "has_more": false }"#;

fn refunds(rows: &Value) -> String {
    json!({ "data": rows, "has_more": false }).to_string()
}

fn row(key: Value, amount: u64, status: &str) -> Value {
    json!({
        "id": "rfd-1", "payment_request_id": "pr-1", "reference_id": key, "amount": amount,
        "currency": "IDR", "status": status, "failure_code": Value::Null,
    })
}

async fn status(request: &str, payments: &str, refunds: &str) -> Result<Status, Error> {
    let script = script([(200, request), (200, payments), (200, refunds)]);
    client(&script).status("pr-1").await
}

#[tokio::test]
async fn a_code_is_asked_and_read_as_documented() {
    let script = script([(201, CODE)]);
    let charged = client(&script).charge(&request(Method::Qris)).await;
    let charged = charged.unwrap();
    assert_eq!(charged.transaction_id, "pr-1");
    assert_eq!(charged.gross_amount, Rupiah::new(100_000));
    assert_eq!(charged.expires_at_ms, Some(1_800_000));
    let instructions = Instructions::Qris {
        qr_string: Some("00020101".to_owned()),
        qr_url: None,
    };
    assert_eq!(charged.instructions, instructions);
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen[0].method(), "POST");
    assert_eq!(seen[0].uri(), "https://gateway.test/payment_requests");
    assert_eq!(seen[0].headers()["idempotency-key"], "order-1");
    // base64 of "top-secret:"
    assert_eq!(seen[0].headers()["authorization"], "Basic dG9wLXNlY3JldDo=");
    assert_eq!(
        serde_json::from_slice::<Value>(seen[0].body()).unwrap(),
        json!({
            "reference_id": "order-1", "amount": 100_000, "currency": "IDR", "country": "ID",
            "description": "10 e-Meterai",
            "payment_method": {
                "type": "QR_CODE", "reusability": "ONE_TIME_USE", "reference_id": "order-1",
                "qr_code": {
                    "channel_code": "QRIS",
                    "channel_properties": { "expires_at": "1970-01-01T00:30:00Z" },
                },
            },
        })
    );
}

#[tokio::test]
async fn an_account_is_asked_and_read_as_documented() {
    let script = script([(201, ACCOUNT)]);
    let method = Method::BankTransfer {
        bank: Bank::Permata,
    };
    let charged = client(&script).charge(&request(method)).await.unwrap();
    let instructions = Instructions::VirtualAccount {
        bank: "permata".to_owned(),
        number: "456".to_owned(),
    };
    assert_eq!(charged.instructions, instructions);
    assert_eq!(charged.expires_at_ms, None);
    let seen = script.seen.lock().unwrap();
    let body: Value = serde_json::from_slice(seen[0].body()).unwrap();
    assert_eq!(
        body["payment_method"]["virtual_account"],
        json!({
            "channel_code": "PERMATA",
            "channel_properties": {
                "customer_name": "E METERAI", "expires_at": "1970-01-01T00:30:00Z",
            },
        })
    );
}

#[tokio::test]
async fn a_retry_of_a_charge_sends_the_same_bytes_later_too() {
    let bodies: Vec<Bytes> = {
        let script = script([(201, CODE), (201, CODE)]);
        for minutes in [30, 29] {
            let again = ChargeRequest {
                expiry_minutes: minutes,
                ..request(Method::Qris)
            };
            client(&script).charge(&again).await.unwrap();
        }
        let seen = script.seen.lock().unwrap();
        seen.iter().map(|request| request.body().clone()).collect()
    };
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn what_was_paid_is_what_its_payments_say() {
    let seen = status(CODE, NONE, NONE).await.unwrap();
    assert_eq!(seen.transaction_status, TransactionStatus::Pending);
    assert!(!seen.captured());
    let seen = status(CODE, PAID, NONE).await.unwrap();
    assert!(seen.paid());
    assert_eq!(seen.settled_at_ms, Some(5_000));
    assert_eq!(seen.charged_at_ms, Some(1_500));
    // Whatever the payment request's word, as when a payment came late.
    let expired = CODE.replace("REQUIRES_ACTION", "EXPIRED");
    assert!(status(&expired, PAID, NONE).await.unwrap().paid());
    let less = PAID.replace("100000", "99999");
    let seen = status(CODE, &less, NONE).await.unwrap();
    assert_eq!(seen.gross_amount, Rupiah::new(99_999));
}

#[tokio::test]
async fn only_a_payment_of_this_request_that_succeeded_is_money() {
    for not_money in [
        PAID.replace("SUCCEEDED", "FAILED"),
        PAID.replace("SUCCEEDED", "PENDING"),
        PAID.replace("SUCCEEDED", "succeeded"),
        PAID.replace("pr-1", "pr-9"),
    ] {
        let seen = status(CODE, &not_money, NONE).await.unwrap();
        assert!(!seen.paid() && !seen.captured(), "{not_money}");
    }
    let foreign = PAID.replace("IDR", "PHP");
    let error = status(CODE, &foreign, NONE).await.unwrap_err();
    assert!(matches!(error, Error::MalformedReply(_)), "{error:?}");
}

#[tokio::test]
async fn two_payments_are_both_counted() {
    let one = r#"{ "payment_request_id": "pr-1", "amount": 100000, "status": "SUCCEEDED" }"#;
    let two = format!(r#"{{ "data": [{one}, {one}], "has_more": false }}"#);
    let seen = status(CODE, &two, NONE).await.unwrap();
    assert_eq!(seen.gross_amount, Rupiah::new(200_000));
}

#[tokio::test]
async fn a_request_that_says_paid_without_a_payment_is_not_believed_and_not_over() {
    let succeeded = CODE.replace("REQUIRES_ACTION", "SUCCEEDED");
    let error = status(&succeeded, NONE, NONE).await.unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
}

#[tokio::test]
async fn words_without_money_mean_what_they_say_and_an_unknown_one_nothing() {
    for (word, wanted) in [
        ("PENDING", TransactionStatus::Pending),
        ("REQUIRES_ACTION", TransactionStatus::Pending),
        ("AWAITING_CAPTURE", TransactionStatus::Authorize),
        ("CANCELED", TransactionStatus::Cancel),
        ("VOIDED", TransactionStatus::Cancel),
        ("EXPIRED", TransactionStatus::Expire),
        ("FAILED", TransactionStatus::Failure),
        ("PAID", TransactionStatus::Unknown("PAID".to_owned())),
    ] {
        let body = CODE.replace("REQUIRES_ACTION", word);
        let seen = status(&body, NONE, NONE).await.unwrap();
        assert_eq!(seen.transaction_status, wanted);
        assert!(!seen.captured());
    }
}

#[tokio::test]
async fn only_refunds_that_succeeded_are_made_and_failed_ones_are_nowhere() {
    let rows = json!([
        row(json!("k1"), 30_000, "SUCCEEDED"),
        row(json!("k2"), 20_000, "PENDING"),
        row(json!("k3"), 10_000, "FAILED"),
        row(json!("k4"), 10_000, "CANCELLED"),
        row(json!("k5"), 10_000, "SOMETHING_NEW"),
        row(Value::Null, 5_000, "SUCCEEDED"),
    ]);
    let seen = status(CODE, PAID, &refunds(&rows)).await.unwrap();
    assert_eq!(seen.transaction_status, TransactionStatus::PartialRefund);
    assert_eq!(seen.refunded, Rupiah::new(35_000));
    assert_eq!(seen.refund("k1").unwrap().amount, Rupiah::new(30_000));
    for key in ["k2", "k5"] {
        assert!(seen.refund(key).is_none() && seen.refund_under_way(key));
    }
    for key in ["k3", "k4"] {
        assert!(seen.refund(key).is_none() && !seen.refund_under_way(key));
    }
    assert_eq!(seen.refunds[1].refund_key, None);
}

#[tokio::test]
async fn a_reply_that_is_no_gateways_reply_leaves_the_outcome_unknown() {
    let missing = CODE.replace("reference_id", "reference");
    let path = CODE.replace("pm-1", "../x");
    let fraction = CODE.replace("100000,", "100000.5,");
    let negative = CODE.replace("100000,", "-100000,");
    let refusal = r#"{ "error_code": "SERVER_ERROR", "message": "x" }"#;
    for body in [
        "", "<html>", "[]", "{}", "null", refusal, &missing, &path, &fraction, &negative,
    ] {
        let script = script([(200, body)]);
        let error = client(&script).charge(&request(Method::Qris)).await;
        assert!(error.unwrap_err().outcome_unknown(), "{body:?}");
    }
    for body in ["", "{}", r#"{ "data": {} }"#, r#"{ "data": null }"#] {
        let script = script([(200, CODE), (200, body)]);
        let error = client(&script).status("pr-1").await.unwrap_err();
        assert!(
            error.outcome_unknown(),
            "an unread list is no empty list: {body:?}"
        );
    }
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up_and_not_taken_as_whole() {
    let page = PAID.replace("false", "true");
    let replies: Vec<(u16, Vec<u8>)> = std::iter::once(CODE)
        .chain(std::iter::repeat_n(page.as_str(), 30))
        .map(|body| (200, body.as_bytes().to_vec()))
        .collect();
    let script = Script {
        replies: Mutex::new(replies.into()),
        seen: Mutex::default(),
    };
    let error = client(&script).status("pr-1").await.unwrap_err();
    assert!(error.outcome_unknown(), "{error:?}");
    let seen = script.seen.lock().unwrap();
    assert!(
        seen[2]
            .uri()
            .to_string()
            .ends_with("limit=100&after_id=py-1")
    );
}

#[tokio::test]
async fn an_order_is_found_by_its_reference_only() {
    let other = CODE.replace("order-1", "order-10");
    let list = format!(r#"{{ "data": [{other}], "has_more": false }}"#);
    let script = script([(200, &list)]);
    let got = client(&script).status("order-1").await;
    let id = "order-1".to_owned();
    assert_eq!(got, Err(Error::NotFound { id }));
    let seen = script.seen.lock().unwrap();
    let uri = "https://gateway.test/payment_requests?reference_id=order-1&limit=100";
    assert_eq!(seen[0].uri(), uri);
}

fn refund() -> RefundRequest {
    RefundRequest {
        refund_key: "key-1".to_owned(),
        amount: Rupiah::new(40_000),
        reason: "unused".to_owned(),
    }
}

#[tokio::test]
async fn a_refund_always_carries_its_key_twice_and_pending_is_not_made() {
    let pending = row(json!("key-1"), 40_000, "PENDING").to_string();
    let script = script([(200, CODE), (200, NONE), (200, &pending)]);
    let reply = client(&script).refund("pr-1", &refund()).await.unwrap();
    assert!(!reply.made);
    assert_eq!(reply.refund_amount, Some(Rupiah::new(40_000)));
    let seen = script.seen.lock().unwrap();
    assert_eq!(seen[2].uri(), "https://gateway.test/refunds");
    assert_eq!(seen[2].headers()["idempotency-key"], "key-1");
    assert_eq!(
        serde_json::from_slice::<Value>(seen[2].body()).unwrap(),
        json!({
            "payment_request_id": "pr-1", "reference_id": "key-1", "amount": 40_000,
            "currency": "IDR", "reason": "OTHERS",
            "metadata": { "order_id": "order-1", "reason": "unused" },
        })
    );
}

#[tokio::test]
async fn a_refund_that_is_known_is_not_asked_again() {
    for (word, made) in [
        ("SUCCEEDED", Some(true)),
        ("PENDING", Some(false)),
        ("FAILED", None),
    ] {
        let known = refunds(&json!([row(json!("key-1"), 40_000, word)]));
        let script = script([(200, CODE), (200, &known)]);
        let reply = client(&script).refund("pr-1", &refund()).await;
        match (reply, made) {
            (Ok(reply), Some(made)) => assert_eq!(reply.made, made),
            (Err(error), None) => assert!(error.refund_refused_for_good()),
            other => panic!("{other:?}"),
        }
        assert_eq!(script.seen.lock().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn refusals_are_final_by_their_word_and_unknown_words_never_are() {
    for (http, word, for_good) in [
        (400, "API_VALIDATION_ERROR", true),
        (400, "REFUND_AMOUNT_EXCEEDED", true),
        (400, "INELIGIBLE_TRANSACTION_STATUS", true),
        (403, "REFUND_NOT_SUPPORTED", true),
        (403, "PARTIAL_REFUND_NOT_SUPPORTED", true),
        (400, "INSUFFICIENT_BALANCE", false),
        (401, "INVALID_API_KEY", false),
        (403, "REQUEST_FORBIDDEN_ERROR", false),
        (403, "INVALID_MERCHANT_SETTINGS", false),
        (409, "DUPLICATE_ERROR", false),
        (400, "SOMETHING_NEW", false),
        (302, "", false),
    ] {
        let body = json!({ "error_code": word, "message": "words" }).to_string();
        let script = script([(200, CODE), (200, NONE), (http, &body)]);
        let error = client(&script).refund("pr-1", &refund()).await.unwrap_err();
        let Error::Refused { code, message, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(
            (*code, message.as_str()),
            (http, format!("{word}: words").as_str())
        );
        assert_eq!(error.refund_refused_for_good(), for_good, "{word}");
    }
}

#[tokio::test]
async fn what_is_not_possible_now_is_tried_again() {
    for (http, word, unknown) in [
        (400, "REFUND_IN_PROGRESS", false),
        (400, "TEMPORARILY_UNAVAILABLE", false),
        (429, "RATE_LIMIT_EXCEEDED", false),
        (500, "SERVER_ERROR", true),
        (503, "CHANNEL_UNAVAILABLE", true),
    ] {
        let body = json!({ "error_code": word, "message": "words" }).to_string();
        let script = script([(200, CODE), (200, NONE), (http, &body)]);
        let error = client(&script).refund("pr-1", &refund()).await.unwrap_err();
        assert!(
            error.retryable() && !error.refund_refused_for_good(),
            "{error:?}"
        );
        assert_eq!(error.outcome_unknown(), unknown, "{word}");
    }
}

#[tokio::test]
async fn a_key_used_with_other_bytes_is_a_duplicate_on_charge_only() {
    for (http, word) in [(409, "DUPLICATE_ERROR"), (400, "IDEMPOTENCY_ERROR")] {
        let body = json!({ "error_code": word, "message": "words" }).to_string();
        let script = script([(http, &body)]);
        let got = client(&script).charge(&request(Method::Qris)).await;
        let order_id = "order-1".to_owned();
        assert_eq!(got, Err(Error::DuplicateOrder { order_id }));
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_never_sent() {
    let script = script([]);
    let client = client(&script);
    for bad in ["", "..", "a/../b", "a b", "a&b", "a?b"] {
        assert!(client.status(bad).await.is_err());
        assert!(client.cancel(bad).await.is_err());
        assert!(client.refund(bad, &refund()).await.is_err());
    }
    for order_id in ["", "a&b", "pr-1"] {
        let charge = ChargeRequest {
            order_id: order_id.to_owned(),
            ..request(Method::Qris)
        };
        assert!(client.charge(&charge).await.is_err(), "{order_id}");
    }
    let keyless = RefundRequest {
        refund_key: String::new(),
        ..refund()
    };
    assert!(client.refund("pr-1", &keyless).await.is_err());
    let never = ChargeRequest {
        expires_at_ms: u64::MAX,
        ..request(Method::Qris)
    };
    assert!(client.charge(&never).await.is_err());
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
    let client = Xendit::new("https://gateway.test", "top-secret".into(), Nowhere);
    assert!(!format!("{client:?}").contains("top-secret"));
}
