//! What a stamped document costs in requests and write units, counted at the AWS clients.
//!
//! The queues' own calls between Lambda and the functions, the invocations, and the user's upload and download are not
//! made by our clients; `infra/deadline` adds them.

use crate::make;
use bubuh_core::{
    id::{IdempotencyKey, Sha256},
    money::Stamps,
    payment::Method,
};
use bubuh_faults::{
    cloud::{Service, Site},
    world::{Retries, World, in_virtual_time},
};
use bubuh_sandbox::Pay;
use bubuh_steps::{Accepted, Delivery, Done, order::Request};
use serde_json::Value;
use std::collections::BTreeMap;

/// Owners with three documents each.
const OWNERS: usize = 40;
const EACH: usize = 3;

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

/// What a write of an item costs in the two indexes: one each that it stands in, one for what it leaves behind there.
fn index_units(item: &Value) -> usize {
    usize::from(item.get("due_shard").is_some()) + usize::from(item.get("account_key").is_some())
}

fn add(costs: &mut BTreeMap<&'static str, Cost>, part: &'static str, site: &Site) {
    let body: Value = serde_json::from_slice(&site.body).unwrap_or_default();
    let cost = costs.entry(part).or_default();
    cost.requests += 1;
    if site.service != Service::Dynamo {
        return;
    }
    match site.operation.as_str() {
        "PutItem" => {
            cost.write_units += units(&body["Item"]);
            cost.index_units += index_units(&body["Item"]);
        }
        "UpdateItem" | "DeleteItem" => cost.write_units += 1,
        "TransactWriteItems" => {
            for action in body["TransactItems"].as_array().into_iter().flatten() {
                let item = &action["Put"]["Item"];
                cost.write_units += 2 * if item.is_null() { 1 } else { units(item) };
                cost.index_units += index_units(item);
            }
        }
        _ => {}
    }
}

async fn with_stamps(owners: usize) -> World {
    let world = World::new(1, Retries::None);
    let mut sweep = world.sweep();
    sweep.block_size = 100;
    sweep.open_blocks = 64;
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

#[test]
fn a_stamped_document_costs_no_more_requests_and_write_units_than_it_did() {
    in_virtual_time(|| async {
        let world = with_stamps(OWNERS).await;
        let (desk, intake, stamper) = (world.desk(), world.intake(), world.stamper());
        let mut costs = BTreeMap::new();
        for n in 0..OWNERS * EACH {
            let mut from = world.cloud.count();
            let mut part = |part| {
                for site in &world.cloud.sites()[from..] {
                    add(&mut costs, part, site);
                }
                from = world.cloud.count();
            };
            let file = format!("file {n}").into_bytes();
            let name = format!("surat-pernyataan-{n:06}");
            let mut announced = make::announced("x", &name, &file);
            announced.account = owner(n % OWNERS);
            let document = desk.announce(announced).await.unwrap();
            let link = desk.upload_link(&document).await.unwrap().unwrap();
            part("announce");
            world.cloud.follow(&link, &file).unwrap();
            let accepted = intake.accept(document.id, Delivery::First).await.unwrap();
            assert_eq!(accepted, Accepted::Queued);
            part("accept");
            assert_eq!(stamper.stamp(document.id).await.unwrap(), Done::Stamped);
            part("stamp");
            world.wait(50);
        }
        let documents = OWNERS * EACH;
        let mut sum = Cost::default();
        for (part, cost) in &costs {
            let each = |n: usize| {
                f64::from(u32::try_from(n).unwrap()) / f64::from(u32::try_from(documents).unwrap())
            };
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
        assert!(sum.requests <= documents * 15, "{sum:?} for {documents}");
        assert!(sum.write_units <= documents * 24, "{sum:?} for {documents}");
    });
}
