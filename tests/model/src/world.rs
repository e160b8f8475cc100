//! An interpreter of write lists: the reference for what `Write` promises.

use bubuh_core::{
    audit::Rows,
    capacity::{Change, Slot},
    case::Case,
    document::Document,
    event::Event,
    hook::Hooks,
    id::{
        AccountId, BlockId, CaseId, DocumentId, EventId, OrderId, RefundKey, StatementId,
        TransactionId,
    },
    inventory::{Block, Offer, Tie, Ties},
    ledger::Entry,
    lot::{Lot, LotId},
    money::Stamps,
    order::Order,
    payment::Payment,
    refund::Refund,
    sales::Switch,
    settlement::Statement,
    write::{Expect, Put, Write},
};
use std::collections::{BTreeMap, BTreeSet};

/// Every row there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) orders: BTreeMap<OrderId, Order>,
    pub(crate) payments: BTreeMap<TransactionId, Payment>,
    pub(crate) refunds: BTreeMap<RefundKey, Refund>,
    pub(crate) documents: BTreeMap<DocumentId, Document>,
    pub(crate) lots: BTreeMap<(AccountId, LotId), Lot>,
    pub(crate) blocks: BTreeMap<BlockId, Block>,
    /// A serial that was given back keeps its row, tied to nothing.
    pub(crate) serials: Ties,
    pub(crate) waiting: BTreeSet<(AccountId, DocumentId)>,
    pub(crate) entries: BTreeMap<String, Entry>,
    pub(crate) cases: BTreeMap<CaseId, Case>,
    /// Free serial capacity, all slots in one.
    pub(crate) free: i64,
    pub(crate) switch: BTreeMap<(), Switch>,
    pub(crate) statements: BTreeMap<StatementId, Statement>,
    pub(crate) hooks: BTreeMap<AccountId, Hooks>,
    pub(crate) events: BTreeMap<EventId, Event>,
}

/// The write whose condition did not hold; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) index: usize,
    pub(crate) why: &'static str,
}

/// DynamoDB's limit for one transaction.
const ITEMS_MAX: usize = 100;

impl World {
    /// Applies all writes or none.
    pub(crate) fn apply(&mut self, writes: &[Write]) -> Result<(), Lost> {
        possible_in_one_transaction(writes);
        let mut next = self.clone();
        for (index, write) in writes.iter().enumerate() {
            next.one(write).map_err(|why| Lost { index, why })?;
        }
        *self = next;
        Ok(())
    }

    fn one(&mut self, write: &Write) -> Result<(), &'static str> {
        match write {
            Write::Order(p) => put(&mut self.orders, p.row.id, p, |r| r.version),
            Write::Payment(p) => {
                let key = p.row.transaction.clone();
                put(&mut self.payments, key, p, |r| r.version)
            }
            Write::Refund(p) => put(&mut self.refunds, p.row.key, p, |r| r.version),
            Write::Document(p) => put(&mut self.documents, p.row.id, p, |r| r.version),
            Write::Lot(lot) => create(&mut self.lots, (lot.account.clone(), lot.id), lot),
            Write::Move(change) => {
                let key = (change.account.clone(), change.lot);
                let lot = self.lots.get_mut(&key).ok_or("no such lot")?;
                *lot = lot.after(change).map_err(|_| "too few in the bucket")?;
                Ok(())
            }
            Write::Mark(mark) => {
                let key = (mark.account.clone(), mark.lot);
                let lot = self.lots.get_mut(&key).ok_or("no such lot")?;
                lot.disputed = mark.disputed;
                Ok(())
            }
            Write::Settle(settled) => {
                let block = self.blocks.get_mut(&settled.block);
                let block = block.ok_or("no such block")?;
                if block.cursor != settled.cursor {
                    return Err("more was handed out");
                }
                block.due_at_ms = settled.due_at_ms;
                if settled.due_at_ms.is_none() {
                    block.settled = settled.cursor;
                    assert_eq!(
                        settled.used_up,
                        block.left() == 0,
                        "`used_up` tells the truth"
                    );
                }
                Ok(())
            }
            Write::Enter(offer) => {
                let tie = Tie {
                    document: None,
                    block: Some(offer.block),
                };
                match self.serials.insert(offer.serial.clone(), tie) {
                    None => Ok(()),
                    Some(_) => Err("the serial was in"),
                }
            }
            Write::Offer { offer, from } => {
                let tie = self.serials.entry(offer.serial.clone()).or_default();
                untied(tie, *from)?;
                tie.block = Some(offer.block);
                Ok(())
            }
            Write::Bind { offer, document } => {
                let tie = self.serials.entry(offer.serial.clone()).or_default();
                untied(tie, offer.block)?;
                tie.document = Some(*document);
                Ok(())
            }
            Write::Unbind { offer, document } => {
                let tie = self.serials.entry(offer.serial.clone()).or_default();
                if tie.document != Some(*document) {
                    return Err("the serial is not bound to it");
                }
                *tie = Tie {
                    document: None,
                    block: Some(offer.block),
                };
                Ok(())
            }
            Write::List { account, document } => {
                self.waiting.insert((account.clone(), *document));
                Ok(())
            }
            Write::Unlist { account, document } => {
                self.waiting.remove(&(account.clone(), *document));
                Ok(())
            }
            Write::Capacity(capacity) => {
                let stamps = |count: &Stamps| i64::from(count.get());
                self.free += match &capacity.change {
                    Change::Claim { count, leave } => {
                        if self.free < stamps(count) + stamps(leave) {
                            return Err("too little capacity");
                        }
                        -stamps(count)
                    }
                    Change::Owe(count) => -stamps(count),
                    Change::Free(count) => stamps(count),
                };
                Ok(())
            }
            Write::Sales(p) => put(&mut self.switch, (), p, |r| r.version),
            // No rule that is run here reads it.
            Write::Queue(_) | Write::Minting(_) => Ok(()),
            Write::Block(block) => create(&mut self.blocks, block.id, block),
            Write::Ledger(entry) => create(&mut self.entries, entry.id.clone(), entry),
            Write::Case(p) => put(&mut self.cases, p.row.id, p, |r| r.version),
            Write::Statement(p) => put(&mut self.statements, p.row.id, p, |r| r.version),
            Write::Hooks(p) => put(&mut self.hooks, p.row.account.clone(), p, |r| r.version),
            Write::Event(p) => put(&mut self.events, p.row.id, p, |r| r.version),
            Write::Forget { event, version } => match self.events.remove(event) {
                Some(there) if there.version == *version => Ok(()),
                _ => Err("the event has moved on"),
            },
        }
    }

    /// The next serial of any block, handed out; `None` when none is left.
    pub(crate) fn hand_out(&mut self, now_ms: u64) -> Option<Offer> {
        let block = self.blocks.values_mut().find(|block| block.left() > 0)?;
        *block = block.hand_out(1, now_ms).ok()?;
        block.handed(1).pop()
    }

    /// What the audit reads.
    pub(crate) fn rows(&self) -> Rows {
        Rows {
            orders: self.orders.values().cloned().collect(),
            payments: self.payments.values().cloned().collect(),
            refunds: self.refunds.values().cloned().collect(),
            lots: self.lots.values().cloned().collect(),
            documents: self.documents.values().cloned().collect(),
            blocks: self.blocks.values().cloned().collect(),
            capacity: vec![Slot {
                slot: 0,
                free: self.free,
            }],
            bindings: self.serials.clone().into_iter().collect(),
            entries: self.entries.values().cloned().collect(),
            cases: self.cases.values().cloned().collect(),
            statements: self.statements.values().cloned().collect(),
            events: self.events.values().cloned().collect(),
        }
    }
}

