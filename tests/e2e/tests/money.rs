//! Money that can't go back by itself, on the local stack: by hand, and in dispute.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::{books, client::Client, sample::letter};
use bubuh_core::case::Case;
use bubuh_e2e::{PATIENCE, Run, until};
use bubuh_steps::Resolution;
use reqwest::Method;
use serde_json::{Value, json};

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let answer = client.send(Method::POST, path, Some(key), Some(body)).await;
    let answer = answer.unwrap();
    (answer.status, answer.body)
}

async fn open_cases(run: &Run) -> Vec<Case> {
    let table = run.aws().table(run.stack.place().table);
    table.cases(true).await.unwrap()
}

async fn resolve(run: &Run, case: &Case, how: Resolution) {
    let cases = books::cases(&run.aws(), &run.stack.place()).await.unwrap();
    let closed = cases.resolve(case.id, &how, "sari").await.unwrap();
    assert!(closed.closed.is_some());
}

/// Asks one stamp of a transfer back, which the gateway can't refund; gives the refund's path.
async fn asked_back(client: &Client, order: &str, key: &str) -> String {
    let path = format!("/v1/orders/{order}");
    let one = json!({ "quantity": 1 });
    let (status, refund) = post(client, &format!("{path}/refund"), key, &one).await;
    assert_eq!(status, 202, "{refund}");
    let name = refund["key"].as_str().unwrap().to_owned();
    let state = |order: &Value| {
        let refunds = order["refunds"].as_array().cloned().unwrap_or_default();
        let found = refunds.into_iter().find(|r| r["key"] == name.as_str());
        found.is_some_and(|r| r["state"] == "payout")
    };
    until(client, &path, state).await;
    format!("{path}/refunds/{name}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_is_asked_back_is_paid_by_hand_or_the_stamps_are_kept() {
    let run = Run::start().await;
    let (ani, budi) = (run.client("ani"), run.client("budi"));
    let order = ani.order("order", 3, "bank_transfer").await.unwrap();
    let order = order.text("id").to_owned();
    run.stack.pay(&order).unwrap();
    ani.wait(&format!("/v1/orders/{order}"), &["credited"], PATIENCE)
        .await
        .unwrap();

    let refund = asked_back(&ani, &order, "first").await;
    let account = json!({ "bank": "BCA", "number": "1234567890", "holder": "Ani" });
    for path in ["keep", "pay-to"] {
        let (status, _) = post(&budi, &format!("{refund}/{path}"), "k", &account).await;
        assert_eq!(status, 404, "{path}: a stranger sees no refund");
    }
    let wrong = json!({ "bank": "BCA", "number": "12", "holder": "Ani" });
    let (status, problem) = post(&ani, &format!("{refund}/pay-to"), "k", &wrong).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem.to_string().contains("number"), "{problem}");
    let (status, told) = post(&ani, &format!("{refund}/pay-to"), "k", &account).await;
    assert_eq!(status, 200, "{told}");
    let cases = open_cases(&run).await;
    assert_eq!(cases.len(), 1);
    resolve(&run, &cases[0], Resolution::Paid("TX-1".to_owned())).await;

    let kept = asked_back(&ani, &order, "second").await;
    let (status, refund) = post(&ani, &format!("{kept}/keep"), "k", &json!({})).await;
    assert_eq!((status, &refund["state"]), (200, &json!("reversed")));
    let stamps = ani.account().await.unwrap().body;
    assert_eq!(
        (&stamps["available"], &stamps["refunded"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(open_cases(&run).await, []);
    run.books_are_clean().await;
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stamps_of_a_disputed_payment_are_held_until_the_dispute_is_won() {
    let run = Run::start().await;
    let ani = run.client("ani");
    let order = run.buy(&ani, "order", 2).await;
    let bank = run.stack.place().gateway;
    let control = async |what: &str| {
        let url = format!("{bank}/sandbox/orders/{order}/{what}");
        let done = reqwest::Client::new().post(url).send().await.unwrap();
        assert!(done.status().is_success(), "{what}");
    };
    control("chargeback").await;
    until(&ani, "/v1/account", |stamps| stamps["held"] == 2).await;

    let document = run.submit(&ani, "document", &letter()).await;
    ani.wait(&document, &["awaiting_stamp"], PATIENCE)
        .await
        .unwrap();
    let cases = open_cases(&run).await;
    assert_eq!(cases.len(), 1);
    control("dispute-won").await;
    resolve(&run, &cases[0], Resolution::Won).await;
    run.stamped(&ani, &document).await;
    run.books_are_clean().await;
    run.end().await;
}
