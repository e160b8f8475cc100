//! Rows to DynamoDB items and back. Every item carries its schema version.

use crate::{
    error::Error,
    keys::{self, DueShards, Key},
};
use aws_sdk_dynamodb::types::AttributeValue;
use bubuh_core::{
    case::Case, document::Document, event::Event, hook::Hooks, inventory::Block, ledger::Entry,
    lot::Lot, minting::Minting, order::Order, payment::Payment, queue::Snapshot, refund::Refund,
    sales::Switch, settlement::Statement,
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// The version of the rows this code writes.
pub(crate) const SCHEMA: u32 = 1;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// A kind of row: its key and its places in the indexes.
pub(crate) trait Row: Serialize + DeserializeOwned {
    fn key(&self) -> Key;
    fn due_at_ms(&self) -> Option<u64> {
        None
    }
    /// The shard of the `due` index in which whoever looks at it finds it.
    fn due_shard(&self, shards: DueShards) -> String {
        shards.of(&self.key().pk)
    }
    /// The listing it stands in: its account's, or that of cases.
    fn listed(&self) -> Option<(String, String)> {
        None
    }
}

impl Row for Order {
    fn key(&self) -> Key {
        keys::order(self.id)
    }
    fn due_at_ms(&self) -> Option<u64> {
        self.due_at_ms
    }
    fn listed(&self) -> Option<(String, String)> {
        Some((
            keys::account_orders(&self.account),
            keys::account_sort(self.created_at_ms, self.id),
        ))
    }
}

impl Row for Document {
    fn key(&self) -> Key {
        keys::document(self.id)
    }
    fn due_at_ms(&self) -> Option<u64> {
        self.due_at_ms
    }
    fn listed(&self) -> Option<(String, String)> {
        Some((
            keys::account_documents(&self.account),
            keys::account_sort(self.created_at_ms, self.id),
        ))
    }
}

impl Row for Refund {
    fn key(&self) -> Key {
        keys::refund(self.order, self.key)
    }
    fn due_at_ms(&self) -> Option<u64> {
        self.due_at_ms
    }
}

impl Row for Payment {
    fn key(&self) -> Key {
        keys::payment(self.order, &self.transaction)
    }
    fn due_at_ms(&self) -> Option<u64> {
        self.payout.due_at_ms
    }
}

impl Row for Lot {
    fn key(&self) -> Key {
        keys::lot(&self.account, self.id)
    }
}

impl Row for Block {
    fn key(&self) -> Key {
        keys::block(self.id)
    }
    fn due_at_ms(&self) -> Option<u64> {
        self.due_at_ms
    }
}

impl Row for Entry {
    fn key(&self) -> Key {
        keys::entry(self)
    }
}

impl Row for Switch {
    fn key(&self) -> Key {
        keys::sales()
    }
}

impl Row for Minting {
    fn key(&self) -> Key {
        keys::minting()
    }
}

impl Row for Snapshot {
    fn key(&self) -> Key {
        keys::queue()
    }
}

impl Row for Hooks {
    fn key(&self) -> Key {
        keys::hooks(&self.account)
    }
}

impl Row for Event {
    fn key(&self) -> Key {
        keys::event(self.id)
    }
    fn due_at_ms(&self) -> Option<u64> {
        Some(self.due_at_ms)
    }
    fn due_shard(&self, shards: DueShards) -> String {
        if self.is_given_up() {
            keys::GIVEN_UP.to_owned()
        } else {
            shards.of_event(&self.key().pk)
        }
    }
    fn listed(&self) -> Option<(String, String)> {
        Some((
            keys::account_events(&self.account),
            keys::account_sort(self.at_ms, self.id),
        ))
    }
}

impl Row for Statement {
    fn key(&self) -> Key {
        keys::statement(self.id)
    }
    fn due_at_ms(&self) -> Option<u64> {
        self.due_at_ms
    }
}

impl Row for Case {
    fn key(&self) -> Key {
        keys::case(self.id)
    }
    fn listed(&self) -> Option<(String, String)> {
        Some((
            keys::cases(self.closed.is_none()),
            keys::account_sort(self.opened_at_ms, self.id),
        ))
    }
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn primary(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), text(&key.pk)),
        ("sk".to_owned(), text(&key.sk)),
    ])
}

/// The item of a row. Index attributes are there only when the row belongs in the index.
pub(crate) fn to_item<R: Row>(row: &R, shards: DueShards) -> Result<Item, Error> {
    let key = row.key();
    let mut item: Item = serde_dynamo::to_item(row).map_err(|e| Error::Unreadable {
        what: format!("{} {}", key.pk, key.sk),
        why: e.to_string(),
    })?;
    if let Some(due_at_ms) = row.due_at_ms() {
        item.insert("due_shard".to_owned(), text(row.due_shard(shards)));
        item.insert("due_at".to_owned(), number(due_at_ms));
    }
    if let Some((account_key, account_sort)) = row.listed() {
        item.insert("account_key".to_owned(), text(account_key));
        item.insert("account_sort".to_owned(), text(account_sort));
    }
    item.insert("schema".to_owned(), number(SCHEMA));
    item.extend(primary(&key));
    Ok(item)
}

/// The row of an item.
pub(crate) fn from_item<R: Row>(item: Item) -> Result<R, Error> {
    let what = format!("{} {}", attribute(&item, "pk"), attribute(&item, "sk"));
    let schema = match item.get("schema") {
        Some(AttributeValue::N(n)) => n.parse::<u32>().ok(),
        _ => None,
    };
    if schema.is_none_or(|schema| schema > SCHEMA) {
        return Err(Error::Unreadable {
            what,
            why: format!("schema {schema:?} is newer than {SCHEMA}"),
        });
    }
    serde_dynamo::from_item(item).map_err(|e| Error::Unreadable {
        what,
        why: e.to_string(),
    })
}

/// A text attribute; empty when it is not there.
pub(crate) fn attribute<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(AttributeValue::S(text)) => text,
        _ => "",
    }
}
