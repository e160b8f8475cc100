//! Notifications that are not the gateway's change nothing; and what a genuine one sets going needs no
//! sweep. The sweep is off here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use aws_sdk_dynamodb::types::AttributeValue;
use bubuh::stack::Options;
use bubuh_e2e::{PATIENCE, Run, cases::World};
use bubuh_gateway::{SecretString, notification::signature};
use bubuh_sandbox::{FaultKind, FaultSpec, Pay};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::{Duration, Instant, sleep};

type Items = BTreeMap<String, String>;
const NOTHING: [&str; 0] = [];

async fn unswept() -> Run {
    Run::start_with(Options {
        parameters: [("SweepState".to_owned(), "DISABLED".to_owned())].into(),
        ..Options::default()
    })
    .await
}

/// A value as text, its fields in order.
fn canonical(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().map(|(k, v)| (k, canonical(v))).collect();
            format!("{fields:?}")
        }
        AttributeValue::L(values) => {
            let values: Vec<_> = values.iter().map(canonical).collect();
            format!("{values:?}")
        }
        value => format!("{value:?}"),
    }
}

/// The rows that differ.
fn rows_that_differ(before: &Items, after: &Items) -> Vec<String> {
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let differ = keys
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key));
    differ.cloned().collect()
}

/// Every item of the table, as it is stored.
async fn items(run: &Run) -> Items {
    let client = aws_sdk_dynamodb::Client::new(&run.stack.aws_config());
    let scan = client.scan().table_name(run.stack.output("TableName"));
    let pages = scan.into_paginator().items().send();
    let all = pages.collect::<Result<Vec<_>, _>>().await.unwrap();
    let text = |value: Option<&AttributeValue>| value.unwrap().as_s().unwrap().clone();
    let row = |item: &std::collections::HashMap<String, AttributeValue>| {
        let whole = canonical(&AttributeValue::M(item.clone()));
        let key = format!("{} {}", text(item.get("pk")), text(item.get("sk")));
        (key, whole)
    };
    all.iter().map(row).collect()
}

async fn server_key(run: &Run) -> SecretString {
    let secret = run.aws().secret(&run.stack.place().gateway_secret).await;
    let secret: Value = serde_json::from_str(&secret.unwrap()).unwrap();
    secret["server_key"].as_str().unwrap().to_owned().into()
}

