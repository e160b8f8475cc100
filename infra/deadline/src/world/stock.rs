//! Serials: what is free to be sold, and in how many blocks they are.

use crate::{error::Error, settings::Settings};

/// Serials in a block, blocks kept open at least.
pub(super) const BLOCK: f64 = bubuh_core::inventory::BLOCK_SIZE as f64;
const OPEN_LEAST: f64 = bubuh_core::inventory::OPEN_BLOCKS as f64;
/// Slots that free capacity is spread over; all are read when an order's own has too little.
const SLOTS: f64 = 64.0;

/// The inventory.
#[derive(Debug)]
pub(super) struct Stock {
    sellable: f64,
    allowance: f64,
    free: f64,
    /// Stamps that are bought and not on a document yet; each has a serial in a block.
    held: f64,
    bulk: f64,
}

impl Stock {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        let sellable = settings.get("SellableSerials")?;
        let bulk = settings.get("bulk_documents")?;
        Ok(Self {
            sellable,
            allowance: settings.get("LateAllowance")?,
            free: sellable,
            held: settings.get("stamps_held")? * settings.scale + bulk,
            bulk,
        })
    }

    /// An order claims its stamps, if they are free.
    pub(super) fn sell(&mut self, count: f64) -> bool {
        let there = self.free >= count + self.allowance;
        if there {
            self.free -= count;
            self.held += count;
        }
        there
    }

    /// An acceptance spends one.
    pub(super) fn spend(&mut self) {
        self.held = (self.held - 1.0).max(0.0);
    }

    /// Read units of an order whose slot has too little; slots run low one after the other.
    pub(super) fn looks_around(&self) -> f64 {
        if self.free < self.sellable / 4.0 {
            SLOTS
        } else {
            0.0
        }
    }

    /// Sweep restocks; gives how many blocks it wrote.
    pub(super) fn restock(&mut self) -> f64 {
        let short = (self.sellable - self.free).max(0.0);
        self.free += short;
        (short / BLOCK).ceil()
    }

    pub(super) fn open_blocks(&self) -> f64 {
        ((self.free + self.held) / BLOCK).max(OPEN_LEAST)
    }

    /// How many lots the bulk customer has.
    pub(super) fn bulk_lots(&self, per_lot: f64) -> f64 {
        (self.bulk / per_lot).max(1.0)
    }
}
