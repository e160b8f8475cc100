//! Rules of few words that others rest on, and the figures that are promised.

use crate::support::*;
use bubuh_core::{
    Error,
    capacity::Capacity,
    case::{Case, CaseKind},
    dispute,
    event::{FORGET_AFTER_MS, GIVE_UP_MS, HELD_MS},
    hook::{BOTH_SECRETS_MS, Topic},
    id::OrderId,
    inventory::SETTLE_AFTER_MS,
    money::Stamps,
    write::Write,
};
use std::collections::BTreeSet;

fn case() -> Case {
    let kind = CaseKind::DocumentStalled("d".to_owned());
    Case::open(kind, account("ani"), String::new(), T0, 1)
}

#[test]
fn what_is_promised_in_figures_is_so() {
    assert_eq!(BOTH_SECRETS_MS, DAY_MS);
    assert_eq!(SETTLE_AFTER_MS, 600_000);
    assert_eq!(GIVE_UP_MS, 3 * DAY_MS);
    assert_eq!(HELD_MS, 300_000);
    assert_eq!(FORGET_AFTER_MS, 30 * DAY_MS);
}

#[test]
fn a_topic_is_called_in_rows_as_in_the_code() {
    for topic in Topic::ALL {
        let row = serde_json::to_value(topic).unwrap();
        assert_eq!(row, topic.name());
    }
    assert_eq!(Topic::DocumentStamped.name(), "document.stamped");
}

#[test]
fn orders_spread_over_all_slots() {
    let slot = |n: u32| {
        let order = OrderId::derive(&["ani", &n.to_string()]);
        let Write::Capacity(capacity) = Capacity::owe(order, Stamps::ONE) else {
            panic!("a slot");
        };
        // As the table wraps it around.
        capacity.slot % 16
    };
    let met: BTreeSet<u8> = (0..400).map(slot).collect();
    assert_eq!(met.len(), 16);
}

#[test]
fn a_case_from_before_cases_were_counted_is_the_first() {
    let case = case();
    let mut row = serde_json::to_value(&case).unwrap();
    assert!(row.as_object_mut().unwrap().remove("version").is_some());
    assert_eq!(serde_json::from_value::<Case>(row).unwrap(), case);
}

#[test]
fn no_dispute_ends_that_did_not_begin() {
    let mut world = World::default();
    world.buy("o", "ani", 1);
    let payment = world.payment("o");
    let lots = world.lots_of("ani");
    let case = case();
    for ended in [
        dispute::won(payment, &lots, None, &case, "sari", T0),
        dispute::lost(payment, &lots, None, &case, "sari", T0),
    ] {
        assert!(
            matches!(
                ended,
                Err(Error::IllegalTransition {
                    state: "captured",
                    ..
                })
            ),
            "{ended:?}"
        );
    }
}
