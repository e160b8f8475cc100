//! Short ways to the rows a test starts from. Every row is made by the rules.

use super::World;
use bubuh_core::{
    Error,
    capacity::{Capacity, stock},
    case::{Case, CaseKind},
    dispute,
    document::{
        self, Announced, Claim, Document, DocumentType, Grant, Lacks, Output, Placement, Reason,
        Source,
    },
    id::{AccountId, BlockId, DocumentId, OrderId, RefundKey, Serial, Sha256, TransactionId},
    inventory::{Block, Offer},
    lot::Lot,
    money::{DUTY, Rupiah, Stamps},
    order::{Observed, ObservedState, Order, Wanted, observe},
    payment::{Method, Payment},
    refund::{Elsewhere, Refund, found_elsewhere},
    ticket::{Lane, Ticket},
    write::Write,
};
use std::num::NonZeroU8;

pub(crate) const T0: u64 = 1_700_000_000_000;
pub(crate) const LEASE_MS: u64 = 30_000;
pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;

pub(crate) fn account(name: &str) -> AccountId {
    AccountId::new(name).unwrap()
}

pub(crate) fn order_id(name: &str) -> OrderId {
    OrderId::derive(&[name])
}

pub(crate) fn document_id(name: &str) -> DocumentId {
    DocumentId::derive(&[name])
}

pub(crate) fn transaction(name: &str) -> TransactionId {
    TransactionId::new(name).unwrap()
}

pub(crate) fn refund_key(name: &str) -> RefundKey {
    RefundKey::derive(&[name])
}

pub(crate) fn serial(text: &str) -> Serial {
    Serial::new(text).unwrap()
}

pub(crate) fn wanted(order: &str, owner: &str, quantity: u32) -> Wanted {
    Wanted {
        id: order_id(order),
        account: account(owner),
        quantity: Stamps::new(quantity),
        method: Method::Qris,
        request_hash: Sha256::of(b"order"),
        unit_price: DUTY,
    }
}

pub(crate) fn seen(paid: &str, state: ObservedState, amount: Rupiah) -> Observed {
    Observed {
        transaction: transaction(paid),
        state,
        amount,
        method: Method::Qris,
    }
}

pub(crate) fn announced(document: &str, owner: &str) -> Announced {
    Announced {
        id: document_id(document),
        account: account(owner),
        name: "surat.pdf".to_owned(),
        document_type: DocumentType::Statement,
        placement: Placement::default(),
        size_bytes: 4_000,
        sha256: Sha256::of(b"file"),
        deadline_ms: None,
        request_hash: Sha256::of(b"document"),
    }
}

pub(crate) fn source(version: &str) -> Source {
    Source {
        version_id: version.to_owned(),
        place: None,
    }
}

pub(crate) fn output() -> Output {
    Output {
        sha256: Sha256::of(b"stamped"),
        size_bytes: 9_000,
    }
}

pub(crate) fn reason() -> Reason {
    Reason {
        code: "broken".to_owned(),
        message_id: "Berkas rusak.".to_owned(),
        message_en: "The file is broken.".to_owned(),
    }
}

/// A new order, whose stamps claim serials whether or not there are any.
pub(crate) fn offered(wanted: Wanted, now_ms: u64) -> Result<Vec<Write>, Error> {
    let (order, mut writes) = Order::place(wanted, now_ms)?;
    writes.push(Capacity::owe(order.id, order.quantity));
    Ok(writes)
}

/// A world with rows in it, on which every step must hold.
impl World {
    pub(crate) fn must(&mut self, writes: &[Write]) {
        let before = self.clone();
        self.apply(writes).unwrap();
        super::watch::step(&before, self, writes).unwrap();
    }

    pub(crate) fn order(&self, name: &str) -> &Order {
        &self.orders[&order_id(name)]
    }

    pub(crate) fn payment(&self, name: &str) -> &Payment {
        &self.payments[&transaction(name)]
    }

    pub(crate) fn document(&self, name: &str) -> &Document {
        &self.documents[&document_id(name)]
    }

    pub(crate) fn refund_of(&self, paid: &str) -> &Refund {
        let mut of = self
            .refunds
            .values()
            .filter(|r| r.transaction.as_str() == paid);
        let one = of.next().unwrap();
        assert!(of.next().is_none());
        one
    }

    pub(crate) fn lots_of(&self, owner: &str) -> Vec<Lot> {
        let of = |lot: &&Lot| lot.account.as_str() == owner;
        self.lots.values().filter(of).cloned().collect()
    }

    pub(crate) fn place(&mut self, order: &str, owner: &str, quantity: u32) {
        self.must(&offered(wanted(order, owner, quantity), T0).unwrap());
    }

    /// The gateway is seen to say this of an order; gives how many writes that was.
    pub(crate) fn observe(&mut self, order: &str, seen: &Observed, now_ms: u64) -> usize {
        let payment = self.payments.get(&seen.transaction);
        let row = self.order(order);
        let lots = self.lots_of(row.account.as_str());
        let writes = observe(row, payment, &lots, seen, now_ms).unwrap();
        self.must(&writes);
        writes.len()
    }

    pub(crate) fn capture(&mut self, order: &str, paid: &str, amount: u64, now_ms: u64) -> usize {
        let seen = seen(paid, ObservedState::Captured, Rupiah::new(amount));
        self.observe(order, &seen, now_ms)
    }

