//! The scenarios, each explored to its bound.
#![allow(missing_docs)]

use bubuh_model::{Scenario, check, scenario};

fn holds(scenario: Scenario) {
    let found = check(scenario);
    assert!(found.broken.is_empty(), "{found}");
}

#[test]
fn two_workers_stamp_a_document_once_whatever_dies_or_comes_again() {
    holds(scenario::stamping());
}

#[test]
fn a_document_on_its_last_try_ends_one_way_only() {
    holds(scenario::stalling());
}

#[test]
fn a_stamp_that_is_given_back_serves_another_document_and_no_file_of_the_first_appears() {
    holds(scenario::handing_on());
}

#[test]
fn uploads_said_twice_and_stamps_paid_late_queue_each_document_once() {
    holds(scenario::taking_in());
}

#[test]
fn money_that_comes_late_or_twice_buys_stamps_or_goes_back() {
    holds(scenario::paying());
}

#[test]
fn unused_stamps_asked_back_are_refunded_or_used_never_both() {
    holds(scenario::asking_back());
}
