//! Every DynamoDB key, in one place. Keys are entity-first, so that no two busy things share a partition.

use bubuh_core::{
    id::{
        AccountId, BlockId, CaseId, DocumentId, EventId, OrderId, RefundKey, Serial, StatementId,
        TransactionId,
    },
    ledger::{Entry, EntryKind},
    lot::LotId,
    settlement::LineId,
    ticket::Lane,
};
use std::{fmt::Display, num::NonZeroU8};

/// How many shards the `due` index has, and events beside it no more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DueShards(pub(crate) NonZeroU8);

impl Default for DueShards {
    fn default() -> Self {
        Self(NonZeroU8::MIN.saturating_add(63))
    }
}

impl DueShards {
    /// The shard of a row: by its name, so that it never moves.
    pub(crate) fn of(self, pk: &str) -> String {
        Self::name(spread(pk, self.0.get()))
    }

    /// All of them.
    pub(crate) fn names(self) -> impl Iterator<Item = String> {
        (0..u32::from(self.0.get())).map(Self::name)
    }

    fn name(shard: u32) -> String {
        format!("DUE#{shard:02}")
    }

    /// The shard of an event.
    pub(crate) fn of_event(self, pk: &str) -> String {
        format!("EVENTS#{}", spread(pk, self.of_events()))
    }

    /// All of events.
    pub(crate) fn names_of_events(self) -> impl Iterator<Item = String> {
        let numbered = (0..self.of_events()).map(|shard| format!("EVENTS#{shard}"));
        numbered.chain([GIVEN_UP.to_owned()])
    }

    fn of_events(self) -> u8 {
        self.0.get().min(EVENT_SHARDS)
    }
}

/// The place of a name among so many (FNV-1a, so that names that differ in one digit spread).
fn spread(name: &str, places: u8) -> u32 {
    let sum = name.bytes().fold(0x811C_9DC5_u32, |sum, b| {
        (sum ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    sum.checked_rem(u32::from(places)).unwrap_or_default()
}

/// How many shards of the `due` index events have at most. They are apart from what `sweep` must look at: however many are owed
/// to a receiver that is down, nothing of an order or a document waits behind them.
const EVENT_SHARDS: u8 = 8;

/// The shard of events that some webhook was not told of, so that a person finds them.
pub(crate) const GIVEN_UP: &str = "EVENTS#GIVEN_UP";

/// How many slots free serial capacity is spread over, so that orders don't meet at one item.
pub(crate) const CAPACITY_SLOTS: NonZeroU8 = NonZeroU8::MIN.saturating_add(63);

/// The index of rows that `sweep` must look at.
pub(crate) const DUE_INDEX: &str = "due";
/// The index of an account's orders and documents, newest last.
pub(crate) const ACCOUNT_INDEX: &str = "by_account";

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

fn key(pk: impl Display, sk: impl Into<String>) -> Key {
    Key {
        pk: pk.to_string(),
        sk: sk.into(),
    }
}

pub(crate) fn order(id: OrderId) -> Key {
    key(format!("ORDER#{id}"), "ORDER")
}

pub(crate) fn payment(order: OrderId, transaction: &TransactionId) -> Key {
    key(format!("ORDER#{order}"), format!("PAYMENT#{transaction}"))
}

pub(crate) fn refund(order: OrderId, refund: RefundKey) -> Key {
    key(format!("ORDER#{order}"), format!("REFUND#{refund}"))
}

pub(crate) fn document(id: DocumentId) -> Key {
    key(format!("DOC#{id}"), "DOC")
}

pub(crate) fn lot(account: &AccountId, id: LotId) -> Key {
    key(format!("ACCOUNT#{account}"), format!("LOT#{id}"))
}

pub(crate) fn waiting(account: &AccountId, document: DocumentId) -> Key {
    key(format!("ACCOUNT#{account}"), format!("WAIT#{document}"))
}

pub(crate) fn serial(serial: &Serial) -> Key {
    key(format!("SERIAL#{serial}"), "SERIAL")
}

pub(crate) fn block(id: BlockId) -> Key {
    key(format!("BLOCK#{id}"), "BLOCK")
}

/// An account's webhooks. The name stands before its lots', so that one query gives both.
pub(crate) fn hooks(account: &AccountId) -> Key {
    key(format!("ACCOUNT#{account}"), "HOOKS")
}

pub(crate) fn event(id: EventId) -> Key {
    key(format!("EVENT#{id}"), "EVENT")
}

/// The pointer that lists a block as open.
pub(crate) fn open_block(id: BlockId) -> Key {
    key(INVENTORY, format!("BLOCK#{id}"))
}

/// The partition of pointers to open blocks.
pub(crate) const INVENTORY: &str = "INVENTORY";

/// An entry stands in the partition of the document, settlement line or order it is about: no partition
/// gets all entries.
pub(crate) fn entry(entry: &Entry) -> Key {
    let sort = format!("LEDGER#{}", entry.id);
    let (_, subject) = entry.id.split_once('.').unwrap_or_default();
    match (entry.kind, entry.order) {
        (EntryKind::Stamped, _) => key(format!("DOC#{subject}"), sort),
        (
            EntryKind::Settled
            | EntryKind::Deducted
            | EntryKind::Suspended
            | EntryKind::Cleared
            | EntryKind::WrittenOff,
            _,
        )
        | (_, None) => key(format!("LINE#{subject}"), sort),
        (_, Some(order)) => key(format!("ORDER#{order}"), sort),
    }
}

/// The entry of a settlement file's line.
pub(crate) fn line_entry(line: LineId) -> Key {
    let sort = format!("LEDGER#{}", Entry::name_of(line));
    key(format!("LINE#{line}"), sort)
}

pub(crate) fn statement(id: StatementId) -> Key {
    key(format!("STATEMENT#{id}"), "STATEMENT")
}

/// The listing of cases that are open, or of those that are closed. They are few: people see to each.
pub(crate) fn cases(open: bool) -> String {
    let which = if open { "OPEN" } else { "CLOSED" };
    format!("CASES#{which}")
}

pub(crate) fn case(id: CaseId) -> Key {
    key(format!("CASE#{id}"), "CASE")
}

/// A slot of free serial capacity.
pub(crate) fn capacity(slot: u8) -> Key {
    key(format!("CAPACITY#{slot:02}"), "CAPACITY")
}

/// The switch of sales.
pub(crate) fn sales() -> Key {
    key("SWITCH#SALES", "SWITCH")
}

/// What was asked of the issuer.
pub(crate) fn minting() -> Key {
    key("MINTING", "MINTING")
}

/// How far the lanes of the queue have come.
pub(crate) fn queue() -> Key {
    key("QUEUE", "QUEUE")
}

pub(crate) fn tickets(lane: Lane) -> Key {
    key(format!("TICKET#{}", lane.name()), "TICKET")
}

pub(crate) fn account_orders(account: &AccountId) -> String {
    format!("ORDERS#{account}")
}

pub(crate) fn account_documents(account: &AccountId) -> String {
    format!("DOCS#{account}")
}

pub(crate) fn account_events(account: &AccountId) -> String {
    format!("EVENTS#{account}")
}

pub(crate) fn account_sort(created_at_ms: u64, id: impl Display) -> String {
    format!("{created_at_ms:013}#{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_falls_into_one_of_64_shards_and_each_shard_gets_rows() {
        let shards = DueShards::default();
        let all: BTreeSet<String> = shards.names().collect();
        let rows = (0..2_000).map(|n| shards.of(&format!("DOC#{n}")));
        assert_eq!(all.len(), 64);
        assert_eq!(rows.collect::<BTreeSet<_>>(), all);
    }
}
