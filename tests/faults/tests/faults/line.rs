//! The queue's lanes: places, promises, and what everyone who waits is told.

mod given;
mod told;
mod unpaid;

use bubuh_core::{document::DocumentState, ticket::Lane};
use bubuh_faults::{
    cloud::{BULK_URL, STAMPS_URL},
    world::{Retries, World, in_virtual_time},
};
use given::{Given, accepted, given, lose, row, stamped};
use std::collections::BTreeSet;

#[test]
fn numbers_are_taken_ahead_by_a_busy_worker_and_no_two_workers_give_one_twice() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        let lines = [world.line(), world.line()];
        let mut numbers = BTreeSet::new();
        for n in 0..120 {
            for line in &lines {
                let ticket = line.ticket(Lane::Single).await.unwrap();
                assert!(numbers.insert(ticket.number), "{ticket:?} again");
            }
            world.wait(if n < 60 { 20 } else { 0 });
        }
        let takes = world.cloud.count();
        assert!(takes < 60, "{takes} writes to the counter for 240 numbers");
    });
}

#[test]
fn of_two_who_look_at_the_lanes_at_once_one_is_written() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        let (one, other) = (world.watch(), world.watch());
        let (one, other) = futures::join!(one.look(), other.look());
        one.unwrap();
        other.unwrap();
        let snapshot = world.table().queue_snapshot().await.unwrap();
        assert_eq!((snapshot.version, snapshot.lanes.len()), (1, 2));
    });
}

#[test]
fn an_account_with_many_documents_under_way_queues_in_the_bulk_lane_and_its_numbers_there_start_anew()
 {
    in_virtual_time(|| async {
        let Given { world, .. } = given("kantor", 12).await;
        let lanes: Vec<_> = (0..12).collect();
        let mut seen = Vec::new();
        for n in lanes {
            seen.push(accepted(&world, "kantor", n).await.ticket.unwrap());
        }
        assert!(seen[..10].iter().all(|ticket| ticket.lane == Lane::Single));
        assert!(seen[10..].iter().all(|ticket| ticket.lane == Lane::Bulk));
        assert_eq!(seen[10].number, 1);
        let letters = world.cloud.letters();
        let sent = |url: &str| letters.iter().filter(|l| l.queue == url).count();
        assert_eq!((sent(STAMPS_URL), sent(BULK_URL)), (10, 2));
    });
}

/// Sweeps and looks every ten seconds for so long.
async fn minutes_pass(world: &World, minutes: u32) {
    for _ in 0..minutes * 6 {
        world.wait(10_000);
        world.watch().look().await.unwrap();
        world.sweep().pass().await.unwrap();
    }
}

fn waiting(world: &World) -> Vec<String> {
    let letters = world.cloud.letters();
    letters.into_iter().map(|letter| letter.body).collect()
}

#[test]
fn documents_that_stand_in_line_are_not_sent_again_however_long_nobody_serves_them() {
    in_virtual_time(|| async {
        let Given { world } = given("ani", 3).await;
        world.watch().look().await.unwrap();
        for n in 0..3 {
            accepted(&world, "ani", n).await;
        }
        minutes_pass(&world, 90).await;
        for n in 1..3 {
            let row = row(&world, n).await;
            let its = |body: &&String| body.contains(&row.id.to_string());
            assert_eq!(row.state, DocumentState::Queued);
            assert_eq!(
                waiting(&world).iter().filter(its).count(),
                1,
                "document {n}"
            );
        }
    });
}

#[test]
fn a_document_whose_message_the_queue_lost_is_sent_again_once_those_before_it_are_served() {
    in_virtual_time(|| async {
        let Given { world } = given("ani", 3).await;
        for n in 0..3 {
            accepted(&world, "ani", n).await;
        }
        let last = row(&world, 2).await.id.to_string();
        let is_sent = || waiting(&world).iter().any(|body| body.contains(&last));
        let letters = world.cloud.letters();
        let its = letters.iter().find(|l| l.body.contains(&last)).unwrap();
        lose(&world, its);
        minutes_pass(&world, 5).await;
        assert!(!is_sent(), "two are before it");
        stamped(&world, 0).await;
        stamped(&world, 1).await;
        minutes_pass(&world, 70).await;
        assert!(is_sent());
    });
}