/// A notification of this order, signed with this key.
fn settlement(order: &str, amount: &str, key: &SecretString) -> Value {
    json!({
        "order_id": order, "status_code": "200", "gross_amount": amount,
        "transaction_status": "settlement", "fraud_status": "accept", "payment_type": "qris",
        "signature_key": signature(order, "200", amount, key),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_gateways_own_notification_changes_anything_and_only_once() {
    let run = unswept().await;
    let world = World::new(&run).await;
    let ani = run.client("ani");
    let lost = FaultSpec {
        count: 2,
        ..FaultSpec::once(FaultKind::NotificationLost)
    };
    let payments = run.stack.payments();
    payments.with(|bank, _| bank.set_fault(lost)).unwrap();
    let order = ani.order("order", 2, "qris").await.unwrap();
    let order = order.text("id").to_owned();
    run.stack.pay(&order).unwrap(); // so that a look would find something
    let key = server_key(&run).await;
    let genuine = settlement(&order, "20000.00", &key).to_string();
    let other = settlement(&order, "20000.00", &"another key".into()).to_string();
    let mut unsigned = settlement(&order, "20000.00", &key);
    unsigned.as_object_mut().unwrap().remove("signature_key");
    let changed = genuine.replace("20000.00", "10000.00");
    let mut large = genuine.clone().into_bytes();
    large.resize(10_000_000, b' ');
    let json = "application/json";
    let before = items(&run).await;
    for (what, content_type, body, status, code) in [
        (
            "another key's",
            json,
            other.into_bytes(),
            403,
            "not-believed",
        ),
        (
            "a changed amount",
            json,
            changed.into_bytes(),
            403,
            "not-believed",
        ),
        (
            "unsigned",
            json,
            unsigned.to_string().into_bytes(),
            403,
            "not-believed",
        ),
        (
            "cut in half",
            json,
            genuine.as_bytes()[..genuine.len() / 2].to_vec(),
            400,
            "unreadable",
        ),
        (
            "cut by a byte",
            json,
            genuine.as_bytes()[..genuine.len() - 1].to_vec(),
            400,
            "unreadable",
        ),
        ("empty", json, Vec::new(), 400, "unreadable"),
        (
            "a form",
            "application/x-www-form-urlencoded",
            genuine.clone().into_bytes(),
            415,
            "not-json",
        ),
        (
            "plain text",
            "text/plain",
            genuine.clone().into_bytes(),
            415,
            "not-json",
        ),
        (
            "in another charset",
            "application/json; charset=utf-16",
            genuine.clone().into_bytes(),
            415,
            "not-json",
        ),
        (
            "of no type",
            "",
            genuine.clone().into_bytes(),
            415,
            "not-json",
        ),
        (
            "a byte over 64 KiB",
            json,
            {
                let mut b = large.clone();
                b.truncate(64 * 1024 + 1);
                b
            },
            413,
            "too-large",
        ),
        ("10 MB", json, large, 413, "too-large"),
    ] {
        let (answered, problem) = world.notify(content_type, body).await.unwrap();
        assert_eq!(answered, status, "{what}: {problem}");
        // An API gateway in front may refuse a body of 10 MB in its own words.
        if what != "10 MB" || problem["type"].is_string() {
            assert_eq!(
                problem["type"],
                format!("urn:bubuh:problem:{code}"),
                "{what}"
            );
            let (en, id) = (problem["detail"].as_str(), problem["detail_id"].as_str());
            assert!(
                en.is_some() && id.is_some() && en != id,
                "{what}: {problem}"
            );
        }
        assert_eq!(
            rows_that_differ(&before, &items(&run).await),
            NOTHING,
            "{what}"
        );
    }

    assert_eq!(world.notify(json, genuine.clone()).await.unwrap().0, 200);
    let after = items(&run).await;
    let credited = rows_that_differ(&before, &after);
    assert!(
        credited.len() >= 4,
        "order, payment, lot, entry: {credited:?}"
    );
    for _ in 0..3 {
        let charset = "application/json; charset=UTF-8";
        let again = world.notify(charset, genuine.clone()).await.unwrap();
        assert_eq!(again.0, 200);
        assert_eq!(
            rows_that_differ(&after, &items(&run).await),
            NOTHING,
            "a replay"
        );
    }
    let strange = settlement("00000000-0000-5000-8000-000000000000", "20000.00", &key);
    assert_eq!(
        world.notify(json, strange.to_string()).await.unwrap().0,
        200
    );
    assert_eq!(
        rows_that_differ(&after, &items(&run).await),
        NOTHING,
        "a stranger's order"
    );
    let stamps = ani.account().await.unwrap().body;
    assert_eq!(stamps["available"], 2);
    run.books_are_clean().await;
    drop(world);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_what_can_not_be_credited_is_asked_for_without_any_sweep() {
    let run = unswept().await;
    let ani = run.client("ani");
    let order = ani.order("order", 3, "qris").await.unwrap();
    let id = order.text("id").to_owned();
    let cancel = format!("/v1/orders/{id}/cancel");
    let cancelled = ani.send(Method::POST, &cancel, Some("cancel"), None).await;
    assert_eq!(cancelled.unwrap().text("state"), "cancelled");
    let late = Pay {
        late: true,
        ..Pay::default()
    };
    let payments = run.stack.payments();
    payments
        .with(|bank, now_ms| bank.pay(now_ms, &id, late))
        .unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        let made = payments.with(|bank, _| bank.find(&id).map(|tx| tx.refunded()));
        if made == Some(30_000) {
            break;
        }
        assert!(Instant::now() < end, "the gateway was not asked: {made:?}");
        sleep(Duration::from_millis(50)).await;
    }
    ani.wait(&format!("/v1/orders/{id}"), &["cancelled"], PATIENCE)
        .await
        .unwrap();
    run.end().await;
}
