//! The whole table, read for the audit.

use super::world;
use crate::make;
use bubuh_core::{
    audit::audit,
    capacity::Capacity,
    case::{Case, CaseKind},
    document::Document,
    inventory::Tie,
    ledger::Entry,
    lot::{Bucket, StampMove},
    money::Stamps,
    refund::{Refund, RefundReason},
    write::{Expect, Put, Write},
};
use bubuh_faults::world::{EPOCH_MS, World};

fn put<T>(row: T) -> Put<T> {
    Put {
        expect: Expect::Absent,
        row,
    }
}

/// A paid order of three, and what it bought.
fn paid() -> Vec<Write> {
    let mut order = make::order("ani", "o");
    order.state = bubuh_core::order::OrderState::Credited;
    let (id, payment) = (order.id, make::payment(&order, "t"));
    let entry = Entry::credited(order.id, &payment.transaction, payment.amount, EPOCH_MS);
    vec![
        Write::Lot(make::lot(&order, "t", 3)),
        Write::Ledger(entry),
        Write::Order(put(order)),
        Write::Payment(put(payment)),
        Capacity::owe(id, Stamps::new(3)),
    ]
}

#[tokio::test]
async fn every_kind_of_row_is_read_back_as_it_was_written() {
    let world = world();
    let table = world.table();
    table.commit(&paid()).await.unwrap();
    let block = make::block("b", &["s1", "s2"]);
    let document: Document = make::document("ani", "d");
    let case = Case::open(
        CaseKind::RefundStuck("r".to_owned()),
        make::account("ani"),
        "note".to_owned(),
        EPOCH_MS,
        0,
    );
    let payment = make::payment(&make::order("ani", "o"), "t");
    let refund = Refund::automatic(&payment, RefundReason::WrongAmount, EPOCH_MS);
    let bind = Write::Bind {
        offer: make::offer("s9"),
        document: document.id,
    };
    let list = Write::List {
        account: make::account("ani"),
        document: document.id,
    };
    let (statement, line) = make::statement();
    let suspended = Entry::suspended(&line, EPOCH_MS).unwrap();
    let writes = [
        Write::Ledger(suspended.clone()),
        Write::Statement(put(statement.clone())),
        Write::Hooks(put(make::hooks("ani"))),
        Write::Event(put(make::event("ani", "d"))),
        Write::Block(block.clone()),
        Write::Document(Box::new(put(document.clone()))),
        case.clone().create(),
        Write::Refund(put(refund.clone())),
        bind,
        list,
    ];
    table.commit(&writes).await.unwrap();
    let whole = table.whole().await.unwrap();
    assert_eq!(whole.rows.blocks, [block]);
    assert_eq!(whole.rows.documents, std::slice::from_ref(&document));
    assert_eq!(whole.rows.refunds, [refund]);
    assert_eq!(whole.rows.cases, [case]);
    assert_eq!(
        whole.rows.bindings,
        [(
            make::serial("s9"),
            Tie {
                document: Some(document.id),
                block: None
            }
        )]
    );
    assert_eq!(whole.rows.orders.len(), 1);
    assert_eq!(whole.rows.payments.len(), 1);
    assert_eq!(whole.rows.lots.len(), 1);
    assert_eq!(whole.rows.entries.len(), 2);
    assert!(whole.rows.entries.contains(&suspended));
    assert_eq!(table.line_entry(line.id).await.unwrap(), Some(suspended));
    assert_eq!(
        table.statement(statement.id).await.unwrap().as_ref(),
        Some(&statement)
    );
    assert_eq!(whole.rows.statements, [statement]);
    let (ani, event) = (make::account("ani"), make::event("ani", "d"));
    assert_eq!(whole.rows.events, std::slice::from_ref(&event));
    assert_eq!(table.event(event.id).await.unwrap(), Some(event));
    assert_eq!(table.hooks(&ani).await.unwrap(), make::hooks("ani"));
    assert_eq!(
        table.hooks(&make::account("budi")).await.unwrap().version,
        0
    );
    let lots = table.lots(&ani).await.unwrap();
    let both = table.lots_and_hooks(&ani).await.unwrap();
    assert_eq!(both, (lots, make::hooks("ani")));
}

async fn breaches(world: &World) -> Vec<&'static str> {
    let whole = world.table().whole().await.unwrap();
    audit(&whole.rows)
        .breaches
        .iter()
        .map(|b| b.invariant)
        .collect()
}

#[tokio::test]
async fn the_audit_is_clean_on_whole_books_and_names_what_is_missing_from_broken_ones() {
    let world = world();
    world.table().commit(&paid()).await.unwrap();
    assert_eq!(breaches(&world).await, Vec::<&str>::new());
    // A stamp is reserved, but no document holds it.
    let lot = make::lot(&make::order("ani", "o"), "t", 3);
    let moved = StampMove::new(
        make::account("ani"),
        lot.id,
        Bucket::Available,
        Bucket::Reserved,
        Stamps::ONE,
    );
    world
        .table()
        .commit(&[Write::Move(moved.unwrap())])
        .await
        .unwrap();
    let expected = [
        "a lot agrees with its documents",
        "each stamp sold or offered has a serial",
    ];
    assert_eq!(breaches(&world).await, expected);
    for skipped in [0, 1, 3, 4] {
        let world = self::world();
        let mut writes = paid();
        writes.remove(skipped);
        world.table().commit(&writes).await.unwrap();
        assert!(
            !breaches(&world).await.is_empty(),
            "write {skipped} was not missed"
        );
    }
}

#[tokio::test]
async fn a_table_of_several_pages_is_read_to_its_end() {
    let world = world();
    let table = world.table();
    let serials: Vec<String> = (0..4_000).map(|n| format!("{n:064}")).collect();
    let serials: Vec<&str> = serials.iter().map(String::as_str).collect();
    for n in 0..8 {
        let block = Write::Block(make::block(&n.to_string(), &serials));
        table.commit(&[block]).await.unwrap();
    }
    let before = world.cloud.count();
    assert_eq!(table.whole().await.unwrap().rows.blocks.len(), 8);
    assert!(world.cloud.count() - before > 1, "one page was enough");
}
