//! Numbers that are taken by adding: no condition, so that nobody is turned away.

use super::{Table, commit::changed};
use crate::{
    error::{Error, classify},
    keys,
    row::{number, primary, text},
};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use bubuh_core::{
    id::BlockId,
    inventory::{Block, SETTLE_AFTER_MS},
    ticket::Lane,
};

const HAND_OUT: &str = "ADD #cursor :n SET #handed = :now, \
                        #due_at_ms = if_not_exists(#due_at_ms, :due), \
                        #due_at = if_not_exists(#due_at, :due), \
                        #due_shard = if_not_exists(#due_shard, :shard)";

impl Table {
    /// Takes the next `count` numbers of a lane; gives the first. A lost reply skips numbers, which
    /// does no harm: they only order.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn take_tickets(&self, lane: Lane, count: u32) -> Result<u64, Error> {
        let done = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(primary(&keys::tickets(lane))))
            .update_expression("ADD #last :n")
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":n", number(count))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|e| classify("take tickets", &e))?;
        let last = done.attributes.as_ref().and_then(|a| a.get("last"));
        match last {
            Some(AttributeValue::N(n)) => n.parse::<u64>().ok(),
            _ => None,
        }
        .and_then(|last| last.checked_sub(u64::from(count)))
        .and_then(|before| before.checked_add(1))
        .ok_or_else(|| Error::Unreadable {
            what: keys::tickets(lane).pk,
            why: "no counter came back".to_owned(),
        })
    }

    /// Hands out the next `count` serials of a block, as [`Block::hand_out`] does; gives the row this leaves. `None`:
    /// there is no such block. A lost reply leaves serials with nobody, until the block is settled.
    ///
    /// # Errors
    /// As [`Table::order`].
    pub async fn hand_out(
        &self,
        block: BlockId,
        count: u32,
        now_ms: u64,
    ) -> Result<Option<Block>, Error> {
        let key = keys::block(block);
        let done = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(primary(&key)))
            .update_expression(HAND_OUT)
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#cursor", "cursor")
            .expression_attribute_names("#handed", "handed_at_ms")
            .expression_attribute_names("#due_at_ms", "due_at_ms")
            .expression_attribute_names("#due_at", "due_at")
            .expression_attribute_names("#due_shard", "due_shard")
            .expression_attribute_values(":n", number(count))
            .expression_attribute_values(":now", number(now_ms))
            .expression_attribute_values(":due", number(now_ms.saturating_add(SETTLE_AFTER_MS)))
            .expression_attribute_values(":shard", text(self.due_shards.of(&key.pk)))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        changed("hand out serials", done)
    }
}
