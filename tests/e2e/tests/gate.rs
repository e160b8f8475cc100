//! The sales gate on the local stack: what can't be sold is refused with the time to come back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_core::write::Write;
use bubuh_e2e::{PATIENCE, Run};
use bubuh_store::Ambient;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, sleep};

/// Asks for stamps; gives the status, the seconds to wait if any are told, and the body.
async fn order(run: &Run, key: &str, quantity: u32) -> (u16, Option<u64>, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/orders", run.stack.api))
        .bearer_auth(run.stack.token("ani").unwrap())
        .header("Idempotency-Key", key)
        .json(&json!({ "quantity": quantity, "method": "qris" }))
        .send()
        .await
        .unwrap();
    let wait = answer.headers().get("retry-after");
    let wait = wait.map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    (
        answer.status().as_u16(),
        wait,
        answer.json().await.unwrap_or_default(),
    )
}

/// Asks for stamps until there are enough serials; gives the order.
async fn sold(run: &Run, key: &str, quantity: u32) -> Value {
    let end = Instant::now() + PATIENCE;
    loop {
        let (status, _, body) = order(run, key, quantity).await;
        if status == 201 {
            return body;
        }
        assert_eq!(body["type"], "urn:bubuh:problem:sold-out", "{body}");
        assert!(Instant::now() < end, "never restocked");
        sleep(Duration::from_secs(1)).await;
    }
}

async fn turn(run: &Run, closed: bool) {
    let table = run.aws().table(run.stack.place().table);
    let switch = table.sales_switch().await.unwrap();
    let now_ms = Ambient::system().now_ms();
    let writes: Vec<Write> = if closed {
        switch.close(Some(now_ms + 90_000), "sari", now_ms).unwrap()
    } else {
        switch.open("sari").unwrap()
    };
    table.commit(&writes).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_beyond_the_inventory_or_while_sales_are_closed_costs_nothing_and_is_taken_later()
{
    let run = Run::start().await;
    let ani = run.client("ani");
    // An issuer elsewhere makes so many in several calls.
    let first = sold(&run, "first", 10_000).await;
    let (status, wait, problem) = order(&run, "second", 10_000).await;
    assert_eq!((status, wait), (503, Some(60)), "{problem}");
    assert_eq!(problem["type"], "urn:bubuh:problem:sold-out");
    assert!(problem["detail"].as_str().unwrap().contains("10000 stamps"));
    assert!(
        problem["detail_id"]
            .as_str()
            .unwrap()
            .contains("10000 meterai")
    );
    run.books_are_clean().await;

    turn(&run, true).await;
    let (status, wait, problem) = order(&run, "third", 1).await;
    assert_eq!(status, 503, "{problem}");
    assert!((1..=90).contains(&wait.unwrap()), "{wait:?}");
    assert_eq!(problem["type"], "urn:bubuh:problem:sales-closed");
    let (status, _, again) = order(&run, "first", 10_000).await;
    assert_eq!((status, &again["id"]), (201, &first["id"]));
    // What was ordered goes on: paid, credited, given back.
    let id = first["id"].as_str().unwrap();
    run.stack.pay(id).unwrap();
    let path = format!("/v1/orders/{id}");
    ani.wait(&path, &["credited"], PATIENCE).await.unwrap();
    let receipt = reqwest::Client::new()
        .get(format!("{}{path}/receipt", run.stack.api))
        .bearer_auth(run.stack.token("ani").unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(receipt.status(), 200);
    let page = receipt.text().await.unwrap();
    assert!(
        page.contains("10000 e-Meterai") && page.contains("Rp100.000.000"),
        "{page}"
    );
    turn(&run, false).await;

    // The sweep has restocked, or will: the very order that was refused is taken.
    sold(&run, "second", 10_000).await;
    run.books_are_clean().await;
    run.end().await;
}
