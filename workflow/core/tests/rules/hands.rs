//! What people do about money: refunds by hand, disputes, refunds made elsewhere.

use crate::support::*;
use bubuh_core::{
    Error,
    audit::audit,
    case::{CaseKind, Owner},
    dispute,
    ledger::{EntryKind, LedgerAccount as A, Side},
    lot::Lot,
    money::{Rupiah, Stamps},
    order::ObservedState as S,
    payment::{Method, PaymentState},
    refund::{
        Answer, Made, Next, PayTo, Refund, RefundState as R, keep_stamps, paid_by_hand, pay_to,
        plan, retry, settle,
    },
};

fn bank_account() -> PayTo {
    PayTo::new("BCA", "123-456 7890", " Ani ").unwrap()
}

/// Three stamps bought, two of them asked back, and the gateway refused for good.
pub(super) fn refused() -> World {
    let mut world = World::default();
    world.buy("o", "ani", 3);
    let lots = world.lots_of("ani");
    let two = Stamps::new(2);
    let asked = Refund::ask(refund_key("r"), world.payment("o"), &lots, two, T0);
    world.must(&asked.unwrap().1);
    let Next::Call(writes) = plan(world.refund_of("o"), world.payment("o"), T0).unwrap() else {
        panic!()
    };
    world.must(&writes);
    answered(&mut world, Answer::Refused, T0);
    assert_eq!(world.refund_of("o").state, R::Payout);
    world
}

fn answered(world: &mut World, answer: Answer, now_ms: u64) {
    let refund = world.refund_of("o");
    let case = refund.case.map(|id| &world.cases[&id]);
    let writes = settle(refund, world.payment("o"), case, answer, now_ms).unwrap();
    world.must(&writes);
}

pub(super) fn case<'a>(world: &'a World, refund: &Refund) -> &'a bubuh_core::case::Case {
    &world.cases[&refund.case.unwrap()]
}

pub(super) fn legs(world: &World, kind: EntryKind) -> Vec<(A, Side, u64)> {
    let entry = world.entries.values().find(|e| e.kind == kind).unwrap();
    let legs = entry.legs.iter();
    legs.map(|l| (l.account, l.side, l.amount.get())).collect()
}

