//! What a stamped document costs in requests and write units, counted at the AWS clients over a batch of a thousand.
//! The owner's own looks and the download are not in it.

use crate::make;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bubuh_core::{
    document::DocumentState,
    id::{IdempotencyKey, Sha256},
    inventory::{BLOCK_SIZE, OPEN_BLOCKS, SETTLE_AFTER_MS},
    money::Stamps,
    payment::Method,
};
use bubuh_enqueue::uploads;
use bubuh_faults::{
    cloud::{BULK_URL, STAMPS_URL, Service, Site, UPLOADS_URL},
    driver::event,
    world::{Retries, World, in_virtual_time},
};
use bubuh_sandbox::Pay;
use bubuh_stamp::handler;
use bubuh_steps::order::Request;
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use std::collections::BTreeMap;

/// Owners with four documents each.
const OWNERS: usize = 250;
const EACH: usize = 4;
/// Messages in one delivery.
const BATCH: usize = 10;

#[derive(Debug, Default, PartialEq, Eq)]
struct Cost {
    requests: usize,
    write_units: usize,
    index_units: usize,
}

/// A write unit is a kibibyte of an item, names and values; a transaction takes two.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
fn units(item: &Value) -> usize {
    let size: usize = item
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| name.len() + size_of(value))
        .sum();
    size.div_ceil(1_024).max(1)
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
fn size_of(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|v| v.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        ("L", Value::Array(items)) => 3 + items.iter().map(|item| 1 + size_of(item)).sum::<usize>(),
        ("M", Value::Object(fields)) => {
            let fields = fields.iter();
            3 + fields
                .map(|(name, value)| 1 + name.len() + size_of(value))
                .sum::<usize>()
        }
        _ => 1,
    }
}

/// What a write of a row costs in the two indexes, whose entries hold keys only: one for each that is new or gone, two
/// for one that moves.
fn index_units(before: Option<&Value>, after: &Value) -> usize {
    let entry = |row: Option<&Value>, keys: [&str; 2]| {
        let row = row?;
        let [hash, range] = keys.map(|key| row.get(key).cloned());
        Some((hash?, range?))
    };
    [["due_shard", "due_at"], ["account_key", "account_sort"]]
        .into_iter()
        .map(
            |keys| match (entry(before, keys), entry(Some(after), keys)) {
                (None, None) => 0,
                (Some(was), Some(is)) if was == is => 0,
                (Some(_), Some(_)) => 2,
                _ => 1,
            },
        )
        .sum()
}

/// What was written: the table's rows, kept along to know what a write changes.
#[derive(Default)]
struct Rows {
    now: BTreeMap<String, Value>,
    end: BTreeMap<String, Value>,
}

impl Rows {
    fn key(keys: &Value) -> String {
        format!("{} {}", keys["pk"], keys["sk"])
    }

    /// A write of a whole row costs what it is large, and its changes in the indexes.
    fn put(&mut self, row: &Value, cost: &mut Cost, times: usize) {
        let before = self.now.insert(Self::key(row), row.clone());
        let larger = units(row).max(before.as_ref().map_or(1, units));
        cost.write_units += times * larger;
        cost.index_units += index_units(before.as_ref(), row);
    }

    fn change(&mut self, key: &Value, cost: &mut Cost, times: usize) {
        cost.write_units += times * self.end.get(&Self::key(key)).map_or(1, units);
    }

    /// What the table holds in the end, to know how large what was changed in place is.
    fn ends(&mut self, items: Vec<Value>) {
        let items = items.into_iter();
        self.end = items.map(|row| (Self::key(&row), row)).collect();
    }
}

/// Counts a request. Rows that are changed in place are as large as they are in the end.
fn add(cost: &mut Cost, rows: &mut Rows, site: &Site) {
    cost.requests += 1;
    if site.service != Service::Dynamo {
        return;
    }
    let body: Value = serde_json::from_slice(&site.body).unwrap_or_default();
    match site.operation.as_str() {
        "PutItem" => rows.put(&body["Item"], cost, 1),
        "UpdateItem" | "DeleteItem" => rows.change(&body["Key"], cost, 1),
        "TransactWriteItems" => {
            for action in body["TransactItems"].as_array().into_iter().flatten() {
                let put = &action["Put"]["Item"];
                let keys = [&action["Update"]["Key"], &action["Delete"]["Key"]];
                if put.is_null() {
                    rows.change(keys.into_iter().find(|k| !k.is_null()).unwrap(), cost, 2);
                } else {
                    rows.put(put, cost, 2);
                }
            }
        }
        _ => {}
    }
}

async fn with_stamps(owners: usize) -> World {
    let world = World::new(1, Retries::None);
    let mut sweep = world.sweep();
    (sweep.block_size, sweep.open_blocks) = (BLOCK_SIZE, OPEN_BLOCKS);
    sweep.restock().await.unwrap();
    for n in 0..owners {
        let request = Request {
            key: IdempotencyKey::new("k").unwrap(),
            quantity: Stamps::new(u32::try_from(EACH).unwrap()),
            method: Method::Qris,
            hash: Sha256::of(b"k"),
        };
        let sales = world.sales();
        let order = sales.place(&owner(n), request).await.unwrap();
        world.bank.with(|bank, now_ms| {
            let id = order.id.to_string();
            bank.pay(now_ms, &id, Pay::default()).unwrap();
        });
        sales.observe(order.id, None).await.unwrap();
    }
    world.watch().look().await.unwrap();
    world
}

