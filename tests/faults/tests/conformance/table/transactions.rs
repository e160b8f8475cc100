//! Several rows in one transaction.

use super::{Given, given, item, key, number, text};
use crate::sides::Side;
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::{
        TransactWriteItemsError as Refused, TransactWriteItemsOutput as Written,
        builders::TransactWriteItemsFluentBuilder,
    },
    types::{
        CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        Update,
    },
};

on_both_sides! {
    a_transaction_writes_all_of_its_rows,
    a_cancelled_transaction_writes_nothing_and_tells_a_reason_for_each_row_in_order,
    a_cancelled_transaction_shows_the_row_of_a_failed_condition_when_asked,
    what_cannot_be_computed_cancels_a_transaction_with_another_reason,
    a_row_comes_once_in_a_transaction,
    a_transaction_takes_a_hundred_rows_and_no_more,
    the_same_transaction_under_the_same_token_is_written_once,
    another_transaction_under_the_same_token_is_refused,
    of_transactions_that_race_for_a_row_one_holds,
}

const ABSENT: &str = "attribute_not_exists(pk)";

fn transaction(given: &Given, parts: Vec<TransactWriteItem>) -> TransactWriteItemsFluentBuilder {
    let transaction = given.client.transact_write_items();
    transaction.set_transact_items(Some(parts))
}

