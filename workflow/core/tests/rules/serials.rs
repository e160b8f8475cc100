//! Serials on their way from a block to a document, and back.

use crate::support::*;
use bubuh_core::{
    document,
    id::BlockId,
    inventory::{Block, SETTLE_AFTER_MS, Shelf, settle},
    money::Stamps,
};

const LATE: u64 = T0 + SETTLE_AFTER_MS;

/// Two stamps and a block of three serials.
fn stocked() -> World {
    let mut world = World::default();
    world.buy("o", "ani", 2);
    world.restock("b", &["S1", "S2", "S3"]);
    world.announce("d", "ani");
    world.announce("e", "ani");
    world
}

/// A block of so many serials, of which none was handed out.
fn block(count: u32) -> Block {
    let serials = (1..=count).map(|n| serial(&format!("S{n}"))).collect();
    Block::fresh(BlockId::derive(&["b"]), serials)
}

fn settled(world: &mut World, now_ms: u64) -> usize {
    let block = world.blocks.values().find(|b| b.serials.len() > 1).unwrap();
    let writes = settle(block, &world.serials, now_ms).unwrap();
    world.must(&writes);
    writes.len()
}

#[test]
fn what_a_worker_took_and_did_not_use_comes_back_in_a_block_of_its_own() {
    let mut world = stocked();
    let lost = world.hand_out(T0).unwrap();
    world.accept("d");
    let used = &world.document("d").reservation.as_ref().unwrap().serial;
    assert_eq!(
        used.as_str(),
        "S1",
        "the test's worker uses what is in hand"
    );
    let lost = if lost.serial == *used { "S2" } else { "S1" };
    assert_eq!(settled(&mut world, LATE - 1), 0);
    assert_eq!(settled(&mut world, LATE), 3);
    let back = world.blocks.values().find(|b| b.serials == [serial(lost)]);
    assert_eq!(back.unwrap().left(), 1);
    assert_eq!(settled(&mut world, LATE), 0, "it is settled");
    // What is handed out next is looked at again.
    world.hand_out(LATE).unwrap();
    world.hand_out(LATE).unwrap();
    assert_eq!(settled(&mut world, LATE + SETTLE_AFTER_MS), 3);
}

#[test]
fn a_block_that_handed_out_lately_is_looked_at_later() {
    let mut world = stocked();
    world.hand_out(T0).unwrap();
    world.hand_out(LATE - 5).unwrap();
    assert_eq!(settled(&mut world, LATE), 1);
    let block = world.blocks.values().next().unwrap();
    assert_eq!(
        (block.settled, block.due_at_ms),
        (0, Some(LATE - 5 + SETTLE_AFTER_MS))
    );
}

#[test]
fn a_worker_that_slept_cannot_tie_a_serial_that_came_back() {
    let mut world = stocked();
    let grant = world.grant(&account("ani")).unwrap();
    let asleep = document::accept(world.document("e"), grant, T0).unwrap();
    world.hand_out(T0).unwrap();
    settled(&mut world, LATE);
    let before = world.clone();
    assert_eq!(
        world.apply(&asleep).unwrap_err().why,
        "another block offers the serial"
    );
    assert_eq!(world, before);
}

#[test]
fn a_serial_that_was_tied_while_its_block_was_looked_at_stays_tied() {
    let mut world = stocked();
    world.hand_out(T0).unwrap();
    let block = world.blocks.values().next().unwrap();
    let writes = settle(block, &world.serials, LATE).unwrap();
    let grant = world.grant(&account("ani")).unwrap();
    let tied = document::accept(world.document("d"), grant, T0).unwrap();
    world.must(&tied);
    assert_eq!(world.apply(&writes).unwrap_err().why, "the serial is bound");
    assert_eq!(world.lots_of("ani")[0].reserved, Stamps::ONE);
}

#[test]
fn a_worker_takes_ahead_what_it_lately_used_in_a_second_and_forgets_it_after_a_minute() {
    let mut shelf = Shelf::default();
    let block = block(60);
    assert_eq!(shelf.wanted(T0), 1);
    let mut taken = Vec::new();
    let (mut at, mut cursor) = (T0, 0);
    for _ in 0..1 + 5 + 20 + 20 {
        if shelf.give(at).is_none() {
            let wanted = shelf.wanted(at);
            cursor += wanted;
            taken.push(wanted);
            let row = block.hand_out(cursor, at).unwrap();
            shelf.took(row.handed(wanted), at);
            shelf.give(at).unwrap();
        }
        at += 20;
    }
    assert_eq!(taken, [1, 5, 20, 20]);
    assert!(shelf.give(at).is_none());
    shelf.put_back(block.hand_out(1, at).unwrap().handed(1).remove(0), at);
    assert!(shelf.give(at + 60_000).is_none(), "too old to be used");
    assert_eq!(shelf.wanted(at + 120_000), 1);
}

#[test]
fn a_serial_that_was_put_back_is_the_next_one_given() {
    let mut shelf = Shelf::default();
    let block = block(3);
    shelf.took(block.hand_out(2, T0).unwrap().handed(2), T0);
    let (first, second) = (shelf.give(T0).unwrap(), shelf.give(T0).unwrap());
    shelf.put_back(second.clone(), T0);
    shelf.put_back(first.clone(), T0);
    assert_eq!(
        [shelf.give(T0), shelf.give(T0), shelf.give(T0)],
        [Some(first), Some(second), None]
    );
}
