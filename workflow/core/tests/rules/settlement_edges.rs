//! What each line of a settlement file does, and every break at its edge.

use crate::support::*;
use bubuh_core::{
    case::Owner,
    ledger::LedgerAccount as A,
    money::Rupiah,
    order::ObservedState,
    payment::PaymentState,
    refund::Elsewhere,
    settlement::{
        Break, Ending, LineKind as K, Rates, Statement, StatementState, Sums, Verdict, Word,
    },
};

/// One order of three stamps, paid.
pub(super) fn paid() -> World {
    let mut world = World::default();
    world.buy("o", "ani", 3);
    world
}

pub(super) fn subject(kind: Break, number: u32) -> String {
    format!("{}:{}", kind.name(), line_id(number))
}

#[test]
fn a_payment_is_paid_out_less_its_fee_and_the_fee_is_ours() {
    let mut world = paid();
    assert!(world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked));
    assert_eq!(world.balance(A::Bank), 29_790);
    assert_eq!(world.balance(A::GatewayFees), 210);
    assert_eq!(world.balance(A::GatewayReceivable), 0);
    assert_eq!(world.breaks(), [""; 0]);
}

#[test]
fn the_same_line_again_changes_nothing() {
    let mut world = paid();
    let lines = [
        line(1, K::Payment, "o", 30_000),
        line(2, K::Payment, "o", 30_000),
        line(3, K::Refund, "o", 10_000),
        line(4, K::Chargeback, "o", 10_000),
        line(5, K::Added, "o", 5),
        line(6, K::Payment, "stranger", 5),
    ];
    for line in &lines {
        assert!(world.book(line, Word::NotAsked), "{line:?}");
    }
    // Nothing is even tried of what the payment itself knows.
    assert_eq!(world.judge(&lines[0], Word::NotAsked), Verdict::Booked);
    let once = world.clone();
    for line in &lines {
        assert!(!world.book(line, Word::NotAsked), "{line:?}");
    }
    assert_eq!(world, once);
    assert_eq!(world.breaks().len(), 5);
}

#[test]
fn a_payment_paid_out_twice_waits_in_suspense_until_it_is_placed() {
    let mut world = paid();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    world.book(&line(2, K::Payment, "o", 30_000), Word::NotAsked);
    assert_eq!(world.breaks(), [subject(Break::SettledTwice, 2)]);
    assert_eq!(world.balance(A::Suspense), 29_790);
    let case = world.break_case("settled_twice");
    assert_eq!(
        (case.owner, case.order),
        (Owner::Finance, Some(order_id("o")))
    );
    assert!(
        world.ending(&case, Ending::WriteOff, T0).is_err(),
        "it is nobody's gain"
    );
    assert!(
        world.ending(&case, Ending::Noted, T0).is_err(),
        "the money has no place yet"
    );
    world.must(&world.ending(&case, Ending::Place, T0).unwrap());
    assert_eq!(world.balance(A::Suspense), 0);
    assert_eq!(world.balance(A::GatewayReceivable), -29_790);
    let case = world.cases[&case.id].clone();
    assert!(
        world.ending(&case, Ending::Place, T0).is_err(),
        "it is closed"
    );
}

#[test]
fn another_amount_is_asked_about_then_booked_as_paid_out_with_a_case_for_the_difference() {
    let mut world = paid();
    let short = line(1, K::Payment, "o", 29_000);
    assert_eq!(world.judge(&short, Word::NotAsked), Verdict::Ask);
    world.book(&short, says(true, 30_000));
    assert_eq!(world.breaks(), [subject(Break::AmountDiffers, 1)]);
    assert_eq!(world.balance(A::GatewayReceivable), 1_000);
    let case = world.break_case("amount_differs");
    world.must(&world.ending(&case, Ending::WriteOff, T0).unwrap());
    assert_eq!(
        (
            world.balance(A::GatewayReceivable),
            world.balance(A::Losses)
        ),
        (0, 1_000)
    );
}

#[test]
fn what_came_too_much_can_only_be_noted() {
    let mut world = paid();
    world.book(&line(1, K::Payment, "o", 31_000), says(true, 30_000));
    let case = world.break_case("amount_differs");
    assert!(world.ending(&case, Ending::WriteOff, T0).is_err());
    world.must(&world.ending(&case, Ending::Noted, T0).unwrap());
    assert_eq!(world.balance(A::GatewayReceivable), -1_000);
}

