//! When a document is looked at again while nothing comes of it.

use crate::support::*;
use bubuh_core::{
    document::{self, Document, DocumentState as D, TRIES_MAX},
    queue::{Pace, Progress},
};

#[test]
fn a_document_that_is_silent_is_looked_at_when_its_upload_would_have_been_and_then_ever_more_rarely()
 {
    let mut world = World::queued();
    assert_eq!(world.document("d").due_at_ms, Some(T0 + 600_000));
    let mut waits = Vec::new();
    for _ in 0..9 {
        let now_ms = world.document("d").due_at_ms.unwrap();
        world.must(&document::look_again(world.document("d"), now_ms).unwrap());
        waits.push(world.document("d").due_at_ms.unwrap() - now_ms);
    }
    let minutes = [10, 20, 40, 60, 60, 60, 60, 60, 60];
    assert_eq!(waits, minutes.map(|m| m * 60_000));
    world.claim("d", "me", T0);
    let lease = world.document("d").lease.clone();
    world.must(&document::look_again(world.document("d"), T0 + 9).unwrap());
    assert_eq!(
        world.document("d").lease,
        lease,
        "a resend leaves the worker its lease"
    );
}

#[test]
fn when_it_is_looked_at_is_moved_by_its_place_in_the_queue_only_if_that_comes_later_or_much_sooner()
{
    let queued_at = |now_ms| {
        let mut world = World::default();
        world.buy("o", "ani", 1);
        world.restock("b", &["S1"]);
        world.announce("d", "ani");
        world.hand_out(T0).unwrap();
        let grant = world.grant(&account("ani")).unwrap();
        world.must(&document::accept(world.document("d"), grant, now_ms).unwrap());
        world.document("d").due_at_ms.unwrap()
    };
    assert_eq!(queued_at(T0), T0 + 600_000);
    assert_eq!(queued_at(T0 + 540_000), T0 + 600_000);
    assert_eq!(queued_at(T0 + 540_001), T0 + 600_001);
}

#[test]
fn an_upload_whose_examination_never_ends_is_looked_at_ever_more_rarely_and_stays_in_sight() {
    let mut world = World::default();
    world.announce("d", "ani");
    let (mut now_ms, mut waits) = (T0 + 5, Vec::new());
    for tries in 1..=document::EXAMINATIONS_MAX {
        world.must(&document::look_again(world.document("d"), now_ms).unwrap());
        let row = world.document("d");
        assert_eq!((row.state, row.tries), (D::AwaitingUpload, tries));
        waits.push(row.due_at_ms.unwrap() - now_ms);
        now_ms = row.due_at_ms.unwrap();
    }
    let minutes = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60];
    assert_eq!(waits, minutes.map(|m| m * 60_000));
    world.must(&document::reject(world.document("d"), reason(), now_ms).unwrap());
}

#[test]
fn a_late_upload_of_an_abandoned_document_is_in_sight_again_and_has_a_day_again() {
    let mut world = World::default();
    world.announce("d", "ani");
    for _ in 0..document::EXAMINATIONS_MAX {
        world.must(&document::look_again(world.document("d"), T0).unwrap());
    }
    let late = T0 + 3 * DAY_MS;
    world.must(&document::abandon(world.document("d"), late).unwrap());
    assert_eq!(world.document("d").due_at_ms, None);
    world.must(&document::look_again(world.document("d"), late).unwrap());
    let row = world.document("d");
    assert_eq!((row.state, row.tries), (D::AwaitingUpload, 1));
    assert_eq!(row.due_at_ms, Some(late + 60_000));
    assert!(document::abandon(row, late + DAY_MS - 1).is_err());
    world.must(&document::abandon(row, late + DAY_MS).unwrap());
}

#[test]
fn storage_is_asked_for_an_upload_nobody_told_of_ever_more_rarely_until_its_day_is_over() {
    let mut world = World::default();
    world.announce("d", "ani");
    let mut looks = Vec::new();
    loop {
        let due_ms = world.document("d").due_at_ms.unwrap();
        let look_ms = due_ms - T0;
        assert!(looks.last() < Some(&look_ms), "due again at once");
        assert!(look_ms <= DAY_MS, "its day never ends");
        looks.push(look_ms);
        match document::abandon(world.document("d"), due_ms) {
            Ok(writes) => break world.must(&writes),
            Err(_) => world.must(&document::await_upload(world.document("d"), due_ms).unwrap()),
        }
    }
    let minutes = [10, 20, 40, 80, 160, 320, 640, 1_280, 1_440];
    assert_eq!(looks, minutes.map(|m| m * 60_000));
    assert!(document::await_upload(world.document("d"), T0).is_err());
}

#[test]
fn examinations_of_the_upload_do_not_count_among_the_tries_to_stamp_it() {
    let mut world = World::queued();
    world.announce("e", "ani");
    for _ in 0..document::EXAMINATIONS_MAX {
        world.must(&document::look_again(world.document("e"), T0).unwrap());
    }
    world.accept("e");
    world.stall("e");
    assert_eq!(world.document("e").fence, TRIES_MAX);
}

/// A lane in which so many are before the next number that is given, 100, and that goes as fast as this.
fn lane(before: u64, per_hour: u64) -> Progress {
    let pace = Pace {
        lately_per_hour: per_hour,
        longer_per_hour: per_hour,
        strays_permille: 0,
        worked_ms: 0,
        rested_ms: 0,
    };
    Progress {
        at_ms: T0,
        issued: 100,
        visible: before + 1,
        in_flight: 0,
        workers: 1,
        pace,
    }
}

#[test]
fn a_document_whose_turn_has_not_come_is_looked_at_when_it_should_have_and_not_sent_again() {
    let mut world = World::queued();
    let document = world.documents.get_mut(&document_id("d")).unwrap();
    document.ticket.as_mut().unwrap().number = 100;
    let waits = |document: &Document, lane: &Progress| {
        let writes = document::await_turn(document, lane, T0).unwrap()?;
        let mut world = World::queued();
        world.documents.insert(document.id, document.clone());
        world.must(&writes);
        Some(world.document("d").due_at_ms.unwrap() - T0)
    };
    let document = world.document("d").clone();
    assert_eq!(waits(&document, &lane(0, 60)), None, "it is its turn");
    let turn_ms = lane(20, 60).eta(100, T0).latest_ms.unwrap() - T0;
    assert_eq!(waits(&document, &lane(20, 60)), Some(turn_ms));
    let (soonest_ms, latest_ms) = (60_000, 3_600_000);
    assert!((soonest_ms + 1..latest_ms).contains(&turn_ms), "{turn_ms}");
    assert_eq!(waits(&document, &lane(1, 100_000)), Some(soonest_ms));
    assert_eq!(waits(&document, &lane(20, 1)), Some(latest_ms));
    assert_eq!(waits(&document, &lane(20, 0)), Some(latest_ms));
    let unnumbered = Document {
        ticket: None,
        ..document.clone()
    };
    assert_eq!(waits(&unnumbered, &lane(20, 60)), None);
    world.claim("d", "me", T0);
    assert_eq!(waits(world.document("d"), &lane(20, 60)), None, "in hand");
}
