//! Consistent reads by key.

use super::Table;
use crate::{
    error::{Error, classify},
    keys::{self, Key},
    row::{Item, Row, attribute, from_item, primary, text},
};
use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use bubuh_core::{
    case::Case,
    document::Document,
    event::Event,
    hook::Hooks,
    id::{AccountId, CaseId, DocumentId, EventId, OrderId, RefundKey, StatementId, TransactionId},
    ledger::Entry,
    lot::Lot,
    order::Order,
    payment::Payment,
    queue::Snapshot,
    refund::Refund,
    settlement::{LineId, Statement},
    ticket::Lane,
};

impl Table {
    pub(super) async fn item(&self, key: &Key) -> Result<Option<Item>, Error> {
        self.client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(primary(key)))
            .consistent_read(true)
            .send()
            .await
            .map(|found| found.item)
            .map_err(|e| classify("get", &e))
    }

    pub(super) async fn row<R: Row>(&self, key: &Key) -> Result<Option<R>, Error> {
        self.item(key).await?.map(from_item).transpose()
    }

    /// All rows of a partition whose sort key starts with `prefix`, in its order.
    pub(super) async fn partition(
        &self,
        pk: &str,
        prefix: &str,
        limit: Option<i32>,
    ) -> Result<Vec<Item>, Error> {
        let rows = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":prefix", text(prefix))
            .consistent_read(true);
        pages(rows, limit).await
    }

    /// An order.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`]; so for every read here.
    pub async fn order(&self, id: OrderId) -> Result<Option<Order>, Error> {
        self.row(&keys::order(id)).await
    }

    /// A captured payment of an order.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn payment(
        &self,
        order: OrderId,
        transaction: &TransactionId,
    ) -> Result<Option<Payment>, Error> {
        self.row(&keys::payment(order, transaction)).await
    }

    /// All captured payments of an order.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn payments(&self, order: OrderId) -> Result<Vec<Payment>, Error> {
        let items = self
            .partition(&keys::order(order).pk, "PAYMENT#", None)
            .await?;
        items.into_iter().map(from_item).collect()
    }

    /// All refunds of an order.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn refunds(&self, order: OrderId) -> Result<Vec<Refund>, Error> {
        let items = self
            .partition(&keys::order(order).pk, "REFUND#", None)
            .await?;
        items.into_iter().map(from_item).collect()
    }

    /// Every ledger entry of an order.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn order_entries(&self, order: OrderId) -> Result<Vec<Entry>, Error> {
        self.entries(&keys::order(order).pk).await
    }

    /// Every ledger entry of a document.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn document_entries(&self, document: DocumentId) -> Result<Vec<Entry>, Error> {
        self.entries(&keys::document(document).pk).await
    }

    async fn entries(&self, pk: &str) -> Result<Vec<Entry>, Error> {
        let items = self.partition(pk, "LEDGER#", None).await?;
        items.into_iter().map(from_item).collect()
    }

    /// A refund.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn refund(&self, order: OrderId, key: RefundKey) -> Result<Option<Refund>, Error> {
        self.row(&keys::refund(order, key)).await
    }

    /// A case.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, Error> {
        self.row(&keys::case(id)).await
    }

    /// The case that is or was open about a refund.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn case_of(&self, refund: &Refund) -> Result<Option<Case>, Error> {
        match refund.case {
            Some(id) => self.case(id).await,
            None => Ok(None),
        }
    }

    /// A settlement file.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn statement(&self, id: StatementId) -> Result<Option<Statement>, Error> {
        self.row(&keys::statement(id)).await
    }

    /// What a settlement file's line was booked as.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn line_entry(&self, line: LineId) -> Result<Option<Entry>, Error> {
        self.row(&keys::line_entry(line)).await
    }

    /// A document.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn document(&self, id: DocumentId) -> Result<Option<Document>, Error> {
        self.row(&keys::document(id)).await
    }

    /// All lots of an account, oldest first.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn lots(&self, account: &AccountId) -> Result<Vec<Lot>, Error> {
        let items = self
            .partition(&format!("ACCOUNT#{account}"), "LOT#", None)
            .await?;
        items.into_iter().map(from_item).collect()
    }

    /// All lots of an account, oldest first, and its webhooks, in one request. An account without webhooks costs nothing
    /// more for it.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn lots_and_hooks(&self, account: &AccountId) -> Result<(Vec<Lot>, Hooks), Error> {
        let Key { pk, sk: first } = keys::hooks(account);
        let rows = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":first", text(first))
            .expression_attribute_values(":last", text("LOT#~"))
            .consistent_read(true);
        let (mut lots, mut hooks) = (Vec::new(), Hooks::none(account.clone()));
        for item in pages(rows, None).await? {
            if attribute(&item, "sk").starts_with("LOT#") {
                lots.push(from_item(item)?);
            } else {
                hooks = from_item(item)?;
            }
        }
        Ok((lots, hooks))
    }

    /// An account's webhooks.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn hooks(&self, account: &AccountId) -> Result<Hooks, Error> {
        let found = self.row(&keys::hooks(account)).await?;
        Ok(found.unwrap_or_else(|| Hooks::none(account.clone())))
    }

    /// An event.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn event(&self, id: EventId) -> Result<Option<Event>, Error> {
        self.row(&keys::event(id)).await
    }

    /// The lots of an account that one order bought, oldest first.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn lots_of(&self, account: &AccountId, order: OrderId) -> Result<Vec<Lot>, Error> {
        let mut lots = self.lots(account).await?;
        lots.retain(|lot| lot.id.order == order);
        Ok(lots)
    }

    /// Documents of an account that wait for a stamp or a serial.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn waiting(&self, account: &AccountId, limit: i32) -> Result<Vec<DocumentId>, Error> {
        let pk = format!("ACCOUNT#{account}");
        let items = self.partition(&pk, "WAIT#", Some(limit)).await?;
        ids(&items, "WAIT#")
    }

    /// The last number that was given in a lane; 0 before the first.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn last_ticket(&self, lane: Lane) -> Result<u64, Error> {
        let found = self.item(&keys::tickets(lane)).await?;
        Ok(match found.as_ref().and_then(|item| item.get("last")) {
            Some(AttributeValue::N(n)) => n.parse().unwrap_or_default(),
            _ => 0,
        })
    }

    /// How far the lanes of the queue have come; empty before anybody looked.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn queue_snapshot(&self) -> Result<Snapshot, Error> {
        Ok(self.row(&keys::queue()).await?.unwrap_or_default())
    }
}

/// All that a query finds, page after page; with a limit no further page once there are so many.
async fn pages(query: QueryFluentBuilder, limit: Option<i32>) -> Result<Vec<Item>, Error> {
    let (mut items, mut from) = (Vec::new(), None);
    loop {
        let page = query
            .clone()
            .set_limit(limit)
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(|e| classify("query", &e))?;
        items.extend(page.items.unwrap_or_default());
        from = page.last_evaluated_key;
        let enough = limit.is_some_and(|l| items.len() >= usize::try_from(l).unwrap_or(0));
        if from.is_none() || enough {
            return Ok(items);
        }
    }
}

pub(super) fn ids<T: std::str::FromStr<Err = bubuh_core::Error>>(
    items: &[Item],
    prefix: &str,
) -> Result<Vec<T>, Error> {
    items
        .iter()
        .map(|item| {
            let sk = attribute(item, "sk");
            Ok(sk.strip_prefix(prefix).unwrap_or(sk).parse()?)
        })
        .collect()
}
