//! The audit's own proof for what was paid out: as in `audit_red`, in a world with a settlement file.

use crate::{
    audit_red::{Tampered, each_is_named},
    rows::{entry, payment},
    support::*,
};
use bubuh_core::{
    audit::{Rows, audit},
    money::Rupiah,
    settlement::{LineKind as K, Statement, StatementState, Sums, Word, overdue},
};

/// Paid out and kept back, suspended and placed, late, and a file that is read.
fn settled() -> World {
    let mut world = World::default();
    for (order, owner) in [("o", "ani"), ("p", "budi"), ("late", "cici")] {
        world.buy_awaiting(order, owner, 3);
    }
    world.refund("r", "o", 1, T0);
    for line in [
        line(1, K::Payment, "o", 30_000),
        line(2, K::Refund, "o", 10_000),
        line(3, K::Added, "o", 500),
        line(4, K::Taken, "o", 400),
        line(5, K::Payment, "p", 30_000),
    ] {
        world.book(&line, Word::NotAsked);
    }
    let placed = world.break_case(&format!("adjustment:{}", line_id(4)));
    let place = bubuh_core::settlement::Ending::Place;
    world.must(&world.ending(&placed, place, T0).unwrap());
    let writes = overdue(world.payment("late"), T0 + WINDOW_MS).unwrap();
    world.must(&writes);
    let sha256 = bubuh_core::id::Sha256::of(b"file");
    let name = ("a.csv".to_owned(), sha256);
    let (_, writes) = Statement::taken(name, 5, Sums::default(), T0);
    world.must(&writes);
    world
}

fn name(line: u32) -> String {
    bubuh_core::ledger::Entry::name_of(line_id(line))
}

fn closes(rows: &mut Rows, subject: &str) {
    let case = rows
        .cases
        .iter_mut()
        .find(|c| c.kind.subject().starts_with(subject));
    case.unwrap().closed = Some(bubuh_core::case::Closed {
        at_ms: T0,
        by: "nobody".to_owned(),
        outcome: "forgotten".to_owned(),
    });
}

const BOOKED: &str = "a payout is booked as its row says";
const ON_ROW: &str = "a booked payout is on its row";
const SUSPENSE: &str = "suspense is what open cases are about";
const LATE: &str = "a late payout has its case";
const READ: &str = "a settlement file is read to its end";

pub(crate) const TAMPERED: &[Tampered] = &[
    (
        "a payout is booked in another amount",
        |_, rows| {
            let legs = &mut entry(rows, &name(1)).legs;
            legs.iter_mut()
                .for_each(|leg| leg.amount = Rupiah::new(40_000));
            legs.remove(1);
        },
        &[BOOKED],
    ),
    (
        "a payout's entry is lost",
        |_, rows| rows.entries.retain(|e| e.id != name(1)),
        &[BOOKED],
    ),
    (
        "a payment forgets that it was paid out",
        |_, rows| payment(rows, "p").payout.settled = None,
        &[ON_ROW, LATE],
    ),
    (
        "a refund forgets that it was kept back",
        |_, rows| rows.refunds[0].kept = None,
        &[ON_ROW, "a payment knows what was kept back"],
    ),
    (
        "a payment knows nothing of what was kept back",
        |_, rows| payment(rows, "o").payout.refunds_kept = Rupiah::ZERO,
        &["a payment knows what was kept back", LATE],
    ),
    (
        "what nobody could place is forgotten",
        |_, rows| closes(rows, &format!("adjustment:{}", line_id(3))),
        &[SUSPENSE],
    ),
    (
        "what was placed is open still",
        |_, rows| {
            let subject = format!("adjustment:{}", line_id(4));
            let case = rows.cases.iter_mut().find(|c| c.kind.subject() == subject);
            case.unwrap().closed = None;
        },
        &[SUSPENSE],
    ),
    (
        "less was placed than was suspended",
        |_, rows| {
            let legs = &mut entry(rows, "cleared.").legs;
            legs.iter_mut().for_each(|leg| leg.amount = Rupiah::new(1));
        },
        &[SUSPENSE],
    ),
    (
        "what was placed was never suspended",
        |_, rows| {
            rows.entries.retain(|e| e.id != name(4));
        },
        &[SUSPENSE],
    ),
    (
        "a late payout is forgotten",
        |_, rows| closes(rows, "not_settled"),
        &[LATE],
    ),
    (
        "a payout is waited for and never late",
        |_, rows| payment(rows, "late").payout.case = None,
        &[LATE],
    ),
    (
        "a file is never read on",
        |_, rows| rows.statements[0].due_at_ms = None,
        &[READ],
    ),
    (
        "a file ended before its end",
        |_, rows| rows.statements[0].state = StatementState::Done,
        &[READ],
    ),
    (
        "a file was refused and nobody told",
        |_, rows| rows.statements[0].state = StatementState::Refused,
        &[READ],
    ),
];

#[test]
fn each_tampered_payout_is_found_and_exactly_what_it_breaks_is_named() {
    each_is_named(TAMPERED, settled);
}

#[test]
fn the_audit_counts_what_was_paid_out_and_what_it_cost() {
    let mut world = settled();
    let counts = audit(&world.rows()).counts;
    assert_eq!(
        (counts.settled.get(), counts.gateway_fees.get()),
        (60_000, 420)
    );
    let short = line(9, K::Payment, "late", 29_000);
    world.book(&short, says(true, 30_000));
    let case = world.break_case("amount_differs");
    let give_up = bubuh_core::settlement::Ending::WriteOff;
    world.must(&world.ending(&case, give_up, T0).unwrap());
    let counts = audit(&world.rows()).counts;
    assert_eq!((counts.written_off.get(), counts.losses.get()), (1_000, 0));
}
