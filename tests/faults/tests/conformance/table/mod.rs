//! The table: `DynamoDB` as the store's adapter uses it.

mod adapter;
mod conditions;
mod counters;
mod listings;
mod refusals;
#[path = "../../faults/store/rules.rs"]
#[allow(dead_code)] // shared with the other tests
mod rules;
mod transactions;

use crate::sides::Side;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        KeyType, Projection, ProjectionType, ScalarAttributeType,
    },
};
use std::collections::{BTreeMap, HashMap};

pub(crate) const NAMES: &[&[&str]] = &[
    adapter::NAMES,
    conditions::NAMES,
    counters::NAMES,
    listings::NAMES,
    refusals::NAMES,
    transactions::NAMES,
];

type Item = HashMap<String, AttributeValue>;

/// An empty table and its client.
struct Given {
    client: Client,
    table: String,
}

async fn given(side: &Side) -> Given {
    let client = Client::new(&side.config);
    let table = match side.fake {
        Some(_) => bubuh_faults::cloud::TABLE.to_owned(),
        None => side.name.clone(),
    };
    if side.fake.is_none() {
        create(&client, &table).await;
    }
    Given { client, table }
}

/// The table of `infra/template.yaml`.
async fn create(client: &Client, table: &str) {
    let attribute = |name: &str, kind| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(kind).build().unwrap()
    };
    let text = ScalarAttributeType::S;
    client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", text.clone()))
        .attribute_definitions(attribute("sk", text.clone()))
        .attribute_definitions(attribute("due_shard", text.clone()))
        .attribute_definitions(attribute("due_at", ScalarAttributeType::N))
        .attribute_definitions(attribute("account_key", text.clone()))
        .attribute_definitions(attribute("account_sort", text))
        .set_key_schema(Some(keys("pk", "sk")))
        .global_secondary_indexes(index("due", "due_shard", "due_at"))
        .global_secondary_indexes(index("by_account", "account_key", "account_sort"))
        .send()
        .await
        .unwrap();
}

fn keys(hash: &str, range: &str) -> Vec<KeySchemaElement> {
    [(hash, KeyType::Hash), (range, KeyType::Range)]
        .map(|(name, kind)| {
            let key = KeySchemaElement::builder().attribute_name(name);
            key.key_type(kind).build().unwrap()
        })
        .into()
}

fn index(name: &str, hash: &str, range: &str) -> GlobalSecondaryIndex {
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly);
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys(hash, range)))
        .projection(keys_only.build())
        .build()
        .unwrap()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn key(pk: &str) -> Item {
    item(pk, [])
}

fn item<const N: usize>(pk: &str, fields: [(&str, AttributeValue); N]) -> Item {
    let mut item: Item = fields.map(|(name, value)| (name.to_owned(), value)).into();
    item.insert("pk".to_owned(), text(pk));
    item.insert("sk".to_owned(), text("ROW"));
    item
}

impl Given {
    async fn put(&self, item: Item) {
        let put = self.client.put_item().table_name(&self.table);
        put.set_item(Some(item)).send().await.unwrap();
    }

    /// Everything, in an order that does not change.
    async fn rows(&self) -> Vec<BTreeMap<String, AttributeValue>> {
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true);
        let items = scan.send().await.unwrap().items.unwrap();
        let mut rows: Vec<BTreeMap<_, _>> = items.into_iter().map(BTreeMap::from_iter).collect();
        rows.sort_by_key(|row| format!("{:?} {:?}", row["pk"], row["sk"]));
        rows
    }

    async fn get(&self, pk: &str) -> Option<Item> {
        let get = self.client.get_item().table_name(&self.table);
        let found = get
            .set_key(Some(key(pk)))
            .consistent_read(true)
            .send()
            .await;
        found.unwrap().item
    }
}
