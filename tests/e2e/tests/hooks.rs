//! Webhooks on the local stack: what happens is told, signed, again until it is heard, and to nobody who said to stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh::{client::Client, sample::letter};
use bubuh_corpus::tools;
use bubuh_e2e::{Run, until, webhook};
use bubuh_steps::overview::replay;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    process::Command,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

/// What a receiver does with the next message.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Answers(u16),
    /// The connection stays open, and nothing comes.
    Silent,
}

#[derive(Default)]
struct Ears {
    moods: VecDeque<Mood>,
    heard: Vec<(HeaderMap, String)>,
}

type Shared = Arc<Mutex<Ears>>;

async fn hear(State(ears): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mood = {
        let mut ears = ears.lock().unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        ears.heard.push((headers, body));
        ears.moods.pop_front().unwrap_or(Mood::Answers(204))
    };
    match mood {
        Mood::Answers(status) => StatusCode::from_u16(status).unwrap(),
        Mood::Silent => std::future::pending().await,
    }
}

/// A receiver on this machine; gives its address.
async fn receiver(moods: &[Mood]) -> (String, Shared) {
    let ears = Shared::default();
    ears.lock().unwrap().moods.extend(moods);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/hooks", post(hear))
        .with_state(Arc::clone(&ears));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, ears)
}

fn heard(ears: &Shared) -> Vec<(HeaderMap, String)> {
    ears.lock().unwrap().heard.clone()
}

/// Whether one of a message's signatures is by this secret, as a receiver checks it.
fn signed(headers: &HeaderMap, body: &str, secret: &str) -> bool {
    let header = |name| headers[name].to_str().unwrap();
    let content = format!(
        "{}.{}.{body}",
        header("webhook-id"),
        header("webhook-timestamp")
    );
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let mut signatures = header("webhook-signature").split(' ');
    signatures.any(|signature| {
        let tag = STANDARD
            .decode(signature.strip_prefix("v1,").unwrap())
            .unwrap();
        hmac::verify(&key, content.as_bytes(), &tag).is_ok()
    })
}

/// What a block of shell of the README's part on webhooks prints.
fn readme(block: usize, given: &[(&str, &str)]) -> String {
    let readme = include_str!("../../../README.md");
    let part = readme.split_once("\n### Webhooks\n").unwrap().1;
    let shell = part.split("```sh\n").nth(block).unwrap();
    let shell = shell.split_once("```").unwrap().0;
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", shell]);
    let ran = bash.envs(given.iter().copied()).output().unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap().trim().to_owned()
}

/// The events that an owner sees, once all that is owed to be told was told or ended.
async fn told_all(client: &Client, count: usize) -> Vec<Value> {
    let ended = |page: &Value| {
        let events = page["events"].as_array().unwrap();
        let over = |event: &Value| {
            let deliveries = event["deliveries"].as_array().unwrap();
            !deliveries.is_empty() && deliveries.iter().all(|d| d["state"] != "owed")
        };
        events.len() == count && events.iter().all(over)
    };
    let page = until(client, "/v1/events", ended).await;
    page["events"].as_array().unwrap().clone()
}

