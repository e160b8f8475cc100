//! Races for a document, its stamp and its serial.

use crate::support::*;
use bubuh_core::{
    Error,
    case::CaseKind,
    document::{self, Announced, Claim, Document, DocumentState as D, TRIES_MAX},
    id::Sha256,
    money::Stamps,
};

#[test]
fn a_stalled_worker_with_an_old_fence_cannot_commit_after_a_second_claim() {
    let mut world = World::queued();
    let first = world.claim("d", "slow", T0);
    let copy = world.document("d").clone();
    let second = world.claim("d", "quick", T0 + LEASE_MS);
    assert_eq!((first, second), (1, 2));
    let row = world.document("d");
    let fenced = Err(Error::Fenced {
        held: 1,
        current: 2,
    });
    assert_eq!(document::commit(row, first, output(), T0), fenced);
    assert_eq!(document::refuse(row, first, reason(), T0), fenced);
    // Deciding on its old copy gives writes, and their condition does not hold.
    let blind = document::commit(&copy, first, output(), T0).unwrap();
    let after = world.clone();
    assert_eq!(
        world.apply(&blind).unwrap_err().why,
        "the version has moved"
    );
    assert_eq!(world, after);
    world.commit("d", second);
    assert_eq!(world.document("d").state, D::Stamped);
}

#[test]
fn a_claim_whose_reply_was_lost_is_found_again_by_the_same_holder() {
    let mut world = World::queued();
    world.claim("d", "me", T0);
    let row = world.document("d");
    let again = document::claim(row, "me", "key-2", LEASE_MS, T0 + LEASE_MS - 1);
    assert_eq!(again, Ok(Claim::Held(Box::new(row.clone()))));
    let other = document::claim(row, "other", "key-2", LEASE_MS, T0 + LEASE_MS - 1);
    assert_eq!(
        other,
        Err(Error::Leased {
            until_ms: T0 + LEASE_MS
        })
    );
    assert!(other.unwrap_err().retryable());
}

#[test]
fn a_delivery_that_kills_its_worker_each_time_counts_as_a_try_each_time() {
    let mut world = World::queued();
    for attempt in 0..TRIES_MAX {
        assert_eq!(world.claim("d", "me", T0 + attempt * HOUR_MS), attempt + 1);
    }
    let row = world.document("d");
    let next = document::claim(row, "me", "key-1", LEASE_MS, T0 + TRIES_MAX * HOUR_MS);
    assert!(matches!(next, Ok(Claim::Stall(_))), "{next:?}");
}

#[test]
fn time_and_key_are_those_of_the_first_claim() {
    let mut world = World::queued();
    world.claim("d", "me", T0 + 7);
    let row = world.document("d");
    let second = document::claim(row, "you", "key-2", LEASE_MS, T0 + LEASE_MS + 7).unwrap();
    let Claim::Take(next, _) = second else {
        panic!("{second:?}")
    };
    let affixing = next.affixing.unwrap();
    assert_eq!(
        (affixing.at_ms, affixing.key_id.as_str()),
        (T0 + 7, "key-1")
    );
    assert_eq!(next.lease.unwrap().until_ms, T0 + 2 * LEASE_MS + 7);
    assert_eq!(next.due_at_ms, Some(T0 + 2 * LEASE_MS + 7));
}

#[test]
fn the_last_try_opens_a_case_and_keeps_stamp_and_serial() {
    let mut world = World::queued();
    world.stall("d");
    let row = world.document("d");
    assert_eq!((row.state, row.fence), (D::Stalled, TRIES_MAX));
    assert!(row.reservation.is_some() && row.due_at_ms.is_none());
    assert_eq!(world.lots_of("ani")[0].reserved, Stamps::ONE);
    let case = world.cases.values().next().unwrap();
    assert_eq!(case.kind, CaseKind::DocumentStalled(row.id.to_string()));
    assert_eq!(case.account, row.account);
}