#[test]
fn a_fee_may_differ_by_the_tolerance_and_no_more() {
    for (fee, breaks) in [(208, 1), (209, 0), (210, 0), (211, 0), (212, 1)] {
        let mut world = paid();
        let mut other = line(1, K::Payment, "o", 30_000);
        other.fee = Rupiah::new(fee);
        world.book(&other, Word::NotAsked);
        assert_eq!(world.breaks().len(), breaks, "{fee}");
        assert_eq!(world.balance(A::GatewayFees), i128::from(fee));
        if breaks > 0 {
            let case = world.break_case("fee_differs");
            assert!(case.note.contains("expected Rp210"), "{}", case.note);
            world.must(&world.ending(&case, Ending::Noted, T0).unwrap());
        }
    }
}

#[test]
fn fees_are_by_method() {
    use bubuh_core::payment::Method;
    let rates = Rates::default();
    let fee = |method, amount| rates.fee(method, Rupiah::new(amount)).unwrap().get();
    assert_eq!(fee(Method::BankTransfer, 10_000), 4_000);
    assert_eq!(fee(Method::Qris, 10_000), 70);
    assert_eq!(fee(Method::Qris, 199), 1, "rounded down");
    assert!(rates.fee(Method::Qris, Rupiah::new(u64::MAX)).is_err());
}

#[test]
fn a_payment_of_nobody_here_is_suspended_and_paid_back() {
    let mut world = paid();
    world.book(&line(1, K::Payment, "stranger", 20_000), Word::NotAsked);
    assert_eq!(world.breaks(), [subject(Break::UnknownPayment, 1)]);
    let case = world.break_case("unknown_payment");
    assert_eq!((case.account.as_str(), case.order), ("settlement", None));
    world.must(&world.ending(&case, Ending::PaidBack("TX-7"), T0).unwrap());
    assert_eq!((world.balance(A::Suspense), world.balance(A::Bank)), (0, 0));
    let closed = world.cases[&case.id].closed.clone().unwrap();
    assert_eq!(closed.outcome, "paid back: TX-7");
}

#[test]
fn a_payment_we_do_not_know_is_asked_about_and_booked_once_the_gateway_confirms() {
    let mut world = World::default();
    world.place("o", "ani", 3);
    let unknown = line(1, K::Payment, "o", 30_000);
    assert_eq!(world.judge(&unknown, Word::NotAsked), Verdict::Ask);
    // The gateway's word is booked the usual way, and with it the buyer's stamps.
    world.capture("o", "o", 30_000, T0);
    world.book(&unknown, says(true, 30_000));
    assert_eq!(world.breaks(), [""; 0]);
    assert_eq!(world.lots_of("ani")[0].available.get(), 3);
}

#[test]
fn a_payment_the_gateway_itself_does_not_call_paid_is_suspended() {
    let mut world = World::default();
    world.place("o", "ani", 3);
    world.book(&line(1, K::Payment, "o", 30_000), says(false, 30_000));
    assert_eq!(world.breaks(), [subject(Break::NotCaptured, 1)]);
    assert_eq!(world.break_case("not_captured").owner, Owner::Operator);

    let mut world = World::default();
    world.place("o", "ani", 3);
    world.book(&line(1, K::Payment, "o", 30_000), Word::Unknown);
    assert_eq!(world.breaks(), [subject(Break::UnknownPayment, 1)]);
}

#[test]
fn the_gateways_own_word_is_compared_where_it_was_asked() {
    for (word, breaks) in [
        (Word::NotAsked, 0),
        (says(true, 30_000), 0),
        (says(true, 29_999), 1),
        (says(false, 30_000), 1),
        (Word::Unknown, 1),
    ] {
        let mut world = paid();
        world.book(&line(1, K::Payment, "o", 30_000), word);
        assert_eq!(world.breaks().len(), breaks, "{word:?}");
        assert_eq!(world.balance(A::GatewayReceivable), 0);
        if breaks > 0 {
            let case = world.break_case("gateway_differs");
            assert_eq!(case.owner, Owner::Operator);
            world.must(&world.ending(&case, Ending::Noted, T0).unwrap());
        }
    }
}

