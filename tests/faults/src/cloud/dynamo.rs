//! The table: `DynamoDB`'s JSON protocol over `dynoxide`, an engine that is tested against AWS.

use super::{TABLE, reply::json};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json as value};

pub(crate) struct Dynamo {
    pub(crate) db: Database,
    /// How many requests may have changed it.
    pub(crate) writes: u64,
}

impl Dynamo {
    /// The table of `infra/template.yaml`, empty.
    pub(super) fn new() -> Self {
        let db = Database::memory().expect("a database in memory");
        let index = |name: &str, hash: &str, range: &str| {
            value!({
                "IndexName": name,
                "KeySchema": [
                    { "AttributeName": hash, "KeyType": "HASH" },
                    { "AttributeName": range, "KeyType": "RANGE" }
                ],
                "Projection": { "ProjectionType": "KEYS_ONLY" }
            })
        };
        let attribute =
            |name: &str, kind: &str| value!({ "AttributeName": name, "AttributeType": kind });
        let table = value!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                attribute("pk", "S"), attribute("sk", "S"),
                attribute("due_shard", "S"), attribute("due_at", "N"),
                attribute("account_key", "S"), attribute("account_sort", "S")
            ],
            "KeySchema": [
                { "AttributeName": "pk", "KeyType": "HASH" },
                { "AttributeName": "sk", "KeyType": "RANGE" }
            ],
            "GlobalSecondaryIndexes": [
                index("due", "due_shard", "due_at"),
                index("by_account", "account_key", "account_sort")
            ]
        });
        let request = serde_json::from_value(table).expect("a table");
        db.create_table(request).expect("the table");
        Self { db, writes: 0 }
    }

    pub(super) fn handle(&mut self, operation: &str, body: &[u8]) -> HttpResponse {
        self.writes += u64::from(writes(operation));
        let db = &self.db;
        let done = match operation {
            "GetItem" => run(body, |r| db.get_item(r)),
            "PutItem" => run(body, |r| db.put_item(r)),
            "UpdateItem" => run(body, |r| db.update_item(r)),
            "DeleteItem" => run(body, |r| db.delete_item(r)),
            "Query" => run(body, |r| db.query(r)),
            "Scan" => run(body, |r| db.scan(r)),
            "BatchGetItem" => run(body, |r| db.batch_get_item(r)),
            "TransactGetItems" => run(body, |r| db.transact_get_items(r)),
            "TransactWriteItems" => run(body, |r| db.transact_write_items(r)),
            other => panic!("the table has no operation {other}"),
        };
        match done {
            Ok(reply) => json(200, reply),
            Err(e) => json(e.status_code(), e.to_json()),
        }
    }

    /// Puts these items in, past the door.
    pub(crate) fn load(&mut self, items: Vec<dynoxide::Item>) {
        self.writes += 1;
        let loaded = self
            .db
            .import_items(TABLE, items, dynoxide::ImportOptions::default());
        loaded.expect("the items");
    }

    /// Every item, read past the door.
    pub(crate) fn items(&self) -> Vec<Value> {
        self.scan(value!({ "TableName": TABLE, "ConsistentRead": true }))
    }

    /// The keys of every item that is due at some time, and when.
    pub(crate) fn due(&self) -> Vec<Value> {
        self.scan(value!({ "TableName": TABLE, "IndexName": "due" }))
    }

    fn scan(&self, scan: Value) -> Vec<Value> {
        let mut items = Vec::new();
        let mut from = Value::Null;
        loop {
            let mut scan = scan.clone();
            if !from.is_null() {
                scan["ExclusiveStartKey"] = from;
            }
            let request = serde_json::from_value(scan).expect("a scan");
            let page = serde_json::to_value(self.db.scan(request).expect("a page")).expect("JSON");
            items.extend(page["Items"].as_array().cloned().unwrap_or_default());
            from = page["LastEvaluatedKey"].clone();
            if from.is_null() {
                return items;
            }
        }
    }
}

/// Whether a call may change the table.
pub(super) fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems"
    )
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    act: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_slice(body)
        .map_err(|e| DynoxideError::SerializationException(e.to_string()))?;
    let answer = act(request)?;
    Ok(serde_json::to_string(&answer).expect("JSON"))
}

/// Another transaction holds an item: the words depend on the call.
pub(super) fn conflict(operation: &str, body: &[u8]) -> HttpResponse {
    if operation != "TransactWriteItems" {
        return super::reply::json_error(
            400,
            "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
            "Transaction is ongoing for the item",
        );
    }
    let request: Value = serde_json::from_slice(body).expect("a transaction");
    let items = request["TransactItems"].as_array().map_or(0, Vec::len);
    let reasons: Vec<Value> = (0..items)
        .map(|i| match i {
            0 => value!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing" }),
            _ => value!({ "Code": "None" }),
        })
        .collect();
    json(
        400,
        value!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled",
            "CancellationReasons": reasons
        })
        .to_string(),
    )
}
