//! Telling webhooks: how what is owed is found, who waits for whom, and what the tries leave.

use crate::make;
use bubuh_core::{
    event::{Event, FORGET_AFTER_MS, HELD_MS, Telling},
    hook::{Hooks, Topic},
    id::{HookId, IdempotencyKey},
    write::{Expect, Put, Write},
};
use bubuh_faults::{
    cloud::{Fault, Plan, Service, Site},
    world::{Retries, World, in_virtual_time, registration},
};
use bubuh_steps::Error;

pub(crate) async fn registered(world: &World, owner: &str, name: &str) -> HookId {
    let url = format!("https://{name}.test/hooks");
    let new = registration(name, &url, &Topic::OF_DOCUMENTS);
    let hooks = world.hooks();
    let made = hooks.register(&make::account(owner), new).await.unwrap();
    made.0.id
}

pub(crate) async fn owed(world: &World, owner: &str, name: &str) -> Event {
    let event = make::event(owner, name);
    let put = Put {
        expect: Expect::Absent,
        row: event.clone(),
    };
    let unfit = bubuh_core::document::Document {
        told: true,
        state: bubuh_core::document::DocumentState::Rejected,
        ..make::document(owner, name)
    };
    let document = Write::Document(Box::new(Put {
        expect: Expect::Absent,
        row: unfit,
    }));
    let writes = [Write::Event(put), document];
    world.table().commit(&writes).await.unwrap();
    event
}

async fn row(world: &World, event: &Event) -> Event {
    world.table().event(event.id).await.unwrap().unwrap()
}

#[test]
fn what_is_owed_is_told_whatever_else_is_due_and_kept_for_its_owner_and_forgotten_in_the_end() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        let event = owed(&world, "ani", "d").await;
        // Sweep does not even see it.
        let due = world.table().due(u64::MAX >> 16, 100).await.unwrap();
        assert_eq!(due.len(), 1, "the document: {due:?}");
        let carried = world.courier().pass().await.unwrap();
        assert_eq!((carried.looked_at, carried.failed), (1, 0));
        let heard = world.receiver.heard();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].id, event.id.to_string());
        assert_eq!(
            heard[0].body,
            format!(
                r#"{{"type":"document.rejected","timestamp":"2026-09-21T14:13:20Z","data":{{"document":"{}"}}}}"#,
                make::document_id("d")
            )
        );
        let ani = make::account("ani");
        let listed = world.table().events(&ani, None, 10).await.unwrap();
        assert_eq!(listed.rows, [row(&world, &event).await]);
        assert_eq!(listed.rows[0].to[0].state, Telling::Delivered);
        world.wait(FORGET_AFTER_MS - 1);
        world.courier().pass().await.unwrap();
        assert!(world.table().event(event.id).await.unwrap().is_some());
        world.wait(1);
        world.courier().pass().await.unwrap();
        assert_eq!(world.table().event(event.id).await.unwrap(), None);
        assert_eq!(world.receiver.heard().len(), 1, "and not told again");
    });
}

#[test]
fn one_that_is_gone_is_told_nothing_more_and_its_account_costs_nothing_more() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        let (first, second) = (
            owed(&world, "ani", "d").await,
            owed(&world, "ani", "e").await,
        );
        world.receiver.answers([410]);
        world.courier().pass().await.unwrap();
        let hooks = world.table().hooks(&make::account("ani")).await.unwrap();
        assert!(hooks.hooks[0].gone_at_ms.is_some());
        assert!(!hooks.want(&Topic::OF_DOCUMENTS));
        world.wait(HELD_MS);
        world.courier().pass().await.unwrap();
        let heard = world.receiver.heard().len();
        assert!(heard <= 2, "both may have been on their way: {heard}");
        for event in [first, second] {
            let left = world.table().event(event.id).await.unwrap();
            let mut to = left.iter().flat_map(|event| &event.to);
            assert!(to.all(|to| to.state != Telling::Owed), "{left:?}");
        }
    });
}

