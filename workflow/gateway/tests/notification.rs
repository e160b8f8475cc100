//! Which notifications are believed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_gateway::{
    SecretString, TransactionStatus,
    notification::{LIMIT_BYTES, Rejection, signature, verify},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn key() -> SecretString {
    "top-secret".into()
}

fn signed() -> Value {
    json!({
        "order_id": "order-1", "status_code": "200", "gross_amount": "100000.00",
        "transaction_id": "tx-1", "transaction_status": "settlement", "payment_type": "qris",
        "signature_key": signature("order-1", "200", "100000.00", &key()),
    })
}

fn with(field: &str, value: Value) -> Vec<u8> {
    let mut body = signed();
    body[field] = value;
    body.to_string().into_bytes()
}

#[test]
fn the_signature_is_sha512_over_the_texts_as_sent() {
    // printf 'order-1200100000.00top-secret' | sha512sum
    assert_eq!(signature("order-1", "200", "100000.00", &key()), EXPECTED);
}

const EXPECTED: &str = "57d9f52bb21720fc1c25ea954c9cfd87c0db2d96072b0816b460200b94ffb7f4a521d7411cac9a4e93b2d17e24c8a02bf1f522dc931425d73389878b847eaf66";

#[test]
fn a_genuine_notification_is_read() {
    let read = verify(signed().to_string().as_bytes(), &key()).unwrap();
    assert_eq!(read.order_id, "order-1");
    assert_eq!(read.transaction_id.as_deref(), Some("tx-1"));
    assert_eq!(read.transaction_status, TransactionStatus::Settlement);
    assert_eq!(read.gross_amount, "100000.00");
}

#[test]
fn an_upper_case_signature_is_the_same_signature() {
    let body = with("signature_key", json!(EXPECTED.to_uppercase()));
    assert!(verify(&body, &key()).is_ok());
}

#[test]
fn a_changed_signed_field_is_forged() {
    for (field, value) in [
        ("order_id", "order-2"),
        ("status_code", "201"),
        ("gross_amount", "1.00"),
        ("gross_amount", "100000.0"),
        ("signature_key", &"0".repeat(128)),
    ] {
        assert_eq!(
            verify(&with(field, json!(value)), &key()),
            Err(Rejection::Forged),
            "{field}"
        );
    }
    let other: SecretString = "other".into();
    assert_eq!(
        verify(signed().to_string().as_bytes(), &other),
        Err(Rejection::Forged)
    );
}

#[test]
fn digits_do_not_move_between_signed_fields() {
    // The same bytes are hashed, cut in other places.
    for (order_id, status_code, gross_amount) in [
        ("order-12", "001", "00000.00"),
        ("order-120", "010", "0000.00"),
        ("order-", "120", "0100000.00"),
        ("order-12001", "000", "00.00"),
    ] {
        let mut body = signed();
        body["order_id"] = json!(order_id);
        body["status_code"] = json!(status_code);
        body["gross_amount"] = json!(gross_amount);
        let result = verify(body.to_string().as_bytes(), &key());
        assert!(matches!(result, Err(Rejection::WrongForm(_))), "{result:?}");
    }
}

#[test]
fn an_absent_signed_field_is_missing_and_a_wrong_type_has_a_wrong_form() {
    for field in ["order_id", "status_code", "gross_amount", "signature_key"] {
        assert_eq!(
            verify(&with(field, Value::Null), &key()),
            Err(Rejection::Missing(field))
        );
        for wrong in [json!(200), json!(["x"]), json!({}), json!(true), json!("")] {
            assert_eq!(
                verify(&with(field, wrong), &key()),
                Err(Rejection::WrongForm(field))
            );
        }
    }
}

#[test]
fn a_truncated_signature_has_a_wrong_form() {
    for length in [0, 1, 64, 127] {
        let body = with("signature_key", json!(EXPECTED[..length]));
        assert_eq!(
            verify(&body, &key()),
            Err(Rejection::WrongForm("signature_key"))
        );
    }
}

#[test]
fn a_truncated_body_is_no_json_wherever_it_ends() {
    let body = signed().to_string().into_bytes();
    for end in 0..body.len() {
        assert_eq!(
            verify(&body[..end], &key()),
            Err(Rejection::NotJson),
            "cut at {end}"
        );
    }
}

#[test]
fn ten_megabytes_are_refused_unread_and_the_limit_itself_is_allowed() {
    let padded = |length: usize| {
        let mut body = signed().to_string().into_bytes();
        body.resize(length, b' ');
        body
    };
    assert_eq!(verify(&padded(10 << 20), &key()), Err(Rejection::TooLarge));
    assert_eq!(
        verify(&padded(LIMIT_BYTES + 1), &key()),
        Err(Rejection::TooLarge)
    );
    assert!(verify(&padded(LIMIT_BYTES), &key()).is_ok());
}

#[test]
fn a_body_nested_deeper_than_the_stack_is_no_json() {
    let body = "[".repeat(LIMIT_BYTES);
    assert_eq!(verify(body.as_bytes(), &key()), Err(Rejection::NotJson));
}

#[test]
fn unsigned_fields_of_any_type_do_not_reject() {
    for field in [
        "transaction_id",
        "transaction_status",
        "payment_type",
        "refunds",
    ] {
        for odd in [Value::Null, json!(7), json!([]), json!({ "a": 1 })] {
            assert!(verify(&with(field, odd), &key()).is_ok());
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        prop_assert!(verify(&body, &key()).is_err());
    }

    #[test]
    fn one_flipped_bit_of_the_signature_is_forged(index in 0_usize..128, other in "[0-9a-f]") {
        let mut signature = EXPECTED.to_owned();
        prop_assume!(signature[index..=index] != other);
        signature.replace_range(index..=index, &other);
        prop_assert_eq!(verify(&with("signature_key", json!(signature)), &key()), Err(Rejection::Forged));
    }
}
