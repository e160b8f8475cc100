//! The proxy between the functions and AWS: its rules, and its word that they fired.

use super::rules::{Fault, faults};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often a fault strikes in its storm. Three tries of an SDK in a row fail one time in five.
const STORM: f64 = 0.6;

/// The proxy's controls.
pub(super) struct Proxy {
    http: reqwest::Client,
    url: String,
    faults: Vec<Fault>,
    /// Which fault a rule belongs to.
    names: BTreeMap<u64, &'static str>,
}

impl Proxy {
    pub(super) fn new(url: &str, uploads: &str, stamped: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: format!("{url}/_microburst"),
            faults: faults(uploads, stamped),
            names: BTreeMap::new(),
        }
    }

    /// From now on every fault strikes: the first calls surely, later ones at times.
    pub(super) async fn begin(&mut self) {
        let mut rules = Vec::new();
        for fault in &self.faults {
            rules.push((
                fault.name,
                with(&fault.rule, &json!({ "times": fault.first })),
            ));
        }
        for fault in &self.faults {
            let often = json!({ "probability": fault.always });
            rules.push((fault.name, with(&fault.rule, &often)));
        }
        self.add(rules).await;
    }

    /// One fault strikes most calls for some seconds. Gives its name.
    pub(super) async fn storm(&mut self, nth: usize, seconds: f64) -> &'static str {
        // What an earlier storm left behind has run out; it would only be looked at.
        let old = json!([{ "probability": STORM }]);
        self.ask(reqwest::Method::DELETE, "rules", Some(&old)).await;
        let fault = &self.faults[nth % self.faults.len()];
        let (name, rule) = (
            fault.name,
            json!({ "probability": STORM, "ttl_s": seconds }),
        );
        let rule = with(&fault.rule, &rule);
        self.add(vec![(name, rule)]).await;
        name
    }

    /// No more faults.
    pub(super) async fn end(&self) {
        self.ask(reqwest::Method::DELETE, "rules", Some(&json!([])))
            .await;
    }

    /// How often each fault fired, by the proxy's log.
    pub(super) async fn fired(&self) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<String, usize> = self
            .faults
            .iter()
            .map(|fault| (fault.name.to_owned(), 0))
            .collect();
        let log = self
            .ask(reqwest::Method::GET, "fired?limit=1000000", None)
            .await;
        for event in log.as_array().into_iter().flatten() {
            let name = event["rule_id"].as_u64().and_then(|id| self.names.get(&id));
            if let Some(count) = name.and_then(|name| counts.get_mut(*name)) {
                *count += 1;
            }
        }
        counts
    }

    /// How many calls went through the proxy.
    pub(super) async fn calls(&self) -> u64 {
        let health = self.ask(reqwest::Method::GET, "health", None).await;
        health["requests_seen"].as_u64().unwrap_or_default()
    }

    async fn add(&mut self, rules: Vec<(&'static str, Value)>) {
        let (names, rules): (Vec<_>, Vec<_>) = rules.into_iter().unzip();
        let made = self
            .ask(reqwest::Method::PATCH, "rules", Some(&Value::Array(rules)))
            .await;
        let made = made.as_array().expect("the rules that were made");
        for (name, rule) in names.into_iter().zip(made) {
            self.names
                .insert(rule["id"].as_u64().expect("a rule's number"), name);
        }
    }

    async fn ask(&self, method: reqwest::Method, path: &str, body: Option<&Value>) -> Value {
        let mut request = self.http.request(method, format!("{}/{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the proxy answers");
        answer.json().await.expect("the proxy speaks JSON")
    }
}

/// A rule with more fields.
fn with(rule: &Value, more: &Value) -> Value {
    let mut rule = rule.clone();
    if let (Some(fields), Some(more)) = (rule.as_object_mut(), more.as_object()) {
        fields.extend(more.clone());
    }
    rule
}
