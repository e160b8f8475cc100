//! The audit's own proof: one row is tampered with, and exactly the invariants it breaks are named.

use crate::{rows::*, support::*};
use bubuh_core::{
    audit::{Report, Rows, audit},
    document::DocumentState as D,
    ledger::LedgerAccount,
    money::{Rupiah, Stamps},
    order::OrderState,
    payment::PaymentState,
    refund::{Refund, RefundReason, RefundState},
};
use std::collections::BTreeSet;

type Tamper = fn(&mut World, &mut Rows);

/// What is done to the rows, and every invariant that must be named for it.
pub(crate) type Tampered = (&'static str, Tamper, &'static [&'static str]);

const TAMPERED: &[Tampered] = &[
    (
        "a leg of an entry is lost",
        |_, rows| {
            entry(rows, "stamped.").legs.pop();
        },
        &["entries balance", "ledger agrees with rows"],
    ),
    (
        "an entry is written twice",
        |_, rows| {
            let copy = entry(rows, "refund_asked.").clone();
            rows.entries.push(copy);
        },
        &["booked once", "ledger agrees with rows"],
    ),
    (
        "more is booked out than in",
        |_, rows| {
            let entry = entry(rows, "stamped.");
            entry
                .legs
                .iter_mut()
                .for_each(|leg| leg.amount = Rupiah::new(1_000_000));
        },
        &["ledger agrees with rows", "no account is overdrawn"],
    ),
    (
        "a capture is booked to the wrong account",
        |_, rows| entry(rows, "capture.o").legs[1].account = LedgerAccount::StampsDelivered,
        &["ledger agrees with rows"],
    ),
    (
        "two entries change names",
        |_, rows| {
            entry(rows, "capture.o").id = "x".to_owned();
            entry(rows, "capture.p").id = "capture.o".to_owned();
            entry(rows, "x").id = "capture.p".to_owned();
        },
        &["what happened is booked"],
    ),
    (
        "a refund's request is booked under no name",
        |_, rows| entry(rows, "refund_asked.").id = "x".to_owned(),
        &["what happened is booked"],
    ),
    (
        "a refund's end is booked under no name",
        |_, rows| entry(rows, "refunded.").id = "x".to_owned(),
        &["what happened is booked"],
    ),
    (
        "a paid lot is lost",
        |world, rows| rows.lots.retain(|l| l.id != lot(world, "ani")),
        &[
            "a payment buys what it paid for",
            "every reservation has a lot",
            "ledger agrees with rows",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a payment is lost",
        |_, rows| rows.payments.retain(|p| p.transaction.as_str() != "o"),
        &[
            "an order is credited by a payment",
            "every lot and refund has a payment",
            "ledger agrees with rows",
        ],
    ),
    (
        "more is refundable than was paid",
        |_, rows| payment(rows, "o").refundable = Rupiah::new(40_000),
        &["refunds stay within the payment"],
    ),
    (
        "money that bought nothing is kept",
        |_, rows| {
            rows.refunds
                .retain(|r| r.reason != RefundReason::SecondPayment)
        },
        &[
            "a payment knows its open refund",
            "ledger agrees with rows",
            "refunds stay within the payment",
            "what can't be credited goes back",
        ],
    ),
    (
        "an order is paid and not credited",
        |_, rows| rows.orders[0].state = OrderState::Expired,
        &["an order is credited by a payment"],
    ),
    (
        "an order is credited and not paid",
        |_, rows| rows.orders.push(unpaid()),
        &["an order is credited by a payment"],
    ),
    (
        "an order is credited by two payments",
        |world, rows| {
            let second = payment(rows, "second");
            second.credited = true;
            second.order = order_id("o");
            second.account = account("ani");
            let mut copy = world.lots[&(account("ani"), lot(world, "ani"))].clone();
            (copy.id.part, copy.transaction) = (7, transaction("second"));
            (copy.quantity, copy.available) = (Stamps::new(5), Stamps::new(5));
            (copy.reserved, copy.stamped) = (Stamps::ZERO, Stamps::ZERO);
            rows.lots.push(copy);
        },
        &[
            "an order is credited once",
            "ledger agrees with rows",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a lot is in another account",
        |world, rows| {
            let id = lot(world, "budi");
            rows.lots.iter_mut().find(|l| l.id == id).unwrap().account = account("ani");
        },
        &["a lot is its buyer's"],
    ),
    (
        "a serial is free that a stamp claims",
        |_, rows| rows.capacity[0].free += 1,
        &["each stamp sold or offered has a serial"],
    ),
    (
        "a stamp is out of all buckets",
        |world, rows| {
            let lot = lot_mut(world, rows, "ani");
            lot.quantity = lot.quantity.plus(Stamps::ONE).unwrap();
        },
        &["a lot's buckets add up", "a payment buys what it paid for"],
    ),
    (
        "a reserved stamp is available again",
        |world, rows| {
            let lot = lot_mut(world, rows, "ani");
            (lot.available, lot.reserved) = (Stamps::new(2), Stamps::ZERO);
        },
        &[
            "a lot agrees with its documents",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a refunded stamp is refunding",
        |world, rows| {
            let lot = lot_mut(world, rows, "budi");
            (lot.refunded, lot.refunding) = (Stamps::ONE, Stamps::new(3));
        },
        &[
            "a lot agrees with its refunds",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a refund's amount and its stamps differ",
        |_, rows| {
            // Between two refunds of one payment, so that every total stays.
            refund(rows, "r").held[0].count = Stamps::ONE;
            let (made, open) = (refund(rows, "r").held.clone(), refund(rows, "s"));
            open.held.extend(made);
        },
        &[
            "a lot agrees with its refunds",
            "a refund is worth the stamps it holds",
        ],
    ),
    (
        "an automatic refund holds stamps",
        |_, rows| {
            let held = refund(rows, "r").held.clone();
            let second = |r: &&mut Refund| r.reason == RefundReason::SecondPayment;
            rows.refunds.iter_mut().find(second).unwrap().held = held;
        },
        &[
            "a lot agrees with its refunds",
            "a refund is worth the stamps it holds",
        ],
    ),
    (
        "a refund holds stamps of no lot",
        |_, rows| refund(rows, "s").held[0].lot.part = 9,
        &[
            "a lot agrees with its refunds",
            "a refund is worth the stamps it holds",
            "every refunded stamp has a lot",
        ],
    ),
    (
        "a payment forgets its open refund",
        |_, rows| payment(rows, "p").refund_in_flight = false,
        &["a payment knows its open refund"],
    ),
    (
        "a payment has two open refunds",
        |_, rows| {
            refund(rows, "r").state = RefundState::Sent;
            refund(rows, "r").due_at_ms = Some(T0);
        },
        &[
            "a lot agrees with its refunds",
            "a payment knows its open refund",
            "a payment knows what went back",
            "ledger agrees with rows",
        ],
    ),
    (
        "stamps of a disputed payment can be used",
        |world, rows| lot_mut(world, rows, "ani").disputed = true,
        &["disputed stamps are held"],
    ),
    (
        "a dispute is booked nowhere and nobody has it",
        |world, rows| {
            payment(rows, "o").state = PaymentState::Disputed;
            lot_mut(world, rows, "ani").disputed = true;
        },
        &[
            "ledger agrees with rows",
            "what people must see to has an open case",
        ],
    ),
    (
        "a refund is given up and nobody has it",
        |_, rows| {
            refund(rows, "s").state = RefundState::Stuck;
        },
        &["what people must see to has an open case"],
    ),
    (
        "a refund is to be paid by hand and nobody has it",
        |_, rows| {
            refund(rows, "s").state = RefundState::Payout;
        },
        &["what people must see to has an open case"],
    ),
    (
        "a document that waits is never looked at again",
        |_, rows| document(rows, "waiting").due_at_ms = None,
        &["what has not ended is looked at again"],
    ),
    (
        "a refund under way is never looked at again",
        |_, rows| refund(rows, "s").due_at_ms = None,
        &["what has not ended is looked at again"],
    ),
    (
        "a queued document loses its reservation",
        |_, rows| document(rows, "d").reservation = None,
        &[
            "a bound serial is on its document",
            "a lot agrees with its documents",
            "a reservation goes with its state",
            "a serial is in the inventory or on a document",
        ],
    ),
    (
        "a waiting document has a reservation",
        |_, rows| {
            let reservation = document(rows, "d").reservation.clone();
            document(rows, "d").reservation = None;
            document(rows, "d").state = D::AwaitingStamp;
            let waiting = document(rows, "waiting");
            waiting.reservation = reservation;
            let serial = waiting.reservation.as_ref().unwrap().serial.clone();
            let to = Some(waiting.id);
            rows.bindings
                .iter_mut()
                .find(|b| b.0 == serial)
                .unwrap()
                .1
                .document = to;
        },
        &[
            "a lot agrees with its documents",
            "a reservation goes with its state",
        ],
    ),
    (
        "a stamped document has no file",
        |_, rows| document(rows, "stamped").output = None,
        &["a stamped document has a file"],
    ),
    (
        "a queued document has a file",
        |_, rows| {
            let output = document(rows, "stamped").output.clone();
            document(rows, "d").output = output;
        },
        &["a stamped document has a file"],
    ),
    (
        "a stamped document is booked for another",
        |world, rows| {
            entry(rows, "stamped.").id = format!("stamped.{}", world.document("d").id);
        },
        &[
            "a booked stamp is on a document",
            "a stamped document is booked",
        ],
    ),
    (
        "a document took a stranger's stamp",
        |_, rows| document(rows, "d").account = account("budi"),
        &["a stamp is of its owner's lot"],
    ),
    (
        "two documents have one serial",
        |world, rows| {
            let taken = world
                .document("stamped")
                .reservation
                .clone()
                .unwrap()
                .serial;
            document(rows, "d").reservation.as_mut().unwrap().serial = taken;
        },
        &[
            "a bound serial is on its document",
            "a serial is in the inventory or on a document",
            "a serial is on one document",
        ],
    ),
    (
        "a serial's row is untied",
        |_, rows| {
            rows.bindings
                .iter_mut()
                .find(|b| b.0.as_str() == "S1")
                .unwrap()
                .1
                .document = None
        },
        &[
            "a serial's row names its document",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a serial is tied to a document that gave it back",
        |world, rows| {
            let to = world.document("cancelled").id;
            rows.bindings
                .iter_mut()
                .find(|b| b.1.document.is_none())
                .unwrap()
                .1
                .document = Some(to);
        },
        &["a bound serial is on its document"],
    ),
    (
        "a serial that came back is twice in the inventory",
        |_, rows| {
            let returned = rows.blocks.iter().find(|b| b.serials.len() == 1).unwrap();
            let mut copy = returned.clone();
            copy.id = bubuh_core::id::BlockId::derive(&["copy"]);
            rows.blocks.push(copy);
        },
        &[
            "a serial is once in the inventory",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a cursor went back over a serial in use",
        |_, rows| {
            rows.blocks
                .iter_mut()
                .find(|b| b.serials.len() > 1)
                .unwrap()
                .cursor = 1
        },
        &[
            "a serial is in the inventory or on a document",
            "a serial is once in the inventory",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a serial that came back is burnt",
        |_, rows| {
            rows.blocks
                .iter_mut()
                .find(|b| b.serials.len() == 1)
                .unwrap()
                .cursor = 1
        },
        &[
            "a serial is in the inventory or on a document",
            "each stamp sold or offered has a serial",
        ],
    ),
    (
        "a document has a serial nobody issued",
        |_, rows| {
            let held = document(rows, "d").reservation.clone().unwrap().serial;
            let block = rows
                .blocks
                .iter_mut()
                .find(|b| b.serials.contains(&held))
                .unwrap();
            block.serials.retain(|s| *s != held);
            block.cursor -= 1;
        },
        &["a serial is from the inventory"],
    ),
];

pub(crate) fn named(report: &Report) -> BTreeSet<&'static str> {
    report.breaches.iter().map(|b| b.invariant).collect()
}

/// Each tampering, done to a whole world's rows, is found, and exactly what it breaks is named.
pub(crate) fn each_is_named(tampered: &[Tampered], whole: fn() -> World) {
    let mut wrong = Vec::new();
    for (what, tamper, expected) in tampered {
        let mut world = whole();
        let mut rows = world.rows();
        assert_eq!(audit(&rows).breaches, []);
        tamper(&mut world, &mut rows);
        let report = audit(&rows);
        if named(&report) != expected.iter().copied().collect() {
            wrong.push(format!("{what}: {:#?}", report.breaches));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_tampered_row_is_found_and_exactly_what_it_breaks_is_named() {
    each_is_named(TAMPERED, whole);
}

#[test]
fn every_invariant_the_audit_knows_is_broken_once_here() {
    let sources = [
        "audit.rs",
        "audit/attended.rs",
        "audit/books.rs",
        "audit/capacity.rs",
        "audit/payments.rs",
        "audit/refunds.rs",
        "audit/serials.rs",
        "audit/settlement.rs",
        "audit/stamps.rs",
        "audit/told.rs",
    ];
    let mut known = BTreeSet::new();
    for file in sources {
        let path = format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        // The name is the first text after each call.
        for call in text.split("report.breach(").skip(1) {
            known.insert(call.split('"').nth(1).unwrap().to_owned());
        }
    }
    assert!(known.len() > 20, "{known:?}");
    let broken: BTreeSet<String> = TAMPERED
        .iter()
        .chain(crate::settlement_red::TAMPERED)
        .chain(crate::told::TAMPERED)
        .flat_map(|(_, _, names)| *names)
        .map(|n| (*n).to_owned())
        .collect();
    assert_eq!(known, broken);
}
