//! Listings over the two indexes. An index is eventually consistent: what is found through it is
//! read again by key, and every action on it carries its own condition.

use super::Table;
use crate::{
    error::{Error, classify},
    keys,
    row::{Item, attribute, number, text},
};
use aws_sdk_dynamodb::types::AttributeValue;
use bubuh_core::{
    Error as RuleError,
    case::Case,
    document::Document,
    event::Event,
    id::{AccountId, BlockId, DocumentId, EventId, OrderId, RefundKey, StatementId, TransactionId},
    order::Order,
};
use futures::{StreamExt, TryStreamExt, stream};
use std::str::FromStr;

/// Cases on a page where all are read.
const CASES: i32 = 100;
/// Rows of a page read at a time.
const READ_AT_ONCE: usize = 16;

/// In which order a listing comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sorted {
    NewestFirst,
    OldestFirst,
}
use Sorted::{NewestFirst, OldestFirst};

/// A row that `sweep` must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// An order past its time to pay.
    Order(OrderId),
    /// A document: to resend, to retry, to abandon or to purge.
    Document(DocumentId),
    /// A refund without a living workflow.
    Refund(OrderId, RefundKey),
    /// A payment whose payout, or what is kept back of it, is late.
    Payment(OrderId, TransactionId),
    /// A settlement file that is being read.
    Statement(StatementId),
    /// A block that handed out serials: whether they are used.
    Block(BlockId),
}

/// A page of a listing.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page starts; none at the end.
    pub next: Option<String>,
}

