//! Each write's condition holds when it should, fails when it should, and takes the rest with it.

use super::{
    rules::{Rule, bystander, rules},
    world,
};
use crate::make;
use bubuh_core::write::Write;
use bubuh_faults::world::World;
use bubuh_store::Error;

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
