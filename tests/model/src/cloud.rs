//! The services: what each request does, and what is heard of it.

use crate::{
    io::{Reply, Request},
    mutant::Mutant,
    process::{Call, Running},
    start,
    state::{Message, State},
};
use bubuh_core::{
    inventory::Block,
    money::Stamps,
    order::{Observed, ObservedState},
    payment::Method,
    write::{Expect, Write},
};
use std::sync::Arc;

/// What stands at an output key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Object {
    /// A stamped file, by the try that made its bytes.
    File { fence: u64, holder: u8 },
    /// No file will ever stand here.
    Tombstone,
}

/// How a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fate {
    /// As it should.
    Well,
    /// It is applied, and the process dies.
    Dies,
    /// It is applied, the reply is lost, and the client sends it again.
    Twice,
    /// The service says no for good.
    Refused,
    /// The service does nothing, and does not say so.
    Unclear,
}

impl State {
    pub(crate) fn perform(
        &mut self,
        mutant: Option<Mutant>,
        by: &Running,
        request: &Request,
        fate: Fate,
    ) -> Reply {
        let rows = &self.rows;
        match request {
            Request::Document(id) => {
                Reply::Document(rows.documents.get(id).map(|d| Arc::new(d.clone())))
            }
            Request::Waiting => Reply::Waiting(rows.waiting.iter().map(|(_, id)| *id).collect()),
            Request::Lots => Reply::Lots(rows.lots.values().cloned().collect()),
            Request::Serial => Reply::Serial(self.rows.hand_out(self.now_ms)),
            Request::Block(id) => Reply::Block(rows.blocks.get(id).cloned(), rows.serials.clone()),
            Request::Order(id) => Reply::Order(rows.orders.get(id).map(|o| Arc::new(o.clone()))),
            Request::Payment(of) => Reply::Payment(rows.payments.get(of).cloned()),
            Request::CreditedPayment => {
                Reply::Payment(rows.payments.values().find(|p| p.credited).cloned())
            }
            Request::Case(id) => Reply::Case(rows.cases.get(id).cloned()),
            Request::Refund(key) => {
                Reply::Refund(rows.refunds.get(key).map(|r| Arc::new(r.clone())))
            }
            Request::OpenRefunds => Reply::Refunds(
                rows.refunds
                    .values()
                    .filter(|r| r.due_at_ms.is_some())
                    .map(|r| r.key)
                    .collect(),
            ),
            Request::NewestUpload(id) => Reply::Upload(self.uploads.get(id).copied()),
            Request::Output(key) => Reply::Output(self.objects.get(key).copied()),
            Request::Commit(writes) => self.commit(mutant, by, writes),
            Request::Store(key, object) => Reply::Stored(self.store(mutant, key, *object)),
            Request::Delete(key) => {
                // By version, of which a key has one: nothing is put over a file, and only one sweep deletes.
                if let Some(Object::File { .. }) = self.objects.get(key) {
                    self.objects.remove(key);
                }
                Reply::Done
            }
            Request::DeleteUpload(id) => {
                self.uploads.remove(id);
                Reply::Done
            }
            Request::Affix => Reply::Affixed(fate != Fate::Refused),
            Request::Send(message) => {
                // A refund's workflow has a name: it runs once.
                let runs = matches!(message, Message::Refund(_))
                    && (self.queue.contains_key(message)
                        || self
                            .running
                            .iter()
                            .any(|r| r.message.as_ref() == Some(message)));
                if !runs {
                    self.send(message.clone());
                }
                Reply::Done
            }
            Request::GatewayStatus(_)
            | Request::GatewayEnd(_)
            | Request::GatewayRefund(_)
            | Request::GatewayShows(_) => self.gateway(request, fate),
        }
    }

    fn store(&mut self, mutant: Option<Mutant>, key: &str, object: Object) -> bool {
        let over = matches!(mutant, Some(Mutant::PlainPut | Mutant::Powertools));
        if !over && self.objects.contains_key(key) {
            return false;
        }
        self.objects.insert(key.to_owned(), object);
        true
    }

