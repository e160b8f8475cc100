//! A worker that stalls while another takes over. Safety must rest on the fence and on the file that
//! is stored first, never on the clock.

mod given;

use bubuh_core::document::{self, Claim, DocumentState, Output};
use bubuh_core::id::Sha256;
use bubuh_faults::{
    cloud::{Fault, Plan, Service, Site},
    double::serial_of,
    remote::{Serials, pdf},
    world::{LEASE_MS, Retries, World, in_virtual_time},
};
use bubuh_steps::Done;
use bubuh_store::Error;
use given::{Given, given, given_in};

fn stores(site: &Site) -> bool {
    site.service == Service::Storage && site.operation == "PUT"
}

fn commits(site: &Site) -> bool {
    site.operation == "TransactWriteItems"
}

fn claims(site: &Site) -> bool {
    ["UpdateItem", "PutItem"].contains(&site.operation.as_str())
}

/// Runs a schedule in a world with one queued document, then audits it.
fn schedule<F: Future<Output = Given>>(play: impl FnOnce(Given) -> F + Send + 'static) {
    in_virtual_time(|| async move {
        let end = play(given(b"a file").await).await;
        let breaches = bubuh_faults::check::breaches(&end.world.whole().await);
        assert_eq!(breaches, Vec::<String>::new());
        // Whoever comes later finds nothing to do.
        let end_row = end.row().await;
        assert_eq!(end.worker().await.unwrap(), Done::Nothing);
        assert_eq!(end.row().await, end_row);
    });
}