#[test]
fn a_redriven_document_gets_as_many_tries_again_and_then_another_case() {
    let mut world = World::queued();
    world.stall("d");
    world.must(&document::redrive(world.document("d"), T0).unwrap());
    assert!(world.document("d").due_at_ms.is_some());
    world.stall("d");
    assert_eq!(world.document("d").fence, 2 * TRIES_MAX);
    assert_eq!(world.cases.len(), 2);
    world.must(&document::redrive(world.document("d"), T0).unwrap());
    let fence = world.claim("d", "me", T0);
    world.commit("d", fence);
}

#[test]
fn a_file_that_the_last_worker_stored_late_is_committed_after_a_redrive() {
    let mut world = World::queued();
    world.stall("d");
    let row = world.document("d");
    assert!(document::commit(row, row.fence, output(), T0).is_err());
    world.must(&document::redrive(row, T0).unwrap());
    let fence = world.claim("d", "me", T0);
    world.commit("d", fence);
    assert_eq!(world.document("d").state, D::Stamped);
    assert_eq!(world.lots_of("ani")[0].stamped, Stamps::ONE);
}

#[test]
fn a_claimed_document_cannot_be_cancelled_not_even_with_a_tombstone() {
    let mut world = World::queued();
    world.claim("d", "me", T0);
    for tombstoned in [false, true] {
        let row = world.document("d");
        let refused = document::cancel(row, tombstoned, T0 + DAY_MS);
        let state = "stamping";
        assert_eq!(
            refused,
            Err(Error::IllegalTransition {
                state,
                event: "cancel"
            })
        );
    }
}

#[test]
fn of_a_cancel_and_a_claim_at_once_one_holds() {
    for claim_first in [false, true] {
        let mut world = World::queued();
        let row = world.document("d").clone();
        let cancel = document::cancel(&row, false, T0).unwrap();
        let claim = match document::claim(&row, "me", "key-1", LEASE_MS, T0).unwrap() {
            Claim::Take(_, writes) => writes,
            other => panic!("{other:?}"),
        };
        let (first, second) = if claim_first {
            (claim, cancel)
        } else {
            (cancel, claim)
        };
        world.must(&first);
        assert!(world.apply(&second).is_err());
    }
}

fn gave_back(world: &World, state: D) {
    let (row, lot) = (world.document("d"), &world.lots_of("ani")[0]);
    assert_eq!(row.state, state);
    assert!(row.reservation.is_none() && row.lease.is_none());
    assert_eq!(
        (lot.available, lot.reserved),
        (Stamps::new(3), Stamps::ZERO)
    );
    assert_eq!(world.serials[&serial("S1")].document, None);
    let free: usize = world.blocks.values().map(|b| b.left()).sum();
    assert_eq!(free, 3);
}

#[test]
fn refuse_gives_back_stamp_and_serial_with_the_reason() {
    let mut world = World::queued();
    let fence = world.claim("d", "me", T0);
    world.must(&document::refuse(world.document("d"), fence, reason(), T0 + 5).unwrap());
    gave_back(&world, D::Rejected);
    let row = world.document("d");
    assert_eq!(row.reason, Some(reason()));
    assert_eq!(row.due_at_ms, Some(T0 + 5 + 7 * DAY_MS));
    assert!(world.entries.keys().all(|id| !id.starts_with("stamped.")));
}

#[test]
fn cancel_before_a_claim_and_from_stalled_gives_back_stamp_and_serial() {
    let mut world = World::queued();
    world.must(&document::cancel(world.document("d"), false, T0).unwrap());
    gave_back(&world, D::Cancelled);
    let mut world = World::queued();
    world.stall("d");
    world.must(&document::cancel(world.document("d"), true, T0).unwrap());
    gave_back(&world, D::Cancelled);
}

