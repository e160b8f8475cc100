//! Refunds that somebody made in the gateway's dashboard.

use super::hands::{case, legs, refused};
use crate::support::*;
use bubuh_core::{
    case::CaseKind,
    id::RefundKey,
    ledger::{EntryKind, LedgerAccount as A, Side},
    money::{Rupiah, Stamps},
    refund::{Elsewhere, Made, RefundReason, RefundState as R},
    write::Write,
};

fn dashboards(key: &str, amount: u64, told: bool) -> Elsewhere {
    Elsewhere {
        key: key.to_owned(),
        amount: Rupiah::new(amount),
        told,
    }
}

fn elsewhere(world: &mut World, paid: &str, key: &str, amount: u64) -> usize {
    let seen = dashboards(key, amount, false);
    let writes = world.elsewhere(world.payment(paid), &seen, T0).unwrap();
    world.must(&writes);
    writes.len()
}

#[test]
fn a_refund_made_in_the_dashboard_takes_unused_stamps_once_and_the_rest_is_a_loss_with_a_case() {
    let mut world = World::queued();
    assert_eq!(elsewhere(&mut world, "o", "k", 25_000), 6);
    assert_eq!(elsewhere(&mut world, "o", "k", 25_000), 0, "seen again");
    let lot = &world.lots_of("ani")[0];
    assert_eq!(
        (lot.available, lot.refunded),
        (Stamps::ZERO, Stamps::new(2))
    );
    let expected = [
        (A::StampsOwed, Side::Debit, 20_000),
        (A::Losses, Side::Debit, 5_000),
        (A::GatewayReceivable, Side::Credit, 25_000),
    ];
    assert_eq!(legs(&world, EntryKind::RefundedElsewhere), expected);
    let refund = world.refund_of("o");
    assert_eq!(
        (refund.state, refund.reason),
        (R::Refunded, RefundReason::MadeElsewhere)
    );
    let kinds: Vec<_> = world.cases.values().map(|c| c.kind.clone()).collect();
    assert_eq!(
        kinds,
        [CaseKind::RefundBeyondStamps(refund.key.to_string())]
    );
    assert_eq!(world.payment("o").refundable, Rupiah::new(5_000));
}

#[test]
fn a_refund_made_in_the_dashboard_that_unused_stamps_are_worth_is_nobodys_to_see_to() {
    let mut world = World::queued();
    elsewhere(&mut world, "o", "k", 20_000);
    assert_eq!(world.refund_of("o").case, None);
    assert!(world.cases.is_empty());
}

#[test]
fn a_refund_made_in_the_dashboard_is_neither_an_open_one_of_another_amount_nor_one_that_has_ended()
{
    let mut world = refused();
    // Ten thousand, beside an open refund of twenty.
    elsewhere(&mut world, "o", "k", 10_000);
    let states = |world: &World| {
        let refunds = world.refunds.values();
        let mut states: Vec<_> = refunds.map(|r| (r.amount.get(), r.state)).collect();
        states.sort_by_key(|(amount, _)| *amount);
        states
    };
    assert_eq!(states(&world), [(10_000, R::Refunded), (20_000, R::Payout)]);
    // Twenty: the open one.
    elsewhere(&mut world, "o", "l", 20_000);
    assert_eq!(
        states(&world),
        [(10_000, R::Refunded), (20_000, R::Refunded)]
    );
    // Ten once more, though one of ten has ended.
    let mut world = World::queued();
    elsewhere(&mut world, "o", "k", 10_000);
    elsewhere(&mut world, "o", "l", 10_000);
    assert_eq!(
        states(&world),
        [(10_000, R::Refunded), (10_000, R::Refunded)]
    );
    assert_eq!(world.lots_of("ani")[0].refunded, Stamps::new(2));
}

#[test]
fn a_refund_made_in_the_dashboard_is_the_open_one_of_its_amount() {
    let mut world = refused();
    assert!(elsewhere(&mut world, "o", "k", 20_000) > 0);
    assert_eq!(elsewhere(&mut world, "o", "k", 20_000), 0, "seen again");
    let refund = world.refund_of("o").clone();
    assert_eq!(refund.made, Some(Made::Elsewhere("k".to_owned())));
    assert_eq!(refund.key, RefundKey::derive(&["r"]));
    assert!(case(&world, &refund).closed.is_some());
    assert_eq!(world.payment("o").left(), Ok(Rupiah::new(10_000)));
}

#[test]
fn a_refund_made_in_the_dashboard_is_told_where_it_is_to_be_the_open_one_of_its_amount_too() {
    // Both the one it was meant for, and one that nobody had asked for.
    for amount in [20_000, 5_000] {
        for told in [true, false] {
            let world = refused();
            let seen = dashboards("k", amount, told);
            let writes = world.elsewhere(world.payment("o"), &seen, T0).unwrap();
            let is_told = writes.iter().any(|write| matches!(write, Write::Event(_)));
            assert_eq!(is_told, told, "{amount}");
        }
    }
}

#[test]
fn a_refund_the_gateway_makes_under_our_key_too_after_it_was_made_elsewhere_is_a_loss_and_a_case() {
    let mut world = refused();
    elsewhere(&mut world, "o", "k", 20_000);
    let refund = world.refund_of("o").clone();
    assert!(refund.ended_otherwise());
    let own = refund.key.to_string();
    assert!(elsewhere(&mut world, "o", &own, 10_000) > 0);
    assert_eq!(elsewhere(&mut world, "o", &own, 10_000), 0, "seen again");
    assert_eq!(world.payment("o").left(), Ok(Rupiah::ZERO));
    assert_eq!(world.lots_of("ani")[0].refunded, Stamps::new(3));
}
