//! Who may see what: every route checks that the row is the caller's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::{client::Client, sample::letter};
use bubuh_e2e::{PATIENCE, Run};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_or_changes_what_is_anothers_and_nobody_comes_in_without_a_token() {
    let run = Run::start().await;
    let (ani, budi) = (run.client("ani"), run.client("budi"));
    let stranger = Client::new(&run.stack.api, "not.a.token");
    let order = run.buy(&ani, "order", 1).await;
    let document = ani.announce("doc", "surat.pdf", &letter()).await.unwrap();
    let document = document.text("id").to_owned();

    let empty = json!({});
    let routes = [
        (Method::GET, format!("/v1/orders/{order}")),
        (Method::POST, format!("/v1/orders/{order}/cancel")),
        (Method::POST, format!("/v1/orders/{order}/refund")),
        (Method::GET, format!("/v1/documents/{document}")),
        (Method::DELETE, format!("/v1/documents/{document}")),
        (Method::POST, format!("/v1/documents/{document}/upload")),
        (Method::POST, format!("/v1/documents/{document}/complete")),
    ];
    for (method, path) in &routes {
        let body = (*method == Method::POST).then_some(&empty);
        let answer = budi
            .send(method.clone(), path, Some("key"), body)
            .await
            .unwrap();
        assert_eq!(
            (answer.status, answer.text("type")),
            (404, "urn:bubuh:problem:not-found"),
            "{method} {path}"
        );
    }
    let own = [
        (Method::GET, "/v1/orders"),
        (Method::GET, "/v1/documents"),
        (Method::GET, "/v1/account"),
    ];
    for (method, path) in own {
        let answer = budi.send(method, path, None, None).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.body.to_string();
        assert!(
            !text.contains(&order) && !text.contains(&document),
            "{path}: {text}"
        );
    }
    let with_token = routes.iter().map(|(m, p)| (m.clone(), p.as_str())).chain([
        (Method::GET, "/v1/orders"),
        (Method::POST, "/v1/orders"),
        (Method::GET, "/v1/documents"),
        (Method::POST, "/v1/documents"),
        (Method::GET, "/v1/account"),
    ]);
    for (method, path) in with_token {
        let answer = stranger
            .send(method, path, Some("key"), Some(&empty))
            .await
            .unwrap();
        assert_eq!(answer.status, 401, "{path}");
    }
    // Nothing of it changed anything.
    let seen = ani
        .send(
            Method::GET,
            &format!("/v1/documents/{document}"),
            None,
            None,
        )
        .await
        .unwrap();
    assert_eq!(seen.text("state"), "awaiting_upload");
    run.books_are_clean().await;
    run.end().await;
}

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
