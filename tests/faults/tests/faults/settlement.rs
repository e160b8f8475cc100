//! Settlement files through the real steps, the real client and the bank's own file: each break is found, and
//! however a reader dies or how many there are, each line is booked once.

use crate::make;
use bubuh_core::{
    case::{Case, CaseKind},
    id::{IdempotencyKey, OrderId, Sha256},
    ledger::{LedgerAccount, Side},
    money::Stamps,
    payment::Method,
    refund::RefundState,
    settlement::{Statement, StatementState},
};
use bubuh_faults::{
    check,
    cloud::{Fault, Plan, SharedBank, Site},
    world::{PRICE, Retries, World, in_virtual_time},
};
use bubuh_sandbox::{Pay, SettlementFaults};
use bubuh_steps::{Resolution, Sales, order::Request};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
const WINDOW_MS: u64 = 5 * DAY_MS;

fn sales(world: &World) -> Sales<bubuh_faults::world::Gateway> {
    let mut sales = world.sales();
    sales.settle_within_ms = Some(WINDOW_MS);
    sales
}

/// An order of two stamps that its buyer paid; our side hears of it only if it is `seen`.
async fn bought(world: &World, key: &str, method: Method, seen: bool) -> OrderId {
    let request = Request {
        key: IdempotencyKey::new(key).unwrap(),
        quantity: Stamps::new(2),
        method,
        hash: Sha256::of(key.as_bytes()),
    };
    world.sweep().restock().await.unwrap();
    let id = sales(world)
        .place(&make::account("ani"), request)
        .await
        .unwrap()
        .id;
    pay(&world.bank, id);
    if seen {
        sales(world).observe(id, None).await.unwrap();
    }
    id
}

fn pay(bank: &SharedBank, id: OrderId) {
    let pay =
        |bank: &mut bubuh_sandbox::Bank, now_ms| bank.pay(now_ms, &id.to_string(), Pay::default());
    bank.with(pay).unwrap();
}

/// All stamps of an order are asked back and the gateway gives the money.
async fn given_back(world: &World, order: OrderId) {
    let key = IdempotencyKey::new("back").unwrap();
    let ani = make::account("ani");
    let refund = sales(world)
        .ask_back(&ani, order, &key, Some(Stamps::ONE))
        .await
        .unwrap();
    let stepped = world.refunds().step(order, refund.key).await.unwrap();
    assert_eq!(stepped.state, RefundState::Refunded);
}

/// Puts the bank's file, with these faults, into the inbox; gives its content.
async fn file(world: &World, query: &str) -> Vec<u8> {
    let faults = SettlementFaults::parse(query).unwrap();
    let bytes = world
        .bank
        .with(|bank, _| bank.settlement(&faults))
        .into_bytes();
    let files = world.settlement_desk().files;
    world
        .cloud
        .unseen(files.put("day.csv", bytes.clone()))
        .await
        .unwrap();
    bytes
}

/// Sweeps until nothing is left to be read; gives the statements.
async fn swept(world: &World) -> Vec<Statement> {
    for _ in 0..30 {
        let mut sweep = world.sweep();
        sweep.sales = sales(world);
        sweep.settlements = Some(world.settlement_desk());
        let _ = sweep.pass().await; // what failed is due again
        world.wait(60_000);
        let rows = world.whole().await.rows.statements;
        let read = rows.iter().all(|s| s.state != StatementState::Reading);
        if read && !rows.is_empty() {
            return rows;
        }
    }
    panic!("the file is never read to its end");
}

async fn open(world: &World) -> Vec<Case> {
    let mut cases = world.whole().await.rows.cases;
    cases.retain(|c| c.closed.is_none() && matches!(c.kind, CaseKind::SettlementBreak(_)));
    cases.sort_by(|a, b| a.kind.subject().cmp(b.kind.subject()));
    cases
}

fn kinds(cases: &[Case]) -> Vec<&str> {
    let kind = |c: &'_ Case| c.kind.subject().split(':').next().unwrap().len();
    cases.iter().map(|c| &c.kind.subject()[..kind(c)]).collect()
}