#[test]
fn a_receiver_that_is_down_holds_up_its_own_events_and_nobody_elses() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        registered(&world, "budi", "shop").await;
        let mut anis = Vec::new();
        for n in 0..12 {
            anis.push(owed(&world, "ani", &format!("d{n}")).await);
        }
        let budis = owed(&world, "budi", "e").await;
        // Whichever is asked first: nobody is there for ani.
        world.cloud.set_plan(Plan::when(|site| {
            let ani = site.service == Service::Webhooks
                && !String::from_utf8_lossy(&site.body)
                    .contains(&make::document_id("e").to_string());
            ani.then_some(Fault::Fail)
        }));
        world.courier().pass().await.unwrap();
        assert_eq!(row(&world, &budis).await.to[0].state, Telling::Delivered);
        let mut tried = 0;
        for event in &anis {
            let row = row(&world, event).await;
            assert_eq!(row.to[0].state, Telling::Owed);
            assert!(row.due_at_ms > world.now_ms(), "it makes way for others");
            tried += row.to[0].tries;
        }
        assert!((1..=8).contains(&tried), "{tried} of twelve were tried");
        world.cloud.set_plan(Plan::none());
        world.wait(HELD_MS);
        world.courier().pass().await.unwrap();
        for event in &anis {
            assert_eq!(row(&world, event).await.to[0].state, Telling::Delivered);
        }
    });
}

#[test]
fn what_a_slow_receiver_can_not_hear_in_a_pass_makes_way_for_others() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        for n in 0..40 {
            owed(&world, "ani", &format!("d{n}")).await;
        }
        let clock = world.clone();
        let slow = move |site: &Site| {
            if site.service == Service::Webhooks {
                clock.wait(3_000);
            }
            None
        };
        world.cloud.set_plan(Plan::when(slow));
        world.courier().pass().await.unwrap();
        let heard = world.receiver.heard().len();
        assert!((1..40).contains(&heard), "{heard} of forty");
        let due = world.table().events_due(world.now_ms(), 100).await.unwrap();
        assert_eq!(due, []);
        world.cloud.set_plan(Plan::none());
        world.wait(HELD_MS);
        world.courier().pass().await.unwrap();
        assert_eq!(world.receiver.heard().len(), 40);
    });
}

#[test]
fn what_was_given_up_is_found_by_a_person_and_replayed_under_its_old_name() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        let event = owed(&world, "ani", "d").await;
        world.receiver.answers([500; 8]);
        while row(&world, &event)
            .await
            .to
            .iter()
            .all(|to| to.state == Telling::Owed)
        {
            world.courier().pass().await.unwrap();
            let due_at_ms = row(&world, &event).await.due_at_ms;
            world.wait_until(due_at_ms);
        }
        let table = world.table();
        assert_eq!(table.events_given_up(10).await.unwrap(), [event.id]);
        let writes = row(&world, &event).await.replay(world.now_ms()).unwrap();
        table.commit(&writes).await.unwrap();
        world.courier().pass().await.unwrap();
        assert_eq!(table.events_given_up(10).await.unwrap(), []);
        let heard = world.receiver.heard();
        assert_eq!(heard.len(), 9);
        assert!(
            heard
                .iter()
                .all(|h| h.id == event.id.to_string() && h.body == heard[0].body)
        );
    });
}

#[test]
fn two_couriers_at_once_tell_it_once() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        registered(&world, "ani", "erp").await;
        owed(&world, "ani", "d").await;
        let (one, other) = (world.courier(), world.courier());
        let (one, other) = futures::join!(one.pass(), other.pass());
        assert_eq!(one.unwrap().failed + other.unwrap().failed, 0);
        assert_eq!(world.receiver.heard().len(), 1);
    });
}

#[test]
fn an_owners_webhooks_are_theirs_and_their_requests_may_come_twice() {
    in_virtual_time(|| async {
        let world = World::new(1, Retries::None);
        let (ani, budi) = (make::account("ani"), make::account("budi"));
        let id = registered(&world, "ani", "erp").await;
        assert_eq!(registered(&world, "ani", "erp").await, id);
        let desk = world.hooks();
        let key = IdempotencyKey::new("rotate").unwrap();
        let not_found = |result: Result<(), Error>| matches!(result, Err(Error::NotFound));
        assert!(not_found(desk.delete(&budi, id).await));
        assert!(not_found(desk.rotate(&budi, id, &key).await.map(|_| ())));
        let first = desk.rotate(&ani, id, &key).await.unwrap();
        let again = desk.rotate(&ani, id, &key).await.unwrap();
        assert_eq!(first, again);
        for (name, url) in [
            ("erp", "https://other.test/"),
            ("inner", "https://10.0.0.1/"),
        ] {
            let new = registration(name, url, &Topic::OF_DOCUMENTS);
            let refused = desk.register(&ani, new).await;
            assert!(
                matches!(refused, Err(Error::KeyReused | Error::Store(_))),
                "{refused:?}"
            );
        }
        desk.delete(&ani, id).await.unwrap();
        assert!(not_found(desk.delete(&ani, id).await));
        let left: Hooks = world.table().hooks(&ani).await.unwrap();
        assert_eq!(left.hooks, []);
    });
}
