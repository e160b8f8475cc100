//! Money in people's hands, through the real steps: nobody is asked twice, and nobody pays twice.

use crate::make;
use bubuh_core::{
    case::{Case, CaseKind},
    id::{IdempotencyKey, OrderId, Sha256},
    money::{Rupiah, Stamps},
    order::{Order, OrderState},
    payment::Method,
    refund::{Made, Refund, RefundState},
};
use bubuh_faults::{
    check,
    world::{Retries, World, in_virtual_time},
};
use bubuh_gateway::{ChargeRequest, Gateway, Method as Pays, RefundRequest};
use bubuh_sandbox::{Call, FaultKind, FaultSpec, Pay};
use bubuh_steps::{Resolution, order::Request};

const SEVEN_DAYS_MS: u64 = 7 * 24 * 60 * 60 * 1000;

pub(crate) async fn placed(world: &World, method: Method) -> OrderId {
    let request = Request {
        key: IdempotencyKey::new("key").unwrap(),
        quantity: Stamps::new(2),
        method,
        hash: Sha256::of(b"request"),
    };
    let order = world.sales().place(&make::account("ani"), request).await;
    order.unwrap().id
}

pub(crate) async fn paid(world: &World, method: Method) -> OrderId {
    let id = placed(world, method).await;
    let pay =
        |bank: &mut bubuh_sandbox::Bank, now_ms| bank.pay(now_ms, &id.to_string(), Pay::default());
    world.bank.with(pay).unwrap();
    let order: Order = world.sales().observe(id, None).await.unwrap();
    assert_eq!(order.state, OrderState::Credited);
    id
}

pub(crate) async fn asked_back(world: &World, order: OrderId) -> Refund {
    let key = IdempotencyKey::new("back").unwrap();
    let (sales, ani) = (world.sales(), make::account("ani"));
    sales.ask_back(&ani, order, &key, None).await.unwrap()
}

pub(crate) async fn open_cases(world: &World) -> Vec<Case> {
    let mut cases = world.whole().await.rows.cases;
    cases.retain(|case| case.closed.is_none());
    cases
}

pub(crate) async fn books_are_whole(world: &World) {
    assert_eq!(check::breaches(&world.whole().await), Vec::<String>::new());
}

#[test]
fn a_status_that_nobody_knows_is_acted_on_by_a_person_and_by_nobody_else() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let id = placed(&world, Method::Qris).await;
        let odd = FaultSpec {
            count: 2,
            ..FaultSpec::once(FaultKind::OddStatus)
        };
        world.bank.with(|bank, _| bank.set_fault(odd)).unwrap();
        for _ in 0..2 {
            let order = world.sales().observe(id, None).await.unwrap();
            assert_eq!(order.state, OrderState::AwaitingPayment);
        }
        let cases = open_cases(&world).await;
        assert_eq!(cases.len(), 1, "asked once");
        assert!(matches!(cases[0].kind, CaseKind::PaymentUnclear(_)));
        let desk = world.cases();
        let noted = desk.resolve(cases[0].id, &Resolution::Noted, "sari").await;
        assert!(noted.unwrap().closed.is_some());
        books_are_whole(&world).await;
    });
}

#[test]
fn what_the_gateway_refunded_after_all_is_not_paid_out_by_hand_too() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = paid(&world, Method::Qris).await;
        let refund = asked_back(&world, order).await;
        // It was made at once, but for seven days the gateway does not say so.
        let silent = FaultSpec {
            count: 1_000,
            ..FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Status)
        };
        world.bank.with(|bank, _| bank.set_fault(silent)).unwrap();
        let step = || async {
            let stepped = world.refunds().step(order, refund.key).await;
            stepped.unwrap().state
        };
        assert_eq!(step().await, RefundState::Sent);
        world.wait(SEVEN_DAYS_MS + 1);
        assert_eq!(step().await, RefundState::Stuck);
        world.bank.with(|bank, _| bank.clear_faults());
        let case = open_cases(&world).await.remove(0);
        let paid = Resolution::Paid("TX-1".to_owned());
        world.cases().resolve(case.id, &paid, "sari").await.unwrap();
        let row = world.table().refund(order, refund.key).await.unwrap();
        let row = row.unwrap();
        assert_eq!((row.state, row.made), (RefundState::Refunded, None));
        assert_eq!(open_cases(&world).await, []);
        books_are_whole(&world).await;
    });
}

