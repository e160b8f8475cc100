//! Rows to test with.

use bubuh_core::{
    document::{Announced, Document, DocumentType, Grant, Placement, Reason, Source},
    event::Event,
    hook::{Asked, Hooks, Topic},
    id::{AccountId, BlockId, DocumentId, HookId, OrderId, Serial, Sha256, TransactionId},
    inventory::{Block, Offer},
    lot::Lot,
    money::{Rupiah, Stamps},
    order::{Order, Wanted},
    payment::{Method, Payment, PaymentState},
    ticket::{Lane, Ticket},
    write::Write,
};
use bubuh_faults::world::{EPOCH_MS, PRICE};

pub(crate) fn account(name: &str) -> AccountId {
    AccountId::new(name).unwrap()
}

pub(crate) fn serial(name: &str) -> Serial {
    Serial::new(name).unwrap()
}

pub(crate) fn document_id(name: &str) -> DocumentId {
    DocumentId::derive(&[name])
}

pub(crate) fn order_id(name: &str) -> OrderId {
    OrderId::derive(&[name])
}

pub(crate) fn announced(owner: &str, name: &str, file: &[u8]) -> Announced {
    Announced {
        id: document_id(name),
        account: account(owner),
        name: format!("{name}.pdf"),
        document_type: DocumentType::Statement,
        placement: Placement::default(),
        size_bytes: file.len() as u64,
        sha256: Sha256::of(file),
        deadline_ms: None,
        request_hash: Sha256::of(name.as_bytes()),
    }
}

pub(crate) fn document(owner: &str, name: &str) -> Document {
    Document::announce(announced(owner, name, b"a file"), EPOCH_MS)
        .unwrap()
        .0
}

pub(crate) fn order(owner: &str, name: &str) -> Order {
    let wanted = Wanted {
        id: order_id(name),
        account: account(owner),
        quantity: Stamps::new(3),
        method: Method::Qris,
        request_hash: Sha256::of(name.as_bytes()),
        unit_price: PRICE,
    };
    Order::place(wanted, EPOCH_MS).unwrap().0
}

pub(crate) fn payment(order: &Order, transaction: &str) -> Payment {
    Payment {
        transaction: TransactionId::new(transaction).unwrap(),
        order: order.id,
        account: order.account.clone(),
        version: 1,
        state: PaymentState::Captured,
        method: order.method,
        amount: order.total,
        refundable: order.total,
        refunded: Rupiah::ZERO,
        refund_in_flight: false,
        credited: true,
        captured_at_ms: EPOCH_MS,
        payout: bubuh_core::settlement::Payout::default(),
        history: Vec::new(),
    }
}

/// An account's webhook that wants to be told everything of documents.
pub(crate) fn hooks(owner: &str) -> Hooks {
    let asked = Asked {
        id: HookId::derive(&[owner]),
        url: "https://erp.test/hooks".to_owned(),
        topics: Topic::OF_DOCUMENTS.into(),
        request_hash: Sha256::of(b"hook"),
    };
    let writes = Hooks::none(account(owner)).add(asked, EPOCH_MS).unwrap();
    match writes.as_slice() {
        [Write::Hooks(put)] => put.row.clone(),
        other => panic!("{other:?}"),
    }
}

/// A document's end that is to be told.
pub(crate) fn event(owner: &str, name: &str) -> Event {
    let unfit = Document {
        told: true,
        ..document(owner, name)
    };
    let reason = Reason {
        code: "x".to_owned(),
        message_id: "x".to_owned(),
        message_en: "x".to_owned(),
    };
    let writes = bubuh_core::document::reject(&unfit, reason, EPOCH_MS).unwrap();
    let mut events = writes.into_iter().filter_map(|write| match write {
        Write::Event(put) => Some(put.row),
        _ => None,
    });
    events.next().unwrap()
}

/// A settlement file that is to be read, and a line of it about a transaction of nobody.
pub(crate) fn statement() -> (
    bubuh_core::settlement::Statement,
    bubuh_core::settlement::Line,
) {
    use bubuh_core::settlement::{Line, LineId, LineKind, Statement, Sums};
    let name = ("a.csv".to_owned(), Sha256::of(b"file"));
    let (row, _) = Statement::taken(name, 1, Sums::default(), EPOCH_MS);
    let line = Line {
        id: LineId {
            statement: row.id,
            number: 1,
        },
        kind: LineKind::Payment,
        order: None,
        transaction: TransactionId::new("stranger").ok(),
        amount: Rupiah::new(20_000),
        fee: Rupiah::new(140),
        settled_at_ms: EPOCH_MS,
        reference: None,
    };
    (row, line)
}

pub(crate) fn lot(order: &Order, transaction: &str, stamps: u32) -> Lot {
    Lot::split(
        order.id,
        &order.account,
        &TransactionId::new(transaction).unwrap(),
        PRICE,
        Stamps::new(stamps),
        EPOCH_MS,
    )
    .unwrap()
    .remove(0)
}

/// A document in the queue.
pub(crate) fn queued(owner: &str, name: &str) -> Document {
    let row = document(owner, name);
    let order = order(owner, "o");
    let grant = Grant {
        source: Source {
            version_id: "v1".to_owned(),
            place: None,
        },
        lot: &lot(&order, "t", 1),
        offer: offer("s1"),
        ticket: Ticket {
            lane: Lane::Single,
            number: 1,
        },
        promised: None,
    };
    let mut writes = bubuh_core::document::accept(&row, grant, EPOCH_MS).unwrap();
    match writes.swap_remove(0) {
        Write::Document(put) => put.row,
        other => panic!("{other:?}"),
    }
}

/// A serial as the block "b" offers it.
pub(crate) fn offer(name: &str) -> Offer {
    Offer {
        serial: serial(name),
        block: BlockId::derive(&["b"]),
    }
}

pub(crate) fn block(name: &str, serials: &[&str]) -> Block {
    let serials = serials.iter().map(|s| serial(s)).collect();
    Block::fresh(BlockId::derive(&[name]), serials)
}