fn put(given: &Given, pk: &str, show: bool) -> TransactWriteItem {
    let shown = show.then_some(ReturnValuesOnConditionCheckFailure::AllOld);
    let put = Put::builder()
        .table_name(&given.table)
        .set_item(Some(item(pk, [("by", text("transaction"))])))
        .condition_expression(ABSENT)
        .set_return_values_on_condition_check_failure(shown);
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

fn take(given: &Given, pk: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(&given.table)
        .set_key(Some(key(pk)))
        .update_expression("SET #cursor = #cursor + :one")
        .condition_expression("#cursor = :zero")
        .expression_attribute_names("#cursor", "cursor")
        .expression_attribute_values(":zero", number(0))
        .expression_attribute_values(":one", number(1));
    let update = update.build().unwrap();
    TransactWriteItem::builder().update(update).build()
}

fn delete(given: &Given, pk: &str) -> TransactWriteItem {
    let delete = Delete::builder()
        .table_name(&given.table)
        .set_key(Some(key(pk)));
    TransactWriteItem::builder()
        .delete(delete.build().unwrap())
        .build()
}

fn reasons<R: std::fmt::Debug + Send + Sync + 'static>(
    written: Result<Written, SdkError<Refused, R>>,
) -> Vec<CancellationReason> {
    match written.unwrap_err().into_service_error() {
        Refused::TransactionCanceledException(e) => e.cancellation_reasons.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn codes(reasons: &[CancellationReason]) -> Vec<&str> {
    reasons.iter().filter_map(|r| r.code()).collect()
}

async fn block(given: &Given) {
    given.put(item("block", [("cursor", number(0))])).await;
}

async fn a_transaction_writes_all_of_its_rows(side: Side) {
    let given = given(&side).await;
    block(&given).await;
    given.put(key("pointer")).await;
    let parts = vec![
        put(&given, "a", false),
        take(&given, "block"),
        delete(&given, "pointer"),
    ];
    transaction(&given, parts).send().await.unwrap();
    assert_eq!(
        given.get("a").await,
        Some(item("a", [("by", text("transaction"))]))
    );
    assert_eq!(given.get("block").await.unwrap()["cursor"], number(1));
    assert_eq!(given.get("pointer").await, None);
}

async fn a_cancelled_transaction_writes_nothing_and_tells_a_reason_for_each_row_in_order(
    side: Side,
) {
    let given = given(&side).await;
    given.put(key("b")).await;
    given.put(key("pointer")).await;
    let parts = vec![
        put(&given, "a", false),
        put(&given, "b", false),
        delete(&given, "pointer"),
        take(&given, "block"),
    ];
    let reasons = reasons(transaction(&given, parts).send().await);
    let failed = "ConditionalCheckFailed";
    assert_eq!(codes(&reasons), ["None", failed, "None", failed]);
    assert!(reasons.iter().all(|r| r.item().is_none()), "{reasons:?}");
    assert_eq!(given.get("a").await, None);
    assert_eq!(given.get("b").await, Some(key("b")));
    assert_eq!(given.get("pointer").await, Some(key("pointer")));
    assert_eq!(given.get("block").await, None);
}

async fn a_cancelled_transaction_shows_the_row_of_a_failed_condition_when_asked(side: Side) {
    let given = given(&side).await;
    given.put(key("b")).await;
    let parts = vec![put(&given, "a", true), put(&given, "b", true)];
    let reasons = reasons(transaction(&given, parts).send().await);
    assert_eq!(reasons[0].item(), None);
    assert_eq!(reasons[1].item(), Some(&key("b")));
}

async fn what_cannot_be_computed_cancels_a_transaction_with_another_reason(side: Side) {
    let given = given(&side).await;
    given.put(key("row")).await;
    let update = Update::builder()
        .table_name(&given.table)
        .set_key(Some(key("row")))
        .update_expression("SET cursor_at = cursor_at + :one")
        .expression_attribute_values(":one", number(1));
    let update = TransactWriteItem::builder().update(update.build().unwrap());
    let parts = vec![put(&given, "a", false), update.build()];
    let reasons = reasons(transaction(&given, parts).send().await);
    assert_eq!(codes(&reasons), ["None", "ValidationError"]);
    assert_eq!(given.get("a").await, None);
}

async fn a_row_comes_once_in_a_transaction(side: Side) {
    let given = given(&side).await;
    let parts = vec![put(&given, "a", false), delete(&given, "a")];
    let error = transaction(&given, parts).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"), "{error:?}");
    assert_eq!(given.get("a").await, None);
}

async fn a_transaction_takes_a_hundred_rows_and_no_more(side: Side) {
    let given = given(&side).await;
    let of = |n| {
        (0..n)
            .map(|i| put(&given, &format!("{n}-{i}"), false))
            .collect()
    };
    transaction(&given, of(100)).send().await.unwrap();
    let error = transaction(&given, of(101)).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"), "{error:?}");
    assert!(given.get("100-99").await.is_some());
    assert_eq!(given.get("101-0").await, None);
}

async fn the_same_transaction_under_the_same_token_is_written_once(side: Side) {
    let given = given(&side).await;
    block(&given).await;
    for _ in 0..2 {
        let transaction = transaction(&given, vec![take(&given, "block"), put(&given, "a", false)]);
        // As the client does that repeats a call whose reply was lost.
        transaction
            .client_request_token(&side.name)
            .send()
            .await
            .unwrap();
    }
    assert_eq!(given.get("block").await.unwrap()["cursor"], number(1));
}

async fn another_transaction_under_the_same_token_is_refused(side: Side) {
    let given = given(&side).await;
    let write = |pk| {
        let transaction = transaction(&given, vec![put(&given, pk, false)]);
        transaction.client_request_token(&side.name).send()
    };
    write("a").await.unwrap();
    let error = write("b").await.unwrap_err();
    assert_eq!(error.code(), Some("IdempotentParameterMismatchException"));
    assert_eq!(given.get("b").await, None);
}

async fn of_transactions_that_race_for_a_row_one_holds(side: Side) {
    let given = given(&side).await;
    block(&given).await;
    let write = |i| {
        let parts = vec![
            put(&given, &format!("document-{i}"), false),
            take(&given, "block"),
        ];
        transaction(&given, parts).send()
    };
    let written = futures::future::join_all((0..8).map(write)).await;
    let (held, lost): (Vec<_>, Vec<_>) = written.into_iter().partition(Result::is_ok);
    assert_eq!(held.len(), 1);
    for lost in lost {
        let reasons = reasons(lost);
        let codes = codes(&reasons);
        // In AWS also `TransactionConflict`, when they truly overlap.
        let known = ["ConditionalCheckFailed", "TransactionConflict"];
        assert!(known.contains(&codes[1]), "{codes:?}");
    }
    assert_eq!(given.get("block").await.unwrap()["cursor"], number(1));
    let mut documents = 0;
    for i in 0..8 {
        documents += usize::from(given.get(&format!("document-{i}")).await.is_some());
    }
    assert_eq!(documents, 1);
}