#[test]
fn a_worker_that_wakes_after_another_has_finished_stores_and_commits_nothing() {
    schedule(|given| async move {
        let (hold, stalled) = given.overtaken().await;
        let (row, files) = (given.row().await, given.files());
        hold.release();
        assert_eq!(stalled.await.unwrap().unwrap(), Done::Stamped);
        assert_eq!(given.row().await, row, "the row has changed");
        assert_eq!(given.files(), files, "the file has changed");
        assert_eq!(row.fence, 2);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_worker_that_stores_after_another_has_claimed_is_adopted() {
    schedule(|given| async move {
        let first = given.world.cloud.hold(stores);
        let stalled = given.start();
        first.reached().await;
        given.world.wait(LEASE_MS);
        let second = given.world.cloud.hold(stores);
        let newer = given.start();
        second.reached().await;
        // Both have made a file, each another one. The older worker's is stored first.
        first.release();
        assert_eq!(
            stalled.await.unwrap().unwrap(),
            Done::Nothing,
            "it is fenced off"
        );
        assert_eq!(given.row().await.state, DocumentState::Stamping);
        let files = given.files();
        second.release();
        assert_eq!(newer.await.unwrap().unwrap(), Done::Stamped);
        assert_eq!(given.files(), files, "the stored file was replaced");
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_file_that_was_stored_before_its_worker_stalled_is_committed_by_the_next() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(commits);
        let stalled = given.start();
        hold.reached().await;
        given.world.wait(LEASE_MS);
        let calls = given.world.issuer.calls();
        assert_eq!(given.worker().await.unwrap(), Done::Stamped);
        assert_eq!(given.world.issuer.calls(), calls, "a second stamp was made");
        hold.release();
        assert_eq!(stalled.await.unwrap().unwrap(), Done::Stamped);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_worker_that_wakes_after_its_document_was_erased_can_store_no_file_again() {
    schedule(|given| async move {
        let (hold, stalled) = given.overtaken().await;
        given.erase().await;
        given.world.sweep().pass().await.unwrap();
        let row = given.row().await;
        hold.release();
        assert_eq!(stalled.await.unwrap().unwrap(), Done::Nothing);
        assert_eq!(given.row().await, row, "the row has changed");
        assert!(!given.has_a_file(), "the erased file is back");
        given
    });
}

#[test]
fn a_file_that_a_late_worker_stores_while_its_document_is_erased_is_deleted_too() {
    schedule(|given| async move {
        let (first, stalled) = given.overtaken().await;
        given.erase().await;
        // The file is deleted; before the tombstone is stored, the worker wakes.
        let deletes = |site: &Site| site.service == Service::Storage && site.operation == "DELETE";
        let after = given
            .world
            .cloud
            .hold(move |site| deletes(site) && site.target.contains("stamped"));
        let world = given.world.clone();
        let sweep = tokio::spawn(async move { world.sweep().pass().await });
        after.reached().await;
        let tombstone = given.world.cloud.hold(stores);
        after.release();
        tombstone.reached().await;
        first.release();
        let _ = stalled.await.unwrap();
        assert!(
            given.has_a_file(),
            "the late file stands there for a moment"
        );
        tombstone.release();
        sweep.await.unwrap().unwrap();
        assert!(!given.has_a_file(), "the erased file is back");
        given
    });
}

#[test]
fn a_worker_whose_claim_is_overtaken_leaves_the_document_to_the_other() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(claims);
        let slow = given.start();
        hold.reached().await;
        let other = given.world.cloud.hold(stores);
        let fast = given.start();
        other.reached().await;
        hold.release();
        assert_eq!(slow.await.unwrap().unwrap(), Done::Nothing);
        assert_eq!(given.row().await.fence, 1);
        other.release();
        assert_eq!(fast.await.unwrap().unwrap(), Done::Stamped);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_second_delivery_under_a_live_lease_is_acknowledged_without_work() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(stores);
        let working = given.start();
        hold.reached().await;
        given.world.wait(LEASE_MS - 1);
        assert_eq!(given.worker().await.unwrap(), Done::Nothing);
        assert_eq!(given.row().await.fence, 1);
        hold.release();
        assert_eq!(working.await.unwrap().unwrap(), Done::Stamped);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_refusal_is_final_for_a_worker_that_had_a_file_in_its_hands() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(stores);
        let stalled = given.start();
        hold.reached().await;
        given.world.wait(LEASE_MS);
        assert_eq!(given.refusing_worker().await.unwrap(), Done::Refused);
        given.has_its_stamp_back(DocumentState::Rejected).await;
        hold.release();
        stalled.await.unwrap().unwrap();
        given.has_its_stamp_back(DocumentState::Rejected).await;
        given
    });
}

#[test]
fn a_refusal_that_finds_a_file_gives_way_to_it() {
    schedule(|given| async move {
        let first = given.world.cloud.hold(stores);
        let stalled = given.start();
        first.reached().await;
        given.world.wait(LEASE_MS);
        let second = given.world.cloud.hold(stores);
        let refusing = given.start_refusing();
        second.reached().await;
        first.release();
        assert_eq!(stalled.await.unwrap().unwrap(), Done::Nothing);
        second.release();
        assert_eq!(refusing.await.unwrap().unwrap(), Done::Stamped);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_refusal_that_died_after_its_tombstone_is_taken_up_by_the_next_worker() {
    schedule(|given| async move {
        given.world.cloud.set_plan(Plan::when(|site| {
            commits(site).then_some(Fault::CrashBefore)
        }));
        let world = given.world.clone();
        let dead = world.cloud.process("dies", given.refusing_worker()).await;
        assert!(dead.is_none());
        given.world.cloud.set_plan(Plan::none());
        given.world.wait(LEASE_MS);
        // This worker could stamp the file, but the tombstone stands.
        assert_eq!(given.worker().await.unwrap(), Done::Refused);
        given.has_its_stamp_back(DocumentState::Rejected).await;
        given
    });
}

#[test]
fn a_stalled_document_that_is_cancelled_stays_so_when_a_worker_wakes_at_last() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(stores);
        let sleeper = given.start();
        hold.reached().await;
        given.stall().await;
        let cancelled = given.cancel().await.unwrap();
        assert_eq!(cancelled.state, DocumentState::Cancelled);
        given.has_its_stamp_back(DocumentState::Cancelled).await;
        hold.release();
        assert_eq!(sleeper.await.unwrap().unwrap(), Done::Nothing);
        given.has_its_stamp_back(DocumentState::Cancelled).await;
        given
    });
}

#[test]
fn a_stalled_document_whose_file_came_after_all_is_stamped_and_not_cancelled() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(stores);
        let sleeper = given.start();
        hold.reached().await;
        given.stall().await;
        hold.release();
        assert_eq!(sleeper.await.unwrap().unwrap(), Done::Nothing);
        let redriven = given.cancel().await.unwrap();
        assert_eq!(redriven.state, DocumentState::Queued);
        assert_eq!(given.worker().await.unwrap(), Done::Stamped);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn a_stalled_document_that_the_issuer_stamped_unheard_is_not_cancelled_and_burns_no_serial() {
    in_virtual_time(|| async {
        let world = World::remote(1, Retries::None, Serials::Single).await;
        let given = given_in(world, &pdf("a file")).await;
        // It signs each time, and no answer arrives.
        given
            .stall_by(|site| {
                let signs = site.service == Service::Issuer && site.target.ends_with("docSigningZ");
                signs.then_some(Fault::LostReply)
            })
            .await;
        let redriven = given.cancel().await.unwrap();
        assert_eq!(redriven.state, DocumentState::Queued);
        assert_eq!(given.worker().await.unwrap(), Done::Stamped);
        given.is_stamped_once().await;
        let (issuer, _) = given.world.remote.as_ref().unwrap();
        let books = issuer.with(|issuer, _| issuer.books());
        assert_eq!((books.stamped, books.conflicts), (1, 0));
    });
}

#[test]
fn a_commit_under_an_old_fence_does_not_hold_whatever_the_worker_believes() {
    schedule(|given| async move {
        let table = given.world.table();
        let row = given.row().await;
        let now_ms = given.world.now_ms();
        let claim = document::claim(&row, "a", "key-1", LEASE_MS, now_ms).unwrap();
        let Claim::Take(first, writes) = claim else {
            panic!("{claim:?}");
        };
        table.commit(&writes).await.unwrap();
        given.world.wait(LEASE_MS);
        let output = Output {
            sha256: Sha256::of(b"x"),
            size_bytes: 1,
        };
        // Decided on the row as the first worker knows it, written after the second's claim.
        let late = document::commit(&first, first.fence, output, now_ms).unwrap();
        assert_eq!(given.worker().await.unwrap(), Done::Stamped);
        let items = given.world.cloud.items();
        let result = table.commit(&late).await;
        assert!(
            matches!(result, Err(Error::Lost { write: 0 })),
            "{result:?}"
        );
        assert_eq!(given.world.cloud.items(), items);
        given.is_stamped_once().await;
        given
    });
}

#[test]
fn two_files_of_one_document_are_never_the_same_bytes_here() {
    schedule(|given| async move {
        let hold = given.world.cloud.hold(stores);
        let stalled = given.start();
        hold.reached().await;
        given.world.wait(LEASE_MS);
        given.worker().await.unwrap();
        hold.release();
        stalled.await.unwrap().unwrap();
        let attempts: Vec<Vec<u8>> = given
            .world
            .cloud
            .sites()
            .into_iter()
            .filter(stores)
            .map(|site| site.body)
            .collect();
        assert_eq!(attempts.len(), 2);
        assert_ne!(attempts[0], attempts[1]);
        assert_eq!(serial_of(&attempts[0]), serial_of(&attempts[1]));
        given
    });
}
