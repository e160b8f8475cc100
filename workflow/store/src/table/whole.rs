//! Reading the whole table, for the audit.

use super::{Table, capacity::slot, inventory::tie};
use crate::{
    error::{Error, classify},
    row::{Item, attribute, from_item},
};
use bubuh_core::audit::Rows;

/// Everything in the table.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    /// The rows that invariants speak of.
    pub rows: Rows,
}

impl Table {
    /// Reads every row. Not a snapshot: what looks broken must be read again before it is believed.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Unreadable`] names a row that is not of this version.
    pub async fn whole(&self) -> Result<Whole, Error> {
        let mut whole = Whole::default();
        let mut from = None;
        loop {
            let page = self
                .client
                .scan()
                .table_name(&self.name)
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(|e| classify("scan", &e))?;
            for item in page.items.unwrap_or_default() {
                whole.add(item)?;
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(whole);
            }
        }
    }
}

impl Whole {
    fn add(&mut self, item: Item) -> Result<(), Error> {
        let sk = attribute(&item, "sk").to_owned();
        let kind = sk.split('#').next().unwrap_or_default();
        let rows = &mut self.rows;
        match kind {
            "ORDER" => rows.orders.push(from_item(item)?),
            "PAYMENT" => rows.payments.push(from_item(item)?),
            "REFUND" => rows.refunds.push(from_item(item)?),
            "LOT" => rows.lots.push(from_item(item)?),
            "DOC" => rows.documents.push(from_item(item)?),
            "LEDGER" => rows.entries.push(from_item(item)?),
            "CASE" => rows.cases.push(from_item(item)?),
            "STATEMENT" => rows.statements.push(from_item(item)?),
            "EVENT" => rows.events.push(from_item(item)?),
            "BLOCK" if attribute(&item, "pk").starts_with("BLOCK#") => {
                rows.blocks.push(from_item(item)?);
            }
            "CAPACITY" => rows.capacity.push(slot(&item)?),
            "SERIAL" => rows.bindings.push(tie(&item)?),
            // Pointers, waiting lists, webhooks and counters carry no value of their own.
            _ => {}
        }
        Ok(())
    }
}
