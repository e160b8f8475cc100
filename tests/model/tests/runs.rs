//! The real rules, in every run there is within a budget. Nothing is sampled: a budget's every
//! interleaving is explored.
#![allow(missing_docs)]

use bubuh_model::{Budget, Scenario, check, runs_end, scenario};
use std::collections::BTreeSet;

const NOTHING: Budget = Budget::NOTHING;

fn holds(scenario: Scenario, budget: Budget) {
    let found = check(scenario.within(budget));
    assert!(found.broken.is_empty(), "{found}");
}

#[test]
fn workers_that_stall_past_their_leases_stamp_a_document_once() {
    let budget = Budget {
        minutes: 2,
        crashes: 1,
        refusals: 1,
        ..NOTHING
    };
    holds(scenario::stamping(), budget);
}

#[test]
fn workers_that_die_or_repeat_themselves_stamp_a_document_once() {
    let budget = Budget {
        minutes: 1,
        crashes: 1,
        repeats: 1,
        duplicates: 1,
        refusals: 1,
        cancels: 1,
        ..NOTHING
    };
    holds(scenario::stamping(), budget);
}

#[test]
fn a_document_whose_message_is_lost_is_stamped_all_the_same() {
    let budget = Budget {
        minutes: 1,
        crashes: 2,
        repeats: 1,
        drops: 1,
        ..NOTHING
    };
    holds(scenario::stamping(), budget);
}

#[test]
fn a_document_on_its_last_try_ends_one_way_only() {
    let budget = Budget {
        minutes: 1,
        crashes: 1,
        refusals: 1,
        cancels: 1,
        redrives: 1,
        ..NOTHING
    };
    holds(scenario::stalling(), budget);
}

#[test]
fn an_erased_documents_file_is_gone_for_good_whatever_workers_and_sweep_do() {
    let budget = Budget {
        minutes: 2,
        crashes: 1,
        erasures: 1,
        ..NOTHING
    };
    holds(scenario::stamping(), budget);
}

#[test]
fn an_erased_document_is_not_taken_in_again_whatever_is_uploaded() {
    let budget = Budget {
        uploads: 2,
        crashes: 1,
        repeats: 1,
        erasures: 1,
        ..NOTHING
    };
    holds(scenario::uploading_late(), budget);
}

#[test]
fn what_a_refused_document_gives_back_serves_another_while_a_late_worker_goes_on() {
    let budget = Budget {
        minutes: 1,
        crashes: 1,
        refusals: 1,
        ..NOTHING
    };
    holds(scenario::handing_on(), budget);
}

#[test]
fn what_is_given_back_serves_another_document_whatever_dies() {
    let budget = Budget {
        crashes: 1,
        repeats: 1,
        duplicates: 1,
        refusals: 1,
        cancels: 1,
        ..NOTHING
    };
    holds(scenario::handing_on(), budget);
}

#[test]
fn one_stamp_that_two_documents_wait_for_goes_to_one_of_them() {
    let budget = Budget {
        payments: 1,
        crashes: 1,
        duplicates: 1,
        ..NOTHING
    };
    holds(scenario::taking_in(), budget);
}

#[test]
fn a_cancelled_document_leaves_its_place_to_the_one_that_waits() {
    let budget = Budget {
        payments: 1,
        cancels: 1,
        ..NOTHING
    };
    holds(scenario::taking_in(), budget);
}

#[test]
fn a_document_overwritten_and_cancelled_while_its_stamp_is_paid_for_is_queued_once_or_not() {
    let budget = Budget {
        payments: 1,
        repeats: 1,
        uploads: 1,
        cancels: 1,
        ..NOTHING
    };
    holds(scenario::waking(), budget);
}

#[test]
fn a_document_that_waits_is_woken_though_messages_die_or_come_twice() {
    let budget = Budget {
        payments: 1,
        crashes: 1,
        duplicates: 1,
        drops: 1,
        ..NOTHING
    };
    holds(scenario::waking(), budget);
}

#[test]
fn a_file_that_comes_while_its_document_is_given_up_is_taken() {
    let budget = Budget {
        uploads: 2,
        crashes: 1,
        repeats: 1,
        cancels: 1,
        ..NOTHING
    };
    holds(scenario::uploading_late(), budget);
}

