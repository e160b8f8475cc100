//! Reading free serial capacity and the switch of sales.

use super::Table;
use crate::{
    error::{Error, classify},
    keys,
    row::{Item, attribute, primary},
};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use bubuh_core::{capacity::Slot, sales::Switch};

impl Table {
    /// What is free in every slot. Not a snapshot; a claim carries its own condition.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also when the table answers only in part; [`Error::Unreadable`].
    pub async fn capacity(&self) -> Result<Vec<Slot>, Error> {
        let slots = 0..self.capacity_slots.get();
        let keys = slots.map(|slot| primary(&keys::capacity(slot))).collect();
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(|e| Error::Refused {
                doing: "read capacity",
                why: e.to_string(),
            })?;
        let found = self
            .client
            .batch_get_item()
            .request_items(&self.name, wanted)
            .send()
            .await
            .map_err(|e| classify("read capacity", &e))?;
        if found
            .unprocessed_keys()
            .is_some_and(|left| !left.is_empty())
        {
            return Err(Error::Unavailable {
                doing: "read capacity",
                why: "not all of it was read".to_owned(),
            });
        }
        let items = found.responses.unwrap_or_default();
        items.values().flatten().map(slot).collect()
    }

    /// The switch of sales; as it is by default if nobody has turned it.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Unreadable`].
    pub async fn sales_switch(&self) -> Result<Switch, Error> {
        Ok(self.row(&keys::sales()).await?.unwrap_or_default())
    }
}

/// A slot's item.
pub(super) fn slot(item: &Item) -> Result<Slot, Error> {
    let pk = attribute(item, "pk");
    let unreadable = || Error::Unreadable {
        what: pk.to_owned(),
        why: "no number".to_owned(),
    };
    let slot = pk.strip_prefix("CAPACITY#").and_then(|n| n.parse().ok());
    let free = match item.get("free") {
        Some(AttributeValue::N(n)) => n.parse().ok(),
        _ => None,
    };
    Ok(Slot {
        slot: slot.ok_or_else(unreadable)?,
        free: free.ok_or_else(unreadable)?,
    })
}