    fn commit(&mut self, mutant: Option<Mutant>, by: &Running, writes: &[Write]) -> Reply {
        let ends = match &by.call {
            Call::Finish { claimed, .. } => Some(claimed),
            _ => None,
        };
        let overtaken = ends.is_some_and(|claimed| {
            let there = self.rows.documents.get(&claimed.id);
            there.is_some_and(|row| row.fence != claimed.fence)
        });
        let unconditional = match mutant {
            Some(Mutant::NoCondition) => true,
            Some(Mutant::Powertools) => ends.is_some(),
            _ => false,
        };
        let applied = if unconditional {
            let writes: Vec<Write> = writes.iter().map(|w| self.forced(w)).collect();
            let whole = self.rows.apply(&writes);
            match (whole, writes.first()) {
                // Completion is a write of its own; what it spends has a key and is spent once.
                (Err(_), Some(first)) if mutant == Some(Mutant::Powertools) => {
                    self.rows.apply(std::slice::from_ref(first))
                }
                (whole, _) => whole,
            }
        } else {
            self.rows.apply(writes)
        };
        match applied {
            Ok(()) => {
                self.overtaken |= overtaken;
                Reply::Done
            }
            Err(lost) => Reply::Lost(lost.index),
        }
    }

    /// The same write of a document, whatever version the row has.
    fn forced(&self, write: &Write) -> Write {
        let mut write = write.clone();
        if let Write::Document(put) = &mut write
            && let Some(there) = self.rows.documents.get(&put.row.id)
        {
            put.expect = Expect::Version(there.version);
            put.row.version = there.version.saturating_add(1);
        }
        write
    }

    fn gateway(&mut self, request: &Request, fate: Fate) -> Reply {
        let gateway = &mut self.gateway;
        match request {
            Request::GatewayStatus(of) => {
                let transaction = of.clone().unwrap_or_else(|| start::transaction(1));
                let state = gateway.transactions.get(&transaction).copied();
                let order = self.rows.orders.get(&start::order());
                Reply::Seen(Observed {
                    transaction,
                    state: state.unwrap_or(ObservedState::Pending),
                    amount: order.map(|o| o.total).unwrap_or_default(),
                    method: Method::Qris,
                })
            }
            // The buyer's cancel or the end of the time to pay: what is paid stays paid.
            Request::GatewayEnd(ended) => {
                let first = gateway.transactions.get_mut(&start::transaction(1));
                if let Some(state) = first
                    && *state == ObservedState::Pending
                    && fate != Fate::Refused
                {
                    *state = *ended;
                }
                Reply::Done
            }
            Request::GatewayRefund(key) => {
                if fate == Fate::Refused && !gateway.refunds.contains(key) {
                    gateway.refuses.insert(*key);
                }
                let refused = gateway.refuses.contains(key);
                if !refused && fate != Fate::Unclear {
                    gateway.refunds.insert(*key);
                }
                Reply::Refused(refused)
            }
            Request::GatewayShows(key) => Reply::Shows(gateway.refunds.contains(key)),
            _ => Reply::Done,
        }
    }

    /// Whether a document could have a stamp and a serial now.
    pub(crate) fn could_queue(&self) -> bool {
        self.has_a_stamp() && self.rows.blocks.values().any(|block| block.left() > 0)
    }

    /// Whether it can have both once what workers took and did not use came back.
    pub(crate) fn can_queue_later(&self) -> bool {
        let comes_back = |block: &Block| block.missing(&self.rows.serials).next().is_some();
        self.could_queue() || self.has_a_stamp() && self.rows.blocks.values().any(comes_back)
    }

    fn has_a_stamp(&self) -> bool {
        let mut lots = self.rows.lots.values();
        lots.any(|lot| lot.available > Stamps::ZERO)
    }
}
