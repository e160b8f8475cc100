//! Counters, and reads that see every write.

use super::{Given, given, key, number};
use crate::sides::Side;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use std::collections::BTreeSet;

on_both_sides! {
    a_counter_begins_at_nothing_and_gives_what_it_became,
    a_counter_that_many_ask_at_once_gives_no_number_twice,
    a_consistent_read_sees_the_last_write,
}

/// The store's taking of `n` tickets; gives the counter.
async fn take(given: &Given, n: u64) -> u64 {
    let update = given.client.update_item().table_name(&given.table);
    let done = update
        .set_key(Some(key("tickets")))
        .update_expression("ADD #last :n")
        .expression_attribute_names("#last", "last")
        .expression_attribute_values(":n", number(n))
        .return_values(ReturnValue::UpdatedNew)
        .send();
    let attributes = done.await.unwrap().attributes.unwrap();
    assert_eq!(attributes.len(), 1, "only what was updated: {attributes:?}");
    match &attributes["last"] {
        AttributeValue::N(n) => n.parse().unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn a_counter_begins_at_nothing_and_gives_what_it_became(side: Side) {
    let given = given(&side).await;
    assert_eq!(take(&given, 1).await, 1);
    assert_eq!(take(&given, 3).await, 4);
}

async fn a_counter_that_many_ask_at_once_gives_no_number_twice(side: Side) {
    let given = given(&side).await;
    let taken = futures::future::join_all((0..16).map(|_| take(&given, 1))).await;
    assert_eq!(
        taken.into_iter().collect::<BTreeSet<_>>(),
        (1..=16).collect()
    );
}

async fn a_consistent_read_sees_the_last_write(side: Side) {
    let given = given(&side).await;
    for n in 1..=8 {
        take(&given, 1).await;
        assert_eq!(given.get("tickets").await.unwrap()["last"], number(n));
    }
}
