//! The sales gate: no order that the inventory can't cover, and none while sales are closed.

use crate::make;
use bubuh_core::{
    id::{IdempotencyKey, Sha256},
    money::Stamps,
    order::{Order, OrderState},
    payment::Method,
    queue::Seen,
    ticket::Lane,
};
use bubuh_faults::{
    check,
    world::{Retries, World, in_virtual_time},
};
use bubuh_sandbox::Pay;
use bubuh_steps::{Error, order::Request};

async fn order(world: &World, name: &str, quantity: u32) -> Result<Order, Error> {
    let request = Request {
        key: IdempotencyKey::new(name).unwrap(),
        quantity: Stamps::new(quantity),
        method: Method::Qris,
        hash: Sha256::of(name.as_bytes()),
    };
    world.sales().place(&make::account("ani"), request).await
}

async fn sellable(world: &World) -> i64 {
    let slots = world.table().capacity().await.unwrap();
    slots.iter().map(|slot| slot.free).sum()
}

async fn books_are_whole(world: &World) {
    assert_eq!(check::breaches(&world.whole().await), Vec::<String>::new());
}

/// A world's stock is twelve serials in three slots, three of which new orders leave.
#[test]
fn orders_are_taken_up_to_the_last_serial_but_the_allowance_and_then_told_to_come_back() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        assert_eq!(sellable(&world).await, 12);
        let more = order(&world, "more", 10).await;
        assert!(matches!(more, Err(Error::SoldOut { asked }) if asked == Stamps::new(10)));
        assert!(more.unwrap_err().retryable());
        order(&world, "seven", 7).await.expect("over several slots");
        order(&world, "two", 2).await.unwrap();
        assert_eq!(sellable(&world).await, 3);
        assert!(matches!(
            order(&world, "one", 1).await,
            Err(Error::SoldOut { .. })
        ));
        assert_eq!(
            world.whole().await.rows.orders.len(),
            2,
            "nothing was ordered"
        );
        books_are_whole(&world).await;
        world.sweep().restock().await.unwrap();
        order(&world, "one", 1)
            .await
            .expect("the same order, later");
        books_are_whole(&world).await;
    });
}

#[test]
fn an_order_that_was_placed_is_given_again_when_all_is_sold_and_while_sales_are_closed() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let placed = order(&world, "o", 9).await.unwrap();
        assert_eq!(order(&world, "o", 9).await.unwrap().id, placed.id);
        let closed = world.table().sales_switch().await.unwrap();
        let closed = closed.close(None, "sari", world.now_ms()).unwrap();
        world.table().commit(&closed).await.unwrap();
        assert_eq!(order(&world, "o", 9).await.unwrap().id, placed.id);
        assert_eq!(sellable(&world).await, 3, "claimed once");
        books_are_whole(&world).await;
    });
}

#[test]
fn two_orders_that_reach_for_the_last_serials_get_them_once() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let (ani, budi) = futures::join!(order(&world, "ani", 6), order(&world, "budi", 6));
        assert_ne!(ani.is_ok(), budi.is_ok());
        books_are_whole(&world).await;
    });
}

#[test]
fn while_sales_are_closed_nothing_is_ordered_but_what_was_is_credited_and_refunded() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let before = order(&world, "before", 2).await.unwrap();
        let until_ms = world.now_ms() + 60_000;
        let switch = world.table().sales_switch().await.unwrap();
        let writes = switch.close(Some(until_ms), "sari", world.now_ms());
        world.table().commit(&writes.unwrap()).await.unwrap();
        let refused = order(&world, "during", 1).await;
        assert!(matches!(
            refused,
            Err(Error::SalesClosed {
                for_ms: Some(60_000)
            })
        ));
        let id = before.id.to_string();
        world
            .bank
            .with(|bank, now_ms| bank.pay(now_ms, &id, Pay::default()))
            .unwrap();
        let credited = world.sales().observe(before.id, None).await.unwrap();
        assert_eq!(credited.state, OrderState::Credited);
        let key = IdempotencyKey::new("back").unwrap();
        let back = world
            .sales()
            .ask_back(&make::account("ani"), before.id, &key, None)
            .await
            .unwrap();
        world.refunds().step(before.id, back.key).await.unwrap();
        assert_eq!(sellable(&world).await, 12, "a refund frees its serials");
        world.wait(60_000);
        order(&world, "after", 1)
            .await
            .expect("open again by itself");
        books_are_whole(&world).await;
    });
}

#[test]
fn what_an_order_claimed_is_free_again_when_it_can_t_be_paid_any_more() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        order(&world, "o", 3).await.unwrap();
        let expires = order(&world, "p", 3).await.unwrap();
        let o = order(&world, "o", 3).await.unwrap();
        world
            .sales()
            .cancel(&make::account("ani"), o.id)
            .await
            .unwrap();
        assert_eq!(sellable(&world).await, 9);
        world.wait_until(expires.expires_at_ms + 120_000);
        world.sales().overdue(expires.id).await.unwrap();
        assert_eq!(sellable(&world).await, 12);
        // Paid all the same: owed, whatever is free.
        let id = expires.id.to_string();
        let late = Pay {
            amount: None,
            late: true,
        };
        world
            .bank
            .with(|bank, now_ms| bank.pay(now_ms, &id, late))
            .unwrap();
        let credited = world.sales().observe(expires.id, None).await.unwrap();
        assert_eq!(credited.state, OrderState::Credited);
        assert_eq!(sellable(&world).await, 9);
        books_are_whole(&world).await;
    });
}

/// What a look at a lane of two workers writes that has 100,000 documents before it and finished none in ten minutes.
async fn a_queue_stands_still(world: &World) {
    for _ in 0..120 {
        let before = world.table().queue_snapshot().await.unwrap();
        let seen = Seen {
            issued: 100_002,
            visible: 100_000,
            in_flight: 2,
            workers: 2,
        };
        let looked = before.looked(&[(Lane::Single, seen)].into(), world.now_ms());
        world.table().commit(&looked.unwrap()).await.unwrap();
        world.wait(5_000);
    }
}

#[test]
fn while_the_queue_takes_longer_than_it_may_orders_are_told_when_to_come_back_and_documents_are_taken()
 {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let before = order(&world, "before", 1).await.unwrap();
        a_queue_stands_still(&world).await;
        let closed = order(&world, "more", 1).await;
        let for_ms = Some(600_000);
        assert!(
            matches!(closed, Err(Error::SalesClosed { for_ms: told }) if told == for_ms),
            "{closed:?}"
        );
        assert_eq!(order(&world, "before", 1).await.unwrap().id, before.id);
        let announced = make::announced("ani", "d", b"a file");
        world.desk().announce(announced).await.unwrap();
        // Nobody looks any more, so nobody knows, and a guess does not stop sales.
        world.wait(180_000);
        order(&world, "more", 1).await.unwrap();
        books_are_whole(&world).await;
    });
}
