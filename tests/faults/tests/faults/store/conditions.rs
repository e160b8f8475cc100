//! Each write's condition holds when it should, fails when it should, and takes the rest with it.

use super::{
    rules::{Rule, bystander, put, rules},
    world,
};
use crate::make;
use bubuh_core::{
    document::{self, Claim, FirstClaim},
    inventory::{SETTLE_AFTER_MS, Ties, settle},
    write::{Expect, Write},
};
use bubuh_faults::world::{EPOCH_MS, World};
use bubuh_store::{Error, table::Due};

pub(super) async fn given(rule: &Rule) -> World {
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

pub(super) fn lost(result: Result<(), Error>) -> Option<usize> {
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
        offer: make::offer("s9"),
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
async fn serials_are_handed_out_as_the_rules_say_and_no_more_than_there_are() {
    let world = world();
    let mut block = make::block("b", &["s1", "s2", "s3"]);
    let table = world.table();
    table.commit(&[Write::Block(block.clone())]).await.unwrap();
    for (count, expected) in [(2, vec!["s1", "s2"]), (2, vec!["s3"]), (2, vec![])] {
        let now_ms = world.now_ms();
        block = block.hand_out(count, now_ms).unwrap();
        let row = table.hand_out(block.id, count, now_ms).await.unwrap();
        assert_eq!(row.as_ref(), Some(&block));
        assert_eq!(table.block(block.id).await.unwrap(), row);
        let handed = block.handed(count).into_iter();
        let handed: Vec<String> = handed.map(|offer| offer.serial.to_string()).collect();
        assert_eq!(handed, expected);
        world.wait(1);
    }
    let due = table
        .due(world.now_ms() + SETTLE_AFTER_MS, 9)
        .await
        .unwrap();
    assert_eq!(due, [Due::Block(block.id)]);
    let gone = make::block("gone", &[]).id;
    assert_eq!(table.hand_out(gone, 1, 0).await.unwrap(), None);
}

#[tokio::test]
async fn a_block_that_is_settled_is_due_no_more_and_one_that_is_used_up_is_closed() {
    let world = world();
    let block = make::block("b", &["s1"]);
    let table = world.table();
    table.commit(&[Write::Block(block.clone())]).await.unwrap();
    let handed = table.hand_out(block.id, 1, 0).await.unwrap().unwrap();
    assert_eq!(table.open_blocks().await.unwrap(), [block.id]);
    let writes = settle(&handed, &Ties::new(), SETTLE_AFTER_MS).unwrap();
    table.commit(&writes).await.unwrap();
    let row = table.block(block.id).await.unwrap().unwrap();
    assert_eq!((row.settled, row.due_at_ms), (1, None));
    assert_eq!(table.due(u64::MAX >> 12, 9).await.unwrap(), []);
    // Its serial went to a block of its own, and is tied only by that.
    let open = table.open_blocks().await.unwrap();
    assert_eq!(open.len(), 1);
    assert_ne!(open, [block.id]);
    let again = table.hand_out(open[0], 1, 0).await.unwrap().unwrap();
    assert_eq!(again.handed(1)[0].serial, block.serials[0]);
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

#[tokio::test]
async fn a_first_claim_leaves_the_row_the_rules_say_and_holds_once() {
    let world = world();
    let table = world.table();
    let queued = make::queued("ani", "d");
    let row = put(Expect::Absent, queued.clone());
    table
        .commit(&[Write::Document(Box::new(row))])
        .await
        .unwrap();
    let claim = FirstClaim::new(queued.id, "me", "key-1", 20_000, EPOCH_MS + 5);
    let expected = claim.of(&queued).unwrap();
    assert!(expected.is_some());
    assert_eq!(table.claim_first(&claim).await.unwrap(), expected);
    assert_eq!(table.document(queued.id).await.unwrap(), expected);
    // It said the same to whoever reads first.
    let read = document::claim(&queued, "me", "key-1", 20_000, EPOCH_MS + 5).unwrap();
    assert!(matches!(read, Claim::Take(row, _) if Some(&*row) == expected.as_ref()));
    for late in [
        &claim,
        &FirstClaim::new(make::document_id("gone"), "me", "k", 1, 2),
    ] {
        let before = world.cloud.items();
        assert_eq!(table.claim_first(late).await.unwrap(), None);
        assert_eq!(world.cloud.items(), before);
    }
}
