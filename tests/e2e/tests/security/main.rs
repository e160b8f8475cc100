//! What strangers, forgers and changed links must not get, on every route that the API's description names: a new route
//! is tried without anybody having to remember it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod links;
mod pages;
mod scopes;
mod strangers;
mod tokens;

use bubuh::{client::Client, sample::letter};
use bubuh_e2e::{
    Run,
    api::{Operation, described, operations},
    deaf_webhook, given_back,
};
use reqwest::Method;

/// The operations that take a token.
fn secured() -> Vec<Operation> {
    let all = operations(&described().unwrap());
    let secured: Vec<_> = all.into_iter().filter(|o| o.route.secured).collect();
    assert!(secured.len() > 10, "the description was read");
    secured
}

/// Whether only operators come in.
fn of_the_desk(operation: &Operation) -> bool {
    operation.route.path.starts_with("/v1/desk")
}

fn method(operation: &Operation) -> Method {
    operation.route.verb.parse().unwrap()
}

/// What one person has: an order of three stamps with a refund, a document, and a webhook.
struct Held {
    order: String,
    refund: String,
    document: String,
    webhook: String,
}

impl Held {
    async fn by(run: &Run, owner: &Client) -> Self {
        let order = run.buy(owner, "order", 3).await;
        // To its end: else it would go on by itself while a stranger tries.
        let refund = given_back(owner, &order).await;
        let document = owner.announce("doc", "surat.pdf", &letter()).await.unwrap();
        Self {
            order,
            refund,
            document: document.text("id").to_owned(),
            webhook: deaf_webhook(owner).await,
        }
    }

    /// A route's path with this person's names in it.
    fn path(&self, path: &str) -> String {
        let id = match path.split('/').nth(2).unwrap() {
            "orders" => &self.order,
            "documents" => &self.document,
            "webhooks" => &self.webhook,
            // There is no such case or event, and nothing that an operator may not see.
            "desk" => &self.document,
            other if path.contains('{') => panic!("what stands in {path}? Say it here: {other}"),
            _ => "",
        };
        let path = path.replace("{id}", id).replace("{key}", &self.refund);
        let path = path.replace("{name}", &self.order);
        assert!(!path.contains('{'), "what stands in {path}? Say it here");
        path
    }

    fn ids(&self) -> [&str; 4] {
        [&self.order, &self.refund, &self.document, &self.webhook]
    }
}
