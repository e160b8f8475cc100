//! Numbers only order; none is given twice.

use super::world;
use bubuh_core::ticket::Lane;
use bubuh_faults::cloud::{Fault, Plan};

#[tokio::test]
async fn numbers_start_at_one_and_follow_each_other() {
    let table = world().table();
    assert_eq!(table.take_tickets(Lane::Single, 1).await.unwrap(), 1);
    assert_eq!(table.take_tickets(Lane::Single, 5).await.unwrap(), 2);
    assert_eq!(table.take_tickets(Lane::Single, 1).await.unwrap(), 7);
}

#[tokio::test]
async fn a_lost_reply_skips_numbers_and_never_repeats_one() {
    let world = world();
    let table = world.table();
    assert_eq!(table.take_tickets(Lane::Single, 1).await.unwrap(), 1);
    world.cloud.set_plan(Plan::at(1, Fault::LostReply));
    assert!(
        table
            .take_tickets(Lane::Single, 1)
            .await
            .unwrap_err()
            .retryable()
    );
    assert_eq!(table.take_tickets(Lane::Single, 1).await.unwrap(), 3);
}
