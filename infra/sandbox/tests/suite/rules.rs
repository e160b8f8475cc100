//! The rules of the gateway, seen by the real client.

use crate::common::{DAY_MS, MINUTE_MS, World, qris, refund, world};
use bubuh_core::Rupiah;
use bubuh_gateway::{
    Bank as At, ChargeRequest, Error, Gateway, Instructions, Method, Midtrans, TransactionStatus,
};
use bubuh_sandbox::{BuyerError, Pay, State};

fn late() -> Pay {
    Pay {
        late: true,
        ..Pay::default()
    }
}

async fn paid(world: &World, order_id: &str) {
    world.gateway.charge(&qris(order_id)).await.unwrap();
    pay(world, order_id, Pay::default()).unwrap();
}

fn pay(world: &World, id: &str, pay: Pay) -> Result<State, BuyerError> {
    world
        .line
        .with(|bank, now_ms| bank.pay(now_ms, id, pay))
        .map(|tx| tx.state)
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> u16 {
    match result.unwrap_err() {
        Error::Refused { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_charge_is_pending_until_the_buyer_pays_and_then_paid() {
    let world = world();
    let charged = world.gateway.charge(&qris("o1")).await.unwrap();
    assert_eq!(
        charged.expires_at_ms,
        Some(world.clock.now_ms() + 15 * MINUTE_MS)
    );
    assert!(matches!(
        charged.instructions,
        Instructions::Qris {
            qr_string: Some(_),
            qr_url: Some(_)
        }
    ));
    let before = world.gateway.status("o1").await.unwrap();
    assert!(!before.paid() && !before.captured());
    world.clock.pass(5_000);
    assert_eq!(pay(&world, "o1", Pay::default()), Ok(State::Settlement));
    let after = world.gateway.status(&charged.transaction_id).await.unwrap();
    assert!(after.paid());
    assert_eq!(after.settled_at_ms, Some(world.clock.now_ms()));
    assert_eq!(after.gross_amount, Rupiah::new(100_000));
    assert_eq!(
        pay(&world, "o1", Pay::default()),
        Err(BuyerError::State(State::Settlement))
    );
}

#[tokio::test]
async fn every_bank_gives_an_account_of_its_own() {
    let world = world();
    let mut numbers = Vec::new();
    for bank in [At::Bca, At::Bni, At::Bri, At::Cimb, At::Permata] {
        let request = ChargeRequest {
            method: Method::BankTransfer { bank },
            ..qris(bank.as_str())
        };
        let Instructions::VirtualAccount { bank: name, number } =
            world.gateway.charge(&request).await.unwrap().instructions
        else {
            panic!("no account");
        };
        assert_eq!(name, bank.as_str());
        // Unlike a code, an account can be read back from a status.
        let status = world.gateway.status(bank.as_str()).await.unwrap();
        assert_eq!(
            status.instructions,
            Some(Instructions::VirtualAccount {
                bank: name,
                number: number.clone()
            })
        );
        numbers.push(number);
    }
    numbers.dedup();
    assert_eq!(numbers.len(), 5);
}

#[tokio::test]
async fn an_order_id_is_taken_until_its_charge_expires() {
    let world = world();
    let first = world.gateway.charge(&qris("o1")).await.unwrap();
    let again = world.gateway.charge(&qris("o1")).await;
    assert_eq!(
        again,
        Err(Error::DuplicateOrder {
            order_id: "o1".to_owned()
        })
    );
    world.clock.pass(15 * MINUTE_MS - 1);
    assert!(world.gateway.charge(&qris("o1")).await.is_err());
    world.clock.pass(1);
    let expired = world.gateway.status("o1").await.unwrap();
    assert_eq!(expired.transaction_status, TransactionStatus::Expire);
    let second = world.gateway.charge(&qris("o1")).await.unwrap();
    assert_ne!(first.transaction_id, second.transaction_id);
    // The order now means the new charge, the first keeps its own id.
    assert_eq!(
        world.gateway.status("o1").await.unwrap().transaction_id,
        second.transaction_id
    );
    let old = world.gateway.status(&first.transaction_id).await.unwrap();
    assert_eq!(old.transaction_status, TransactionStatus::Expire);
}

#[tokio::test]
async fn a_settled_or_cancelled_order_id_stays_taken() {
    let world = world();
    paid(&world, "settled").await;
    world.gateway.charge(&qris("cancelled")).await.unwrap();
    world.gateway.cancel("cancelled").await.unwrap();
    world.clock.pass(30 * DAY_MS);
    for order_id in ["settled", "cancelled"] {
        let again = world.gateway.charge(&qris(order_id)).await;
        assert!(
            matches!(again, Err(Error::DuplicateOrder { .. })),
            "{again:?}"
        );
    }
}

#[tokio::test]
async fn a_saved_code_is_paid_after_expiry_only_on_demand_and_does_not_take_the_order_back() {
    let world = world();
    let first = world
        .gateway
        .charge(&qris("o1"))
        .await
        .unwrap()
        .transaction_id;
    world.gateway.expire("o1").await.unwrap();
    let second = world
        .gateway
        .charge(&qris("o1"))
        .await
        .unwrap()
        .transaction_id;
    assert_eq!(
        pay(&world, &first, Pay::default()),
        Err(BuyerError::State(State::Expire))
    );
    assert_eq!(pay(&world, &first, late()), Ok(State::Settlement));
    assert_eq!(pay(&world, "o1", Pay::default()), Ok(State::Settlement));
    for id in [&first, &second] {
        assert!(world.gateway.status(id).await.unwrap().paid());
    }
    assert_eq!(
        world.gateway.status("o1").await.unwrap().transaction_id,
        second
    );
    assert_eq!(world.line.with(|bank, _| bank.books().captured), 200_000);
}

#[tokio::test]
async fn a_cancelled_code_can_be_paid_late_and_a_closed_account_cannot() {
    let world = world();
    world.gateway.charge(&qris("code")).await.unwrap();
    let account = ChargeRequest {
        method: Method::BankTransfer { bank: At::Bca },
        ..qris("account")
    };
    world.gateway.charge(&account).await.unwrap();
    for order_id in ["code", "account"] {
        world.gateway.cancel(order_id).await.unwrap();
    }
    assert_eq!(pay(&world, "code", late()), Ok(State::Settlement));
    assert_eq!(
        pay(&world, "account", late()),
        Err(BuyerError::AccountClosed)
    );
}

#[tokio::test]
async fn only_what_is_pending_is_cancelled_or_expired() {
    let world = world();
    paid(&world, "paid").await;
    assert_eq!(refused(world.gateway.cancel("paid").await), 412);
    assert_eq!(refused(world.gateway.expire("paid").await), 412);
    world.gateway.charge(&qris("o1")).await.unwrap();
    let expired = world.gateway.expire("o1").await.unwrap();
    assert_eq!(expired.transaction_status, TransactionStatus::Expire);
    assert_eq!(refused(world.gateway.cancel("o1").await), 412);
    assert_eq!(
        world.gateway.cancel("nobody").await,
        Err(Error::NotFound {
            id: "nobody".to_owned()
        })
    );
}

#[tokio::test]
async fn the_same_refund_key_is_the_same_refund_however_often_it_is_sent() {
    let world = world();
    paid(&world, "o1").await;
    for _ in 0..3 {
        let reply = world
            .gateway
            .refund("o1", &refund("k1", 40_000))
            .await
            .unwrap();
        assert_eq!(reply.refund_amount, Some(Rupiah::new(40_000)));
    }
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.transaction_status, TransactionStatus::PartialRefund);
    assert_eq!(status.refunds.len(), 1);
    world
        .gateway
        .refund("o1", &refund("k2", 60_000))
        .await
        .unwrap();
    // Nothing is left, and the first key is still the first refund.
    world
        .gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.transaction_status, TransactionStatus::Refund);
    assert_eq!(status.refunded, Rupiah::new(100_000));
}

#[tokio::test]
async fn more_than_is_left_is_not_refunded() {
    let world = world();
    paid(&world, "o1").await;
    world
        .gateway
        .refund("o1", &refund("k1", 99_999))
        .await
        .unwrap();
    assert_eq!(
        refused(world.gateway.refund("o1", &refund("k2", 2)).await),
        412
    );
    world.gateway.refund("o1", &refund("k3", 1)).await.unwrap();
    assert_eq!(world.line.with(|bank, _| bank.books().remaining), 0);
}

#[tokio::test]
async fn only_a_settled_code_within_its_window_is_refunded() {
    let world = world();
    world.gateway.charge(&qris("pending")).await.unwrap();
    assert_eq!(
        refused(world.gateway.refund("pending", &refund("k", 1)).await),
        412
    );
    let account = ChargeRequest {
        method: Method::BankTransfer { bank: At::Bca },
        ..qris("account")
    };
    world.gateway.charge(&account).await.unwrap();
    pay(&world, "account", Pay::default()).unwrap();
    let error = world
        .gateway
        .refund("account", &refund("k", 1))
        .await
        .unwrap_err();
    assert!(error.refund_refused_for_good(), "{error:?}");
    paid(&world, "old").await;
    world.clock.pass(7 * DAY_MS);
    world.gateway.refund("old", &refund("k1", 1)).await.unwrap();
    world.clock.pass(1);
    assert_eq!(
        refused(world.gateway.refund("old", &refund("k2", 1)).await),
        412
    );
    // A repeated call for the refund made in time is still answered with it.
    world.gateway.refund("old", &refund("k1", 1)).await.unwrap();
}

#[tokio::test]
async fn a_chargeback_takes_what_is_left_and_ends_refunds() {
    let world = world();
    paid(&world, "o1").await;
    world
        .gateway
        .refund("o1", &refund("k1", 40_000))
        .await
        .unwrap();
    world
        .line
        .with(|bank, now_ms| bank.charge_back(now_ms, "o1"))
        .unwrap();
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.transaction_status, TransactionStatus::Chargeback);
    assert!(status.captured() && !status.paid());
    assert_eq!(
        refused(world.gateway.refund("o1", &refund("k2", 1)).await),
        412
    );
    let books = world.line.with(|bank, _| bank.books());
    assert_eq!((books.charged_back, books.remaining), (60_000, 0));
}

#[tokio::test]
async fn a_payment_of_another_amount_shows_that_amount() {
    let world = world();
    world.gateway.charge(&qris("o1")).await.unwrap();
    pay(
        &world,
        "o1",
        Pay {
            amount: Some(99_000),
            late: false,
        },
    )
    .unwrap();
    assert_eq!(
        world.gateway.status("o1").await.unwrap().gross_amount,
        Rupiah::new(99_000)
    );
    world.gateway.charge(&qris("o2")).await.unwrap();
    for amount in [0, u64::MAX] {
        let nothing = Pay {
            amount: Some(amount),
            late: false,
        };
        assert_eq!(pay(&world, "o2", nothing), Err(BuyerError::Amount));
    }
}

#[tokio::test]
async fn another_key_opens_nothing() {
    let world = world();
    let stranger = Midtrans::new("http://sandbox.invalid", "other".into(), world.line.clone());
    assert_eq!(refused(stranger.charge(&qris("o1")).await), 401);
    assert_eq!(world.line.with(|bank, _| bank.transactions().count()), 0);
}

#[tokio::test]
async fn a_lost_charge_reply_is_recovered_by_the_status_call() {
    let world = world();
    let charged = world.gateway.charge(&qris("o1")).await.unwrap();
    let status = world.gateway.status("o1").await.unwrap();
    assert_eq!(status.transaction_id, charged.transaction_id);
    assert_eq!(status.expires_at_ms, charged.expires_at_ms);
    let Instructions::Qris { qr_url, .. } = charged.instructions else {
        panic!("no code")
    };
    assert_eq!(
        status.instructions,
        Some(Instructions::Qris {
            qr_string: None,
            qr_url
        })
    );
}
