//! Queries by partition and over the two indexes, and scans, page by page.

use super::{Given, Item, given, item, key, number, text};
use crate::sides::Side;
use aws_sdk_dynamodb::{
    operation::query::{QueryOutput, builders::QueryFluentBuilder},
    types::AttributeValue,
};

on_both_sides! {
    what_is_due_by_now_is_listed_the_longest_due_first,
    a_listing_goes_on_where_its_page_ended,
    an_index_holds_only_rows_with_its_attributes_and_only_their_keys,
    a_row_leaves_and_reenters_an_index_as_it_is_rewritten,
    an_accounts_listing_goes_back_from_a_sort_key,
    a_page_that_ends_with_the_last_row_names_a_next_one,
    a_partition_is_read_by_prefix_in_order_of_its_keys,
    a_page_ends_after_a_megabyte,
}

impl Given {
    fn query(&self) -> QueryFluentBuilder {
        self.client.query().table_name(&self.table)
    }

    /// The store's question for what is due.
    fn due(&self, now: u64, limit: i32) -> QueryFluentBuilder {
        self.query()
            .index_name("due")
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", text("DUE#00"))
            .expression_attribute_values(":now", number(now))
            .limit(limit)
    }

    /// The store's question for an account's rows, newest first.
    fn listed(&self, from: &str, limit: i32) -> QueryFluentBuilder {
        self.query()
            .index_name("by_account")
            .key_condition_expression("account_key = :account AND account_sort < :from")
            .expression_attribute_values(":account", text("DOCS#ani"))
            .expression_attribute_values(":from", text(from))
            .scan_index_forward(false)
            .limit(limit)
    }
}

fn due_row(pk: &str, at: u64) -> Item {
    item(
        pk,
        [
            ("due_shard", text("DUE#00")),
            ("due_at", number(at)),
            ("state", text("x")),
        ],
    )
}

fn listed_row(pk: &str, sort: &str) -> Item {
    item(
        pk,
        [
            ("account_key", text("DOCS#ani")),
            ("account_sort", text(sort)),
        ],
    )
}

fn names(page: &QueryOutput, field: &str) -> Vec<String> {
    let name = |item: &Item| match &item[field] {
        AttributeValue::S(name) => name.clone(),
        other => panic!("{other:?}"),
    };
    page.items().iter().map(name).collect()
}

async fn what_is_due_by_now_is_listed_the_longest_due_first(side: Side) {
    let given = given(&side).await;
    // As numbers: 9 comes before 10.
    for (pk, at) in [("late", 10), ("now", 100), ("longest", 9), ("then", 101)] {
        given.put(due_row(pk, at)).await;
    }
    let mut other = due_row("elsewhere", 1);
    other.insert("due_shard".to_owned(), text("DUE#01"));
    given.put(other).await;
    let page = given.due(100, 10).send().await.unwrap();
    assert_eq!(names(&page, "pk"), ["longest", "late", "now"]);
    assert_eq!(page.last_evaluated_key(), None);
}

async fn a_listing_goes_on_where_its_page_ended(side: Side) {
    let given = given(&side).await;
    // Two are due at the same time, as a page may end between them.
    for (pk, at) in [("a", 1), ("b", 2), ("c", 2), ("d", 3)] {
        given.put(due_row(pk, at)).await;
    }
    let (mut found, mut from) = (Vec::new(), None);
    for _ in 0..3 {
        let page = given
            .due(100, 2)
            .set_exclusive_start_key(from)
            .send()
            .await
            .unwrap();
        assert!(page.count() <= 2);
        found.extend(names(&page, "pk"));
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ["a", "b", "c", "d"]);
    assert_eq!(from, None);
}

async fn an_index_holds_only_rows_with_its_attributes_and_only_their_keys(side: Side) {
    let given = given(&side).await;
    given.put(due_row("a", 1)).await;
    given.put(key("b")).await;
    let mut half = key("c");
    half.insert("due_at".to_owned(), number(1));
    given.put(half).await;
    let page = given.due(100, 10).send().await.unwrap();
    let mut keys = due_row("a", 1);
    keys.remove("state");
    assert_eq!(page.items(), [keys]);
}

async fn a_row_leaves_and_reenters_an_index_as_it_is_rewritten(side: Side) {
    let given = given(&side).await;
    let due = async || names(&given.due(100, 10).send().await.unwrap(), "pk");
    given.put(due_row("a", 1)).await;
    assert_eq!(due().await, ["a"]);
    given.put(due_row("a", 101)).await;
    assert!(due().await.is_empty());
    given.put(due_row("a", 2)).await;
    assert_eq!(due().await, ["a"]);
    given.put(key("a")).await;
    assert!(due().await.is_empty());
}

async fn an_accounts_listing_goes_back_from_a_sort_key(side: Side) {
    let given = given(&side).await;
    for (pk, sort) in [("a", "0001#a"), ("b", "0002#b"), ("c", "0003#c")] {
        given.put(listed_row(pk, sort)).await;
    }
    let page = given.listed("~", 2).send().await.unwrap();
    assert_eq!(names(&page, "pk"), ["c", "b"]);
    let last = page.last_evaluated_key().unwrap();
    assert_eq!(last["account_sort"], text("0002#b"));
    let page = given.listed("0002#b", 2).send().await.unwrap();
    assert_eq!(names(&page, "pk"), ["a"]);
    assert_eq!(page.last_evaluated_key(), None);
}

async fn a_page_that_ends_with_the_last_row_names_a_next_one(side: Side) {
    let given = given(&side).await;
    given.put(listed_row("a", "0001#a")).await;
    let page = given.listed("~", 1).send().await.unwrap();
    assert_eq!(names(&page, "pk"), ["a"]);
    let last = page.last_evaluated_key;
    assert!(last.is_some(), "the service has not looked further");
    let next = given
        .listed("~", 1)
        .set_exclusive_start_key(last)
        .send()
        .await
        .unwrap();
    assert_eq!((next.count(), next.last_evaluated_key()), (0, None));
}

async fn a_partition_is_read_by_prefix_in_order_of_its_keys(side: Side) {
    let given = given(&side).await;
    for sk in ["LOT#b", "WAIT#a", "LOT#a", "LOT#c", "LO"] {
        let mut row = key("ACCOUNT#ani");
        row.insert("sk".to_owned(), text(sk));
        given.put(row).await;
    }
    let (mut found, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = given
            .query()
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text("ACCOUNT#ani"))
            .expression_attribute_values(":prefix", text("LOT#"))
            .consistent_read(true)
            .limit(2)
            .set_exclusive_start_key(from)
            .send()
            .await
            .unwrap();
        pages += 1;
        found.extend(names(&page, "sk"));
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(found, ["LOT#a", "LOT#b", "LOT#c"]);
    assert_eq!(pages, 2);
}

async fn a_page_ends_after_a_megabyte(side: Side) {
    let given = given(&side).await;
    for pk in ["a", "b", "c", "d"] {
        given
            .put(item(pk, [("text", text(&"x".repeat(400_000)))]))
            .await;
    }
    let scan = |from| {
        let scan = given
            .client
            .scan()
            .table_name(&given.table)
            .consistent_read(true);
        scan.set_exclusive_start_key(from).send()
    };
    let (mut found, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = scan(from).await.unwrap();
        pages += 1;
        found.extend(page.items().iter().map(|row| row["pk"].clone()));
        from = page.last_evaluated_key;
        if from.is_none() {
            break;
        }
    }
    assert!(pages > 1, "one page was enough");
    found.sort_by_key(|pk| format!("{pk:?}"));
    assert_eq!(found, ["a", "b", "c", "d"].map(text));
}
