//! Each write's condition holds when it should, fails when it should, and takes the rest with it.

use super::world;
use crate::make;
use bubuh_core::{
    case::{Case, CaseKind},
    inventory::Take,
    ledger::Entry,
    lot::{Bucket, Mark, StampMove},
    money::Stamps,
    refund::{Refund, RefundReason},
    write::{Expect, Put, Write},
};
use bubuh_faults::world::{EPOCH_MS, World};
use bubuh_store::Error;

/// A write that holds after `before` was written, and one that must not.
struct Rule {
    name: &'static str,
    before: Vec<Write>,
    holds: Write,
    fails: Write,
}

fn put<T>(expect: Expect, row: T) -> Put<T> {
    Put { expect, row }
}

/// A row that must be absent first, then replaced only on its version.
fn versioned<T: Clone>(
    name: [&'static str; 2],
    row: &T,
    write: impl Fn(Put<T>) -> Write,
    at: impl Fn(&T, u64) -> T,
) -> [Rule; 2] {
    let first = write(put(Expect::Absent, at(row, 1)));
    [
        Rule {
            name: name[0],
            before: vec![first.clone()],
            holds: write(put(Expect::Version(1), at(row, 2))),
            fails: write(put(Expect::Absent, at(row, 1))),
        },
        Rule {
            name: name[1],
            before: vec![first],
            holds: write(put(Expect::Version(1), at(row, 2))),
            fails: write(put(Expect::Version(2), at(row, 3))),
        },
    ]
}

fn rules() -> Vec<Rule> {
    let order = make::order("ani", "o");
    let payment = make::payment(&order, "t");
    let refund = Refund::automatic(&payment, RefundReason::WrongAmount, EPOCH_MS);
    let document = make::document("ani", "d");
    let lot = make::lot(&order, "t", 2);
    let block = make::block("b", &["s1", "s2"]);
    let moved = |from, to, count| {
        let count = Stamps::new(count);
        Write::Move(StampMove::new(make::account("ani"), lot.id, from, to, count).unwrap())
    };
    let take = |cursor| {
        Write::Take(Take {
            block: block.id,
            cursor,
            last: cursor == 1,
        })
    };
    let bind = |to: &str| Write::Bind {
        serial: make::serial("s1"),
        document: make::document_id(to),
    };
    let unbind = |from: &str| Write::Unbind {
        serial: make::serial("s1"),
        document: make::document_id(from),
    };
    let stuck = CaseKind::RefundStuck("r".to_owned());
    let case = Case::open(stuck, make::account("ani"), String::new(), EPOCH_MS, 0);
    let mark = |disputed| {
        Write::Mark(Mark {
            account: make::account("ani"),
            lot: lot.id,
            disputed,
        })
    };
    let entry = |d: &str| {
        Write::Ledger(Entry::stamped(
            order.id,
            make::document_id(d),
            order.unit_price,
            EPOCH_MS,
        ))
    };
    let other_lot = make::lot(&make::order("ani", "o2"), "t2", 2);
    let rule = |name, before: &[Write], holds: Write, fails: Write| Rule {
        name,
        before: before.to_vec(),
        holds,
        fails,
    };
    let mut rules = vec![
        rule(
            "a lot is new",
            &[Write::Lot(lot.clone())],
            Write::Lot(other_lot),
            Write::Lot(lot.clone()),
        ),
        rule(
            "a lot has the stamps that leave it",
            &[Write::Lot(lot.clone())],
            moved(Bucket::Available, Bucket::Reserved, 2),
            moved(Bucket::Available, Bucket::Reserved, 3),
        ),
        rule(
            "stamps of a lot that is not there",
            &[],
            Write::Lot(lot.clone()),
            moved(Bucket::Available, Bucket::Reserved, 1),
        ),
        rule(
            "disputed stamps don't go onto documents",
            &[Write::Lot(lot.clone()), mark(true)],
            moved(Bucket::Available, Bucket::Refunded, 1),
            moved(Bucket::Available, Bucket::Reserved, 1),
        ),
        rule(
            "only disputed stamps are charged back",
            &[Write::Lot(lot.clone())],
            moved(Bucket::Available, Bucket::Reserved, 1),
            moved(Bucket::Available, Bucket::ChargedBack, 1),
        ),
        rule(
            "disputed stamps are charged back",
            &[Write::Lot(lot.clone()), mark(true)],
            moved(Bucket::Available, Bucket::ChargedBack, 2),
            moved(Bucket::Available, Bucket::ChargedBack, 3),
        ),
        rule(
            "after a dispute stamps are used as before",
            &[Write::Lot(lot.clone()), mark(true), mark(false)],
            moved(Bucket::Available, Bucket::Reserved, 2),
            moved(Bucket::Available, Bucket::ChargedBack, 1),
        ),
        rule(
            "only a lot that is there is marked",
            &[],
            Write::Lot(lot.clone()),
            mark(true),
        ),
        rule(
            "only a lot that is there loses its mark",
            &[],
            Write::Lot(lot.clone()),
            mark(false),
        ),
        rule(
            "a block is new",
            &[Write::Block(block.clone())],
            take(0),
            Write::Block(block.clone()),
        ),
        rule(
            "a cursor has not moved",
            &[Write::Block(block.clone())],
            take(0),
            take(1),
        ),
        rule(
            "a cursor has not moved before the last",
            &[Write::Block(block.clone()), take(0)],
            take(1),
            take(0),
        ),
        rule(
            "a serial is tied once",
            &[bind("d")],
            unbind("d"),
            bind("e"),
        ),
        rule(
            "a serial is tied once, also to the same",
            &[bind("d")],
            unbind("d"),
            bind("d"),
        ),
        rule(
            "a serial is untied by its holder",
            &[bind("d")],
            unbind("d"),
            unbind("e"),
        ),
        rule(
            "a serial is untied once",
            &[bind("d"), unbind("d")],
            bind("e"),
            unbind("d"),
        ),
        rule(
            "an entry is booked once",
            &[entry("d")],
            entry("e"),
            entry("d"),
        ),
    ];
    rules.extend(versioned(
        ["an order is new", "an order has its version"],
        &order,
        Write::Order,
        |row, version| bubuh_core::order::Order {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        ["a payment is new", "a payment has its version"],
        &payment,
        Write::Payment,
        |row, version| bubuh_core::payment::Payment {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        ["a case is new", "a case has its version"],
        &case,
        Write::Case,
        |row, version| Case {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        ["a refund is new", "a refund has its version"],
        &refund,
        Write::Refund,
        |row, version| Refund {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        ["a document is new", "a document has its version"],
        &document,
        |p| Write::Document(Box::new(p)),
        |row, version| bubuh_core::document::Document {
            version,
            ..row.clone()
        },
    ));
    rules
}

async fn given(rule: &Rule) -> World {
    let world = world();
    for write in &rule.before {
        world
            .table()
            .commit(std::slice::from_ref(write))
            .await
            .unwrap();
    }
    world
}

fn lost(result: Result<(), Error>) -> Option<usize> {
    match result {
        Err(Error::Lost { write }) => Some(write),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_write_holds_alone_and_in_a_transaction() {
    for rule in rules() {
        let world = given(&rule).await;
        let alone = world
            .table()
            .commit(std::slice::from_ref(&rule.holds))
            .await;
        assert!(alone.is_ok(), "{}: {alone:?}", rule.name);
        let world = given(&rule).await;
        let with = [bystander("x"), rule.holds];
        let both = world.table().commit(&with).await;
        assert!(both.is_ok(), "{}: {both:?}", rule.name);
    }
}

/// A write that always holds.
fn bystander(name: &str) -> Write {
    Write::Document(Box::new(put(Expect::Absent, make::document("budi", name))))
}

#[tokio::test]
async fn a_write_that_does_not_hold_is_named_and_nothing_of_its_decision_is_written() {
    for rule in rules() {
        let world = given(&rule).await;
        let before = world.cloud.items();
        let alone = world
            .table()
            .commit(std::slice::from_ref(&rule.fails))
            .await;
        assert_eq!(lost(alone), Some(0), "{}", rule.name);
        let list = [
            bystander("x"),
            bystander("y"),
            rule.fails.clone(),
            bystander("z"),
        ];
        let together = world.table().commit(&list).await;
        assert_eq!(lost(together), Some(2), "{}", rule.name);
        assert_eq!(
            world.cloud.items(),
            before,
            "{}: something was written",
            rule.name
        );
    }
}

#[tokio::test]
async fn the_write_that_is_named_counts_writes_and_not_items() {
    let world = world();
    let block = make::block("b", &["s1"]);
    let taken = Write::Bind {
        serial: make::serial("s9"),
        document: make::document_id("d"),
    };
    world
        .table()
        .commit(std::slice::from_ref(&taken))
        .await
        .unwrap();
    // A block is two items, so the failing item is the third of the second write.
    let result = world.table().commit(&[Write::Block(block), taken]).await;
    assert_eq!(lost(result), Some(1));
    assert_eq!(world.table().open_blocks().await.unwrap(), []);
}

#[tokio::test]
async fn the_last_serial_takes_its_block_off_the_list() {
    let world = world();
    let mut block = make::block("b", &["s1", "s2"]);
    let table = world.table();
    table.commit(&[Write::Block(block.clone())]).await.unwrap();
    for serial in ["s1", "s2"] {
        assert_eq!(table.open_blocks().await.unwrap(), [block.id]);
        let (next, take) = block.next().unwrap().unwrap();
        assert_eq!(next, make::serial(serial));
        table.commit(&[Write::Take(take)]).await.unwrap();
        block = table.block(block.id).await.unwrap().unwrap();
    }
    assert_eq!(table.open_blocks().await.unwrap(), []);
    assert_eq!(block.left(), 0);
}

#[tokio::test]
async fn a_decision_larger_than_a_transaction_is_refused_before_it_is_sent() {
    let world = world();
    let writes: Vec<Write> = (0..101).map(|n| bystander(&n.to_string())).collect();
    let result = world.table().commit(&writes).await;
    assert!(matches!(result, Err(Error::Refused { .. })), "{result:?}");
    assert_eq!(world.cloud.count(), 0);
    assert!(world.table().commit(&writes[..100]).await.is_ok());
    assert!(world.table().commit(&[]).await.is_ok());
}