/// Another account registers a webhook, and a message's receiver verifies it, by the README's own words.
fn as_the_readme_says(run: &Run, (headers, body): &(HeaderMap, String), secret: &str) {
    let header = |name| headers[name].to_str().unwrap();
    let given = [
        ("SECRET", secret),
        ("WEBHOOK_ID", header("webhook-id")),
        ("WEBHOOK_TIMESTAMP", header("webhook-timestamp")),
        ("BODY", body),
    ];
    let by_hand = readme(2, &given);
    assert_eq!(header("webhook-signature"), format!("v1,{by_hand}"));
    let budi = format!("authorization: Bearer {}", run.stack.token("budi").unwrap());
    let json = "content-type: application/json";
    let made = readme(1, &[("API", &run.stack.api), ("as", &budi), ("json", json)]);
    let made: Value = serde_json::from_str(&made).unwrap();
    assert!(
        made["secret"].as_str().unwrap().starts_with("whsec_"),
        "{made}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_until_it_is_heard_and_replayed_by_a_person_under_the_same_name()
 {
    let run = Run::start().await;
    let ani = run.client("ani");
    let (url, ears) = receiver(&[Mood::Answers(500)]).await;
    let all = [
        "order.credited",
        "document.stamped",
        "document.rejected",
        "refund.refunded",
    ];
    let (id, secret) = webhook(&ani, "erp", &url, &all).await;
    assert_eq!(
        webhook(&ani, "erp", &url, &all).await,
        (id.clone(), secret.clone())
    );

    // The first word meets a failure, and is said again.
    let order = run.buy(&ani, "order", 3).await;
    let events = told_all(&ani, 1).await;
    assert_eq!(events[0]["type"], "order.credited");
    let attempts = events[0]["deliveries"][0]["attempts"].as_array().unwrap();
    let results: Vec<_> = attempts
        .iter()
        .map(|a| (&a["result"], &a["status"]))
        .collect();
    assert_eq!(
        results,
        [
            (&json!("refused"), &json!(500)),
            (&json!("heard"), &json!(204))
        ]
    );
    let first = heard(&ears);
    assert_eq!(first.len(), 2);
    assert_eq!(first[0].1, first[1].1, "the same words");
    assert_eq!(
        first[0].0["webhook-id"], first[1].0["webhook-id"],
        "under the same name"
    );
    let body: Value = serde_json::from_str(&first[0].1).unwrap();
    assert_eq!(body["data"], json!({ "order": order }));
    assert_eq!(first[0].0["content-type"], "application/json");

    if ["bash", "curl", "openssl"].into_iter().all(tools::has) {
        as_the_readme_says(&run, &first[0], &secret);
    } else {
        tools::skip("bash, curl and openssl");
    }

    // A stamp, a refusal and a refund.
    let path = run.submit(&ani, "letter", &letter()).await;
    let document = run.stamped(&ani, &path).await;
    let unfit = run.submit(&ani, "unfit", b"no PDF at all").await;
    until(&ani, &unfit, |document| document["state"] == "rejected").await;
    let refund = bubuh_e2e::given_back(&ani, &order).await;
    let events = told_all(&ani, 4).await;
    let of = |kind: &str| events.iter().find(|e| e["type"] == kind).unwrap();
    assert_eq!(
        of("document.stamped")["data"]["document"],
        document.text("id")
    );
    assert_eq!(
        of("document.stamped")["data"]["sha256"]
            .as_str()
            .unwrap()
            .len(),
        64
    );
    assert!(
        unfit.ends_with(
            of("document.rejected")["data"]["document"]
                .as_str()
                .unwrap()
        )
    );
    assert_eq!(
        of("refund.refunded")["data"],
        json!({ "order": order, "refund": refund })
    );

    // For a day after another secret was made, what is sent is signed with both. Asked twice, it is made once.
    let rotate = format!("/v1/webhooks/{id}/rotate");
    let mut secrets = vec![secret];
    for _ in 0..2 {
        let made = ani
            .send(Method::POST, &rotate, Some("rotate"), None)
            .await
            .unwrap();
        assert_eq!(made.status, 200, "{}", made.body);
        secrets.push(made.text("secret").to_owned());
    }
    assert_ne!(secrets[0], secrets[1]);
    assert_eq!(secrets[1], secrets[2]);
    let before = heard(&ears);
    assert!(
        before
            .iter()
            .all(|(headers, body)| signed(headers, body, &secrets[0]))
    );
    assert!(
        before
            .iter()
            .all(|(headers, body)| !signed(headers, body, &secrets[1]))
    );
    let event = of("document.stamped")["id"].as_str().unwrap();
    let table = run.aws().table(&run.stack.place().table);
    let now_ms = bubuh_store::Ambient::system().now_ms();
    replay(&table, event.parse().unwrap(), now_ms)
        .await
        .unwrap();
    until(&ani, "/v1/events", |_| heard(&ears).len() > before.len()).await;
    let (headers, body) = heard(&ears).pop().unwrap();
    assert_eq!(headers["webhook-id"], event);
    assert!(secrets.iter().all(|secret| signed(&headers, &body, secret)));
    told_all(&ani, 4).await;
    run.books_are_clean().await;
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_gone_is_told_nothing_more_and_one_that_is_silent_holds_up_nobody() {
    let run = Run::start().await;
    let (ani, budi) = (run.client("ani"), run.client("budi"));
    let (gone, gone_ears) = receiver(&[Mood::Answers(410)]).await;
    let (silent, silent_ears) = receiver(&[Mood::Silent]).await;
    let (id, _) = webhook(&ani, "gone", &gone, &["order.credited"]).await;
    webhook(&budi, "silent", &silent, &["order.credited"]).await;
    run.buy(&budi, "order", 1).await;
    run.buy(&ani, "order", 1).await;
    assert_eq!(told_all(&ani, 1).await[0]["deliveries"][0]["state"], "off");
    let listed = ani
        .send(Method::GET, "/v1/webhooks", None, None)
        .await
        .unwrap();
    assert!(
        listed.body["webhooks"][0]["gone_at"].is_string(),
        "{}",
        listed.body
    );
    // Nothing is owed to it from here on.
    run.buy(&ani, "another", 1).await;
    told_all(&ani, 1).await;
    assert_eq!(heard(&gone_ears).len(), 1);
    let path = format!("/v1/webhooks/{id}");
    let deleted = ani.send(Method::DELETE, &path, None, None);
    assert_eq!(deleted.await.unwrap().status, 204);
    let left = ani
        .send(Method::GET, "/v1/webhooks", None, None)
        .await
        .unwrap();
    assert_eq!(left.body, json!({ "webhooks": [] }));
    // Who was silent is asked again, and hears it twice under one name.
    let events = told_all(&budi, 1).await;
    let attempts = events[0]["deliveries"][0]["attempts"].as_array().unwrap();
    assert_eq!(attempts[0]["result"], "no_answer");
    assert_eq!(attempts[1]["result"], "heard");
    let twice = heard(&silent_ears);
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].0["webhook-id"], twice[1].0["webhook-id"]);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_inside_is_refused_with_the_reason() {
    let run = Run::start().await;
    let ani = run.client("ani");
    for url in [
        "http://erp.example/hooks",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://ani:secret@erp.example/",
        "erp.example",
    ] {
        let wanted = json!({ "url": url, "events": ["document.stamped"] });
        let refused = ani.send(Method::POST, "/v1/webhooks", Some("key"), Some(&wanted));
        let refused = refused.await.unwrap();
        assert_eq!(
            (refused.status, refused.text("field")),
            (422, "url"),
            "{url}"
        );
        assert!(!refused.text("detail_id").is_empty());
    }
    for n in 0..6 {
        let wanted = json!({ "url": "https://127.0.0.1:9/", "events": ["document.stamped"] });
        let key = format!("key {n}");
        let made = ani.send(Method::POST, "/v1/webhooks", Some(&key), Some(&wanted));
        assert_eq!(
            made.await.unwrap().status,
            if n < 5 { 201 } else { 422 },
            "{n}"
        );
    }
    run.end().await;
}