    /// An order of so many stamps, paid by the transaction of its name.
    pub(crate) fn buy(&mut self, order: &str, owner: &str, quantity: u32) {
        self.place(order, owner, quantity);
        self.capture(order, order, u64::from(quantity) * DUTY.get(), T0);
    }

    pub(crate) fn restock(&mut self, block: &str, serials: &[&str]) {
        let serials = serials.iter().map(|s| serial(s)).collect();
        let block = Block::fresh(BlockId::derive(&[block]), serials);
        self.must(&stock(vec![block], NonZeroU8::MIN).unwrap());
    }

    pub(crate) fn announce(&mut self, document: &str, owner: &str) {
        let (_, writes) = Document::announce(announced(document, owner), T0).unwrap();
        self.must(&writes);
    }

    /// Announces in a world that is already broken on purpose.
    pub(crate) fn announce_unwatched(&mut self, document: &str) {
        let (_, writes) = Document::announce(announced(document, "ani"), T0).unwrap();
        self.apply(&writes).unwrap();
    }

    /// The first lot of the owner with a stamp, and the first serial that was handed out and is not used, or is next.
    pub(crate) fn grant(&self, owner: &AccountId) -> Option<Grant<'_>> {
        let free = |lot: &&Lot| lot.account == *owner && lot.usable() > Stamps::ZERO;
        Some(Grant {
            source: source("v1"),
            lot: self.lots.values().find(free)?,
            offer: self.offer()?,
            ticket: Ticket {
                lane: Lane::Single,
                number: 1,
            },
            promised: None,
        })
    }

    fn offer(&self) -> Option<Offer> {
        let in_hand = |block: &Block| block.missing(&self.serials).next().cloned();
        let next = |block: &Block| block.serials.get(block.cursor as usize).cloned();
        let of = |pick: &dyn Fn(&Block) -> Option<Serial>| {
            self.blocks.values().find_map(|block| {
                Some(Offer {
                    serial: pick(block)?,
                    block: block.id,
                })
            })
        };
        of(&in_hand).or_else(|| of(&next))
    }

    pub(crate) fn accept(&mut self, document: &str) {
        self.hand_out(T0).unwrap();
        let row = self.document(document);
        let grant = self.grant(&row.account).unwrap();
        let writes = document::accept(row, grant, T0).unwrap();
        self.must(&writes);
    }

    pub(crate) fn wait(&mut self, document: &str) {
        let row = self.document(document);
        let writes = document::wait(row, source("v1"), Lacks::Stamp, T0).unwrap();
        self.must(&writes);
    }

    /// Claims a document; gives the fence.
    pub(crate) fn claim(&mut self, document: &str, holder: &str, now_ms: u64) -> u64 {
        let row = self.document(document);
        match document::claim(row, holder, "key-1", LEASE_MS, now_ms).unwrap() {
            Claim::Take(next, writes) => {
                self.must(&writes);
                assert_eq!(*next, *self.document(document));
                next.fence
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn commit(&mut self, document: &str, fence: u64) {
        let row = self.document(document);
        let writes = document::commit(row, fence, output(), T0).unwrap();
        self.must(&writes);
    }

    /// Claims a document until it stalls.
    pub(crate) fn stall(&mut self, document: &str) {
        for attempt in 0..=document::TRIES_MAX {
            let (row, now_ms) = (self.document(document), T0 + attempt * HOUR_MS);
            let holder = format!("worker {attempt}");
            match document::claim(row, &holder, "key-1", LEASE_MS, now_ms).unwrap() {
                Claim::Take(_, writes) => self.must(&writes),
                Claim::Stall(writes) => return self.must(&writes),
                other => panic!("{other:?}"),
            }
        }
        panic!("it is tried for ever");
    }

    /// The dispute of a payment ends.
    pub(crate) fn dispute(
        &self,
        payment: &Payment,
        won: bool,
        now_ms: u64,
    ) -> Result<Vec<Write>, Error> {
        let kind = CaseKind::PaymentDisputed(payment.transaction.to_string());
        let open = |c: &&Case| c.kind == kind && c.closed.is_none();
        let Some(case) = self.cases.values().find(open) else {
            return Ok(Vec::new());
        };
        let lots = self.lots_of(payment.account.as_str());
        let open = self.open_refund(payment);
        let open = open.map(|r| (r, r.case.map(|id| &self.cases[&id])));
        if won {
            return dispute::won(payment, &lots, open, case, "ani", now_ms);
        }
        dispute::lost(payment, &lots, open, case, "ani", now_ms)
    }

    /// Somebody else refunded at the gateway.
    pub(crate) fn elsewhere(
        &self,
        payment: &Payment,
        seen: &Elsewhere,
        now_ms: u64,
    ) -> Result<Vec<Write>, Error> {
        let known: Vec<Refund> = self.refunds.values().cloned().collect();
        let case = self.open_refund(payment).and_then(|r| r.case);
        let case = case.map(|id| &self.cases[&id]);
        let lots = self.lots_of(payment.account.as_str());
        found_elsewhere(seen, payment, (&known, case), &lots, now_ms)
    }

    fn open_refund(&self, payment: &Payment) -> Option<&Refund> {
        let mut refunds = self.refunds.values();
        refunds.find(|r| r.transaction == payment.transaction && r.is_open())
    }

    /// One order of three stamps, three serials, and a queued document `d` of the same owner.
    pub(crate) fn queued() -> Self {
        let mut world = Self::default();
        world.buy("o", "ani", 3);
        world.restock("b", &["S1", "S2", "S3"]);
        world.announce("d", "ani");
        world.accept("d");
        world
    }
}