fn owner(n: usize) -> bubuh_core::id::AccountId {
    // As long as an identity provider's subject.
    make::account(&format!("8f14e45f-ceea-467f-9575-{n:012}"))
}

/// Deliveries of a queue's messages, as full as they get; gives how many.
async fn deliver(world: &World, queue: &str, handle: &Handle<'_>) -> usize {
    let mut deliveries = 0;
    loop {
        let letters = world.cloud.letters();
        let letters: Vec<_> = letters
            .into_iter()
            .filter(|l| l.queue == queue)
            .take(BATCH)
            .collect();
        if letters.is_empty() {
            return deliveries;
        }
        let response = handle(event(&letters)).await;
        assert!(response.batch_item_failures.is_empty());
        letters.iter().for_each(|letter| world.cloud.taken(letter));
        deliveries += 1;
        world.wait(100);
    }
}

type Handle<'a> = dyn Fn(SqsEvent) -> BoxFuture<'a, SqsBatchResponse> + 'a;

#[test]
fn a_stamped_document_costs_at_most_twelve_requests_and_sixteen_write_units() {
    in_virtual_time(|| async {
        let world = with_stamps(OWNERS).await;
        let (desk, intake, stamper) = (world.desk(), world.intake(), world.stamper());
        // The wakes of the paid orders are theirs.
        let uploads: &Handle<'_> = &|event| uploads::batch(&intake, event).boxed();
        deliver(&world, UPLOADS_URL, uploads).await;
        let documents = OWNERS * EACH;
        let mut costs: BTreeMap<&str, Cost> = BTreeMap::new();
        let mut rows = Rows::default();
        let mut from = world.cloud.count();
        let mut part = |part, of_it: &dyn Fn(&Site) -> bool| {
            rows.ends(world.cloud.items());
            let sites = world.cloud.sites().split_off(from);
            for site in sites.iter().filter(|site| of_it(site)) {
                add(costs.entry(part).or_default(), &mut rows, site);
            }
            from += sites.len();
        };
        for n in 0..documents {
            let file = format!("file {n}").into_bytes();
            let mut announced =
                make::announced("x", &format!("surat-pernyataan-{n:06}.pdf"), &file);
            announced.account = owner(n % OWNERS);
            let document = desk.announce(announced).await.unwrap();
            let link = desk.upload_link(&document).await.unwrap().unwrap();
            world.cloud.follow(&link, &file).unwrap();
        }
        part("announce", &|_| true);
        let accepting = deliver(&world, UPLOADS_URL, uploads).await;
        part("accept", &|_| true);
        let stamps: &Handle<'_> = &|event| handler::batch(&stamper, event).boxed();
        let mut stamping = deliver(&world, STAMPS_URL, stamps).await;
        stamping += deliver(&world, BULK_URL, stamps).await;
        part("stamp", &|_| true);
        // Blocks are settled later, and each was minted and opened before.
        world.wait(SETTLE_AFTER_MS);
        world.sweep().pass().await.unwrap();
        let of_blocks = |site: &Site| {
            let shape = site.shape();
            shape.contains("BLOCK") || shape.contains("SERIAL")
        };
        part("settle", &of_blocks);
        let blocks = world.whole().await.rows.blocks;
        let used = blocks.iter().filter(|block| block.cursor > 0).count();
        let settling = costs.entry("settle").or_default();
        settling.index_units += 2 * used; // it becomes due, and is due no more
        settling.write_units += 4 * used; // its row and its place in the list, in a transaction
        // What our clients do not send: an invocation and the upload for each document, storage's message, and for each
        // delivery an invocation, a receive and a delete.
        for (part, requests) in [
            ("announce", documents * 3),
            ("accept", accepting * 3),
            ("stamp", stamping * 3),
        ] {
            costs.entry(part).or_default().requests += requests;
        }
        let stamped = world.whole().await.rows.documents;
        let stamped = stamped.iter().filter(|d| d.state == DocumentState::Stamped);
        assert_eq!(stamped.count(), documents);
        let mut sum = Cost::default();
        let each = |n: usize| {
            f64::from(u32::try_from(n).unwrap()) / f64::from(u32::try_from(documents).unwrap())
        };
        for (part, cost) in &costs {
            println!(
                "{part}: {:.2} requests, {:.2} write units, {:.2} index writes",
                each(cost.requests),
                each(cost.write_units),
                each(cost.index_units)
            );
            sum.requests += cost.requests;
            sum.write_units += cost.write_units;
            sum.index_units += cost.index_units;
        }
        println!(
            "in all: {:.2}, {:.2}, {:.2}",
            each(sum.requests),
            each(sum.write_units),
            each(sum.index_units)
        );
        assert!(sum.requests <= documents * 12, "{sum:?} for {documents}");
        assert!(sum.write_units <= documents * 16, "{sum:?} for {documents}");
    });
}
