//! What payments wait for, and what becomes of it when it does not come.

use crate::support::*;
use bubuh_core::{
    case::Owner,
    money::Rupiah,
    order::ObservedState,
    settlement::{Awaited, Ending, LineKind as K, Word, await_payout, overdue},
    write::{Expect, Put, Write},
};

const LATE: u64 = T0 + WINDOW_MS;

fn due(world: &World) -> Option<u64> {
    world.payment("o").payout.due_at_ms
}

fn bought() -> World {
    let mut world = World::default();
    world.buy_awaiting("o", "ani", 3);
    world
}

fn late(world: &mut World, now_ms: u64) {
    let writes = overdue(world.payment("o"), now_ms).unwrap();
    world.must(&writes);
}

#[test]
fn where_no_files_are_sent_nothing_is_waited_for() {
    let mut world = World::default();
    world.buy("o", "ani", 3);
    assert_eq!(due(&world), None);
    // Nor does a payment that is there already begin to wait when it changes.
    let payment = world.payment("o");
    let later = vec![Write::Payment(Put {
        expect: Expect::Version(payment.version),
        row: payment.clone(),
    })];
    assert_eq!(await_payout(later.clone(), Some(1), T0), later);
    let (_, writes) = bubuh_core::order::Order::place(wanted("p", "ani", 1), T0).unwrap();
    assert_eq!(
        await_payout(writes.clone(), Some(1), T0),
        writes,
        "only payments wait"
    );
}

#[test]
fn a_payment_that_is_paid_out_in_time_waits_no_more() {
    let mut world = bought();
    assert_eq!(due(&world), Some(LATE));
    assert!(overdue(world.payment("o"), LATE - 1).is_err());
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    assert_eq!((due(&world), world.payment("o").waits_for()), (None, None));
    assert!(overdue(world.payment("o"), LATE).is_err());
}

#[test]
fn a_payment_that_is_not_paid_out_in_time_is_a_case_that_its_payout_closes() {
    let mut world = bought();
    late(&mut world, LATE);
    assert_eq!(world.breaks(), ["not_settled:o"]);
    let case = world.break_case("not_settled");
    assert_eq!((case.owner, case.opened_at_ms), (Owner::Finance, LATE));
    assert!(
        overdue(world.payment("o"), LATE).is_err(),
        "never opened twice"
    );
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    assert_eq!(world.breaks(), [""; 0]);
    let closed = world.cases[&case.id].closed.clone().unwrap();
    assert_eq!(
        (closed.by.as_str(), closed.outcome.as_str()),
        ("bubuh", "settled")
    );
}

#[test]
fn a_late_payment_of_which_some_goes_back_keeps_its_one_case() {
    let mut world = bought();
    late(&mut world, LATE);
    world.refund("r", "o", 1, LATE);
    assert_eq!(due(&world), None, "the case says it already");
    assert_eq!(world.breaks(), ["not_settled:o"]);
}

#[test]
fn a_person_lets_a_payout_be_waited_for_again_but_never_forgets_it() {
    let mut world = bought();
    late(&mut world, LATE);
    let case = world.break_case("not_settled");
    for unfit in [Ending::Noted, Ending::WriteOff, Ending::Place] {
        assert!(world.ending(&case, unfit, LATE).is_err(), "{unfit:?}");
    }
    world.must(&world.ending(&case, Ending::Again, LATE).unwrap());
    assert_eq!(due(&world), Some(LATE + WINDOW_MS));
    late(&mut world, LATE + WINDOW_MS);
    let second = world.break_case("not_settled");
    assert_ne!(second.id, case.id);
}

#[test]
fn a_payment_of_which_nothing_is_left_waits_for_no_payout() {
    let mut world = bought();
    world.refund("r", "o", 3, T0);
    assert_eq!((due(&world), world.payment("o").waits_for()), (None, None));

    let mut world = bought();
    late(&mut world, LATE);
    world.refund("r", "o", 3, LATE);
    let case = world.break_case("not_settled");
    world.must(&world.ending(&case, Ending::Noted, LATE).unwrap());
}

#[test]
fn what_goes_back_after_the_payout_is_waited_for_until_it_is_kept_back() {
    let mut world = bought();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    world.refund("r", "o", 1, T0 + DAY_MS);
    assert_eq!(due(&world), Some(T0 + DAY_MS + WINDOW_MS));
    assert_eq!(world.payment("o").waits_for(), Some(Awaited::Deduction));
    late(&mut world, T0 + DAY_MS + WINDOW_MS);
    assert_eq!(world.breaks(), ["refund_not_settled:o"]);
    world.book(&line(2, K::Refund, "o", 10_000), Word::NotAsked);
    assert_eq!((world.breaks(), due(&world)), (vec![], None));

    world.refund("s", "o", 1, LATE);
    late(&mut world, LATE + WINDOW_MS);
    let case = world.break_case("refund_not_settled");
    world.must(&world.ending(&case, Ending::Noted, LATE).unwrap());
    assert_eq!(
        (world.breaks(), due(&world)),
        (vec![], None),
        "it is in our favour"
    );
}

#[test]
fn a_refund_made_before_the_payout_is_waited_for_after_it() {
    let mut world = bought();
    world.refund("r", "o", 1, T0);
    late(&mut world, LATE);
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    assert_eq!(world.breaks(), [""; 0], "the payout came");
    assert_eq!(
        due(&world),
        Some(T0 + DAY_MS + WINDOW_MS),
        "the refund has its own time"
    );
}

#[test]
fn a_payment_in_dispute_waits_for_nothing_and_waits_again_once_it_is_won() {
    let mut world = bought();
    let disputed = seen("o", ObservedState::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed, T0);
    late(&mut world, LATE);
    assert_eq!((world.breaks(), due(&world)), (vec![], None));
    let won = world.dispute(world.payment("o"), true, LATE).unwrap();
    world.must(&won);
    assert_eq!(due(&world), Some(LATE + WINDOW_MS));
}

#[test]
fn a_payment_that_was_let_go_in_dispute_is_waited_for_again_once_it_is_won() {
    let mut world = bought();
    late(&mut world, LATE);
    let disputed = seen("o", ObservedState::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed, LATE);
    let case = world.break_case("not_settled");
    world.must(&world.ending(&case, Ending::Noted, LATE).unwrap());
    let won = world.dispute(world.payment("o"), true, LATE).unwrap();
    world.must(&won);
    assert_eq!(due(&world), Some(LATE + WINDOW_MS));
}

#[test]
fn a_chargeback_of_a_payment_that_was_paid_out_is_waited_for() {
    let mut world = bought();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    let disputed = seen("o", ObservedState::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed, T0);
    let lost = world.dispute(world.payment("o"), false, LATE).unwrap();
    world.must(&lost);
    assert_eq!(due(&world), Some(LATE + WINDOW_MS));
    world.book(&line(2, K::Chargeback, "o", 30_000), Word::NotAsked);
    assert_eq!(due(&world), None);
}

#[test]
fn only_the_case_of_what_is_waited_for_can_let_it_wait_again() {
    let mut world = bought();
    late(&mut world, LATE);
    let mut other = world.break_case("not_settled");
    other.id = bubuh_core::id::CaseId::derive(&["other"]);
    let again = world.ending(&other, Ending::Again, LATE);
    assert!(again.is_err());
    let writes = world
        .ending(&world.break_case("not_settled"), Ending::Again, LATE)
        .unwrap();
    assert!(matches!(&writes[..], [Write::Payment(_), Write::Case(_)]));
}
