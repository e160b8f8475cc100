//! A transaction that meets another one is tried again, a few times; a lost reply is never taken
//! for a refusal.

use super::world;
use crate::make;
use bubuh_core::write::{Expect, Put, Write};
use bubuh_faults::{
    cloud::{Fault, Plan},
    world::{Retries, World},
};
use bubuh_store::Error;

fn two(name: &str) -> [Write; 2] {
    ["1", "2"].map(|n| {
        Write::Document(Box::new(Put {
            expect: Expect::Absent,
            row: make::document("ani", &format!("{name}{n}")),
        }))
    })
}

fn times(world: &World, fault: Fault, times: usize) {
    let mut left = times;
    world.cloud.set_plan(Plan::when(move |site| {
        let fires = site.writes() && left > 0;
        left -= usize::from(fires);
        fires.then_some(fault)
    }));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_retried_until_it_passes() {
    let world = world();
    times(&world, Fault::Conflict, 4);
    world.table().commit(&two("d")).await.unwrap();
    assert_eq!(world.cloud.fired().len(), 4);
    assert_eq!(world.cloud.count(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_that_stays_is_given_up_as_worth_another_try() {
    let world = world();
    times(&world, Fault::Conflict, usize::MAX);
    let error = world.table().commit(&two("d")).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.retryable());
    assert_eq!(world.cloud.count(), 7, "the first try and six more");
    assert!(world.cloud.items().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_conflict_on_a_single_write_is_worth_another_try() {
    let world = world();
    times(&world, Fault::Conflict, 1);
    let error = world.table().commit(&two("d")[..1]).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_unknown_and_the_repeated_call_finds_its_own_write() {
    for writes in [&two("d")[..], &two("d")[..1]] {
        let world = world();
        times(&world, Fault::LostReply, 1);
        let first = world.table().commit(writes).await.unwrap_err();
        assert!(matches!(first, Error::Unavailable { .. }), "{first:?}");
        let again = world.table().commit(writes).await.unwrap_err();
        assert!(matches!(again, Error::Lost { write: 0 }), "{again:?}");
        assert_eq!(world.cloud.items().len(), writes.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_hidden_by_the_clients_own_retry_does_not_write_twice() {
    let world = World::new(1, Retries::Standard);
    times(&world, Fault::LostReply, 1);
    // The client repeats a transaction under the same token, so it holds; a single write meets itself.
    world.table().commit(&two("d")).await.unwrap();
    assert_eq!(world.cloud.count(), 2);
    times(&world, Fault::LostReply, 1);
    let single = world.table().commit(&two("e")[..1]).await;
    assert!(
        matches!(single, Err(Error::Lost { write: 0 })),
        "{single:?}"
    );
    assert_eq!(world.cloud.items().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_only_time_can_mend_is_retryable_and_what_it_can_not_is_refused() {
    for fault in [Fault::Fail, Fault::Throttle] {
        let world = world();
        times(&world, fault, usize::MAX);
        for n in 1..=2 {
            let error = world.table().commit(&two("d")[..n]).await.unwrap_err();
            assert!(error.retryable(), "{fault:?}: {error:?}");
        }
        assert!(world.cloud.items().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_second_learns_that_somebody_was_faster_and_a_fault_is_not_taken_for_that() {
    for writes in [&two("d")[..], &two("d")[..1]] {
        let world = world();
        let table = world.table();
        assert!(table.commit_if_first(writes).await.unwrap());
        assert!(!table.commit_if_first(writes).await.unwrap());
        times(&world, Fault::Fail, usize::MAX);
        assert!(table.commit_if_first(writes).await.is_err());
    }
}