#[test]
fn a_refund_is_kept_back_once_by_its_key_or_by_its_amount() {
    for by_key in [true, false] {
        let mut world = paid();
        world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
        let key = world.refund("r", "o", 1, T0);
        assert_eq!(
            world.balance(A::GatewayReceivable),
            -10_000,
            "it will be kept back"
        );
        let mut kept = line(2, K::Refund, "o", 10_000);
        kept.reference = by_key.then(|| key.to_string());
        world.book(&kept, Word::NotAsked);
        assert_eq!(world.balance(A::GatewayReceivable), 0);
        assert_eq!(world.balance(A::Bank), 19_790);
        assert_eq!(world.balance(A::GatewayFees), 210, "the fee stays ours");
        assert_eq!(world.payment("o").payout.refunds_kept.get(), 10_000);

        kept.id = line_id(3);
        let again = if by_key {
            Break::SettledTwice
        } else {
            Break::RefundUnknown
        };
        world.book(&kept, says(true, 30_000));
        assert_eq!(world.breaks(), [subject(again, 3)]);
        assert_eq!(world.balance(A::Suspense), -10_000);
        let case = world.break_case(again.name());
        assert!(
            world.ending(&case, Ending::PaidBack("x"), T0).is_err(),
            "it was taken from us"
        );
        world.must(&world.ending(&case, Ending::WriteOff, T0).unwrap());
        assert_eq!(
            (world.balance(A::Suspense), world.balance(A::Losses)),
            (0, 10_000)
        );
    }
}

#[test]
fn a_refund_kept_back_in_another_amount_has_a_case_for_the_difference() {
    let mut world = paid();
    let key = world.refund("r", "o", 1, T0);
    let mut kept = line(2, K::Refund, "o", 10_500);
    kept.reference = Some(key.to_string());
    world.book(&kept, Word::NotAsked);
    assert_eq!(world.breaks(), [subject(Break::AmountDiffers, 2)]);
    let case = world.break_case("amount_differs");
    world.must(&world.ending(&case, Ending::WriteOff, T0).unwrap());
    assert_eq!(world.balance(A::Losses), 500);
}

#[test]
fn a_refund_nobody_here_made_is_asked_about_and_kept_back_once_it_is_booked() {
    let mut world = paid();
    let mut kept = line(1, K::Refund, "o", 10_000);
    kept.reference = Some("dashboard-1".to_owned());
    assert_eq!(world.judge(&kept, Word::NotAsked), Verdict::Ask);
    let seen = Elsewhere {
        key: "dashboard-1".to_owned(),
        amount: Rupiah::new(10_000),
        told: false,
    };
    let writes = world.elsewhere(world.payment("o"), &seen, T0).unwrap();
    world.must(&writes);
    world.book(&kept, says(true, 30_000));
    assert_eq!(world.breaks(), [""; 0]);
    assert_eq!(world.refund_of("o").kept.unwrap().line, line_id(1));
}

#[test]
fn a_refund_that_the_gateway_has_not_made_is_not_taken_for_the_one_kept_back() {
    let mut world = paid();
    let lots = world.lots_of("ani");
    let one = bubuh_core::money::Stamps::ONE;
    let key = refund_key("r");
    let asked = bubuh_core::refund::Refund::ask(key, world.payment("o"), &lots, one, T0);
    world.must(&asked.unwrap().1);
    for (number, reference) in [(1, None), (2, Some(key.to_string()))] {
        let mut kept = line(number, K::Refund, "o", 10_000);
        kept.reference = reference;
        assert_eq!(world.judge(&kept, Word::NotAsked), Verdict::Ask);
        world.book(&kept, says(true, 30_000));
        assert!(world.refunds[&key].kept.is_none());
    }
    assert_eq!(world.breaks().len(), 2);
}

#[test]
fn a_refund_with_a_fee_of_its_own_books_that_fee() {
    let mut world = paid();
    world.refund("r", "o", 1, T0);
    let mut kept = line(1, K::Refund, "o", 10_000);
    kept.fee = Rupiah::new(250);
    world.book(&kept, Word::NotAsked);
    assert_eq!(
        (world.balance(A::Bank), world.balance(A::GatewayFees)),
        (-10_250, 250)
    );
}

#[test]
fn a_chargeback_is_kept_back_of_a_disputed_payment_only() {
    let mut world = paid();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    let back = line(2, K::Chargeback, "o", 30_000);
    assert_eq!(world.judge(&back, Word::NotAsked), Verdict::Ask);
    let disputed = seen("o", ObservedState::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed, T0);
    assert_eq!(world.balance(A::GatewayReceivable), -30_000);
    world.book(&back, says(true, 30_000));
    assert_eq!(world.breaks(), [""; 0]);
    assert_eq!(world.judge(&back, says(true, 30_000)), Verdict::Booked);
    assert_eq!(world.balance(A::GatewayReceivable), 0);
    let lost = world.dispute(world.payment("o"), false, T0).unwrap();
    world.must(&lost);
    assert_eq!(world.payment("o").state, PaymentState::ChargedBack);
    assert_eq!(
        (world.balance(A::Bank), world.balance(A::StampsOwed)),
        (-210, 0)
    );

    let again = line(3, K::Chargeback, "o", 30_000);
    world.book(&again, Word::NotAsked);
    assert_eq!(world.breaks(), [subject(Break::SettledTwice, 3)]);
}