#[test]
fn a_transfer_is_paid_by_hand_once_however_often_a_person_says_so() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = paid(&world, Method::BankTransfer).await;
        let refund = asked_back(&world, order).await;
        let stepped = world.refunds().step(order, refund.key).await.unwrap();
        assert_eq!(stepped.state, RefundState::Payout);
        let case = open_cases(&world).await.remove(0);
        for reference in ["TX-1", "TX-2"] {
            let paid = Resolution::Paid(reference.to_owned());
            let resolved = world.cases().resolve(case.id, &paid, "sari").await;
            assert_eq!(resolved.is_ok(), reference == "TX-1", "{resolved:?}");
        }
        let row = world
            .table()
            .refund(order, refund.key)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(row.made, Some(Made::ByHand("TX-1".to_owned())));
        assert_eq!(open_cases(&world).await, []);
        books_are_whole(&world).await;
    });
}

#[test]
fn a_saved_code_of_an_earlier_charge_is_seen_though_the_gateway_tells_of_the_newest() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let id = placed(&world, Method::Qris).await;
        let first = world.sales().order(&make::account("ani"), id).await;
        let first = first.unwrap().instructions.unwrap().transaction;
        let gateway = world.gateway();
        gateway.expire(&id.to_string()).await.unwrap();
        let again = ChargeRequest {
            order_id: id.to_string(),
            gross_amount: Rupiah::new(20_000),
            method: Pays::Qris,
            expiry_minutes: 60,
            expires_at_ms: world.now_ms() + 3_600_000,
            item_name: None,
        };
        gateway.charge(&again).await.unwrap();
        let late = Pay {
            late: true,
            ..Pay::default()
        };
        let pay = |bank: &mut bubuh_sandbox::Bank, now_ms| bank.pay(now_ms, first.as_str(), late);
        world.bank.with(pay).unwrap();
        // No notification comes.
        world.wait(2 * 3_600_000);
        world.sales().overdue(id).await.unwrap();
        let order = world.table().order(id).await.unwrap().unwrap();
        assert_eq!(order.state, OrderState::Credited);
        books_are_whole(&world).await;
    });
}

#[test]
fn what_a_slow_worker_had_made_too_after_the_dashboard_is_booked_by_the_next_step() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = paid(&world, Method::Qris).await;
        let key = IdempotencyKey::new("back").unwrap();
        let (sales, ani) = (world.sales(), make::account("ani"));
        let one = Some(Stamps::ONE);
        let refund = sales.ask_back(&ani, order, &key, one).await.unwrap();
        let unheard = FaultSpec::once(FaultKind::ErrorBeforeApplying).at(Call::Refund);
        world.bank.with(|bank, _| bank.set_fault(unheard)).unwrap();
        world.refunds().step(order, refund.key).await.unwrap();
        let (id, amount) = (order.to_string(), refund.amount.get());
        let by_hand = |bank: &mut bubuh_sandbox::Bank, now_ms| {
            bank.refund_in_dashboard(now_ms, &id, amount).map(|_| ())
        };
        world.bank.with(by_hand).unwrap();
        sales.observe(order, None).await.unwrap();
        let row = world.table().refund(order, refund.key).await.unwrap();
        assert!(matches!(row.unwrap().made, Some(Made::Elsewhere(_))));
        // The worker's call arrives late, and the worker dies over its answer.
        let late = RefundRequest {
            refund_key: refund.key.to_string(),
            amount: refund.amount,
            reason: String::new(),
        };
        let gateway = world.gateway();
        let made = gateway.refund(refund.transaction.as_str(), &late).await;
        made.unwrap();
        world.refunds().step(order, refund.key).await.unwrap();
        let rows = world.whole().await.rows;
        let booked: u64 = rows.refunds.iter().map(|r| r.amount.get()).sum();
        let there = world.bank.with(|bank, _| bank.books()).refunded;
        assert_eq!((booked, there), (2 * amount, 2 * amount));
        books_are_whole(&world).await;
    });
}