async fn balance(world: &World, account: LedgerAccount) -> i64 {
    let rows = world.whole().await.rows;
    let legs = rows.entries.iter().flat_map(|e| &e.legs);
    legs.filter(|leg| leg.account == account)
        .map(|leg| {
            let amount = i64::try_from(leg.amount.get()).unwrap();
            if (leg.side == Side::Debit) == (account.normal() == Side::Debit) {
                amount
            } else {
                -amount
            }
        })
        .sum()
}

async fn books_are_whole(world: &World) {
    assert_eq!(check::breaches(&world.whole().await), Vec::<String>::new());
}

#[test]
fn a_file_that_agrees_settles_payments_of_both_methods_and_the_refund() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let code = bought(&world, "code", Method::Qris, true).await;
        bought(&world, "transfer", Method::BankTransfer, true).await;
        given_back(&world, code).await;
        file(&world, "").await;
        let statements = swept(&world).await;
        assert_eq!((statements[0].lines, statements[0].booked), (3, 3));
        assert_eq!(open(&world).await, []);
        assert_eq!(
            balance(&world, LedgerAccount::GatewayFees).await,
            140 + 4_000
        );
        assert_eq!(
            balance(&world, LedgerAccount::Bank).await,
            40_000 - 10_000 - 4_140
        );
        assert_eq!(balance(&world, LedgerAccount::GatewayReceivable).await, 0);
        books_are_whole(&world).await;
    });
}

#[test]
fn a_payment_only_the_file_and_the_gateway_know_gives_its_buyer_the_stamps() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let order = bought(&world, "code", Method::Qris, false).await;
        let dashboard = bought(&world, "other", Method::Qris, true).await;
        let refund = |bank: &mut bubuh_sandbox::Bank, now_ms| {
            bank.refund_in_dashboard(now_ms, &dashboard.to_string(), PRICE.get())
        };
        world.bank.with(refund).unwrap();
        file(&world, "").await;
        swept(&world).await;
        assert_eq!(open(&world).await, []);
        let lots = world.table().lots(&make::account("ani")).await.unwrap();
        let available: u32 = lots.iter().map(|l| l.available.get()).sum();
        assert_eq!(available, 3, "two of the one, one of the other");
        let payment = &world.table().payments(order).await.unwrap()[0];
        assert!(payment.payout.settled.is_some());
        books_are_whole(&world).await;
    });
}

#[test]
fn every_fault_of_a_file_is_a_break_and_people_end_each_with_the_books_right() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        let mut ids = Vec::new();
        for key in ["left-out", "double", "amount", "fee", "refund"] {
            ids.push(bought(&world, key, Method::Qris, true).await);
        }
        given_back(&world, ids[4]).await;
        let [left, double, amount, fee, refund] = ids[..] else {
            panic!()
        };
        let query = format!(
            "leave_out={left}&double={double}&amount={amount}:19000&fee={fee}:999&refund_missing={refund}&unknown=1"
        );
        file(&world, &query).await;
        swept(&world).await;
        let found = open(&world).await;
        let told = [
            "amount_differs",
            "fee_differs",
            "fee_differs",
            "settled_twice",
            "unknown_payment",
        ];
        assert_eq!(
            kinds(&found),
            told,
            "the fee of the altered amount is another one too"
        );
        world.wait(WINDOW_MS);
        swept(&world).await;
        let late = open(&world).await;
        assert_eq!(kinds(&late)[3..5], ["not_settled", "refund_not_settled"]);
        books_are_whole(&world).await;

        // The next file has what was missing.
        file(
            &world,
            &format!("since_ms=1&leave_out={double},{amount},{fee},{refund}"),
        )
        .await;
        swept(&world).await;
        let left = open(&world).await;
        assert_eq!(kinds(&left), told);
        for (case, how) in left.iter().zip([
            Resolution::WriteOff,
            Resolution::Noted,
            Resolution::Noted,
            Resolution::Place,
            Resolution::Paid("TX-1".to_owned()),
        ]) {
            let unfit = world
                .cases()
                .resolve(case.id, &Resolution::Keep, "sari")
                .await;
            assert!(unfit.is_err(), "{}", case.kind.subject());
            world.cases().resolve(case.id, &how, "sari").await.unwrap();
        }
        assert_eq!(open(&world).await, []);
        assert_eq!(balance(&world, LedgerAccount::Suspense).await, 0);
        assert_eq!(balance(&world, LedgerAccount::Losses).await, 1_000);
        assert_eq!(
            balance(&world, LedgerAccount::GatewayReceivable).await,
            -19_860
        );
        books_are_whole(&world).await;
    });
}