#[test]
fn money_that_comes_twice_goes_back_once() {
    let budget = Budget {
        payments: 2,
        crashes: 1,
        repeats: 1,
        gateway_faults: 1,
        ..NOTHING
    };
    holds(scenario::paying(), budget);
}

#[test]
fn money_that_comes_after_a_cancel_goes_back() {
    let budget = Budget {
        payments: 1,
        order_cancels: 1,
        crashes: 1,
        duplicates: 1,
        gateway_faults: 1,
        ..NOTHING
    };
    holds(scenario::paying(), budget);
}

#[test]
fn money_that_comes_while_its_order_expires_buys_its_stamps() {
    let budget = Budget {
        payments: 1,
        crashes: 1,
        repeats: 1,
        ..NOTHING
    };
    holds(scenario::paying_late(), budget);
}

#[test]
fn money_that_comes_while_its_expired_order_is_cancelled_buys_stamps_or_goes_back() {
    let budget = Budget {
        payments: 1,
        order_cancels: 1,
        ..NOTHING
    };
    holds(scenario::paying_late(), budget);
}

#[test]
fn a_disputed_payment_is_refunded_by_nobody_but_a_person() {
    let budget = Budget {
        payments: 2,
        disputes: 1,
        crashes: 1,
        ..NOTHING
    };
    holds(scenario::paying(), budget);
}

#[test]
fn a_stamp_asked_back_is_refunded_or_used_never_both() {
    let budget = Budget {
        asks: 2,
        crashes: 1,
        gateway_faults: 1,
        ..NOTHING
    };
    holds(scenario::asking_back(), budget);
}

#[test]
fn a_stamp_of_a_cancelled_document_can_be_asked_back() {
    let budget = Budget {
        asks: 1,
        cancels: 1,
        crashes: 1,
        duplicates: 1,
        ..NOTHING
    };
    holds(scenario::asking_back(), budget);
}

#[test]
fn every_run_ends_and_every_end_is_met() {
    let faults = Budget {
        crashes: 1,
        repeats: 1,
        payments: 1,
        uploads: 1,
        ..NOTHING
    };
    let stalls = Budget {
        minutes: 1,
        crashes: 1,
        refusals: 1,
        cancels: 1,
        ..NOTHING
    };
    let twice = Budget {
        payments: 2,
        gateway_faults: 1,
        ..NOTHING
    };
    let cancelled = Budget {
        payments: 1,
        order_cancels: 1,
        gateway_faults: 1,
        ..NOTHING
    };
    let refunds = Budget {
        asks: 2,
        gateway_faults: 1,
        ..NOTHING
    };
    let mut met = BTreeSet::new();
    for scenario in [
        scenario::stamping().within(stalls),
        scenario::stalling().within(stalls),
        scenario::waking().within(faults),
        scenario::uploading_late().within(Budget {
            payments: 0,
            ..faults
        }),
        scenario::paying().within(twice),
        scenario::paying().within(cancelled),
        scenario::paying_late().within(faults),
        scenario::asking_back().within(refunds),
    ] {
        let (name, budget) = (scenario.name, scenario.budget);
        match runs_end(scenario) {
            Ok(ends) => {
                println!("{name} ends: {} states; {budget}", ends.states);
                met.extend(ends.met);
            }
            Err(run) => panic!("{name} goes on for ever:\n{run}"),
        }
    }
    // A green run means nothing of what it never met.
    let met: Vec<&str> = met.iter().map(String::as_str).collect();
    assert_eq!(met, ENDS);
}

const ENDS: [&str; 15] = [
    "document Abandoned",
    "document AwaitingStamp",
    "document Cancelled",
    "document Queued",
    "document Rejected",
    "document Stalled",
    "document Stamped",
    "order Cancelled",
    "order Credited",
    "refund BuyerAsked Payout",
    "refund BuyerAsked Refunded",
    "refund OrderCancelled Payout",
    "refund OrderCancelled Refunded",
    "refund SecondPayment Payout",
    "refund SecondPayment Refunded",
];
