//! One write of a decision as one DynamoDB action.

use crate::{
    error::Error,
    keys::{self, DueShards, Key},
    row::{Item, Row, SCHEMA, number, primary, text, to_item},
};
use aws_sdk_dynamodb::types::AttributeValue;
use bubuh_core::{
    capacity::{Capacity, Change},
    id::{BlockId, DocumentId},
    inventory::{Block, Offer, Settled},
    lot::{Mark, StampMove},
    write::{Expect, Put, Write},
};
use std::{collections::HashMap, num::NonZeroU8};

/// A conditional put, update or delete.
#[derive(Debug)]
pub(super) struct Action {
    pub(super) what: What,
    pub(super) condition: Option<&'static str>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

#[derive(Debug)]
pub(super) enum What {
    Put(Item),
    Update { key: Item, expression: &'static str },
    Delete { key: Item },
}

/// The mark of a lot whose payment is or was disputed; absent otherwise.
const DISPUTED: &str = "disputed";
const ABSENT: &str = "attribute_not_exists(pk)";

impl Action {
    fn new(what: What, condition: Option<&'static str>) -> Self {
        Self {
            what,
            condition,
            names: HashMap::new(),
            values: HashMap::new(),
        }
    }

    fn name(mut self, placeholder: &str, name: &str) -> Self {
        self.names.insert(placeholder.to_owned(), name.to_owned());
        self
    }

    fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }
}

fn put<R: Row>(put: &Put<R>, shards: DueShards) -> Result<Action, Error> {
    let what = What::Put(to_item(&put.row, shards)?);
    Ok(match put.expect {
        Expect::Absent => Action::new(what, Some(ABSENT)),
        Expect::Version(version) => on_version(what, version),
    })
}

/// Only if the row is the one that was decided on.
fn on_version(what: What, version: u64) -> Action {
    Action::new(what, Some("#version = :version"))
        .name("#version", "version")
        .value(":version", number(version))
}

fn create<R: Row>(row: &R, shards: DueShards) -> Result<Action, Error> {
    Ok(Action::new(What::Put(to_item(row, shards)?), Some(ABSENT)))
}

fn update(key: &Key, expression: &'static str, condition: &'static str) -> Action {
    let key = primary(key);
    Action::new(What::Update { key, expression }, Some(condition))
}

fn stamps(change: &StampMove) -> Action {
    let condition = if change.needs_no_dispute() {
        "#from >= :n AND attribute_not_exists(#disputed)"
    } else {
        "#from >= :n"
    };
    let moved = update(
        &keys::lot(&change.account, change.lot),
        "SET #from = #from - :n, #to = #to + :n",
        condition,
    )
    .name("#from", change.from.name())
    .name("#to", change.to.name())
    .value(":n", number(change.count.get()));
    if change.needs_no_dispute() {
        moved.name("#disputed", DISPUTED)
    } else {
        moved
    }
}

fn mark(mark: &Mark) -> Action {
    let key = keys::lot(&mark.account, mark.lot);
    let there = "attribute_exists(pk)";
    if mark.disputed {
        update(&key, "SET #disputed = :yes", there)
            .name("#disputed", DISPUTED)
            .value(":yes", AttributeValue::Bool(true))
    } else {
        update(&key, "REMOVE #disputed", there).name("#disputed", DISPUTED)
    }
}

fn settle(settled: &Settled) -> Vec<Action> {
    let key = keys::block(settled.block);
    let unmoved = "#cursor = :cursor";
    let action = match settled.due_at_ms {
        Some(due_at_ms) => update(&key, "SET #due_at_ms = :due, #due_at = :due", unmoved)
            .value(":due", number(due_at_ms)),
        None => update(
            &key,
            "SET #settled = :cursor REMOVE #due_at_ms, #due_at, #due_shard",
            unmoved,
        )
        .name("#settled", "settled")
        .name("#due_shard", "due_shard"),
    };
    let action = action
        .name("#cursor", "cursor")
        .name("#due_at_ms", "due_at_ms")
        .name("#due_at", "due_at")
        .value(":cursor", number(settled.cursor));
    let mut actions = vec![action];
    if settled.used_up && settled.due_at_ms.is_none() {
        let key = primary(&keys::open_block(settled.block));
        actions.push(Action::new(What::Delete { key }, None));
    }
    actions
}

const UNTIED: &str =
    "attribute_not_exists(#document) AND (attribute_not_exists(#block) OR #block = :from)";

/// A change of a serial's row.
fn serial(offer: &Offer, expression: &'static str, condition: &'static str) -> Action {
    update(&keys::serial(&offer.serial), expression, condition)
        .name("#document", "document")
        .name("#block", "block")
}

fn enter(offer: &Offer) -> Action {
    let mut item = primary(&keys::serial(&offer.serial));
    item.insert("block".to_owned(), text(offer.block.to_string()));
    item.insert("schema".to_owned(), number(SCHEMA));
    Action::new(What::Put(item), Some(ABSENT))
}

fn offer(offer: &Offer, from: BlockId) -> Action {
    serial(offer, "SET #block = :block, #schema = :schema", UNTIED)
        .name("#schema", "schema")
        .value(":from", text(from.to_string()))
        .value(":block", text(offer.block.to_string()))
        .value(":schema", number(SCHEMA))
}

fn bind(offer: &Offer, document: DocumentId) -> Action {
    serial(
        offer,
        "SET #document = :document, #schema = :schema",
        UNTIED,
    )
    .name("#schema", "schema")
    .value(":document", text(document.to_string()))
    .value(":from", text(offer.block.to_string()))
    .value(":schema", number(SCHEMA))
}

fn unbind(offer: &Offer, document: DocumentId) -> Action {
    let expression = "SET #block = :block REMOVE #document";
    serial(offer, expression, "#document = :document")
        .value(":document", text(document.to_string()))
        .value(":block", text(offer.block.to_string()))
}

fn capacity(capacity: &Capacity, slots: NonZeroU8) -> Action {
    let key = keys::capacity(capacity.slot % slots);
    let (n, needed) = match capacity.change {
        Change::Claim { count, leave } => {
            let needed = i64::from(count.get()).saturating_add(i64::from(leave.get()));
            (-i64::from(count.get()), Some(needed))
        }
        Change::Owe(count) => (-i64::from(count.get()), None),
        Change::Free(count) => (i64::from(count.get()), None),
    };
    let what = What::Update {
        key: primary(&key),
        expression: "ADD #free :n SET #schema = :schema",
    };
    let action = Action::new(what, needed.map(|_| "#free >= :needed"))
        .name("#free", "free")
        .name("#schema", "schema")
        .value(":schema", number(SCHEMA))
        .value(":n", number(n));
    match needed {
        Some(needed) => action.value(":needed", number(needed)),
        None => action,
    }
}

fn open(block: &Block, shards: DueShards) -> Result<Vec<Action>, Error> {
    let mut pointer = primary(&keys::open_block(block.id));
    pointer.insert("schema".to_owned(), number(SCHEMA));
    Ok(vec![
        create(block, shards)?,
        Action::new(What::Put(pointer), Some(ABSENT)),
    ])
}

/// The actions of a write; all but blocks are one.
pub(super) fn actions(
    write: &Write,
    shards: DueShards,
    slots: NonZeroU8,
) -> Result<Vec<Action>, Error> {
    Ok(match write {
        Write::Order(row) => vec![put(row, shards)?],
        Write::Payment(row) => vec![put(row, shards)?],
        Write::Refund(row) => vec![put(row, shards)?],
        Write::Document(row) => vec![put(row, shards)?],
        Write::Lot(lot) => vec![create(lot, shards)?],
        Write::Move(change) => vec![stamps(change)],
        Write::Mark(change) => vec![mark(change)],
        Write::Settle(settled) => settle(settled),
        Write::Enter(offer) => vec![enter(offer)],
        Write::Minting(row) => vec![put(row, shards)?],
        Write::Offer { offer: new, from } => vec![offer(new, *from)],
        Write::Bind { offer, document } => vec![bind(offer, *document)],
        Write::Unbind { offer, document } => vec![unbind(offer, *document)],
        Write::List { account, document } => {
            let mut item = primary(&keys::waiting(account, *document));
            item.insert("schema".to_owned(), number(SCHEMA));
            vec![Action::new(What::Put(item), None)]
        }
        Write::Unlist { account, document } => {
            let key = primary(&keys::waiting(account, *document));
            vec![Action::new(What::Delete { key }, None)]
        }
        Write::Capacity(change) => vec![capacity(change, slots)],
        Write::Sales(row) => vec![put(row, shards)?],
        Write::Queue(row) => vec![put(row, shards)?],
        Write::Block(block) => open(block, shards)?,
        Write::Ledger(entry) => vec![create(entry, shards)?],
        Write::Case(row) => vec![put(row, shards)?],
        Write::Statement(row) => vec![put(row, shards)?],
        Write::Hooks(row) => vec![put(row, shards)?],
        Write::Event(row) => vec![put(row, shards)?],
        Write::Forget { event, version } => {
            let key = primary(&keys::event(*event));
            vec![on_version(What::Delete { key }, *version)]
        }
    })
}
