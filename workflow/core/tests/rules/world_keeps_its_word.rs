//! The in-memory world refuses what `Write` says it refuses, and then changes nothing.

use crate::support::*;
use bubuh_core::{
    case::{Case, CaseKind},
    document,
    inventory::{Offer, Settled},
    lot::{Bucket, StampMove},
    money::Stamps,
    write::Write,
};

fn refused(world: &World, write: Write, why: &str) {
    let mut after = world.clone();
    let kind = CaseKind::RefundStuck("x".to_owned());
    let harmless = Case::open(kind, account("ani"), String::new(), T0, 0).create();
    let lost = after.apply(&[harmless, write]).unwrap_err();
    assert_eq!((lost.index, lost.why), (1, why));
    assert_eq!(after, *world, "all or nothing");
}

#[test]
fn a_write_whose_condition_does_not_hold_changes_nothing() {
    let world = World::queued();
    let stale = document::cancel(world.document("d"), false, T0).unwrap();
    let mut moved = world.clone();
    moved.claim("d", "me", T0);
    refused(&moved, stale[0].clone(), "the version has moved");
    refused(&World::default(), stale[0].clone(), "no such row");
    refused(&World::default(), stale[1].clone(), "no such lot");
    refused(
        &World::default(),
        stale[3].clone(),
        "the serial is not bound to it",
    );

    let lot = world.lots_of("ani").remove(0);
    let too_many = StampMove::new(
        lot.account.clone(),
        lot.id,
        Bucket::Available,
        Bucket::Reserved,
        Stamps::new(3),
    );
    refused(
        &world,
        Write::Move(too_many.unwrap()),
        "too few in the bucket",
    );
    refused(&world, Write::Lot(lot), "the row exists");
    let block = world.blocks.values().next().unwrap().clone();
    let settled = |cursor| {
        Write::Settle(Settled {
            block: block.id,
            cursor,
            due_at_ms: None,
            used_up: false,
        })
    };
    refused(&world, settled(block.cursor + 1), "more was handed out");
    refused(&World::default(), settled(0), "no such block");
    refused(&world, Write::Block(block), "the row exists");
    let entry = world.entries.values().next().unwrap().clone();
    refused(&world, Write::Ledger(entry), "the row exists");
    let other = document_id("other");
    let offer = Offer {
        serial: serial("S1"),
        block: bubuh_core::id::BlockId::derive(&["elsewhere"]),
    };
    refused(
        &world,
        Write::Offer {
            offer: offer.clone(),
            from: offer.block,
        },
        "the serial is bound",
    );
    refused(
        &world,
        Write::Bind {
            offer: offer.clone(),
            document: other,
        },
        "the serial is bound",
    );
    refused(
        &world,
        Write::Unbind {
            offer,
            document: other,
        },
        "the serial is not bound to it",
    );
}
