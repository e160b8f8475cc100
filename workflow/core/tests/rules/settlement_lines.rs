//! Lines of settlement files: which refund one means, what it lacked, and how it is told.

use super::settlement_edges::{paid, subject};
use crate::support::*;
use bubuh_core::{
    case::{Case, CaseKind},
    ledger::LedgerAccount as A,
    money::Rupiah,
    order::ObservedState,
    settlement::{Break, Ending, LineKind as K, Word},
};

#[test]
fn of_two_refunds_of_one_amount_the_one_whose_key_the_line_names_is_kept_back() {
    let mut world = paid();
    let (first, second) = (world.refund("r", "o", 1, T0), world.refund("s", "o", 1, T0));
    let mut kept = line(1, K::Refund, "o", 10_000);
    for key in [second, first] {
        let others = |world: &World| {
            let refunds = world.refunds.values();
            let kept = refunds.filter(|r| r.kept.is_some()).map(|r| r.key);
            kept.collect::<Vec<_>>()
        };
        let before = others(&world);
        kept.reference = Some(key.to_string());
        world.book(&kept, Word::NotAsked);
        let mut now = others(&world);
        now.retain(|key| !before.contains(key));
        assert_eq!(now, [key]);
        kept.id = line_id(2);
    }
}

#[test]
fn what_is_written_off_is_what_that_line_lacked_and_not_another() {
    let mut world = paid();
    let keys = [world.refund("r", "o", 1, T0), world.refund("s", "o", 1, T0)];
    for ((key, number), amount) in keys.into_iter().zip([1, 2]).zip([10_700, 10_500]) {
        let mut kept = line(number, K::Refund, "o", amount);
        kept.reference = Some(key.to_string());
        world.book(&kept, Word::NotAsked);
    }
    let case = world
        .cases
        .values()
        .find(|case| case.kind.subject() == subject(Break::AmountDiffers, 2))
        .cloned()
        .unwrap();
    world.must(&world.ending(&case, Ending::WriteOff, T0).unwrap());
    assert_eq!(world.balance(A::Losses), 500);
}

#[test]
fn what_a_chargeback_took_too_much_can_be_written_off() {
    let mut world = paid();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    let disputed = seen("o", ObservedState::Disputed, Rupiah::new(30_000));
    world.observe("o", &disputed, T0);
    world.book(&line(2, K::Chargeback, "o", 30_500), says(true, 30_000));
    let case = world.break_case("amount_differs");
    world.must(&world.ending(&case, Ending::WriteOff, T0).unwrap());
    assert_eq!(world.balance(A::Losses), 500);
}

#[test]
fn nothing_can_be_written_off_where_nothing_is_lacking() {
    let mut world = paid();
    world.book(&line(1, K::Payment, "o", 30_000), Word::NotAsked);
    let kind = CaseKind::SettlementBreak(subject(Break::AmountDiffers, 1));
    let case = Case::open(kind, account("ani"), String::new(), T0, 0).of(order_id("o"));
    assert!(world.ending(&case, Ending::WriteOff, T0).is_err());
    world.must(&[case.clone().create()]);
    world.must(&world.ending(&case, Ending::Noted, T0).unwrap());
}

#[test]
fn a_line_is_told_to_a_person_by_its_place_kind_and_amounts() {
    let words = [
        (K::Payment, "payment of Rp30000 less a fee of Rp210"),
        (K::Refund, "refund of Rp30000 less a fee of Rp0"),
        (K::Chargeback, "chargeback of Rp30000 less a fee of Rp0"),
        (
            K::Added,
            "adjustment in our favour of Rp30000 less a fee of Rp0",
        ),
        (
            K::Taken,
            "adjustment against us of Rp30000 less a fee of Rp0",
        ),
    ];
    for (kind, words) in words {
        let mut told = line(7, kind, "o", 30_000);
        assert_eq!(told.told(), format!("line 7 says: {words} of o"));
        told.transaction = None;
        assert_eq!(told.told(), format!("line 7 says: {words}"));
    }
    let name = serde_json::to_value(line_id(7)).unwrap();
    assert_eq!(name, format!("{}.7", line_id(7).statement));
}
