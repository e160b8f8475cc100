//! The faults of the proxy, in the proxy's words.

use serde_json::{Value, json};

/// A fault of the proxy.
pub(super) struct Fault {
    /// What goes wrong.
    pub(super) name: &'static str,
    /// What it matches and what it does, in the proxy's words.
    pub(super) rule: Value,
    /// How often it strikes all the time.
    pub(super) always: f64,
    /// How many of the first matching calls it surely strikes.
    pub(super) first: u32,
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
pub(super) fn faults(uploads: &str, stamped: &str) -> Vec<Fault> {
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
