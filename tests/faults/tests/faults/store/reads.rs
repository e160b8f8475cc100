//! Reads that decisions rest on.

use super::world;
use crate::make;
use bubuh_core::{
    id::{RefundKey, TransactionId},
    refund::{Refund, RefundReason},
    write::{Expect, Put, Write},
};
use bubuh_faults::world::EPOCH_MS;
use serde_json::Value;

fn put<T>(row: T) -> Put<T> {
    let expect = Expect::Absent;
    Put { expect, row }
}

#[tokio::test]
async fn every_row_is_found_by_its_key_and_among_those_of_its_partition() {
    let world = world();
    let table = world.table();
    let order = make::order("ani", "o");
    let payment = make::payment(&order, "t");
    let refund = Refund::automatic(&payment, RefundReason::WrongAmount, EPOCH_MS);
    let (lot, block) = (make::lot(&order, "t", 3), make::block("b", &["s"]));
    let document = make::document("ani", "d");
    let (serial, id) = (make::serial("s"), document.id);
    let bind = Write::Bind {
        offer: make::offer(serial.as_str()),
        document: id,
    };
    let unbind = Write::Unbind {
        offer: make::offer(serial.as_str()),
        document: id,
    };
    let writes = [
        Write::Order(put(order.clone())),
        Write::Payment(put(payment.clone())),
        Write::Refund(put(refund.clone())),
        Write::Document(Box::new(put(document.clone()))),
        Write::Lot(lot.clone()),
        Write::Block(block.clone()),
        bind,
    ];
    table.commit(&writes).await.unwrap();
    let paid = &payment.transaction;
    assert_eq!(table.order(order.id).await.unwrap(), Some(order.clone()));
    assert_eq!(
        table.payment(order.id, paid).await.unwrap(),
        Some(payment.clone())
    );
    assert_eq!(table.payments(order.id).await.unwrap(), [payment]);
    assert_eq!(
        table.refund(order.id, refund.key).await.unwrap(),
        Some(refund.clone())
    );
    assert_eq!(table.refunds(order.id).await.unwrap(), [refund]);
    assert_eq!(table.document(id).await.unwrap(), Some(document.clone()));
    assert_eq!(table.lots(&document.account).await.unwrap(), [lot]);
    assert_eq!(table.open_blocks().await.unwrap(), [block.id]);
    let few = table.open_blocks_from(block.id, 9).await.unwrap();
    assert_eq!(few, [block.id]);
    assert_eq!(table.block(block.id).await.unwrap(), Some(block));
    assert_eq!(table.serial_document(&serial).await.unwrap(), Some(id));
    table.commit(&[unbind]).await.unwrap();
    assert_eq!(table.serial_document(&serial).await.unwrap(), None);
}

#[tokio::test]
async fn every_read_that_is_not_of_an_index_asks_for_what_was_written_last() {
    let world = world();
    let (table, ani) = (world.table(), make::account("ani"));
    let (order, document) = (make::order_id("o"), make::document_id("d"));
    let paid = TransactionId::new("t").unwrap();
    let block = make::block("b", &[]).id;
    let serial = make::serial("s");
    assert_eq!(table.order(order).await.unwrap(), None);
    assert_eq!(table.payment(order, &paid).await.unwrap(), None);
    assert_eq!(table.payments(order).await.unwrap(), []);
    assert_eq!(table.refunds(order).await.unwrap(), []);
    let key = RefundKey::derive(&["r"]);
    assert_eq!(table.refund(order, key).await.unwrap(), None);
    assert_eq!(table.document(document).await.unwrap(), None);
    assert_eq!(table.lots(&ani).await.unwrap(), []);
    assert_eq!(table.waiting(&ani, 9).await.unwrap(), []);
    assert_eq!(table.open_blocks().await.unwrap(), []);
    assert_eq!(table.open_blocks_from(block, 9).await.unwrap(), []);
    assert_eq!(table.block(block).await.unwrap(), None);
    assert_eq!(table.serial_document(&serial).await.unwrap(), None);
    assert!(table.whole().await.unwrap().rows.cases.is_empty());
    let sites = world.cloud.sites();
    assert_eq!(sites.len(), 13);
    for site in sites {
        let request: Value = serde_json::from_slice(&site.body).unwrap();
        assert_eq!(request["ConsistentRead"], true, "{site}");
    }
}