#[test]
fn a_stalled_document_that_may_be_stamped_elsewhere_keeps_its_serial() {
    let mut world = World::queued();
    world.stall("d");
    let mut row = world.document("d").clone();
    row.affixing.as_mut().unwrap().key_id = "elsewhere/issuer".to_owned();
    for tombstoned in [false, true] {
        let refused = document::cancel(&row, tombstoned, T0);
        assert!(matches!(refused, Err(Error::IllegalTransition { .. })));
    }
    assert!(document::redrive(&row, T0).is_ok());
}

#[test]
fn a_serial_that_was_given_back_can_be_bound_again_and_given_back_again() {
    let mut world = World::default();
    world.buy("o", "ani", 1);
    world.restock("b", &["S1"]);
    for name in ["d", "e", "f"] {
        world.announce(name, "ani");
        world.accept(name);
        let held = &world.document(name).reservation.as_ref().unwrap().serial;
        assert_eq!(held.as_str(), "S1");
        if name != "f" {
            world.must(&document::cancel(world.document(name), false, T0).unwrap());
        }
    }
    let fence = world.claim("f", "me", T0);
    world.commit("f", fence);
    assert_eq!(
        world.serials[&serial("S1")].document,
        Some(document_id("f"))
    );
}

#[test]
fn two_documents_that_reach_for_the_last_stamp_get_it_once() {
    let mut world = World::default();
    world.buy("o", "ani", 1);
    world.restock("b", &["S1"]);
    world.restock("c", &["S2"]);
    world.announce("d", "ani");
    world.announce("e", "ani");
    let stale = world.clone();
    world.accept("d");
    let mut grant = stale.grant(&account("ani")).unwrap();
    grant.offer = world.hand_out(T0).unwrap();
    let writes = document::accept(stale.document("e"), grant, T0).unwrap();
    let before = world.clone();
    assert_eq!(
        world.apply(&writes).unwrap_err().why,
        "too few in the bucket"
    );
    assert_eq!(world, before);
}

#[test]
fn two_documents_that_reach_for_one_serial_get_it_once() {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    world.restock("b", &["S1", "S2"]);
    world.announce("d", "ani");
    world.announce("e", "ani");
    let stale = world.clone();
    world.accept("d");
    let grant = stale.grant(&account("ani")).unwrap();
    let writes = document::accept(stale.document("e"), grant, T0).unwrap();
    assert_eq!(world.apply(&writes).unwrap_err().why, "the serial is bound");
    world.accept("e");
}

#[test]
fn a_serial_the_issuer_delivers_twice_is_bound_once() {
    let mut world = World::queued();
    let before = world.clone();
    let copy = bubuh_core::inventory::Block::fresh(
        bubuh_core::id::BlockId::derive(&["copy"]),
        vec![serial("S1")],
    );
    world
        .apply(&[bubuh_core::write::Write::Block(copy.clone())])
        .unwrap();
    world.announce_unwatched("e");
    let mut grant = before.grant(&account("ani")).unwrap();
    grant.offer = copy.hand_out(1, T0).unwrap().handed(1).remove(0);
    let writes = document::accept(world.document("e"), grant, T0).unwrap();
    assert_eq!(world.apply(&writes).unwrap_err().why, "the serial is bound");
}

#[test]
fn a_stamp_of_another_account_cannot_be_taken() {
    let mut world = World::queued();
    world.announce("e", "budi");
    let grant = world.grant(&account("ani")).unwrap();
    let writes = document::accept(world.document("e"), grant, T0).unwrap();
    assert_eq!(world.apply(&writes).unwrap_err().why, "no such lot");
}

