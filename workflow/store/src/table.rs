//! The one table: reads by key, the conditional writes of a decision, and the listings.

mod action;
mod batch;
mod capacity;
mod claim;
mod commit;
mod counter;

mod inventory;
mod listing;
mod read;
mod whole;

pub use listing::{Due, Page};
pub use whole::Whole;

use crate::keys::{CAPACITY_SLOTS, DueShards};
use aws_sdk_dynamodb::Client;
use std::num::NonZeroU8;

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    due_shards: DueShards,
    capacity_slots: NonZeroU8,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
            due_shards: DueShards::default(),
            capacity_slots: CAPACITY_SLOTS,
        }
    }

    /// With another number of shards in the `due` index than 64. It is a property of the table: rows
    /// written under another number may never be found due.
    #[must_use]
    pub const fn with_due_shards(mut self, shards: NonZeroU8) -> Self {
        self.due_shards = DueShards(shards);
        self
    }

    /// With another number of slots for free serial capacity than 64; a property of the table too.
    #[must_use]
    pub const fn with_capacity_slots(mut self, slots: NonZeroU8) -> Self {
        self.capacity_slots = slots;
        self
    }

    /// How many slots free serial capacity has.
    #[must_use]
    pub const fn capacity_slots(&self) -> NonZeroU8 {
        self.capacity_slots
    }
}