impl Table {
    /// Rows that are due, some of each shard, the longest due first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn due(&self, now_ms: u64, per_shard: i32) -> Result<Vec<Due>, Error> {
        let found = self.due_since(now_ms, per_shard).await?;
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    /// The same, each with the time at which it became due, in milliseconds since the epoch.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn due_since(&self, now_ms: u64, per_shard: i32) -> Result<Vec<(u64, Due)>, Error> {
        let mut found: Vec<(u64, Due)> = Vec::new();
        for shard in self.due_shards.names() {
            for item in self.due_in(shard, now_ms, per_shard).await? {
                let row = due(attribute(&item, "pk"), attribute(&item, "sk"));
                found.extend(row.map(|row| (due_at_ms(&item), row)));
            }
        }
        found.sort_by_key(|(at_ms, _)| *at_ms);
        Ok(found)
    }

    /// Events that are due, some of each of their shards, the longest due first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn events_due(&self, now_ms: u64, per_shard: i32) -> Result<Vec<EventId>, Error> {
        let mut found: Vec<(u64, EventId)> = Vec::new();
        for shard in self.due_shards.names_of_events() {
            for item in self.due_in(shard, now_ms, per_shard).await? {
                found.push((due_at_ms(&item), event(attribute(&item, "pk"))?));
            }
        }
        found.sort_by_key(|(at_ms, _)| *at_ms);
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// Events that some webhook was not told of in any try, the oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn events_given_up(&self, limit: i32) -> Result<Vec<EventId>, Error> {
        let all = self.due_in(keys::GIVEN_UP.to_owned(), u64::MAX, limit);
        let all = all.await?.into_iter();
        all.map(|item| event(attribute(&item, "pk"))).collect()
    }

    async fn due_in(&self, shard: String, now_ms: u64, limit: i32) -> Result<Vec<Item>, Error> {
        let page = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(keys::DUE_INDEX)
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":now", number(now_ms))
            .limit(limit)
            .send()
            .await
            .map_err(|e| classify("due", &e))?;
        Ok(page.items.unwrap_or_default())
    }

    /// What was to be told to an account, the newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn events(
        &self,
        account: &AccountId,
        from: Option<&str>,
        limit: i32,
    ) -> Result<Page<Event>, Error> {
        let list = (keys::account_events(account), NewestFirst);
        let read = |pk: String| async move { self.event(named(&pk, "EVENT#")?).await };
        self.page(list, from, limit, read).await
    }

    /// An account's orders, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn orders(
        &self,
        account: &AccountId,
        from: Option<&str>,
        limit: i32,
    ) -> Result<Page<Order>, Error> {
        let list = (keys::account_orders(account), NewestFirst);
        let read = |pk: String| async move { self.order(named(&pk, "ORDER#")?).await };
        self.page(list, from, limit, read).await
    }

    /// An account's documents, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn documents(
        &self,
        account: &AccountId,
        from: Option<&str>,
        limit: i32,
    ) -> Result<Page<Document>, Error> {
        let list = (keys::account_documents(account), NewestFirst);
        let read = |pk: String| async move { self.document(named(&pk, "DOC#")?).await };
        self.page(list, from, limit, read).await
    }

    /// Cases that are open, or closed ones, the oldest first. A page may have fewer than there is room for.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn cases_from(
        &self,
        open: bool,
        from: Option<&str>,
        limit: i32,
    ) -> Result<Page<Case>, Error> {
        let list = (keys::cases(open), OldestFirst);
        let read = |pk: String| async move { self.case(named(&pk, "CASE#")?).await };
        let mut page = self.page(list, from, limit, read).await?;
        // The index may lag behind: what was closed meanwhile is not open.
        page.rows.retain(|case| case.closed.is_none() == open);
        Ok(page)
    }

    /// Every case that is open, or every closed one, the oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn cases(&self, open: bool) -> Result<Vec<Case>, Error> {
        let (mut rows, mut from) = (Vec::new(), None);
        loop {
            let page = self.cases_from(open, from.as_deref(), CASES).await?;
            rows.extend(page.rows);
            if page.next.is_none() {
                return Ok(rows);
            }
            from = page.next;
        }
    }

    /// A page of a listing: the rows that there still are, read a few at a time.
    async fn page<T, F: Future<Output = Result<Option<T>, Error>>>(
        &self,
        list: (String, Sorted),
        from: Option<&str>,
        limit: i32,
        read: impl Fn(String) -> F,
    ) -> Result<Page<T>, Error> {
        let (keys, next) = self.listed(list, from, limit).await?;
        let rows = stream::iter(keys.into_iter().map(read)).buffered(READ_AT_ONCE);
        let rows = rows.try_filter_map(|row| async { Ok(row) });
        Ok(Page {
            rows: rows.try_collect().await?,
            next,
        })
    }

    /// Partition keys of a listing, and the sort key the next page starts after.
    async fn listed(
        &self,
        (account_key, sorted): (String, Sorted),
        from: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<String>, Option<String>), Error> {
        // Sort keys start with digits; `~` is behind them all, and a blank before.
        let (condition, end) = match sorted {
            NewestFirst => ("account_key = :account AND account_sort < :from", "~"),
            OldestFirst => ("account_key = :account AND account_sort > :from", " "),
        };
        let page = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(keys::ACCOUNT_INDEX)
            .key_condition_expression(condition)
            .expression_attribute_values(":account", text(account_key))
            .expression_attribute_values(
                ":from",
                text(from.filter(|f| !f.is_empty()).unwrap_or(end)),
            )
            .scan_index_forward(sorted == OldestFirst)
            .limit(limit)
            .send()
            .await
            .map_err(|e| classify("list", &e))?;
        let next = page
            .last_evaluated_key()
            .map(|key| attribute(key, "account_sort").to_owned());
        let keys = page
            .items()
            .iter()
            .map(|item| attribute(item, "pk").to_owned())
            .collect();
        Ok((keys, next))
    }
}

/// The id that a partition key of this kind names.
fn named<T: FromStr<Err = RuleError>>(pk: &str, kind: &str) -> Result<T, Error> {
    Ok(pk.strip_prefix(kind).unwrap_or(pk).parse()?)
}

fn event(pk: &str) -> Result<EventId, Error> {
    named(pk, "EVENT#")
}

fn due_at_ms(item: &Item) -> u64 {
    match item.get("due_at") {
        Some(AttributeValue::N(n)) => n.parse().unwrap_or_default(),
        _ => 0,
    }
}

fn due(pk: &str, sk: &str) -> Option<Due> {
    if let Some(id) = pk.strip_prefix("DOC#") {
        return Some(Due::Document(id.parse().ok()?));
    }
    if let Some(id) = pk.strip_prefix("STATEMENT#") {
        return Some(Due::Statement(id.parse().ok()?));
    }
    if let Some(id) = pk.strip_prefix("BLOCK#") {
        return Some(Due::Block(id.parse().ok()?));
    }
    let order = pk.strip_prefix("ORDER#")?.parse().ok()?;
    if let Some(paid) = sk.strip_prefix("PAYMENT#") {
        return Some(Due::Payment(order, TransactionId::new(paid).ok()?));
    }
    match sk.strip_prefix("REFUND#") {
        Some(key) => Some(Due::Refund(order, key.parse().ok()?)),
        None => Some(Due::Order(order)),
    }
}
