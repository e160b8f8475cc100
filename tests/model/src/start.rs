//! What runs start from. Every row is made by the rules.

use crate::{
    rows::Rows,
    state::{Gateway, Message, State},
    world::World,
};
use bubuh_core::{
    capacity::{Capacity, stock},
    document::{
        self, Announced, Claim, Document, DocumentType, Grant, Placement, Reason, Source,
        UPLOAD_WITHIN_MS,
    },
    id::{AccountId, BlockId, DocumentId, OrderId, RefundKey, Serial, Sha256, TransactionId},
    inventory::Block,
    money::{DUTY, Stamps},
    order::{ASK_AFTER_MS, Observed, ObservedState, Order, PAY_WITHIN_MS, Wanted, observe},
    payment::Method,
    ticket::{Lane, Ticket},
    write::Write,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU8,
};

/// When every run starts, in milliseconds since the epoch.
pub(crate) const T0: u64 = 1_700_000_000_000;
/// The model's clock moves by this: past every lease and every resend.
pub(crate) const MINUTE_MS: u64 = 60_000;
pub(crate) const LEASE_MS: u64 = 30_000;
/// A document that was announced so long ago and is queued now is looked at in a minute, when its worker's lease is over.
const NINE_MINUTES_MS: u64 = 9 * MINUTE_MS;
/// Longer than any lease.
const HOUR_MS: u64 = 3_600_000;

pub(crate) fn account() -> AccountId {
    AccountId::new("ani").unwrap()
}

pub(crate) fn order() -> OrderId {
    OrderId::derive(&["order"])
}

pub(crate) fn transaction(n: u8) -> TransactionId {
    TransactionId::new(format!("t{n}")).unwrap()
}

pub(crate) fn refund_key(n: u8) -> RefundKey {
    RefundKey::derive(&["asked", &n.to_string()])
}

pub(crate) fn document(n: u8) -> DocumentId {
    DocumentId::derive(&[&n.to_string()])
}

pub(crate) fn source(version: u8) -> Source {
    Source {
        version_id: version.to_string(),
        place: None,
    }
}

pub(crate) fn reason() -> Reason {
    Reason {
        code: "broken".to_owned(),
        message_id: "Berkas rusak.".to_owned(),
        message_en: "The file is broken.".to_owned(),
    }
}

/// A world under construction.
#[derive(Default)]
pub(crate) struct Start {
    world: World,
    messages: Vec<Message>,
    uploads: BTreeMap<DocumentId, (u8, bool)>,
    gateway: Gateway,
}

impl Start {
    fn must(mut self, writes: &[Write]) -> Self {
        self.world.apply(writes).unwrap();
        self
    }

    /// An order that waits for its payment.
    pub(crate) fn placed(self, quantity: u32) -> Self {
        self.placed_at(quantity, T0)
    }

    /// An order whose time to pay is over.
    pub(crate) fn placed_long_ago(self, quantity: u32) -> Self {
        self.placed_at(quantity, T0 - PAY_WITHIN_MS - ASK_AFTER_MS)
    }

    fn placed_at(mut self, quantity: u32, at_ms: u64) -> Self {
        let wanted = Wanted {
            id: order(),
            account: account(),
            quantity: Stamps::new(quantity),
            method: Method::Qris,
            request_hash: Sha256::of(b"order"),
            unit_price: DUTY,
        };
        let (placed, mut writes) = Order::place(wanted, at_ms).unwrap();
        writes.push(Capacity::owe(placed.id, placed.quantity));
        let pending = ObservedState::Pending;
        self.gateway.transactions.insert(transaction(1), pending);
        self.must(&writes)
    }

    /// An order that is paid.
    pub(crate) fn paid(mut self, quantity: u32) -> Self {
        self = self.placed(quantity);
        let row = &self.world.orders[&order()];
        let seen = Observed {
            transaction: transaction(1),
            state: ObservedState::Captured,
            amount: row.total,
            method: Method::Qris,
        };
        self.gateway
            .transactions
            .insert(seen.transaction.clone(), seen.state);
        let writes = observe(row, None, &[], &seen, T0).unwrap();
        self.must(&writes)
    }

    /// Serials in one block.
    pub(crate) fn serials(self, count: u8) -> Self {
        let of = |n| Serial::new(format!("S{n}")).unwrap();
        let block = Block::fresh(BlockId::derive(&["block"]), (1..=count).map(of).collect());
        self.must(&stock(vec![block], NonZeroU8::MIN).unwrap())
    }

    fn announced(self, n: u8, at_ms: u64) -> Self {
        let new = Announced {
            id: document(n),
            account: account(),
            name: "surat.pdf".to_owned(),
            document_type: DocumentType::Statement,
            placement: Placement::default(),
            size_bytes: 4_000,
            sha256: Sha256::of(b"file"),
            deadline_ms: None,
            request_hash: Sha256::of(b"document"),
        };
        let (_, writes) = Document::announce(new, at_ms).unwrap();
        self.must(&writes)
    }

    /// A document whose time to upload is over.
    pub(crate) fn announced_long_ago(self, n: u8) -> Self {
        self.announced(n, T0 - UPLOAD_WITHIN_MS)
    }

    /// A document whose fit file was uploaded just now.
    pub(crate) fn uploaded(self, n: u8) -> Self {
        self.uploaded_of(n, T0)
    }

    fn uploaded_of(mut self, n: u8, announced_ms: u64) -> Self {
        self.uploads.insert(document(n), (1, true));
        self.messages.push(Message::Accept(document(n)));
        self.announced(n, announced_ms)
    }

    /// A document with a stamp and a serial, sent to the workers.
    pub(crate) fn queued(mut self, n: u8) -> Self {
        self = self.uploaded_of(n, T0 - NINE_MINUTES_MS);
        self.messages.pop();
        self.messages.push(Message::Stamp(document(n)));
        let offer = self.world.hand_out(T0).unwrap();
        let row = &self.world.documents[&document(n)];
        let grant = Grant {
            source: source(1),
            lot: self.world.lots.values().next().unwrap(),
            offer,
            ticket: Ticket {
                lane: Lane::Single,
                number: 1,
            },
            promised: None,
        };
        let writes = document::accept(row, grant, T0).unwrap();
        self.must(&writes)
    }

    /// A document that so many workers have claimed and left, the last one's lease being over.
    pub(crate) fn tried(mut self, n: u8, tries: u64) -> Self {
        self = self.queued(n);
        for nth in 0..tries {
            let row = &self.world.documents[&document(n)];
            let now_ms = T0 - (tries - nth) * HOUR_MS;
            let claim = document::claim(row, "gone", "key", LEASE_MS, now_ms).unwrap();
            let Claim::Take(_, writes) = claim else {
                panic!("{claim:?}");
            };
            self = self.must(&writes);
        }
        self
    }

    pub(crate) fn state(self) -> State {
        let mut state = State {
            now_ms: T0,
            rows: Rows::new(self.world),
            objects: BTreeMap::new(),
            uploads: self.uploads,
            gateway: self.gateway,
            queue: BTreeMap::new(),
            running: Vec::new(),
            swept: BTreeSet::new(),
            left: crate::Budget::NOTHING,
            overtaken: false,
            faultless: true,
            waits: 0,
        };
        for message in self.messages {
            state.send(message);
        }
        state
    }
}