#[test]
fn a_refused_file_books_nothing_and_a_file_that_came_before_books_nothing_more() {
    in_virtual_time(|| async {
        let world = World::stocked(1, Retries::None);
        bought(&world, "code", Method::Qris, true).await;
        file(&world, "wrong_total=1").await;
        let statements = swept(&world).await;
        assert_eq!(statements[0].state, StatementState::Refused);
        assert!(
            statements[0]
                .refused
                .as_ref()
                .unwrap()
                .contains("the lines come to")
        );
        assert_eq!(balance(&world, LedgerAccount::Bank).await, 0);
        let refused = open(&world).await;
        assert_eq!(kinds(&refused), ["file_refused"]);
        let noted = world
            .cases()
            .resolve(refused[0].id, &Resolution::Noted, "sari")
            .await;
        assert!(noted.is_ok());

        file(&world, "").await;
        swept(&world).await;
        let once = world.whole().await.rows;
        file(&world, "").await;
        swept(&world).await;
        let again = world.whole().await.rows;
        assert_eq!(
            (once.entries.len(), once.statements),
            (again.entries.len(), again.statements)
        );
        assert_eq!(world.settlement_desk().files.inbox().await.unwrap(), []);
        books_are_whole(&world).await;
    });
}

/// Books with something of everything in the inbox.
async fn ready(world: &World) {
    let settled = bought(world, "code", Method::Qris, true).await;
    let unseen = bought(world, "unseen", Method::Qris, false).await;
    given_back(world, settled).await;
    file(world, &format!("unknown=1&fee={unseen}:1&double={settled}")).await;
}

/// What a run leaves, without times and versions that repeats may change.
async fn left(world: &World) -> String {
    let rows = world.whole().await.rows;
    let mut entries: Vec<_> = rows.entries.iter().map(|e| (&e.id, &e.legs)).collect();
    entries.sort_by_key(|e| e.0);
    let mut cases: Vec<_> = rows.cases.iter().map(|c| c.kind.subject()).collect();
    cases.sort_unstable();
    let statements: Vec<_> = rows
        .statements
        .iter()
        .map(|s| (s.state, s.booked))
        .collect();
    format!("{entries:#?} {cases:#?} {statements:?}")
}

#[test]
fn a_fault_at_any_request_of_a_reader_changes_nothing_in_the_end() {
    in_virtual_time(|| async {
        let calm = World::stocked(1, Retries::None);
        ready(&calm).await;
        let before = calm.cloud.sites().len();
        swept(&calm).await;
        let expected = left(&calm).await;
        let sites: Vec<Site> = calm.cloud.sites().split_off(before);
        let mut runs = 0;
        for (nth, site) in sites.iter().enumerate() {
            for fault in [Fault::Fail, Fault::LostReply] {
                if !Fault::kinds(site).contains(&fault) {
                    continue;
                }
                let world = World::stocked(1, Retries::None);
                ready(&world).await;
                let at = before + nth;
                world.cloud.set_plan(Plan::at(at, fault));
                swept(&world).await;
                assert_eq!(left(&world).await, expected, "{fault:?} at {site}");
                books_are_whole(&world).await;
                runs += 1;
            }
        }
        assert!(runs > 40, "{runs} faults");
        println!("{runs} runs");
    });
}

#[test]
fn two_readers_at_once_book_each_line_once() {
    in_virtual_time(|| async {
        let calm = World::stocked(1, Retries::None);
        ready(&calm).await;
        swept(&calm).await;
        let world = World::stocked(1, Retries::None);
        ready(&world).await;
        let (sales, desk) = (sales(&world), world.settlement_desk());
        let (one, two) = tokio::join!(desk.take_up(&sales), desk.take_up(&sales));
        // One of them may find that the other was first.
        let mut taken = one.into_iter().chain(two).flatten();
        let id = taken.next().unwrap().1;
        let read = || desk.read_on(&sales, id, u64::MAX);
        let (one, two) = tokio::join!(read(), read());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        assert_eq!(left(&world).await, left(&calm).await);
        books_are_whole(&world).await;
    });
}
