//! An owner has what is personal of a document deleted.

use crate::support::*;
use bubuh_core::document::{self, DocumentState as D};

fn erase(world: &mut World, name: &str, now_ms: u64) {
    let writes = document::erase(world.document(name), now_ms).unwrap();
    world.must(&writes);
}

fn stamped() -> World {
    let mut world = World::default();
    world.buy("o", "ani", 1);
    world.restock("b", &["S1"]);
    world.announce("d", "ani");
    world.accept("d");
    let fence = world.claim("d", "me", T0);
    world.commit("d", fence);
    world
}

#[test]
fn what_is_personal_goes_and_what_a_stamp_is_verified_by_stays() {
    let mut world = stamped();
    let before = world.document("d").clone();
    assert!(before.stamped().is_some());
    erase(&mut world, "d", T0 + DAY_MS);
    let row = world.document("d");
    assert_eq!(
        (row.name.as_str(), row.erased_at_ms),
        ("", Some(T0 + DAY_MS))
    );
    assert_eq!(row.placement, document::Placement::default());
    assert_eq!(row.stamped(), None, "nobody is shown the file");
    assert_eq!(
        (&row.state, &row.reservation, &row.output, &row.sha256),
        (
            &D::Stamped,
            &before.reservation,
            &before.output,
            &before.sha256
        )
    );
    assert_eq!(row.since_ms, before.since_ms);
}

#[test]
fn its_files_are_due_to_be_deleted_at_once_and_looked_for_again_when_no_link_holds_any_more() {
    let mut world = stamped();
    let at_ms = T0 + DAY_MS;
    erase(&mut world, "d", at_ms);
    assert_eq!(world.document("d").due_at_ms, Some(at_ms));
    assert!(world.document("d").is_being_erased());
    world.must(&document::purged(world.document("d"), at_ms).unwrap());
    assert_eq!(world.document("d").due_at_ms, Some(at_ms + 7 * DAY_MS));
    assert!(!world.document("d").is_being_erased());
    let early = document::purged(world.document("d"), at_ms + 7 * DAY_MS - 1);
    assert!(early.is_err());
    world.must(&document::purged(world.document("d"), at_ms + 7 * DAY_MS).unwrap());
    assert_eq!(world.document("d").due_at_ms, None);
    assert!(!world.document("d").is_being_erased() && world.document("d").is_erased());
}

#[test]
fn to_ask_twice_is_to_ask_once() {
    let mut world = stamped();
    erase(&mut world, "d", T0);
    assert_eq!(
        document::erase(world.document("d"), T0 + DAY_MS),
        Ok(Vec::new())
    );
}

#[test]
fn what_waits_is_called_off_by_it_and_no_upload_takes_it_up_again() {
    for waits in [true, false] {
        let mut world = World::default();
        world.announce("d", "ani");
        if waits {
            world.wait("d");
        }
        erase(&mut world, "d", T0);
        let row = world.document("d");
        assert_eq!((row.state, row.lacks), (D::Cancelled, None));
        assert!(!row.may_be_accepted() && !row.expects_file());
        assert!(world.waiting.is_empty());
    }
    // What was only abandoned would be taken up by an upload.
    let mut world = World::default();
    world.announce("d", "ani");
    world.must(&document::abandon(world.document("d"), T0 + DAY_MS).unwrap());
    assert!(world.document("d").may_be_accepted());
    erase(&mut world, "d", T0 + DAY_MS);
    assert!(!world.document("d").may_be_accepted());
}
