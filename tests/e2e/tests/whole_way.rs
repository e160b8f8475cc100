//! The way of a document through the whole stack, and what must not change it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use aws_sdk_dynamodb::types::AttributeValue;
use bubuh::sample::letter;
use bubuh_e2e::{PATIENCE, Run};
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_document_uploaded_before_any_stamp_was_bought_is_stamped_after_the_payment() {
    let run = Run::start().await;
    let buyer = run.client("ani");
    let path = run.submit(&buyer, "doc", &letter()).await;
    let waiting = buyer
        .wait(&path, &["awaiting_stamp"], PATIENCE)
        .await
        .unwrap();
    assert!(waiting.text("next_id").contains("Beli meterai"));
    run.buy(&buyer, "order", 1).await;
    let done = run.stamped(&buyer, &path).await;
    let file = buyer.download(&done).await.unwrap();
    let verdict = bubuh_pdf::verify(&file, &run.stack.roots().await.unwrap());
    assert!(verdict.valid && verdict.stamps[0].trusted, "{verdict:?}");
    assert_eq!(verdict.stamps[0].serial, done.text("serial"));
    let path = format!("/v1/verify/{}", done.text("serial"));
    let public = buyer.send(Method::GET, &path, None, None).await.unwrap();
    assert_eq!((public.status, public.text("state")), (200, "stamped"));
    let serial = done.text("serial");
    // Only ours are known by how they may be mistyped.
    let ours = serial.len() == 16;
    let typed = if ours {
        serial.to_lowercase().replace('0', "o").replace('1', "l")
    } else {
        serial.to_owned()
    };
    for (path, status) in [
        (format!("/V/{serial}"), 200),
        (format!("/v/{typed}"), 200),
        (format!("/v1/verify/{typed}"), 200),
        ("/V/ZZZZZZZZZZZZZZZZ".to_owned(), 404),
    ] {
        let page = buyer.send(Method::GET, &path, None, None).await.unwrap();
        assert_eq!(page.status, status, "{path}");
    }
    let report = run.books_are_clean().await;
    assert_eq!((report.counts.stamped, report.counts.files), (1, 1));
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_the_stamp_function_in_the_middle_changes_nothing_in_the_outcome() {
    const DOCUMENTS: usize = 6;
    let run = Run::start().await;
    let buyer = run.client("ani");
    run.buy(&buyer, "order", 6).await;
    let mut paths = Vec::new();
    for n in 0..DOCUMENTS {
        paths.push(run.submit(&buyer, &format!("doc-{n}"), &letter()).await);
    }
    let mut killed = 0;
    let hunt = async {
        while killed < 3 {
            for pid in run.stack.bootstraps("StampFunction") {
                let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
                if rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok() {
                    killed += 1;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, hunt)
        .await
        .expect("the function runs and is killed");
    for path in &paths {
        run.stamped(&buyer, path).await;
    }
    let report = run.books_are_clean().await;
    assert_eq!(
        (report.counts.stamped, report.counts.files),
        (DOCUMENTS, DOCUMENTS)
    );
    let account = buyer.account().await.unwrap();
    assert_eq!(account.body["stamped"], DOCUMENTS);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_sent_twice_leaves_one_order_one_charge_one_serial_and_one_file() {
    let run = Run::start().await;
    let buyer = run.client("ani");
    let twice = bubuh_sandbox::FaultSpec::once(bubuh_sandbox::FaultKind::NotificationDuplicate);
    run.stack
        .payments()
        .with(|bank, _| bank.set_fault(twice))
        .unwrap();
    let order = run.buy(&buyer, "order", 1).await;
    let again = buyer.order("order", 1, "qris").await.unwrap();
    assert_eq!(again.text("id"), order);
    let other = json!({ "quantity": 2, "method": "qris" });
    let reused = buyer
        .send(Method::POST, "/v1/orders", Some("order"), Some(&other))
        .await
        .unwrap();
    assert_eq!(
        (reused.status, reused.text("type")),
        (422, "urn:bubuh:problem:key-reused")
    );

    let bytes = letter();
    let first = buyer.announce("doc", "surat.pdf", &bytes).await.unwrap();
    let second = buyer.announce("doc", "surat.pdf", &bytes).await.unwrap();
    assert_eq!(first.text("id"), second.text("id"));
    buyer.upload(&first, &bytes).await.unwrap();
    buyer.upload(&second, &bytes).await.unwrap();
    let id = first.text("id");
    let complete = format!("/v1/documents/{id}/complete");
    for _ in 0..2 {
        buyer
            .send(Method::POST, &complete, Some("complete"), None)
            .await
            .unwrap();
    }
    let sqs = aws_sdk_sqs::Client::new(&run.stack.aws_config());
    for (queue, body) in [
        ("UploadsQueueUrl", json!({ "accept": id })),
        ("UploadsQueueUrl", json!({ "wake": "ani" })),
        ("StampsQueueUrl", json!({ "stamp": id })),
        ("StampsQueueUrl", json!({ "stamp": id })),
    ] {
        let url = run.stack.output(queue);
        sqs.send_message()
            .queue_url(url)
            .message_body(body.to_string())
            .send()
            .await
            .unwrap();
    }
    let path = format!("/v1/documents/{id}");
    let done = run.stamped(&buyer, &path).await;
    sqs.send_message()
        .queue_url(run.stack.output("StampsQueueUrl"))
        .message_body(json!({ "stamp": id }).to_string())
        .send()
        .await
        .unwrap();
    run.submit(&buyer, "another", &letter()).await;
    assert_eq!(
        run.stamped(&buyer, &path).await.text("serial"),
        done.text("serial")
    );

    let charges = run
        .stack
        .payments()
        .with(|bank, _| bank.transactions().count());
    let report = run.books_are_clean().await;
    let counts = &report.counts;
    assert_eq!((charges, counts.orders, counts.payments), (1, 1, 1));
    assert_eq!((counts.stamped, counts.files), (1, 1));
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_after_the_cancel_refunds_itself() {
    let run = Run::start().await;
    let buyer = run.client("ani");
    let order = buyer.order("order", 3, "qris").await.unwrap();
    let id = order.text("id").to_owned();
    let cancel = format!("/v1/orders/{id}/cancel");
    let cancelled = buyer
        .send(Method::POST, &cancel, Some("cancel"), None)
        .await
        .unwrap();
    assert_eq!(cancelled.text("state"), "cancelled");
    let late = bubuh_sandbox::Pay {
        late: true,
        ..Default::default()
    };
    run.stack
        .payments()
        .with(|bank, now_ms| bank.pay(now_ms, &id, late))
        .unwrap();
    let path = format!("/v1/orders/{id}");
    let refunded = tokio::time::timeout(PATIENCE, async {
        loop {
            let order = buyer.send(Method::GET, &path, None, None).await.unwrap();
            if order.body["refunds"][0]["state"] == "refunded" {
                return order;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let order = refunded.await.expect("refunded by itself");
    assert_eq!(order.body["refunds"][0]["amount"], 30_000);
    let report = run.books_are_clean().await;
    assert_eq!(report.counts.refunded, report.counts.captured);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_red_when_a_row_was_tampered_with() {
    let run = Run::start().await;
    let buyer = run.client("ani");
    run.buy(&buyer, "order", 2).await;
    run.books_are_clean().await;
    let table = aws_sdk_dynamodb::Client::new(&run.stack.aws_config());
    let name = run.stack.output("TableName");
    let found = table.scan().table_name(name).send().await.unwrap();
    let lot = found
        .items()
        .iter()
        .find(|i| matches!(i.get("sk"), Some(AttributeValue::S(sk)) if sk.starts_with("LOT#")));
    let mut lot = lot.expect("a lot").clone();
    lot.insert("available".to_owned(), AttributeValue::N("3".to_owned()));
    table
        .put_item()
        .table_name(name)
        .set_item(Some(lot))
        .send()
        .await
        .unwrap();
    let broken: Vec<_> = run
        .audit()
        .await
        .breaches
        .iter()
        .map(|b| b.invariant)
        .collect();
    assert!(broken.contains(&"a lot's buckets add up"), "{broken:?}");
    assert!(broken.contains(&"ledger agrees with rows"), "{broken:?}");
    run.end().await;
}