#[test]
fn a_bank_account_is_asked_for_in_a_form_a_bank_takes() {
    assert_eq!(bank_account().number, "1234567890");
    assert_eq!(bank_account().holder, "Ani");
    // No log tells whose it is.
    assert_eq!(format!("{:?}", bank_account()), "PayTo(…)");
    for (bank, number, holder, field) in [
        ("", "123456", "Ani", "bank"),
        ("BCA", "12345", "Ani", "number"),
        ("BCA", "123456789012345678901", "Ani", "number"),
        ("BCA", "12345a", "Ani", "number"),
        ("BCA", "123456", "A\nB", "holder"),
        ("BCA", "123456", &"a".repeat(81), "holder"),
    ] {
        match PayTo::new(bank, number, holder) {
            Err(Error::Invalid { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_refund_to_be_paid_by_hand_is_the_buyers_until_a_bank_account_is_known_and_then_finances() {
    let mut world = refused();
    let refund = world.refund_of("o").clone();
    assert_eq!(case(&world, &refund).owner, Owner::Buyer);
    assert_eq!(case(&world, &refund).order, Some(order_id("o")));
    let told = pay_to(&refund, case(&world, &refund), bank_account()).unwrap();
    world.must(&told);
    let refund = world.refund_of("o").clone();
    assert_eq!(refund.pay_to, Some(bank_account()));
    assert_eq!(case(&world, &refund).owner, Owner::Finance);
    let again = pay_to(&refund, case(&world, &refund), bank_account()).unwrap();
    assert_eq!(again, []);
    let other = PayTo::new("BRI", "7654321", "Ani").unwrap();
    world.must(&pay_to(&refund, case(&world, &refund), other.clone()).unwrap());
    assert_eq!(world.refund_of("o").pay_to, Some(other));
}

#[test]
fn a_refund_paid_by_hand_comes_out_of_our_bank_closes_its_case_and_forgets_the_account() {
    let mut world = refused();
    let refund = world.refund_of("o").clone();
    world.must(&pay_to(&refund, case(&world, &refund), bank_account()).unwrap());
    let refund = world.refund_of("o").clone();
    let by = ("sari", "TX-1");
    let paid = paid_by_hand(&refund, world.payment("o"), case(&world, &refund), by, T0);
    world.must(&paid.unwrap());
    let refund = world.refund_of("o").clone();
    assert_eq!(refund.state, R::Refunded);
    assert_eq!(refund.made, Some(Made::ByHand("TX-1".to_owned())));
    assert_eq!(refund.pay_to, None);
    assert_eq!(world.lots_of("ani")[0].refunded, Stamps::new(2));
    assert_eq!(
        world.payment("o").refunded,
        Rupiah::ZERO,
        "not at the gateway"
    );
    assert!(!world.payment("o").refund_in_flight);
    let closed = case(&world, &refund).closed.clone().unwrap();
    assert_eq!(
        (closed.by.as_str(), closed.outcome.as_str()),
        ("sari", "paid by hand")
    );
    let expected = [
        (A::RefundsPayable, Side::Debit, 20_000),
        (A::Bank, Side::Credit, 20_000),
    ];
    assert_eq!(legs(&world, EntryKind::PaidOut), expected);
    let twice = paid_by_hand(&refund, world.payment("o"), case(&world, &refund), by, T0);
    assert!(twice.is_err(), "paid once");
}

#[test]
fn a_buyer_who_keeps_the_stamps_has_them_at_once_and_can_ask_again() {
    let mut world = refused();
    let refund = world.refund_of("o").clone();
    let kept = keep_stamps(
        &refund,
        world.payment("o"),
        case(&world, &refund),
        "ani",
        T0,
    );
    world.must(&kept.unwrap());
    assert_eq!(world.refund_of("o").state, R::Reversed);
    assert_eq!(world.lots_of("ani")[0].available, Stamps::new(3));
    assert_eq!(world.payment("o").refundable, Rupiah::new(30_000));
    let expected = [
        (A::RefundsPayable, Side::Debit, 20_000),
        (A::StampsOwed, Side::Credit, 20_000),
    ];
    assert_eq!(legs(&world, EntryKind::RefundReversed), expected);
    // The answer was lost, and the buyer says it again.
    let refund = world.refund_of("o");
    let said_again = keep_stamps(refund, world.payment("o"), case(&world, refund), "ani", T0);
    assert_eq!(said_again, Ok(Vec::new()));
    let lots = world.lots_of("ani");
    let again = Refund::ask(refund_key("r2"), world.payment("o"), &lots, Stamps::ONE, T0);
    world.must(&again.unwrap().1);
}

#[test]
fn a_refund_and_a_payment_keep_every_state_they_were_in_and_its_time() {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    let lots = world.lots_of("ani");
    let asked = Refund::ask(
        refund_key("r"),
        world.payment("o"),
        &lots,
        Stamps::ONE,
        T0 + 1,
    );
    world.must(&asked.unwrap().1);
    for at_ms in [T0 + 2, T0 + 3] {
        let Next::Call(writes) = plan(world.refund_of("o"), world.payment("o"), at_ms).unwrap()
        else {
            panic!()
        };
        world.must(&writes);
    }
    answered(&mut world, Answer::Refused, T0 + 4);
    let refund = world.refund_of("o").clone();
    let payment = world.payment("o").clone();
    let again = retry(&refund, &payment, case(&world, &refund), "sari", T0 + 5);
    world.must(&again.unwrap());
    answered(&mut world, Answer::Made, T0 + 6);
    let steps = world.refund_of("o").history.iter();
    let steps: Vec<_> = steps.map(|step| (step.state, step.at_ms - T0)).collect();
    let expected = [
        (R::Due, 1),
        (R::Sent, 2),
        (R::Payout, 4),
        (R::Sent, 5),
        (R::Refunded, 6),
    ];
    assert_eq!(steps, expected, "to be asked again is no step");

    let opened = dispute::open(world.payment("o"), &world.lots_of("ani"), T0 + 7);
    world.must(&opened.unwrap());
    let mut cases = world.cases.values();
    let open = cases.find(|case| case.closed.is_none()).unwrap().clone();
    let lots = world.lots_of("ani");
    let won = dispute::won(world.payment("o"), &lots, None, &open, "sari", T0 + 8);
    world.must(&won.unwrap());
    let steps = world.payment("o").history.iter();
    let steps: Vec<_> = steps.map(|step| (step.state, step.at_ms - T0)).collect();
    let expected = [
        (PaymentState::Captured, 0),
        (PaymentState::Disputed, 7),
        (PaymentState::Captured, 8),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn only_a_buyers_own_refund_can_be_called_off() {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    let seen = bubuh_core::order::Observed {
        method: Method::BankTransfer,
        ..seen("t2", S::Captured, Rupiah::new(20_000))
    };
    world.observe("o", &seen, T0);
    let Next::Stop(writes) = plan(world.refund_of("t2"), world.payment("t2"), T0).unwrap() else {
        panic!()
    };
    world.must(&writes);
    let refund = world.refund_of("t2");
    let kept = keep_stamps(refund, world.payment("t2"), case(&world, refund), "ani", T0);
    assert!(
        matches!(kept, Err(Error::IllegalTransition { .. })),
        "{kept:?}"
    );
    let tried = retry(
        refund,
        world.payment("t2"),
        case(&world, refund),
        "sari",
        T0,
    );
    assert!(tried.is_err(), "the gateway can't refund a transfer");
}

#[test]
fn a_refund_under_way_is_in_nobodys_hands() {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    world.capture("o", "t2", 20_000, T0);
    let refund = world.refund_of("t2").clone();
    let kind = CaseKind::RefundStuck(refund.key.to_string());
    let case = bubuh_core::case::Case::open(kind, account("ani"), String::new(), T0, 9);
    let payment = world.payment("t2");
    assert!(pay_to(&refund, &case, bank_account()).is_err());
    assert!(keep_stamps(&refund, payment, &case, "ani", T0).is_err());
    assert!(paid_by_hand(&refund, payment, &case, ("sari", "TX"), T0).is_err());
    assert!(retry(&refund, payment, &case, "sari", T0).is_err());
}

#[test]
fn a_refund_tried_again_has_seven_days_again_under_the_same_key() {
    let mut world = refused();
    let later = T0 + 20 * DAY_MS;
    let refund = world.refund_of("o").clone();
    let tried = retry(
        &refund,
        world.payment("o"),
        case(&world, &refund),
        "sari",
        later,
    );
    world.must(&tried.unwrap());
    let refund = world.refund_of("o");
    assert_eq!((refund.state, refund.due_at_ms), (R::Sent, Some(later)));
    assert_eq!(refund.key, refund_key("r"));
    assert_eq!(refund.rounds, 1, "another workflow");
    answered(&mut world, Answer::Unclear, later + 7 * DAY_MS);
    assert_eq!(world.refund_of("o").state, R::Sent);
    answered(&mut world, Answer::Unclear, later + 7 * DAY_MS + 1);
    assert_eq!(world.refund_of("o").state, R::Stuck);
    answered(&mut world, Answer::Made, later + 8 * DAY_MS);
    assert!(world.cases.values().all(|case| case.closed.is_some()));
}

fn disputed() -> World {
    let mut world = World::queued();
    world.observe("o", &seen("o", S::Disputed, Rupiah::new(30_000)), T0);
    world
}

#[test]
fn a_dispute_holds_what_is_unused_and_lets_documents_under_way_finish() {
    let mut world = disputed();
    assert!(world.grant(&account("ani")).is_none());
    let fence = world.claim("d", "me", T0);
    world.commit("d", fence);
    assert_eq!(world.lots_of("ani")[0].stamped, Stamps::ONE);
    assert_eq!(world.lots_of("ani")[0].usable(), Stamps::ZERO);
}

#[test]
fn a_stamp_that_a_document_gives_back_during_a_dispute_is_held_too() {
    let mut world = disputed();
    let row = world.document("d");
    let cancelled = bubuh_core::document::cancel(row, false, T0).unwrap();
    world.must(&cancelled);
    let lot: &Lot = &world.lots_of("ani")[0];
    assert_eq!(
        (lot.available, lot.usable()),
        (Stamps::new(3), Stamps::ZERO)
    );
}

#[test]
fn a_dispute_that_is_won_leaves_everything_as_it_was() {
    let mut world = disputed();
    let won = world.dispute(world.payment("o"), true, T0).unwrap();
    world.must(&won);
    assert_eq!(world.payment("o").state, PaymentState::Captured);
    assert_eq!(world.lots_of("ani")[0].usable(), Stamps::new(2));
    assert!(world.cases.values().all(|case| case.closed.is_some()));
    // The next dispute of the same payment is another one.
    world.observe("o", &seen("o", S::Disputed, Rupiah::new(30_000)), T0);
    assert_eq!(world.cases.len(), 2);
}

#[test]
fn a_dispute_that_is_lost_costs_what_is_on_documents_and_ends_the_rest() {
    let mut world = disputed();
    let early = world.dispute(world.payment("o"), false, T0);
    assert!(
        matches!(early, Err(Error::IllegalTransition { .. })),
        "a document is under way"
    );
    let fence = world.claim("d", "me", T0);
    world.commit("d", fence);
    let lost = world.dispute(world.payment("o"), false, T0).unwrap();
    world.must(&lost);
    assert_eq!(world.payment("o").state, PaymentState::ChargedBack);
    let expected = [
        (A::StampsOwed, Side::Debit, 20_000),
        (A::Losses, Side::Debit, 10_000),
        (A::Disputed, Side::Credit, 30_000),
    ];
    assert_eq!(legs(&world, EntryKind::ChargedBack), expected);
    assert!(
        world.grant(&account("ani")).is_none(),
        "what is unused stays held"
    );
    let case = world.cases.values().next().unwrap();
    let again = dispute::lost(world.payment("o"), &[], None, case, "sari", T0);
    assert!(again.is_err(), "lost once");
    let lots = world.lots_of("ani");
    let asked = Refund::ask(refund_key("r"), world.payment("o"), &lots, Stamps::ONE, T0);
    let state = "charged back";
    assert_eq!(
        asked.unwrap_err(),
        Error::IllegalTransition {
            state,
            event: "refund"
        }
    );
}

/// A second payment whose refund waits for a dispute.
fn refund_in_dispute() -> World {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    world.observe("o", &seen("t2", S::Disputed, Rupiah::new(20_000)), T0);
    assert_eq!(world.refund_of("t2").state, R::Stuck);
    world
}

#[test]
fn a_refund_that_a_dispute_held_up_goes_on_when_it_is_won() {
    let mut world = refund_in_dispute();
    let won = world.dispute(world.payment("t2"), true, T0).unwrap();
    world.must(&won);
    assert_eq!(world.refund_of("t2").state, R::Due);
    assert!(world.cases.values().all(|case| case.closed.is_some()));
}

#[test]
fn a_refund_that_a_dispute_held_up_is_made_by_the_payers_bank_when_it_is_lost() {
    let mut world = refund_in_dispute();
    let lost = world.dispute(world.payment("t2"), false, T0).unwrap();
    world.must(&lost);
    let refund = world.refund_of("t2");
    assert_eq!(
        (refund.state, refund.made.clone()),
        (R::Refunded, Some(Made::Chargeback))
    );
    let counts = audit(&world.rows()).counts;
    assert_eq!(counts.charged_back, Rupiah::new(20_000));
    let expected = [
        (A::RefundsPayable, Side::Debit, 20_000),
        (A::Disputed, Side::Credit, 20_000),
    ];
    assert_eq!(legs(&world, EntryKind::ChargedBack), expected);
    assert!(world.cases.values().all(|case| case.closed.is_some()));
}
