//! Conditional writes of one row.

use super::{Given, given, item, key, number, text};
use crate::sides::Side;
use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    operation::{
        put_item::{PutItemError, builders::PutItemFluentBuilder},
        update_item::builders::UpdateItemFluentBuilder,
    },
    types::ReturnValuesOnConditionCheckFailure,
};

on_both_sides! {
    a_put_that_expects_no_row_holds_once,
    a_put_that_expects_a_version_holds_only_on_it,
    a_failed_condition_shows_the_row_when_asked_and_only_then,
    a_conditional_update_of_no_row_makes_none,
    an_update_under_an_absence_makes_the_row,
    what_is_removed_is_absent_and_its_row_stays,
    a_delete_under_a_condition_holds_once_and_without_one_always,
    writes_that_race_for_the_last_of_something_never_take_more,
}

const LOST: Option<&str> = Some("ConditionalCheckFailedException");

fn put_absent(given: &Given, pk: &str, n: u64) -> PutItemFluentBuilder {
    given
        .client
        .put_item()
        .table_name(&given.table)
        .set_item(Some(item(pk, [("version", number(n))])))
        .condition_expression("attribute_not_exists(pk)")
}

async fn a_put_that_expects_no_row_holds_once(side: Side) {
    let given = given(&side).await;
    put_absent(&given, "a", 1).send().await.unwrap();
    let lost = put_absent(&given, "a", 2).send().await.unwrap_err();
    assert_eq!(lost.code(), LOST);
    assert_eq!(given.get("a").await.unwrap()["version"], number(1));
}

async fn a_put_that_expects_a_version_holds_only_on_it(side: Side) {
    let given = given(&side).await;
    let put = |expected, next| {
        let put = put_absent(&given, "a", next);
        put.condition_expression("#version = :version")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":version", number(expected))
            .send()
    };
    assert_eq!(put(1, 2).await.unwrap_err().code(), LOST, "of no row");
    given
        .put(item("a", [("version", number(1)), ("old", text("x"))]))
        .await;
    put(1, 2).await.unwrap();
    assert_eq!(put(1, 3).await.unwrap_err().code(), LOST);
    // A put replaces the row whole.
    assert_eq!(
        given.get("a").await,
        Some(item("a", [("version", number(2))]))
    );
}

async fn a_failed_condition_shows_the_row_when_asked_and_only_then(side: Side) {
    let given = given(&side).await;
    put_absent(&given, "a", 1).send().await.unwrap();
    let asked = ReturnValuesOnConditionCheckFailure::AllOld;
    let shown = Some(item("a", [("version", number(1))]));
    for (ask, expected) in [(Some(asked), shown), (None, None)] {
        let put = put_absent(&given, "a", 2).set_return_values_on_condition_check_failure(ask);
        let error = put.send().await.unwrap_err().into_service_error();
        let PutItemError::ConditionalCheckFailedException(lost) = error else {
            panic!("{error:?}");
        };
        assert_eq!(lost.item().cloned(), expected);
    }
}

fn update(given: &Given, pk: &str) -> UpdateItemFluentBuilder {
    let update = given.client.update_item().table_name(&given.table);
    update.set_key(Some(key(pk)))
}

/// The store's move of `n` stamps.
fn moves(given: &Given, n: u64) -> UpdateItemFluentBuilder {
    update(given, "lot")
        .update_expression("SET #from = #from - :n, #to = #to + :n")
        .condition_expression("#from >= :n")
        .expression_attribute_names("#from", "available")
        .expression_attribute_names("#to", "reserved")
        .expression_attribute_values(":n", number(n))
}

async fn a_conditional_update_of_no_row_makes_none(side: Side) {
    let given = given(&side).await;
    assert_eq!(moves(&given, 1).send().await.unwrap_err().code(), LOST);
    assert_eq!(given.get("lot").await, None);
}

/// The store's binding of a serial.
fn bind(given: &Given, document: &str) -> UpdateItemFluentBuilder {
    update(given, "serial")
        .update_expression("SET #document = :document")
        .condition_expression("attribute_not_exists(#document)")
        .expression_attribute_names("#document", "document")
        .expression_attribute_values(":document", text(document))
}

async fn an_update_under_an_absence_makes_the_row(side: Side) {
    let given = given(&side).await;
    bind(&given, "d").send().await.unwrap();
    assert_eq!(
        given.get("serial").await,
        Some(item("serial", [("document", text("d"))]))
    );
    assert_eq!(bind(&given, "e").send().await.unwrap_err().code(), LOST);
}

async fn what_is_removed_is_absent_and_its_row_stays(side: Side) {
    let given = given(&side).await;
    bind(&given, "d").send().await.unwrap();
    let unbind = || {
        let update = update(&given, "serial").update_expression("REMOVE #document");
        update
            .condition_expression("#document = :document")
            .expression_attribute_names("#document", "document")
            .expression_attribute_values(":document", text("d"))
            .send()
    };
    unbind().await.unwrap();
    assert_eq!(given.get("serial").await, Some(key("serial")));
    assert_eq!(unbind().await.unwrap_err().code(), LOST);
    bind(&given, "e").send().await.unwrap();
}

async fn a_delete_under_a_condition_holds_once_and_without_one_always(side: Side) {
    let given = given(&side).await;
    given.put(key("a")).await;
    let delete = || {
        let delete = given.client.delete_item().table_name(&given.table);
        delete.set_key(Some(key("a")))
    };
    let conditional = || delete().condition_expression("attribute_exists(pk)").send();
    conditional().await.unwrap();
    assert_eq!(given.get("a").await, None);
    assert_eq!(conditional().await.unwrap_err().code(), LOST);
    delete().send().await.unwrap();
}

async fn writes_that_race_for_the_last_of_something_never_take_more(side: Side) {
    let given = given(&side).await;
    let lot = |available, reserved| {
        item(
            "lot",
            [
                ("available", number(available)),
                ("reserved", number(reserved)),
            ],
        )
    };
    given.put(lot(3, 0)).await;
    let moved = futures::future::join_all((0..8).map(|_| moves(&given, 1).send())).await;
    let lost: Vec<_> = moved.iter().filter_map(|m| m.as_ref().err()).collect();
    assert_eq!(lost.len(), 5);
    assert!(lost.iter().all(|e| e.code() == LOST), "{lost:?}");
    assert_eq!(given.get("lot").await, Some(lot(0, 3)));
}
