//! The store's own adapter, with the very expressions that run in production.

use super::{
    Given, given,
    rules::{Rule, bystander, rules},
};
use crate::{make, sides::Side};
use bubuh_core::{
    capacity::Capacity,
    inventory::{SETTLE_AFTER_MS, Ties, settle},
    money::Stamps,
    sales::Switch,
    ticket::Lane,
    write::{Expect, Put, Write},
};
use bubuh_faults::world::EPOCH_MS;
use bubuh_store::{Error, Table, table::Due};

on_both_sides! {
    every_kind_of_write_holds_alone_and_with_others,
    every_kind_of_write_is_lost_alone_and_takes_others_with_it,
    what_waits_is_listed_once_and_unlisted_however_often,
    the_last_serial_takes_its_block_off_the_list_of_open_ones,
    capacity_is_claimed_only_as_far_as_it_is_free_and_may_be_owed_beyond,
    the_switch_of_sales_is_turned_by_one_at_a_time,
    tickets_are_numbered_from_one,
    orders_and_documents_are_listed_by_account_and_when_due,
    the_whole_table_is_read_back_as_it_was_written,
}

async fn table(side: &Side) -> (Given, Table) {
    let given = given(side).await;
    let table = side.adapters().table(&given.table);
    (given, table)
}

async fn before(side: &Side, rule: &Rule) -> (Given, Table) {
    let (given, table) = table(&side.afresh()).await;
    for write in &rule.before {
        table.commit(std::slice::from_ref(write)).await.unwrap();
    }
    (given, table)
}

async fn every_kind_of_write_holds_alone_and_with_others(side: Side) {
    for rule in rules() {
        let (_given, table) = before(&side, &rule).await;
        let alone = table.commit(std::slice::from_ref(&rule.holds)).await;
        assert!(alone.is_ok(), "{}: {alone:?}", rule.name);
        let (_given, table) = before(&side, &rule).await;
        let both = table.commit(&[bystander("x"), rule.holds]).await;
        assert!(both.is_ok(), "{}: {both:?}", rule.name);
    }
}

async fn every_kind_of_write_is_lost_alone_and_takes_others_with_it(side: Side) {
    for rule in rules() {
        let (given, table) = before(&side, &rule).await;
        let rows = given.rows().await;
        let alone = table.commit(std::slice::from_ref(&rule.fails)).await;
        assert!(
            matches!(alone, Err(Error::Lost { write: 0 })),
            "{}: {alone:?}",
            rule.name
        );
        let all = [bystander("x"), bystander("y"), rule.fails, bystander("z")];
        let lost = table.commit(&all).await;
        assert!(
            matches!(lost, Err(Error::Lost { write: 2 })),
            "{}: {lost:?}",
            rule.name
        );
        assert_eq!(
            given.rows().await,
            rows,
            "{}: something was written",
            rule.name
        );
    }
}

async fn what_waits_is_listed_once_and_unlisted_however_often(side: Side) {
    let (_given, table) = table(&side).await;
    let account = make::account("ani");
    let document = make::document_id("d");
    for _ in 0..2 {
        let account = account.clone();
        table
            .commit(&[Write::List { account, document }])
            .await
            .unwrap();
    }
    assert_eq!(table.waiting(&account, 10).await.unwrap(), [document]);
    for _ in 0..2 {
        let account = account.clone();
        table
            .commit(&[Write::Unlist { account, document }])
            .await
            .unwrap();
    }
    assert_eq!(table.waiting(&account, 10).await.unwrap(), []);
}

async fn the_last_serial_takes_its_block_off_the_list_of_open_ones(side: Side) {
    let (_given, table) = table(&side).await;
    let block = make::block("b", &["s1", "s2"]);
    table.commit(&[Write::Block(block.clone())]).await.unwrap();
    let mut expected = block.clone();
    for now_ms in [5, 7] {
        assert_eq!(table.open_blocks().await.unwrap(), [block.id]);
        expected = expected.hand_out(1, now_ms).unwrap();
        let row = table.hand_out(block.id, 1, now_ms).await.unwrap();
        assert_eq!(row.as_ref(), Some(&expected));
    }
    table.close_block(block.id).await.unwrap();
    assert_eq!(table.open_blocks().await.unwrap(), []);
    let settled = settle(&expected, &Ties::new(), SETTLE_AFTER_MS + 7).unwrap();
    table.commit(&settled).await.unwrap();
    let row = table.block(block.id).await.unwrap().unwrap();
    assert_eq!((row.settled, row.due_at_ms), (2, None));
    // Nobody used them: each obeys the block it went to, and no other.
    let ties = table.ties(&row.serials).await.unwrap();
    assert!(ties.len() == 2 && ties.values().all(|tie| tie.accounts_to(block.id)));
    assert_eq!(table.open_blocks().await.unwrap().len(), 1);
}

