//! What each write needs, as cases: what was written before, what may follow, and what may not.

use crate::make;
use bubuh_core::{
    capacity::{Capacity, Change},
    case::{Case, CaseKind},
    id::BlockId,
    inventory::{Offer, Settled},
    ledger::Entry,
    lot::{Bucket, Mark, StampMove},
    minting::Minting,
    money::Stamps,
    queue::Snapshot,
    refund::{Refund, RefundReason},
    sales::Switch,
    write::{Expect, Put, Write},
};
use bubuh_faults::world::EPOCH_MS;

/// A write that holds after `before` was written, and one that must not.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) before: Vec<Write>,
    pub(crate) holds: Write,
    pub(crate) fails: Write,
}

pub(crate) fn put<T>(expect: Expect, row: T) -> Put<T> {
    Put { expect, row }
}

/// A row that must be absent first, then replaced only on its version: neither on one that was never
/// there nor on one that it has left behind.
fn versioned<T: Clone>(
    name: [&'static str; 3],
    row: &T,
    write: impl Fn(Put<T>) -> Write,
    at: impl Fn(&T, u64) -> T,
) -> [Rule; 3] {
    let new = |expect, version| write(put(expect, at(row, version)));
    let first = new(Expect::Absent, 1);
    let second = new(Expect::Version(1), 2);
    [
        Rule {
            name: name[0],
            before: vec![first.clone()],
            holds: second.clone(),
            fails: first.clone(),
        },
        Rule {
            name: name[1],
            before: vec![first.clone()],
            holds: second.clone(),
            fails: new(Expect::Version(2), 3),
        },
        Rule {
            name: name[2],
            before: vec![first, second.clone()],
            holds: new(Expect::Version(2), 3),
            fails: second,
        },
    ]
}

pub(crate) fn rules() -> Vec<Rule> {
    let order = make::order("ani", "o");
    let payment = make::payment(&order, "t");
    let refund = Refund::automatic(&payment, RefundReason::WrongAmount, EPOCH_MS);
    let document = make::document("ani", "d");
    let lot = make::lot(&order, "t", 2);
    let block = make::block("b", &["s1", "s2"]);
    let moved = |from, to, count| {
        let count = Stamps::new(count);
        Write::Move(StampMove::new(make::account("ani"), lot.id, from, to, count).unwrap())
    };
    let mut handed_out = block.clone();
    handed_out.cursor = 2;
    let settle = |cursor| {
        Write::Settle(Settled {
            block: block.id,
            cursor,
            due_at_ms: None,
            used_up: true,
        })
    };
    let offered = |by: &str| Offer {
        serial: make::serial("s1"),
        block: BlockId::derive(&[by]),
    };
    let enter = |by: &str| Write::Enter(offered(by));
    let bind = |to: &str| Write::Bind {
        offer: offered("b"),
        document: make::document_id(to),
    };
    let bind_of = |by: &str| Write::Bind {
        offer: offered(by),
        document: make::document_id("d"),
    };
    let offer = |from: &str, to: &str| Write::Offer {
        offer: offered(to),
        from: BlockId::derive(&[from]),
    };
    let unbind = |from: &str| Write::Unbind {
        offer: offered("r"),
        document: make::document_id(from),
    };
    let stuck = CaseKind::RefundStuck("r".to_owned());
    let case = Case::open(stuck, make::account("ani"), String::new(), EPOCH_MS, 0);
    let mark = |disputed| {
        Write::Mark(Mark {
            account: make::account("ani"),
            lot: lot.id,
            disputed,
        })
    };
    let capacity = |change| Write::Capacity(Capacity { slot: 1, change });
    let free = |n| capacity(Change::Free(Stamps::new(n)));
    let owe = |n| capacity(Change::Owe(Stamps::new(n)));
    let claim = |count, leave| {
        capacity(Change::Claim {
            count: Stamps::new(count),
            leave: Stamps::new(leave),
        })
    };
    let entry = |d: &str| {
        Write::Ledger(Entry::stamped(
            order.id,
            make::document_id(d),
            order.unit_price,
            EPOCH_MS,
        ))
    };
    let other_lot = make::lot(&make::order("ani", "o2"), "t2", 2);
    let rule = |name, before: &[Write], holds: Write, fails: Write| Rule {
        name,
        before: before.to_vec(),
        holds,
        fails,
    };
    let mut rules = vec![
        rule(
            "a lot is new",
            &[Write::Lot(lot.clone())],
            Write::Lot(other_lot),
            Write::Lot(lot.clone()),
        ),
        rule(
            "a lot has the stamps that leave it",
            &[Write::Lot(lot.clone())],
            moved(Bucket::Available, Bucket::Reserved, 2),
            moved(Bucket::Available, Bucket::Reserved, 3),
        ),
        rule(
            "a lot keeps the stamps that stay",
            &[Write::Lot(lot.clone())],
            moved(Bucket::Available, Bucket::Reserved, 1),
            moved(Bucket::Reserved, Bucket::Available, 1),
        ),
        rule(
            "stamps of a lot that is not there",
            &[],
            Write::Lot(lot.clone()),
            moved(Bucket::Available, Bucket::Reserved, 1),
        ),
        rule(
            "disputed stamps don't go onto documents",
            &[Write::Lot(lot.clone()), mark(true)],
            moved(Bucket::Available, Bucket::Refunded, 2),
            moved(Bucket::Available, Bucket::Reserved, 1),
        ),
        rule(
            "a refund takes no more stamps than there are",
            &[Write::Lot(lot.clone())],
            moved(Bucket::Available, Bucket::Refunding, 1),
            moved(Bucket::Available, Bucket::Refunding, 3),
        ),
        rule(
            "after a dispute stamps are used as before",
            &[Write::Lot(lot.clone()), mark(true), mark(false)],
            moved(Bucket::Available, Bucket::Reserved, 2),
            moved(Bucket::Available, Bucket::Reserved, 3),
        ),
        rule(
            "only a lot that is there is marked",
            &[],
            Write::Lot(lot.clone()),
            mark(true),
        ),
        rule(
            "only a lot that is there loses its mark",
            &[],
            Write::Lot(lot.clone()),
            mark(false),
        ),
        rule(
            "what is claimed is free, to the last serial",
            &[free(5)],
            claim(4, 1),
            claim(4, 2),
        ),
        rule(
            "more may be free than is claimed",
            &[free(5)],
            claim(2, 1),
            claim(6, 0),
        ),
        rule(
            "nothing is free before there is any",
            &[],
            free(1),
            claim(1, 0),
        ),
        rule(
            "what late payments owe is not free",
            &[free(5), owe(3)],
            claim(2, 0),
            claim(3, 0),
        ),
        rule(
            "a block is new",
            &[Write::Block(block.clone())],
            Write::Block(make::block("c", &["s3"])),
            Write::Block(block.clone()),
        ),
        rule(
            "a block that is used up is not new",
            &[Write::Block(handed_out.clone()), settle(2)],
            Write::Block(make::block("c", &["s3"])),
            Write::Block(block.clone()),
        ),
        rule(
            "no more was handed out",
            &[Write::Block(handed_out.clone())],
            settle(2),
            settle(1),
        ),
        rule(
            "no less was handed out",
            &[Write::Block(handed_out)],
            settle(2),
            settle(3),
        ),
        rule(
            "a serial that was never used is tied by its block",
            &[],
            bind("d"),
            unbind("d"),
        ),
        rule(
            "a serial that entered is tied by the block it came with",
            &[enter("b")],
            bind_of("b"),
            bind_of("n"),
        ),
        rule(
            "a serial enters once",
            &[enter("b")],
            offer("b", "n"),
            enter("n"),
        ),
        rule(
            "a serial that was used enters no more",
            &[bind("d"), unbind("d")],
            bind_of("r"),
            enter("b"),
        ),
        rule(
            "a serial that moved obeys its new block",
            &[offer("b", "n")],
            bind_of("n"),
            bind_of("b"),
        ),
        rule(
            "a serial that came back obeys its new block",
            &[bind("d"), unbind("d")],
            bind_of("r"),
            bind_of("b"),
        ),
        rule(
            "a serial that moved moves no more from where it was",
            &[offer("b", "n")],
            offer("n", "m"),
            offer("b", "m"),
        ),
        rule(
            "a serial in use is offered by no block",
            &[bind("d")],
            unbind("d"),
            offer("b", "n"),
        ),
        rule(
            "a serial is tied once",
            &[bind("d")],
            unbind("d"),
            bind("e"),
        ),
        rule(
            "a serial is tied once, also to the same",
            &[bind("d")],
            unbind("d"),
            bind("d"),
        ),
        rule(
            "a serial is untied by its holder",
            &[bind("d")],
            unbind("d"),
            unbind("e"),
        ),
        rule(
            "a serial is untied by its holder, whoever that is",
            &[bind("e")],
            unbind("e"),
            unbind("d"),
        ),
        rule(
            "a serial is untied once",
            &[bind("d"), unbind("d")],
            bind_of("r"),
            unbind("d"),
        ),
        rule(
            "an entry is booked once",
            &[entry("d")],
            entry("e"),
            entry("d"),
        ),
    ];
    rules.extend(versioned(
        [
            "an order is new",
            "an order has its version",
            "an order has moved on",
        ],
        &order,
        Write::Order,
        |row, version| bubuh_core::order::Order {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "a payment is new",
            "a payment has its version",
            "a payment has moved on",
        ],
        &payment,
        Write::Payment,
        |row, version| bubuh_core::payment::Payment {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "a case is new",
            "a case has its version",
            "a case has moved on",
        ],
        &case,
        Write::Case,
        |row, version| Case {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "a settlement file is new",
            "a settlement file has its version",
            "a settlement file has moved on",
        ],
        &make::statement().0,
        Write::Statement,
        |row, version| bubuh_core::settlement::Statement {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "a refund is new",
            "a refund has its version",
            "a refund has moved on",
        ],
        &refund,
        Write::Refund,
        |row, version| Refund {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "the switch of sales was never turned",
            "the switch of sales has its version",
            "the switch of sales has been turned",
        ],
        &Switch::default(),
        Write::Sales,
        |row, version| Switch {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "the issuer was never asked",
            "what the issuer was asked has its version",
            "the issuer has been asked meanwhile",
        ],
        &Minting::default(),
        Write::Minting,
        |row, version| Minting {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "nobody looked at the lanes",
            "the lanes' progress has its version",
            "somebody looked at the lanes meanwhile",
        ],
        &Snapshot::default(),
        Write::Queue,
        |row, version| Snapshot {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "a document is new",
            "a document has its version",
            "a document has moved on",
        ],
        &document,
        |p| Write::Document(Box::new(p)),
        |row, version| bubuh_core::document::Document {
            version,
            ..row.clone()
        },
    ));
    rules.extend(versioned(
        [
            "an account has no webhooks",
            "an account's webhooks have their version",
            "an account's webhooks have changed meanwhile",
        ],
        &make::hooks("ani"),
        Write::Hooks,
        |row, version| bubuh_core::hook::Hooks {
            version,
            ..row.clone()
        },
    ));
    let event = |version| bubuh_core::event::Event {
        version,
        ..make::event("ani", "d")
    };
    rules.extend(versioned(
        [
            "an event is new",
            "an event has its version",
            "an event has moved on",
        ],
        &event(1),
        Write::Event,
        |_, version| event(version),
    ));
    let forget = |version| Write::Forget {
        event: event(1).id,
        version,
    };
    rules.push(Rule {
        name: "an event is forgotten as it was decided on",
        before: vec![Write::Event(put(Expect::Absent, event(1)))],
        holds: forget(1),
        fails: forget(2),
    });
    rules
}

/// A write that always holds.
pub(crate) fn bystander(name: &str) -> Write {
    Write::Document(Box::new(put(Expect::Absent, make::document("budi", name))))
}
