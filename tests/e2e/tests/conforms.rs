//! The API against its own description, and the README's calls.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::sample::letter;
use bubuh_corpus::tools;
use bubuh_e2e::{PATIENCE, Run, deaf_webhook};
use reqwest::{Client, StatusCode, header};
use serde_json::json;
use std::process::{Command, Output};

fn here(file: &str) -> String {
    format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))
}

async fn ran(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output());
    output.await.unwrap().unwrap()
}

fn told(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|b| String::from_utf8_lossy(b));
    format!("{out}\n{err}")
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_the_answer_is_one_that_the_description_tells_of() {
    let tool = std::env::var("BUBUH_SCHEMATHESIS").unwrap_or_else(|_| "schemathesis".to_owned());
    if !tools::has(&tool) {
        return tools::skip("schemathesis");
    }
    let run = Run::start().await;
    let ani = run.client("ani");
    let order = run.buy(&ani, "order", 20).await;
    let (path, one) = (
        format!("/v1/orders/{order}/refund"),
        json!({ "quantity": 1 }),
    );
    let back = ani.send(reqwest::Method::POST, &path, Some("back"), Some(&one));
    let refund = back.await.unwrap();
    let document = ani.announce("doc", "surat.pdf", &letter()).await.unwrap();
    let path = run.submit(&ani, "stamped", &letter()).await;
    let serial = run.stamped(&ani, &path).await.text("serial").to_owned();

    let mut probe = Command::new(tool);
    probe
        .args(["--config-file", &here("schemathesis.toml"), "run"])
        .arg(format!("{}/v1/openapi.json", run.stack.api))
        .env("BUBUH_TOKEN", run.stack.token("ani").unwrap())
        .env("BUBUH_HOOKS", here("schemathesis_hooks.py"))
        .env("BUBUH_ORDER", order)
        .env("BUBUH_REFUND", refund.text("key"))
        .env("BUBUH_DOCUMENT", document.text("id"))
        .env("BUBUH_SERIAL", serial)
        .env("BUBUH_WEBHOOK", deaf_webhook(&ani).await)
        .current_dir(std::env::temp_dir());
    let output = ran(probe).await;
    assert!(output.status.success(), "{}", told(&output));
    println!("{}", told(&output));
    run.books_are_clean().await;
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_served_to_everyone_and_sent_again_only_when_it_changed() {
    let run = Run::start().await;
    let address = format!("{}/v1/openapi.json", run.stack.api);
    let first = Client::new().get(&address).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let said = |name| first.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(said(header::CONTENT_TYPE), "application/json");
    assert_eq!(said(header::CACHE_CONTROL), "public, max-age=300");
    let tag = said(header::ETAG);
    assert_eq!(
        first.text().await.unwrap(),
        bubuh_enqueue::openapi::DOCUMENT
    );
    for (known, status) in [
        (tag.as_str(), StatusCode::NOT_MODIFIED),
        ("\"another\"", StatusCode::OK),
    ] {
        let asked = Client::new()
            .get(&address)
            .header(header::IF_NONE_MATCH, known);
        assert_eq!(asked.send().await.unwrap().status(), status, "{known}");
    }
    run.end().await;
}

/// The first block of shell below a heading.
fn shell_below<'a>(text: &'a str, heading: &str) -> &'a str {
    let below = text.split_once(heading).unwrap().1;
    let block = below.split_once("```sh\n").unwrap().1;
    block.split_once("```").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_in_the_readme_buy_a_stamp_and_have_a_document_stamped() {
    for tool in ["curl", "bash"] {
        if !tools::has(tool) {
            return tools::skip(tool);
        }
    }
    let run = Run::start().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("surat.pdf"), letter()).unwrap();
    let readme = include_str!("../../../README.md");
    let mut shell = Command::new("bash");
    shell
        .args(["-euo", "pipefail", "-c", shell_below(readme, "\n## API\n")])
        .env("API", &run.stack.api)
        .env("TOKEN", run.stack.token("ani").unwrap())
        .env("SANDBOX", &run.stack.sandbox)
        .current_dir(folder.path());
    let output = ran(shell).await;
    assert!(output.status.success(), "{}", told(&output));
    let ani = run.client("ani");
    let listed = ani.send(reqwest::Method::GET, "/v1/documents", None, None);
    let listed = listed.await.unwrap();
    let id = listed.body["documents"][0]["id"].as_str().unwrap();
    ani.wait(&format!("/v1/documents/{id}"), &["stamped"], PATIENCE)
        .await
        .unwrap();
    run.books_are_clean().await;
    run.end().await;
}
