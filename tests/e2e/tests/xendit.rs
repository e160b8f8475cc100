//! The whole way of the money with the other gateway's API: the trait is no copy of the first's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::{
    sample::letter,
    stack::{Gateway, Options},
};
use bubuh_e2e::{Run, given_back};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn stamps_are_bought_used_and_given_back_through_xendit_too() {
    let run = Run::start_with(Options {
        gateway: Gateway::Xendit,
        ..Options::default()
    })
    .await;
    let ani = run.client("ani");
    let order = run.buy(&ani, "order", 2).await;
    let document = run.submit(&ani, "document", &letter()).await;
    run.stamped(&ani, &document).await;

    // Xendit confirms later: by its notification, or when it is asked again.
    given_back(&ani, &order).await;
    let cancelled = ani.order("regretted", 1, "qris").await.unwrap();
    let cancel = format!("/v1/orders/{}/cancel", cancelled.text("id"));
    let cancelled = ani
        .send(Method::POST, &cancel, Some("cancel"), Some(&json!({})))
        .await
        .unwrap();
    assert_eq!(cancelled.text("state"), "cancelled", "{}", cancelled.body);
    let report = run.books_are_clean().await;
    assert_eq!((report.counts.stamped, report.counts.refunds), (1, 1));
    run.end().await;
}