async fn capacity_is_claimed_only_as_far_as_it_is_free_and_may_be_owed_beyond(side: Side) {
    let (_given, table) = table(&side).await;
    let slots = table.capacity_slots();
    let order = make::order("ani", "o");
    let claim = |n| Capacity::claim(order.id, Stamps::new(n), Stamps::ZERO, slots);
    let lost = table.commit(&[claim(1)]).await;
    assert!(
        matches!(lost, Err(Error::Lost { write: 0 })),
        "nothing is free yet"
    );
    assert_eq!(table.capacity().await.unwrap(), []);
    table
        .commit(&[Capacity::free(order.id, Stamps::new(5))])
        .await
        .unwrap();
    let lost = table.commit(&[claim(6)]).await;
    assert!(matches!(lost, Err(Error::Lost { write: 0 })));
    table.commit(&[claim(5)]).await.unwrap();
    table
        .commit(&[Capacity::owe(order.id, Stamps::new(2))])
        .await
        .unwrap();
    let free: Vec<i64> = table
        .capacity()
        .await
        .unwrap()
        .iter()
        .map(|s| s.free)
        .collect();
    assert_eq!(free, [-2]);
    assert_eq!(table.whole().await.unwrap().rows.capacity.len(), 1);
}

async fn the_switch_of_sales_is_turned_by_one_at_a_time(side: Side) {
    let (_given, table) = table(&side).await;
    let switch = table.sales_switch().await.unwrap();
    assert_eq!(switch, Switch::default());
    let close = |until| switch.close(until, "sari", EPOCH_MS).unwrap();
    table.commit(&close(None)).await.unwrap();
    let lost = table.commit(&close(Some(EPOCH_MS + 1))).await;
    assert!(matches!(lost, Err(Error::Lost { write: 0 })));
    let closed = table.sales_switch().await.unwrap();
    assert!(closed.closed_at(u64::MAX).is_some());
    table.commit(&closed.open("budi").unwrap()).await.unwrap();
    let open = table.sales_switch().await.unwrap();
    assert_eq!((open.closed_at(EPOCH_MS), open.version), (None, 2));
}

async fn tickets_are_numbered_from_one(side: Side) {
    let (_given, table) = table(&side).await;
    assert_eq!(table.take_tickets(Lane::Single, 1).await.unwrap(), 1);
    assert_eq!(table.take_tickets(Lane::Single, 5).await.unwrap(), 2);
    assert_eq!(table.take_tickets(Lane::Single, 1).await.unwrap(), 7);
}

fn absent<T>(row: T) -> Put<T> {
    Put {
        expect: Expect::Absent,
        row,
    }
}

async fn orders_and_documents_are_listed_by_account_and_when_due(side: Side) {
    let (_given, table) = table(&side).await;
    let order = make::order("ani", "o");
    table
        .commit(&[Write::Order(absent(order.clone()))])
        .await
        .unwrap();
    for (n, name) in ["d1", "d2", "d3"].into_iter().enumerate() {
        let mut document = make::document("ani", name);
        document.created_at_ms = EPOCH_MS + n as u64;
        document.due_at_ms = (n != 1).then_some(EPOCH_MS + n as u64);
        table
            .commit(&[Write::Document(Box::new(absent(document)))])
            .await
            .unwrap();
    }
    let account = make::account("ani");
    let orders = table.orders(&account, None, 10).await.unwrap();
    assert_eq!((orders.rows, orders.next), (vec![order.clone()], None));
    let first = table.documents(&account, None, 2).await.unwrap();
    let second = table
        .documents(&account, first.next.as_deref(), 2)
        .await
        .unwrap();
    let rows = [first.rows, second.rows].concat();
    let ids = ["d3", "d2", "d1"].map(make::document_id);
    assert_eq!(rows.iter().map(|d| d.id).collect::<Vec<_>>(), ids);
    assert_eq!(second.next, None);
    let due = table.due(EPOCH_MS + 1, 10).await.unwrap();
    assert_eq!(due, [Due::Document(make::document_id("d1"))]);
    let due = table
        .due(order.due_at_ms.unwrap().max(EPOCH_MS + 2), 10)
        .await
        .unwrap();
    let third = Due::Document(make::document_id("d3"));
    assert_eq!(
        due,
        [
            Due::Document(make::document_id("d1")),
            third,
            Due::Order(order.id)
        ]
    );
}

async fn the_whole_table_is_read_back_as_it_was_written(side: Side) {
    let (_given, table) = table(&side).await;
    let order = make::order("ani", "o");
    let lot = make::lot(&order, "t", 3);
    let block = make::block("b", &["s1"]);
    let writes = [
        Write::Order(absent(order.clone())),
        Write::Lot(lot.clone()),
        Write::Block(block.clone()),
    ];
    table.commit(&writes).await.unwrap();
    let whole = table.whole().await.unwrap().rows;
    assert_eq!(
        (whole.orders, whole.lots, whole.blocks),
        (vec![order], vec![lot], vec![block])
    );
}
