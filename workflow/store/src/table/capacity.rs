//! Reading free serial capacity and the switch of sales.

use super::Table;
use crate::{
    error::Error,
    keys,
    row::{Item, attribute},
};
use aws_sdk_dynamodb::types::AttributeValue;
use bubuh_core::{capacity::Slot, sales::Switch};

impl Table {
    /// What is free in every slot. Not a snapshot; a claim carries its own condition.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also when the table answers only in part; [`Error::Unreadable`].
    pub async fn capacity(&self) -> Result<Vec<Slot>, Error> {
        let slots = 0..self.capacity_slots.get();
        let keys = slots.map(keys::capacity);
        let items = self.all_items("read capacity", keys).await?;
        items.iter().map(slot).collect()
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
