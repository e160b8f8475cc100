//! The settlement file: what happened and what is wrong with it on purpose, as Bubuh's reader reads it.

use crate::common::{World, qris, refund, world};
use bubuh_core::settlement::{Line, LineKind};
use bubuh_gateway::{
    Bank, ChargeRequest, Gateway, Method,
    settlement::{Layout, read},
};
use bubuh_sandbox::{Pay, SettlementFaults};
use http::{Request, StatusCode};

/// A QRIS payment of which 20,000 went back, a transfer that is in dispute, and one nobody paid.
async fn paid() -> World {
    let world = world();
    let transfer = ChargeRequest {
        method: Method::BankTransfer { bank: Bank::Bca },
        ..qris("transfer")
    };
    for charge in [qris("code"), transfer, qris("unpaid")] {
        world.gateway.charge(&charge).await.unwrap();
    }
    for order in ["code", "transfer"] {
        let pay = |bank: &mut bubuh_sandbox::Bank, now_ms| bank.pay(now_ms, order, Pay::default());
        world.line.with(pay).unwrap();
    }
    world.clock.pass(1_000);
    world
        .gateway
        .refund("code", &refund("key", 20_000))
        .await
        .unwrap();
    world
        .line
        .with(|bank, now_ms| bank.charge_back(now_ms, "transfer"))
        .unwrap();
    world
}

fn file(world: &World, query: &str) -> String {
    let faults = SettlementFaults::parse(query).unwrap();
    world.line.with(|bank, _| bank.settlement(&faults))
}

fn lines(world: &World, query: &str) -> Vec<(LineKind, u64, u64)> {
    let lines = read(file(world, query).as_bytes(), &Layout::OURS).unwrap();
    let short = |l: &Line| (l.kind, l.amount.get(), l.fee.get());
    lines.iter().map(short).collect()
}

const CODE: (LineKind, u64, u64) = (LineKind::Payment, 100_000, 700);
const BACK: (LineKind, u64, u64) = (LineKind::Refund, 20_000, 0);
const TRANSFER: (LineKind, u64, u64) = (LineKind::Payment, 100_000, 4_000);
const TAKEN: (LineKind, u64, u64) = (LineKind::Chargeback, 100_000, 0);

#[tokio::test]
async fn the_file_has_each_payment_refund_and_chargeback_with_the_methods_fee() {
    let world = paid().await;
    assert_eq!(lines(&world, ""), [CODE, BACK, TRANSFER, TAKEN]);
    let read = read(file(&world, "").as_bytes(), &Layout::OURS).unwrap();
    assert_eq!(read[1].reference.as_deref(), Some("key"));
    let status = world.gateway.status("code").await.unwrap();
    let transaction = read[0].transaction.as_ref().unwrap().as_str();
    assert_eq!(transaction, status.transaction_id);
    assert_eq!(Some(read[0].settled_at_ms), status.settled_at_ms);
}

#[tokio::test]
async fn each_fault_is_in_the_file_when_it_is_asked_for() {
    let world = paid().await;
    let unknown = (LineKind::Payment, 20_000, 140);
    for (query, told) in [
        ("leave_out=code", vec![BACK, TRANSFER, TAKEN]),
        ("double=code", vec![CODE, CODE, BACK, TRANSFER, TAKEN]),
        (
            "amount=code:99000",
            vec![(LineKind::Payment, 99_000, 700), BACK, TRANSFER, TAKEN],
        ),
        (
            "fee=code:1",
            vec![(LineKind::Payment, 100_000, 1), BACK, TRANSFER, TAKEN],
        ),
        ("refund_missing=code", vec![CODE, TRANSFER, TAKEN]),
        (
            "unknown=2",
            vec![CODE, BACK, TRANSFER, TAKEN, unknown, unknown],
        ),
        ("leave_out=code,transfer&refund_missing=code", vec![TAKEN]),
    ] {
        assert_eq!(lines(&world, query), told, "{query}");
    }
    let since = world.clock.now_ms();
    assert_eq!(lines(&world, &format!("since_ms={since}")), [BACK, TAKEN]);
    let wrong = file(&world, "wrong_total=1");
    assert!(read(wrong.as_bytes(), &Layout::OURS).is_err());
}

#[tokio::test]
async fn the_file_is_served_and_a_setting_there_is_not_is_refused() {
    let world = paid().await;
    for (query, status) in [
        ("", 200),
        ("?unknown=1", 200),
        ("?lost=1", 400),
        ("?amount=code", 400),
    ] {
        let request = Request::get(format!("/sandbox/settlement.csv{query}"));
        let request = request.body(bytes::Bytes::new()).unwrap();
        let outcome = world
            .line
            .with(|bank, now_ms| bank.handle(now_ms, &request));
        let response = outcome.response.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::from_u16(status).unwrap(),
            "{query}"
        );
    }
}
