//! The one table: reads by key, the conditional writes of a decision, and the listings.

mod action;
mod commit;
mod listing;
mod read;
mod whole;

pub use listing::{Due, Page};
pub use whole::Whole;

use aws_sdk_dynamodb::Client;

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self {
            client,
            name: name.into(),
        }
    }
}
