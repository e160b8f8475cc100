//! The two indexes and the waiting list.

use super::world;
use crate::make;
use bubuh_core::{
    document::Document,
    order::Order,
    refund::{Refund, RefundReason},
    write::{Expect, Put, Write},
};
use bubuh_faults::world::{DUE_SHARDS, EPOCH_MS, World};
use bubuh_store::{Due, Table};

fn new(document: &Document) -> Write {
    Write::Document(Box::new(Put {
        expect: Expect::Absent,
        row: document.clone(),
    }))
}

async fn documents(world: &World, owner: &str, count: u64) -> Vec<Document> {
    let mut all = Vec::new();
    for n in 0..count {
        let mut row = make::document(owner, &format!("{owner}{n}"));
        row.created_at_ms = EPOCH_MS + n;
        row.due_at_ms = Some(EPOCH_MS + 10 * n);
        world.table().commit(&[new(&row)]).await.unwrap();
        all.push(row);
    }
    all
}

#[tokio::test]
async fn an_account_sees_its_own_documents_newest_first_in_pages() {
    let world = world();
    let mut mine = documents(&world, "ani", 5).await;
    documents(&world, "budi", 2).await;
    mine.reverse();
    let ani = make::account("ani");
    let mut seen = Vec::new();
    let mut from: Option<String> = None;
    for _ in 0..4 {
        let page = world
            .table()
            .documents(&ani, from.as_deref(), 2)
            .await
            .unwrap();
        seen.extend(page.rows);
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(seen, mine);
    assert_eq!(from, None);
}

#[tokio::test]
async fn an_account_sees_its_own_orders_and_not_its_documents_among_them() {
    let world = world();
    let mut orders: Vec<Order> = Vec::new();
    for n in 0..2 {
        let mut row = make::order("ani", &n.to_string());
        row.created_at_ms += n;
        let put = Put {
            expect: Expect::Absent,
            row: row.clone(),
        };
        world.table().commit(&[Write::Order(put)]).await.unwrap();
        orders.insert(0, row);
    }
    documents(&world, "ani", 1).await;
    let page = world
        .table()
        .orders(&make::account("ani"), None, 10)
        .await
        .unwrap();
    assert_eq!(page.rows, orders);
    let none = world
        .table()
        .orders(&make::account("budi"), None, 10)
        .await
        .unwrap();
    assert!(none.rows.is_empty());
}

async fn due(table: &Table, at_ms: u64) -> Vec<Due> {
    let mut found = table.due(at_ms, 25).await.unwrap();
    found.sort_by_key(|d| format!("{d:?}"));
    found
}

#[tokio::test]
async fn a_row_is_due_from_its_moment_until_it_says_otherwise() {
    let world = world();
    let table = world.table();
    let rows = documents(&world, "ani", 3).await;
    assert_eq!(due(&table, EPOCH_MS - 1).await, []);
    assert_eq!(due(&table, EPOCH_MS).await, [Due::Document(rows[0].id)]);
    assert_eq!(due(&table, EPOCH_MS + 20).await.len(), 3);
    let mut done = rows[0].clone();
    done.version += 1;
    done.due_at_ms = None;
    let put = Put {
        expect: Expect::Version(1),
        row: done,
    };
    table
        .commit(&[Write::Document(Box::new(put))])
        .await
        .unwrap();
    assert_eq!(due(&table, EPOCH_MS + 20).await.len(), 2);
}

#[tokio::test]
async fn what_is_due_the_longest_comes_first() {
    let world = world();
    let rows = documents(&world, "ani", 12).await;
    let found = world.table().due(u64::MAX >> 16, 25).await.unwrap();
    let in_turn: Vec<Due> = rows.iter().map(|row| Due::Document(row.id)).collect();
    assert_eq!(found, in_turn);
}

#[tokio::test]
async fn all_kinds_of_rows_are_told_apart_when_due() {
    let world = world();
    let order = make::order("ani", "o");
    let refund = Refund::automatic(
        &make::payment(&order, "t"),
        RefundReason::WrongAmount,
        EPOCH_MS,
    );
    let document = make::document("ani", "d");
    let mut payment = make::payment(&order, "t");
    payment.payout.due_at_ms = Some(EPOCH_MS);
    let (statement, _) = make::statement();
    let writes = [
        Write::Payment(Put {
            expect: Expect::Absent,
            row: payment.clone(),
        }),
        Write::Statement(Put {
            expect: Expect::Absent,
            row: statement.clone(),
        }),
        Write::Order(Put {
            expect: Expect::Absent,
            row: order.clone(),
        }),
        Write::Refund(Put {
            expect: Expect::Absent,
            row: refund.clone(),
        }),
        new(&document),
    ];
    world.table().commit(&writes).await.unwrap();
    let found = due(&world.table(), u64::MAX >> 16).await;
    for expected in [
        Due::Order(order.id),
        Due::Refund(order.id, refund.key),
        Due::Document(document.id),
        Due::Payment(order.id, payment.transaction),
        Due::Statement(statement.id),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    assert_eq!(found.len(), 5);
}

#[tokio::test]
async fn no_shard_of_the_due_index_is_left_out() {
    let world = world();
    let rows = documents(&world, "ani", 30).await;
    let found = due(&world.table(), u64::MAX >> 16).await;
    assert_eq!(found.len(), rows.len());
    let asked = world
        .cloud
        .sites()
        .iter()
        .filter(|s| s.asks_a_shard())
        .count();
    assert_eq!(asked, usize::from(DUE_SHARDS.get()));
}

#[tokio::test]
async fn the_waiting_list_is_the_accounts_own_and_read_up_to_its_limit() {
    let world = world();
    let table = world.table();
    let list = |owner: &str, n: u32| Write::List {
        account: make::account(owner),
        document: make::document_id(&n.to_string()),
    };
    for n in 0..5 {
        table.commit(&[list("ani", n)]).await.unwrap();
        table.commit(&[list("ani", n)]).await.unwrap();
    }
    table.commit(&[list("budi", 9)]).await.unwrap();
    let ani = make::account("ani");
    assert_eq!(table.waiting(&ani, 100).await.unwrap().len(), 5);
    assert_eq!(table.waiting(&ani, 3).await.unwrap().len(), 3);
    let unlist = Write::Unlist {
        account: ani.clone(),
        document: make::document_id("0"),
    };
    table.commit(std::slice::from_ref(&unlist)).await.unwrap();
    table.commit(&[unlist]).await.unwrap();
    let left = table.waiting(&ani, 100).await.unwrap();
    assert_eq!(left.len(), 4);
    assert!(!left.contains(&make::document_id("0")));
}
