//! What a decision asks to be written: data, not calls. All writes of one decision hold together or
//! not at all. The DynamoDB adapter, the model and the simulator each carry out the same list.

use crate::{
    capacity::Capacity,
    case::Case,
    document::Document,
    event::Event,
    hook::Hooks,
    id::{AccountId, BlockId, DocumentId, EventId},
    inventory::{Block, Offer, Settled},
    ledger::Entry,
    lot::{Lot, Mark, StampMove},
    minting::Minting,
    order::Order,
    payment::Payment,
    queue::Snapshot,
    refund::Refund,
    sales::Switch,
    settlement::Statement,
};

/// The condition under which a row is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// The row does not exist yet.
    Absent,
    /// The row exists with this version; the new row carries the next one.
    Version(u64),
}

/// A row and the condition under which it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put<T> {
    /// What must be there now.
    pub expect: Expect,
    /// What will be there.
    pub row: T,
}

/// One conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// An order.
    Order(Put<Order>),
    /// A payment.
    Payment(Put<Payment>),
    /// A refund.
    Refund(Put<Refund>),
    /// A document.
    Document(Box<Put<Document>>),
    /// A new lot; it must not exist.
    Lot(Lot),
    /// Stamps between two buckets of a lot; holds only if the first has as many.
    Move(StampMove),
    /// A lot's dispute begins or ends; the lot must exist.
    Mark(Mark),
    /// What a look at a block's use of its serials finds; holds only if none was handed out since.
    Settle(Settled),
    /// A serial enters the inventory, offered by this block; holds only if it never was in.
    Enter(Offer),
    /// A serial is offered by another block from now on; holds only if it is tied to no document, and was not moved to
    /// yet another block.
    Offer {
        /// The serial and the block it goes to.
        offer: Offer,
        /// The block that offered it.
        from: BlockId,
    },
    /// Ties a serial to a document; holds only if it is tied to none, and no other block than this offers it.
    Bind {
        /// The serial and the block it was handed out by.
        offer: Offer,
        /// The document.
        document: DocumentId,
    },
    /// Unties a serial, which this block offers from now on; holds only if it is tied to this document.
    Unbind {
        /// The serial and the block it goes to.
        offer: Offer,
        /// The document.
        document: DocumentId,
    },
    /// Puts a document on its account's list of waiting ones.
    List {
        /// The account.
        account: AccountId,
        /// The document.
        document: DocumentId,
    },
    /// Takes it off that list.
    Unlist {
        /// The account.
        account: AccountId,
        /// The document.
        document: DocumentId,
    },
    /// Free serial capacity; a claim holds only if so much is free.
    Capacity(Capacity),
    /// Whether orders are taken.
    Sales(Put<Switch>),
    /// How far the lanes of the queue have come.
    Queue(Put<Snapshot>),
    /// What was asked of the issuer.
    Minting(Put<Minting>),
    /// A new block in the inventory; it must not exist.
    Block(Block),
    /// A ledger entry; it must not exist.
    Ledger(Entry),
    /// A case.
    Case(Put<Case>),
    /// A settlement file that is read.
    Statement(Put<Statement>),
    /// An account's webhooks.
    Hooks(Put<Hooks>),
    /// An event that is told to them.
    Event(Put<Event>),
    /// An event goes; holds only on this version of it.
    Forget {
        /// The event.
        event: EventId,
        /// The version it was decided on.
        version: u64,
    },
}