#[test]
fn a_chargeback_the_gateway_does_not_confirm_is_suspended() {
    let mut world = paid();
    world.book(&line(1, K::Chargeback, "o", 30_000), says(true, 30_000));
    assert_eq!(world.breaks(), [subject(Break::ChargebackUnknown, 1)]);
}

#[test]
fn an_adjustment_is_a_persons_to_place_either_way() {
    for (kind, suspense) in [(K::Added, 700), (K::Taken, -700)] {
        let mut world = paid();
        let mut adjustment = line(1, kind, "o", 700);
        (adjustment.order, adjustment.transaction) = (None, None);
        world.book(&adjustment, Word::NotAsked);
        assert_eq!(world.breaks(), [subject(Break::Adjustment, 1)]);
        assert_eq!(world.balance(A::Suspense), suspense);
        let case = world.break_case("adjustment");
        world.must(&world.ending(&case, Ending::Place, T0).unwrap());
        assert_eq!(world.balance(A::Suspense), 0);
        assert_eq!(world.balance(A::GatewayReceivable), 30_000 - suspense);
    }
}

#[test]
fn a_line_about_another_orders_payment_is_refused() {
    let mut world = paid();
    world.buy("p", "budi", 1);
    let stray = line(1, K::Payment, "o", 30_000);
    let books = bubuh_core::settlement::Books {
        payment: Some(world.payment("p")),
        ..Default::default()
    };
    let judged =
        bubuh_core::settlement::judge(&stray, books, Word::NotAsked, &Rates::default(), T0);
    assert!(judged.is_err());
}

#[test]
fn a_file_is_read_to_its_end_in_steps_and_waits_longer_when_it_gets_no_further() {
    let lines = [
        line(1, K::Payment, "o", 30_000),
        line(2, K::Refund, "o", 10_000),
    ];
    let sums = Sums::of(&lines).unwrap();
    assert_eq!(
        (sums.paid.get(), sums.fees.get(), sums.kept.get()),
        (30_000, 210, 10_000)
    );
    let sha256 = bubuh_core::id::Sha256::of(b"file");
    let mut world = World::default();
    let (row, writes) = Statement::taken(("a.csv".to_owned(), sha256), 2, sums, T0);
    world.must(&writes);
    assert!(
        world.apply(&writes).is_err(),
        "the same file is the same row"
    );
    let look = |world: &World| world.statements[&row.id].clone();
    let waits = [
        5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000, 600_000,
    ];
    for wait in waits {
        world.must(&look(&world).read_to(0, T0).unwrap());
        assert_eq!(look(&world).due_at_ms, Some(T0 + wait));
    }
    world.must(&look(&world).read_to(1, T0).unwrap());
    assert_eq!((look(&world).due_at_ms, look(&world).tries), (Some(T0), 0));
    assert!(look(&world).read_to(0, T0).is_err(), "never back");
    assert!(look(&world).read_to(3, T0).is_err(), "never beyond its end");
    world.must(&look(&world).read_to(2, T0).unwrap());
    assert_eq!(
        (look(&world).state, look(&world).due_at_ms),
        (StatementState::Done, None)
    );
    assert!(look(&world).read_to(2, T0).is_err());
}

#[test]
fn a_file_that_cannot_be_read_is_a_case() {
    let mut world = World::default();
    let sha256 = bubuh_core::id::Sha256::of(b"file");
    let name = ("a.csv".to_owned(), sha256);
    let (row, writes) = Statement::refused(name, "line 3: net: is not gross less fee", T0).unwrap();
    world.must(&writes);
    assert_eq!((row.state, row.due_at_ms), (StatementState::Refused, None));
    let case = world.break_case("file_refused");
    assert!(case.note.contains("line 3"), "{}", case.note);
    assert!(world.ending(&case, Ending::Place, T0).is_err());
    world.must(&world.ending(&case, Ending::Noted, T0).unwrap());
}