/// The serial is on no document, and no other block than this offers it.
fn untied(tie: &Tie, from: BlockId) -> Result<(), &'static str> {
    if tie.document.is_some() {
        return Err("the serial is bound");
    }
    if tie.accounts_to(from) {
        return Err("another block offers the serial");
    }
    Ok(())
}

fn put<K: Ord, T: Clone>(
    rows: &mut BTreeMap<K, T>,
    key: K,
    put: &Put<T>,
    version: fn(&T) -> u64,
) -> Result<(), &'static str> {
    match (put.expect, rows.get(&key)) {
        (Expect::Absent, None) => assert_eq!(version(&put.row), 1, "a new row has version 1"),
        (Expect::Absent, Some(_)) => return Err("the row exists"),
        (Expect::Version(_), None) => return Err("no such row"),
        (Expect::Version(expected), Some(there)) => {
            assert_eq!(version(&put.row), expected + 1, "versions grow by one");
            if version(there) != expected {
                return Err("the version has moved");
            }
        }
    }
    rows.insert(key, put.row.clone());
    Ok(())
}

fn create<K: Ord, T: Clone>(
    rows: &mut BTreeMap<K, T>,
    key: K,
    row: &T,
) -> Result<(), &'static str> {
    if rows.contains_key(&key) {
        return Err("the row exists");
    }
    rows.insert(key, row.clone());
    Ok(())
}

/// A transaction takes at most 100 items, and each item once.
fn possible_in_one_transaction(writes: &[Write]) {
    let items: Vec<String> = writes.iter().flat_map(items).collect();
    assert!(items.len() <= ITEMS_MAX, "{} items", items.len());
    let distinct: BTreeSet<&String> = items.iter().collect();
    assert_eq!(distinct.len(), items.len(), "an item twice in {items:?}");
}

fn items(write: &Write) -> Vec<String> {
    match write {
        Write::Order(p) => vec![format!("order {}", p.row.id)],
        Write::Payment(p) => vec![format!("payment {}", p.row.transaction)],
        Write::Refund(p) => vec![format!("refund {}", p.row.key)],
        Write::Document(p) => vec![format!("document {}", p.row.id)],
        Write::Lot(lot) => vec![format!("lot {} {}", lot.account, lot.id)],
        Write::Move(change) => vec![format!("lot {} {}", change.account, change.lot)],
        Write::Mark(mark) => vec![format!("lot {} {}", mark.account, mark.lot)],
        Write::Settle(settled) => {
            let mut items = vec![format!("block {}", settled.block)];
            let closes = settled.used_up && settled.due_at_ms.is_none();
            items.extend(closes.then(|| format!("open {}", settled.block)));
            items
        }
        Write::Enter(offer)
        | Write::Offer { offer, .. }
        | Write::Bind { offer, .. }
        | Write::Unbind { offer, .. } => {
            vec![format!("serial {}", offer.serial)]
        }
        Write::List { document, .. } | Write::Unlist { document, .. } => {
            vec![format!("waiting {document}")]
        }
        Write::Capacity(capacity) => vec![format!("capacity {}", capacity.slot)],
        Write::Sales(_) => vec!["sales".to_owned()],
        Write::Queue(_) => vec!["queue".to_owned()],
        Write::Minting(_) => vec!["minting".to_owned()],
        Write::Block(block) => vec![format!("block {}", block.id), format!("open {}", block.id)],
        Write::Ledger(entry) => vec![format!("entry {}", entry.id)],
        Write::Case(p) => vec![format!("case {}", p.row.id)],
        Write::Statement(p) => vec![format!("statement {}", p.row.id)],
        Write::Hooks(p) => vec![format!("hooks of {}", p.row.account)],
        Write::Event(p) => vec![format!("event {}", p.row.id)],
        Write::Forget { event, .. } => vec![format!("event {event}")],
    }
}
