//! The faults between the functions and AWS: their rules, and the proxy's word that they fired.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A fault of the proxy.
struct Fault {
    name: &'static str,
    /// What it matches and what it does, in the proxy's words.
    rule: Value,
    /// How often it strikes all the time.
    always: f64,
    /// How many of the first matching calls it surely strikes.
    first: u32,
}

fn fault(name: &'static str, always: f64, first: u32, rule: Value) -> Fault {
    Fault {
        name,
        rule,
        always,
        first,
    }
}

/// Every fault. `abort_frac: 0` cuts the whole reply after the call was applied.
fn faults(uploads: &str, stamped: &str) -> Vec<Fault> {
    let cut = json!({ "abort_frac": 0 });
    vec![
        fault(
            "a table throttles",
            0.004,
            4,
            json!({
                "service": "dynamodb",
                "error": { "code": "ProvisionedThroughputExceededException" },
            }),
        ),
        fault(
            "a table fails",
            0.004,
            4,
            json!({
                "service": "dynamodb", "error": { "code": "InternalServerError", "status": 500 },
            }),
        ),
        fault(
            "a table hangs up before applying",
            0.004,
            4,
            json!({
                "service": "dynamodb", "reset": true,
            }),
        ),
        fault(
            "a table is slow",
            0.008,
            2,
            json!({
                "service": "dynamodb", "latency": { "min": 200, "max": 1500 },
            }),
        ),
        fault(
            "a table hangs for 5 s",
            0.0005,
            1,
            json!({
                "service": "dynamodb", "timeout_ms": 5000,
            }),
        ),
        fault(
            "transactions conflict",
            0.02,
            2,
            json!({
                "service": "dynamodb", "operation": "TransactWriteItems",
                "error": {
                    "code": "TransactionCanceledException", "status": 400,
                    "message": "Transaction cancelled, please refer cancellation reasons for specific \
                                reasons [TransactionConflict]",
                    "fields": { "CancellationReasons": [{ "Code": "TransactionConflict" }] },
                },
            }),
        ),
        fault(
            "a transaction's reply is cut after applying",
            0.03,
            4,
            json!({
                "service": "dynamodb", "operation": "TransactWriteItems", "response": cut,
            }),
        ),
        fault(
            "a row's put loses its reply after applying",
            0.03,
            4,
            json!({
                "service": "dynamodb", "operation": "PutItem", "response": cut,
            }),
        ),
        fault(
            "a counter's update loses its reply after applying",
            0.03,
            4,
            json!({
                "service": "dynamodb", "operation": "UpdateItem", "response": cut,
            }),
        ),
        fault(
            "storage slows down",
            0.01,
            4,
            json!({
                "service": "s3", "error": { "code": "SlowDown", "status": 503 },
            }),
        ),
        fault(
            "two puts of a file race",
            0.01,
            2,
            json!({
                "service": "s3", "operation": "PutObject", "resource": stamped,
                "error": { "code": "ConditionalRequestConflict", "status": 409 },
            }),
        ),
        fault(
            "an upload loses its reply after applying",
            0.03,
            2,
            json!({
                "service": "s3", "operation": "PutObject", "resource": uploads, "response": cut,
            }),
        ),
        fault(
            "a stamped file's put loses its reply after applying",
            0.05,
            4,
            json!({
                "service": "s3", "operation": "PutObject", "resource": stamped, "response": cut,
            }),
        ),
        fault(
            "a file is cut half-way",
            0.02,
            2,
            json!({
                "service": "s3", "operation": "GetObject", "response": { "abort_frac": 0.5 },
            }),
        ),
        fault(
            "a queue fails",
            0.01,
            4,
            json!({
                "service": "sqs", "error": { "code": "ServiceUnavailable", "status": 503 },
            }),
        ),
        fault(
            "a message is sent and its reply cut",
            0.03,
            4,
            json!({
                "service": "sqs", "operation": "SendMessage", "response": cut,
            }),
        ),
        fault(
            "a workflow's start fails",
            0.1,
            1,
            json!({
                "service": "stepfunctions",
                "error": { "code": "ServiceUnavailable", "status": 503 },
            }),
        ),
        fault(
            "a workflow starts and its reply is cut",
            0.2,
            1,
            json!({
                "service": "stepfunctions", "operation": "StartExecution", "response": cut,
            }),
        ),
        fault(
            "a secret can't be read",
            0.1,
            1,
            json!({
                "service": "secretsmanager",
                "error": { "code": "InternalServiceError", "status": 500 },
            }),
        ),
    ]
}

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
