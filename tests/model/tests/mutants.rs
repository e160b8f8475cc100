//! Rules broken on purpose. Each is caught by a property, under a budget in which the real rules hold.
#![allow(missing_docs)]

use bubuh_model::{
    Budget, Mutant, Scenario, check, hunt,
    properties::{
        ALL_ENDS, AUDIT, ERASED, NEWEST_CLAIM, NO_FILE, NO_LOST_WAKE, ONE_SERIAL, RIGHT_FILE,
        SPENT_ONCE,
    },
    runs_end, scenario,
};

fn caught(scenario: Scenario, mutant: Mutant, by: &'static str) {
    let sound = check(scenario.clone());
    assert!(sound.broken.is_empty(), "{sound}");
    let broken = hunt(scenario.with(mutant), by);
    assert!(broken.broken.contains_key(by), "{broken}");
}

/// A worker stalls past its lease; the issuer may refuse one try.
fn stalled_worker(refusals: u8) -> Scenario {
    let budget = Budget {
        minutes: 1,
        refusals,
        ..Budget::NOTHING
    };
    scenario::stamping().within(budget)
}

#[test]
fn without_the_fence_an_overtaken_worker_ends_the_document() {
    caught(stalled_worker(0), Mutant::NoFence, NEWEST_CLAIM);
}

#[test]
fn without_the_fence_an_output_that_is_written_once_still_keeps_every_other_promise() {
    let budget = Budget {
        minutes: 1,
        crashes: 1,
        refusals: 1,
        ..Budget::NOTHING
    };
    let scenario = scenario::stamping().within(budget);
    let found = hunt(scenario.with(Mutant::NoFence), NO_FILE);
    let broken: Vec<_> = found.broken.into_keys().collect();
    assert_eq!(broken, [NEWEST_CLAIM]);
}

#[test]
fn without_the_condition_a_claim_overwrites_the_owners_cancel() {
    let budget = Budget {
        cancels: 1,
        ..Budget::NOTHING
    };
    let scenario = scenario::stamping().within(budget);
    caught(scenario, Mutant::NoCondition, AUDIT);
}

#[test]
fn a_commit_before_the_put_names_a_file_that_is_not_there() {
    let scenario = scenario::stamping().within(Budget::NOTHING);
    caught(scenario, Mutant::CommitBeforePut, RIGHT_FILE);
}

#[test]
fn without_a_tombstone_a_late_workers_file_appears_after_the_refusal() {
    caught(stalled_worker(1), Mutant::NoTombstone, NO_FILE);
}

#[test]
fn without_the_second_look_a_document_waits_for_a_stamp_that_is_there() {
    let budget = Budget {
        payments: 1,
        ..Budget::NOTHING
    };
    let scenario = scenario::waking().within(budget);
    caught(scenario, Mutant::NoSecondLook, NO_LOST_WAKE);
}

#[test]
fn a_worker_that_adopts_no_stored_file_commits_one_that_nobody_can_see() {
    caught(stalled_worker(0), Mutant::NoAdoption, RIGHT_FILE);
}

#[test]
fn without_a_tombstone_a_serial_comes_onto_two_files() {
    let budget = Budget {
        minutes: 1,
        refusals: 1,
        ..Budget::NOTHING
    };
    let scenario = scenario::handing_on().within(budget);
    caught(scenario, Mutant::NoTombstone, ONE_SERIAL);
}

#[test]
fn without_a_tombstone_a_late_worker_brings_back_the_file_of_an_erased_document() {
    let budget = Budget {
        // Until the first worker's lease is over, and until sweep comes by again.
        minutes: 2,
        erasures: 1,
        ..Budget::NOTHING
    };
    let scenario = scenario::stamping().within(budget);
    caught(scenario, Mutant::NoTombstoneWhenErased, ERASED);
}

#[test]
fn a_put_over_what_stands_there_leaves_another_file_than_was_committed() {
    caught(stalled_worker(0), Mutant::PlainPut, RIGHT_FILE);
}

#[test]
fn a_delivery_that_fails_on_a_live_lease_is_delivered_for_ever() {
    let scenario = stalled_worker(0);
    assert!(runs_end(scenario.clone()).is_ok());
    assert!(runs_end(scenario.with(Mutant::LeaseFails)).is_err());
}

#[test]
fn without_resending_a_lost_message_leaves_its_document_for_ever() {
    let budget = Budget {
        drops: 1,
        ..Budget::NOTHING
    };
    let scenario = scenario::stamping().within(budget);
    caught(scenario, Mutant::NoResend, ALL_ENDS);
}

#[test]
fn stamps_that_are_not_held_are_spent_while_their_money_goes_back() {
    let budget = Budget {
        asks: 2,
        ..Budget::NOTHING
    };
    let scenario = scenario::asking_back().within(budget);
    caught(scenario, Mutant::NoHold, SPENT_ONCE);
}

#[test]
fn a_stalled_worker_breaks_a_journal_whose_completion_is_unconditional_and_not_this_one() {
    caught(stalled_worker(0), Mutant::Powertools, RIGHT_FILE);
}
