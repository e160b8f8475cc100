//! What becomes of documents.

use super::{DAY_MS, Ends, MINUTE_MS, people::Person};
use crate::remote::pdf;
use crate::{
    cloud::{STAMPS_URL, UPLOADS_URL},
    driver::Driver,
};
use bubuh_core::{document::DocumentState, order::OrderState, payment::Method};
use std::sync::LazyLock;

const ANI: Person<'_> = Person("ani");

/// An order that is placed, paid and credited.
async fn bought(driver: &mut Driver, ends: &mut Ends, name: &'static str, quantity: u32) {
    let order = ANI.order(driver, name, quantity, Method::Qris).await;
    ANI.pays(driver, ends, order, None);
    driver.settle().await;
    ends.orders.push((name, order, OrderState::Credited));
}

async fn later(driver: &mut Driver, ms: u64) {
    let end_ms = driver.world.now_ms() + ms;
    driver.run_until(end_ms).await;
}

pub(super) async fn plain(driver: &mut Driver, ends: &mut Ends) {
    bought(driver, ends, "one", 1).await;
    let plain = ANI.announces(driver, "plain", b"a plain file").await;
    ANI.uploads(driver, &plain).await;
    later(driver, 30 * MINUTE_MS).await;
    ends.documents
        .push(("plain", plain.id, DocumentState::Stamped));
    later(driver, 8 * DAY_MS).await;
    ends.purged.push(plain.id);
}

pub(super) async fn in_chunks(driver: &mut Driver, ends: &mut Ends) {
    static LONG: [u8; 64 * 1024 + 9] = [b'x'; 64 * 1024 + 9];
    bought(driver, ends, "one", 1).await;
    let long = ANI.announces(driver, "in chunks", &LONG).await;
    ANI.uploads_in_chunks(driver, &long).await;
    later(driver, 30 * MINUTE_MS).await;
    ends.documents
        .push(("in chunks", long.id, DocumentState::Stamped));
    later(driver, 8 * DAY_MS).await;
    ends.purged.push(long.id);
}

pub(super) async fn waits(driver: &mut Driver, ends: &mut Ends) {
    bought(driver, ends, "one", 1).await;
    let first = ANI.announces(driver, "first", b"the first file").await;
    let waits = ANI.announces(driver, "waits", b"a file that waits").await;
    for document in [&first, &waits] {
        ANI.uploads(driver, document).await;
    }
    driver.settle().await;
    bought(driver, ends, "more", 1).await;
    later(driver, 30 * MINUTE_MS).await;
    let stamped = DocumentState::Stamped;
    ends.documents.push(("first", first.id, stamped));
    ends.documents.push(("waits", waits.id, stamped));
}

pub(super) async fn refused(driver: &mut Driver, ends: &mut Ends) {
    bought(driver, ends, "one", 1).await;
    let unfit = ANI.announces(driver, "unfit", b"UNFIT").await;
    let hard = ANI.announces(driver, "hard", b"UNSTAMPABLE").await;
    for document in [&unfit, &hard] {
        ANI.uploads(driver, document).await;
    }
    later(driver, 15 * MINUTE_MS).await;
    // The only stamp was reserved for the second, and is back.
    let next = ANI.announces(driver, "next", b"who gets its stamp").await;
    ANI.uploads(driver, &next).await;
    later(driver, 30 * MINUTE_MS).await;
    ends.documents.extend([
        ("unfit", unfit.id, DocumentState::Rejected),
        ("hard", hard.id, DocumentState::Rejected),
        ("next", next.id, DocumentState::Stamped),
    ]);
}

pub(super) async fn regretted(driver: &mut Driver, ends: &mut Ends) {
    bought(driver, ends, "one", 1).await;
    let regretted = ANI.announces(driver, "regretted", b"regretted").await;
    ANI.uploads(driver, &regretted).await;
    driver.messages(|l| l.queue == UPLOADS_URL).await;
    ANI.cancels(driver, &regretted).await;
    driver.messages(|l| l.queue == STAMPS_URL).await;
    let instead = ANI.announces(driver, "instead", b"another file").await;
    ANI.uploads(driver, &instead).await;
    let unsent = ANI.announces(driver, "unsent", b"never sent").await;
    ANI.cancels(driver, &unsent).await;
    later(driver, 30 * MINUTE_MS).await;
    ends.documents.extend([
        ("regretted", regretted.id, DocumentState::Cancelled),
        ("instead", instead.id, DocumentState::Stamped),
        ("unsent", unsent.id, DocumentState::Cancelled),
    ]);
}

pub(super) async fn erased(driver: &mut Driver, ends: &mut Ends) {
    bought(driver, ends, "one", 1).await;
    let stamped = ANI.announces(driver, "stamped", b"a private file").await;
    let waits = ANI
        .announces(driver, "waits", b"another private file")
        .await;
    for document in [&stamped, &waits] {
        ANI.uploads(driver, document).await;
        // Whatever fails: only what has ended, or waits, can be erased.
        later(driver, 30 * MINUTE_MS).await;
    }
    for document in [&stamped, &waits] {
        ANI.erases(driver, document).await;
    }
    later(driver, 30 * MINUTE_MS).await;
    ends.documents.extend([
        ("stamped", stamped.id, DocumentState::Stamped),
        ("waits", waits.id, DocumentState::Cancelled),
    ]);
    ends.purged.extend([stamped.id, waits.id]);
    ends.erased = true;
}

pub(super) async fn no_serials(driver: &mut Driver, ends: &mut Ends) {
    ANI.is_owed(driver, "one", 1).await;
    bought(driver, ends, "one", 1).await;
    let early = ANI.announces(driver, "early", b"an early file").await;
    ANI.uploads(driver, &early).await;
    driver.settle().await;
    driver.sweep().await;
    later(driver, 30 * MINUTE_MS).await;
    ends.documents
        .push(("early", early.id, DocumentState::Stamped));
}

pub(super) async fn remote(driver: &mut Driver, ends: &mut Ends) {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| pdf("a file"));
    bought(driver, ends, "one", 1).await;
    let remote = ANI.announces(driver, "remote", &FILE).await;
    ANI.uploads(driver, &remote).await;
    later(driver, 30 * MINUTE_MS).await;
    // What was asked and did not come is missed, and found in the issuer's books.
    for _ in 0..3 {
        driver.sweep().await;
        later(driver, 35 * MINUTE_MS).await;
    }
    ends.documents
        .push(("remote", remote.id, DocumentState::Stamped));
}
