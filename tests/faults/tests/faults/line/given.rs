//! Worlds with documents in the queue.

use crate::make;
use bubuh_core::{
    document::Document,
    id::{IdempotencyKey, Sha256},
    money::Stamps,
    payment::Method,
};
use bubuh_faults::{
    cloud::{Letter, UPLOADS_URL},
    world::{Retries, World},
};
use bubuh_sandbox::Pay;
use bubuh_steps::{Accepted, Delivery, Done, order::Request};

pub(super) struct Given {
    pub(super) world: World,
}

/// An account with so many stamps.
pub(super) async fn given(owner: &str, stamps: u32) -> Given {
    let world = World::new(1, Retries::None);
    let mut sweep = world.sweep();
    sweep.sellable = Stamps::new(stamps + 60);
    sweep.restock().await.unwrap();
    buys(&world, owner, stamps).await;
    Given { world }
}

/// Somebody else buys stamps.
pub(super) async fn buys(world: &World, owner: &str, stamps: u32) {
    let sales = world.sales();
    let request = Request {
        key: IdempotencyKey::new("k").unwrap(),
        quantity: Stamps::new(stamps),
        method: Method::Qris,
        hash: Sha256::of(b"k"),
    };
    let order = sales.place(&make::account(owner), request).await.unwrap();
    world.bank.with(|bank, now_ms| {
        bank.pay(now_ms, &order.id.to_string(), Pay::default())
            .unwrap();
    });
    sales.observe(order.id, None).await.unwrap();
}

fn name(n: u32) -> String {
    format!("document {n}")
}

/// The account's `n`th document, uploaded and accepted.
pub(super) async fn accepted(world: &World, owner: &str, n: u32) -> Document {
    assert_eq!(offered(world, owner, n).await, Accepted::Queued);
    row(world, n).await
}

/// What becomes of the account's `n`th document once it is uploaded.
pub(super) async fn offered(world: &World, owner: &str, n: u32) -> Accepted {
    let desk = world.desk();
    let file = format!("file {n}").into_bytes();
    let announced = make::announced(owner, &name(n), &file);
    let document = desk.announce(announced).await.unwrap();
    let link = desk.upload_link(&document).await.unwrap().unwrap();
    world.cloud.follow(&link, &file).unwrap();
    // Storage's word of it comes too, and is not needed.
    let letters = world.cloud.letters();
    for letter in letters.iter().filter(|l| l.queue == UPLOADS_URL) {
        lose(world, letter);
    }
    let accepted = world.intake().accept(document.id, Delivery::First).await;
    accepted.unwrap()
}

pub(super) async fn row(world: &World, n: u32) -> Document {
    let id = make::document_id(&name(n));
    world.table().document(id).await.unwrap().unwrap()
}

/// A message that the queue loses.
pub(super) fn lose(world: &World, letter: &Letter) {
    world.cloud.taken(letter);
}

/// A worker takes the document up and acknowledges its message.
pub(super) async fn stamped(world: &World, n: u32) {
    let row = row(world, n).await;
    assert_eq!(world.stamper().stamp(row.id).await.unwrap(), Done::Stamped);
    for letter in world.cloud.letters() {
        if letter.body.contains(&row.id.to_string()) {
            lose(world, &letter);
        }
    }
}
