//! Reads that decisions rest on.

use super::world;
use crate::make;
use bubuh_core::id::{RefundKey, TransactionId};
use serde_json::Value;

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
    assert_eq!(table.block(block).await.unwrap(), None);
    assert_eq!(table.serial_document(&serial).await.unwrap(), None);
    assert!(table.whole().await.unwrap().cases.is_empty());
    let sites = world.cloud.sites();
    assert_eq!(sites.len(), 12);
    for site in sites {
        let request: Value = serde_json::from_slice(&site.body).unwrap();
        assert_eq!(request["ConsistentRead"], true, "{site}");
    }
}