#[test]
fn the_file_is_pinned_by_the_first_preflight_and_unpinned_by_its_purge() {
    let mut world = World::queued();
    world.announce("e", "ani");
    world.wait("e");
    world.hand_out(T0);
    let mut grant = world.grant(&account("ani")).unwrap();
    grant.source = source("v2");
    let writes = document::accept(world.document("e"), grant, T0).unwrap();
    world.must(&writes);
    assert_eq!(world.document("e").source, Some(source("v1")));

    world.announce("f", "ani");
    world.wait("f");
    let late = T0 + document::WAIT_AT_MOST_MS;
    world.must(&document::abandon(world.document("f"), late).unwrap());
    assert_eq!(world.document("f").source, Some(source("v1")));
    world.must(&document::purged(world.document("f"), late + 7 * DAY_MS).unwrap());
    assert_eq!(world.document("f").source, None);
    // Its file is being deleted: what is accepted now would be deleted under a worker's hands.
    let row = world.document("f");
    assert!(row.is_purged_now() && !row.may_be_accepted());
    let grant = world.grant(&account("ani")).unwrap();
    assert!(document::accept(row, grant, late).is_err());
    assert!(document::look_again(row, late).is_err());
    world.must(&document::purged(world.document("f"), late + 7 * DAY_MS).unwrap());
    assert_eq!(world.document("f").due_at_ms, None);
    world.must(&document::reject(world.document("f"), reason(), late).unwrap());
}

#[test]
fn a_wait_that_goes_on_does_not_start_its_thirty_days_again() {
    let mut world = World::queued();
    world.announce("e", "ani");
    world.wait("e");
    let late = T0 + document::WAIT_AT_MOST_MS;
    let row = world.document("e");
    let lacks = document::Lacks::Serial;
    world.must(&document::wait(row, source("v1"), lacks, late - 1).unwrap());
    assert_eq!(world.document("e").lacks, Some(lacks));
    assert_eq!(world.document("e").due_at_ms, Some(late - 1 + HOUR_MS));
    world.must(&document::abandon(world.document("e"), late).unwrap());
}

#[test]
fn an_announcement_that_cannot_be_stamped_is_refused_at_its_edge() {
    let good = || announced("d", "ani");
    let field = |new: Announced| match Document::announce(new, T0) {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(document::SIZE_MAX_BYTES, 26_214_400);
    for size_bytes in [0, document::SIZE_MAX_BYTES + 1] {
        assert_eq!(
            field(Announced {
                size_bytes,
                ..good()
            }),
            "size"
        );
    }
    for name in ["", " \t", "a\nb", &"é".repeat(256)] {
        let name = name.to_owned();
        assert_eq!(field(Announced { name, ..good() }), "name");
    }
    for digest in ["abc".to_owned(), "a".repeat(63)] {
        let sha256 = Sha256::new(digest).unwrap();
        assert_eq!(field(Announced { sha256, ..good() }), "sha256");
    }
    for size_bytes in [1, document::SIZE_MAX_BYTES] {
        let name = "é".repeat(255);
        let (row, _) = Document::announce(
            Announced {
                size_bytes,
                name,
                ..good()
            },
            T0,
        )
        .unwrap();
        assert_eq!(row.due_at_ms, Some(T0 + 600_000));
    }
}

#[test]
fn a_key_names_its_document_and_its_serial() {
    let world = World::queued();
    let row = world.document("d");
    let key = Document::source_key(row.id);
    assert_eq!(Document::of_source_key(&key), Ok(row.id));
    assert!(Document::of_source_key(&key.replace("uploads", "stamped")).is_err());
    assert!(Document::of_source_key(&format!("{key}/x")).is_err());
    assert_eq!(row.output_key(), Some(format!("stamped/{}/S1.pdf", row.id)));
}

#[test]
fn leases_grow_with_the_tries_so_that_an_outage_is_sat_out() {
    let mut world = World::queued();
    let (mut now_ms, mut leases) = (T0, Vec::new());
    for _ in 0..TRIES_MAX {
        world.claim("d", "me", now_ms);
        let until_ms = world.document("d").lease.as_ref().unwrap().until_ms;
        leases.push(until_ms - now_ms);
        now_ms = until_ms;
    }
    let seconds = [0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600];
    assert_eq!(leases, seconds.map(|s| LEASE_MS.max(s * 1_000)));
    assert!(now_ms - T0 > 2 * HOUR_MS);
}
