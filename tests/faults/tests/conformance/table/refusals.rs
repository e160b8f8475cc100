//! Requests that are wrong however often they are made.

use super::{Item, given, item, key, number, text};
use crate::sides::Side;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;

on_both_sides! {
    a_word_that_no_expression_uses_is_refused,
    an_empty_key_is_refused,
    a_row_of_more_than_400_kilobytes_is_refused,
    a_table_that_is_not_there_is_told_apart,
}

const INVALID: Option<&str> = Some("ValidationException");

async fn a_word_that_no_expression_uses_is_refused(side: Side) {
    let given = given(&side).await;
    let update = || {
        let update = given.client.update_item().table_name(&given.table);
        let update = update
            .set_key(Some(key("a")))
            .update_expression("SET b = :b");
        update.expression_attribute_values(":b", number(1))
    };
    let value = update().expression_attribute_values(":c", number(1));
    assert_eq!(value.send().await.unwrap_err().code(), INVALID);
    let name = update().expression_attribute_names("#c", "c");
    assert_eq!(name.send().await.unwrap_err().code(), INVALID);
    assert_eq!(given.get("a").await, None);
}

async fn an_empty_key_is_refused(side: Side) {
    let given = given(&side).await;
    let put = given.client.put_item().table_name(&given.table);
    let put = put.set_item(Some(key(""))).send().await;
    assert_eq!(put.unwrap_err().code(), INVALID);
    let get = given.client.get_item().table_name(&given.table);
    let get = get.set_key(Some(key(""))).send().await;
    assert_eq!(get.unwrap_err().code(), INVALID);
}

async fn a_row_of_more_than_400_kilobytes_is_refused(side: Side) {
    let given = given(&side).await;
    let row = |bytes: usize| -> Item { item("a", [("text", text(&"x".repeat(bytes)))]) };
    given.put(row(409_000)).await;
    let put = given.client.put_item().table_name(&given.table);
    let put = put.set_item(Some(row(410_000))).send().await;
    assert_eq!(put.unwrap_err().code(), INVALID);
    assert_eq!(given.get("a").await, Some(row(409_000)));
}

async fn a_table_that_is_not_there_is_told_apart(side: Side) {
    let given = given(&side).await;
    let get = given.client.get_item().table_name("another-table");
    let get = get.set_key(Some(key("a"))).send().await;
    assert_eq!(get.unwrap_err().code(), Some("ResourceNotFoundException"));
}
