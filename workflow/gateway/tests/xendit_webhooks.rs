//! Which of Xendit's webhooks are believed, and whom they are about.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_gateway::{
    SecretString,
    notification::{Hint, LIMIT_BYTES, Rejection, xendit::verify},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const TOKEN: &str = "a-callback-token";

fn token() -> SecretString {
    TOKEN.into()
}

fn payment() -> Value {
    json!({
        "event": "payment.succeeded", "business_id": "b", "created": "2022-08-12T13:30:40Z",
        "data": {
            "id": "py-1", "payment_request_id": "pr-1", "reference_id": "order-1",
            "amount": 100_000, "currency": "IDR", "status": "SUCCEEDED",
        },
    })
}

fn refund() -> Value {
    json!({
        "event": "refund.succeeded", "business_id": "b", "created": "2020-08-30T09:12:33.001Z",
        "data": {
            "id": "rfd-1", "payment_request_id": "pr-1", "reference_id": "our-refund-key",
            "amount": 10_000, "currency": "IDR", "status": "SUCCEEDED",
            "metadata": { "order_id": "order-1" },
        },
    })
}

fn read(body: &Value) -> Result<Hint, Rejection> {
    verify(
        Some(TOKEN.as_bytes()),
        body.to_string().as_bytes(),
        &token(),
    )
}

fn hint(order_id: Option<&str>, transaction_id: Option<&str>) -> Hint {
    Hint {
        order_id: order_id.map(str::to_owned),
        transaction_id: transaction_id.map(str::to_owned),
    }
}

#[test]
fn a_payment_names_its_order_and_its_payment_request() {
    assert_eq!(read(&payment()), Ok(hint(Some("order-1"), Some("pr-1"))));
}

#[test]
fn a_refunds_reference_is_never_taken_for_an_order() {
    assert_eq!(read(&refund()), Ok(hint(Some("order-1"), Some("pr-1"))));
    let mut dashboard = refund();
    dashboard["data"]["metadata"] = Value::Null;
    assert_eq!(read(&dashboard), Ok(hint(None, Some("pr-1"))));
    dashboard["data"]["payment_request_id"] = Value::Null;
    assert_eq!(read(&dashboard), Err(Rejection::Missing("reference_id")));
}

#[test]
fn data_nested_as_in_the_documentations_samples_is_read() {
    let nested = json!({ "event": "refund.failed", "data": refund() });
    assert_eq!(read(&nested), Ok(hint(Some("order-1"), Some("pr-1"))));
}

#[test]
fn an_expired_code_names_its_order_only() {
    let body = json!({
        "event": "payment_method.expired",
        "data": { "id": "pm-1", "reference_id": "order-1", "status": "EXPIRED" },
    });
    assert_eq!(read(&body), Ok(hint(Some("order-1"), None)));
}

#[test]
fn without_the_token_nothing_is_believed() {
    let body = payment().to_string().into_bytes();
    let told = |header: Option<&[u8]>| verify(header, &body, &token());
    assert_eq!(told(None), Err(Rejection::Missing("x-callback-token")));
    for forged in [
        "",
        " ",
        "A-CALLBACK-TOKEN",
        "a-callback-toke",
        "a-callback-token ",
        "a-callback-tokena-callback-token",
        "b-callback-token",
    ] {
        assert_eq!(
            told(Some(forged.as_bytes())),
            Err(Rejection::Forged),
            "{forged:?}"
        );
    }
    assert_eq!(told(Some(&[0xff; 16])), Err(Rejection::Forged));
}

#[test]
fn a_token_that_is_not_set_up_is_nobodys() {
    let body = payment().to_string().into_bytes();
    for header in ["", "x"] {
        let told = verify(Some(header.as_bytes()), &body, &"".into());
        assert_eq!(told, Err(Rejection::Forged));
    }
}

#[test]
fn what_is_forged_is_not_even_parsed() {
    assert_eq!(
        verify(Some(b"no"), b"<html>", &token()),
        Err(Rejection::Forged)
    );
    assert_eq!(
        verify(Some(TOKEN.as_bytes()), b"<html>", &token()),
        Err(Rejection::NotJson)
    );
}

#[test]
fn ten_megabytes_are_refused_unread_and_the_limit_itself_is_allowed() {
    let padded = |length: usize| {
        let mut body = payment().to_string().into_bytes();
        body.resize(length, b' ');
        verify(Some(TOKEN.as_bytes()), &body, &token())
    };
    assert_eq!(padded(10 << 20), Err(Rejection::TooLarge));
    assert_eq!(padded(LIMIT_BYTES + 1), Err(Rejection::TooLarge));
    assert!(padded(LIMIT_BYTES).is_ok());
}

#[test]
fn wrong_content_is_refused_and_odd_content_is_not() {
    for body in ["", "[]", "null", "7", "\"x\"", "{", "a=b&c=d"] {
        let told = verify(Some(TOKEN.as_bytes()), body.as_bytes(), &token());
        assert_eq!(told, Err(Rejection::NotJson), "{body:?}");
    }
    for body in [
        json!({}),
        json!({ "data": [] }),
        json!({ "data": { "reference_id": {} } }),
    ] {
        assert_eq!(
            read(&body),
            Err(Rejection::Missing("reference_id")),
            "{body}"
        );
    }
    for odd in [Value::Null, json!(7), json!([]), json!({ "a": 1 })] {
        for field in ["event", "business_id", "created"] {
            let mut body = payment();
            body[field] = odd.clone();
            assert!(read(&body).is_ok(), "{field}");
        }
    }
    let deep = "[".repeat(LIMIT_BYTES);
    let told = verify(Some(TOKEN.as_bytes()), deep.as_bytes(), &token());
    assert_eq!(told, Err(Rejection::NotJson));
}

proptest! {
    #[test]
    fn no_bytes_panic_and_no_other_token_opens(header: Vec<u8>, body: Vec<u8>) {
        prop_assume!(header != TOKEN.as_bytes());
        prop_assert_eq!(verify(Some(&header), &body, &token()), Err(Rejection::Forged));
        prop_assert!(verify(Some(TOKEN.as_bytes()), &body, &token()).is_err());
    }
}
