//! What callers are told of requests that can't be.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_e2e::{PATIENCE, Run};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_told_precisely_and_costs_nothing() {
    let run = Run::start().await;
    let ani = run.client("ani");
    let bad = [
        (
            "/v1/orders",
            Some("k"),
            json!({ "quantity": 0, "method": "qris" }),
            422,
            "quantity",
        ),
        (
            "/v1/orders",
            None,
            json!({ "quantity": 1, "method": "qris" }),
            422,
            "Idempotency-Key",
        ),
        (
            "/v1/orders",
            Some("k"),
            json!({ "quantity": 1, "method": "cash" }),
            400,
            "",
        ),
        (
            "/v1/documents",
            Some("k"),
            json!({ "name": "a", "size": 0, "sha256": "0".repeat(64), "document_type": "3" }),
            422,
            "size",
        ),
        (
            "/v1/documents",
            Some("k"),
            json!({ "name": "a", "size": 9, "sha256": "xyz", "document_type": "3" }),
            400,
            "",
        ),
    ];
    for (path, key, body, status, field) in bad {
        let answer = ani
            .send(Method::POST, path, key, Some(&body))
            .await
            .unwrap();
        assert_eq!(
            (answer.status, answer.text("field")),
            (status, field),
            "{body}"
        );
        assert!(!answer.text("detail").is_empty() && !answer.text("detail_id").is_empty());
    }
    run.buy(&ani, "order", 1).await;
    let broken = b"%PDF-1.7\nthis is no document\n%%EOF\n";
    let path = run.submit(&ani, "broken", broken).await;
    let refused = ani.wait(&path, &["rejected"], PATIENCE).await.unwrap();
    assert!(
        !refused.body["reason"]["message_id"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    assert_eq!(ani.account().await.unwrap().body["available"], 1);
    run.books_are_clean().await;
    run.end().await;
}
