//! Settlement on the local stack: buy, refund, read the bank's file with every fault, end each break, and the
//! daily report by the command itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::{
    books,
    client::Client,
    commands::reconcile::{Args, run},
    reconcile::{day, of_day, read_file},
    stack::ready::Ready,
};
use bubuh_core::{case::Case, case::CaseKind, settlement::StatementState};
use bubuh_e2e::{PATIENCE, Run, given_back};
use bubuh_steps::Resolution;
use clap::Parser;
use std::{path::Path, time::Duration};
use tokio::time::{Instant, sleep};

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: Args,
}

/// Runs `bubuh reconcile` as a person does; gives its exit code.
async fn command(state: &Path, arguments: &[&str]) -> String {
    let mut all = vec!["reconcile", "--state", state.to_str().unwrap()];
    all.extend(["--out", state.to_str().unwrap()]);
    all.extend(arguments);
    let code = run(Command::parse_from(all).args).await.unwrap();
    format!("{code:?}")
}

fn exit(code: u8) -> String {
    format!("{:?}", std::process::ExitCode::from(code))
}

async fn settlement(run: &Run, query: &str) -> Vec<u8> {
    let url = format!("{}/sandbox/settlement.csv?{query}", run.stack.sandbox);
    let answer = reqwest::get(url).await.unwrap();
    assert!(answer.status().is_success(), "{query}");
    answer.bytes().await.unwrap().to_vec()
}

async fn breaks(run: &Run) -> Vec<Case> {
    let table = run.aws().table(run.stack.place().table);
    let mut cases = table.cases(true).await.unwrap();
    cases.retain(|c| matches!(c.kind, CaseKind::SettlementBreak(_)));
    cases.sort_by(|a, b| a.kind.subject().cmp(b.kind.subject()));
    cases
}

async fn transfer(run: &Run, client: &Client) -> String {
    let order = client.order("transfer", 2, "bank_transfer").await.unwrap();
    let id = order.text("id").to_owned();
    run.stack.pay(&id).unwrap();
    let path = format!("/v1/orders/{id}");
    client.wait(&path, &["credited"], PATIENCE).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_file_is_booked_its_breaks_ended_and_the_report_agrees() {
    let run = Run::start().await;
    let (aws, place) = (run.aws(), run.stack.place());
    let ani = run.client("ani");
    let good = run.buy(&ani, "good", 2).await;
    let double = run.buy(&ani, "double", 2).await;
    let amount = run.buy(&ani, "amount", 2).await;
    let fee = run.buy(&ani, "fee", 2).await;
    let left_out = transfer(&run, &ani).await;
    given_back(&ani, &good).await;

    let state = tempfile::tempdir().unwrap();
    Ready::of(&run.stack).write(state.path()).unwrap();
    let path = state.path().join("day.csv");
    let arguments = [path.to_str().unwrap()];

    // A file that was changed on its way.
    std::fs::write(&path, settlement(&run, "wrong_total=1").await).unwrap();
    assert_eq!(command(state.path(), &arguments).await, exit(2));
    let refused = breaks(&run).await;
    assert_eq!(refused.len(), 1);

    let faults = format!(
        "leave_out={left_out}&double={double}&amount={amount}:19000&fee={fee}:999&unknown=1"
    );
    std::fs::write(&path, settlement(&run, &faults).await).unwrap();
    assert_eq!(command(state.path(), &arguments).await, exit(1));
    assert_eq!(
        command(state.path(), &arguments).await,
        exit(1),
        "again: nothing new"
    );
    let found = breaks(&run).await;
    let kinds: Vec<_> = found
        .iter()
        .map(|c| c.kind.subject().split(':').next().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "amount_differs",
            "fee_differs",
            "fee_differs",
            "file_refused",
            "settled_twice",
            "unknown_payment"
        ]
    );
    run.books_are_clean().await;

    // What was left out comes with the next file.
    let rest = settlement(
        &run,
        &format!("leave_out={good},{double},{amount},{fee}&refund_missing={good}"),
    )
    .await;
    let statement = read_file(&aws, &place, ("rest.csv", rest)).await.unwrap();
    assert_eq!(
        (statement.state, statement.booked),
        (StatementState::Done, 1)
    );
    let cases = books::cases(&aws, &place).await.unwrap();
    for (case, how) in found.iter().zip([
        Resolution::WriteOff,
        Resolution::Noted,
        Resolution::Noted,
        Resolution::Noted,
        Resolution::Place,
        Resolution::Paid("TX-1".to_owned()),
    ]) {
        cases.resolve(case.id, &how, "sari").await.unwrap();
    }
    assert_eq!(breaks(&run).await, []);
    assert_eq!(command(state.path(), &[]).await, exit(0));
    let report = run.books_are_clean().await;
    assert_eq!(report.counts.settled.get(), 99_000);
    assert_eq!(report.counts.written_off.get(), 1_000);

    let today = day::of(bubuh_store::Ambient::system().now_ms()).unwrap();
    let day = of_day(&aws, &place, day::bounds(today).unwrap(), true)
        .await
        .unwrap();
    assert!(day.clean(), "{day:#?}");
    assert_eq!(day.rows.len(), 6, "five payments and a refund");
    for kind in ["csv", "html"] {
        let name = format!("reconciliation-{today}.{kind}");
        let text = std::fs::read_to_string(state.path().join(name)).unwrap();
        let orders = [&good, &double, &amount, &fee, &left_out];
        let listed = orders
            .iter()
            .filter(|order| text.contains(order.as_str()))
            .count();
        assert_eq!(listed, if kind == "csv" { 5 } else { 0 }, "{kind}");
    }
    run.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_only_put_into_the_bucket_is_read_by_the_sweep() {
    let run = Run::start().await;
    let ani = run.client("ani");
    let order = run.buy(&ani, "order", 2).await;
    let bytes = settlement(&run, "").await;
    let (_, desk) = bubuh::reconcile::desk(&run.aws(), &run.stack.place())
        .await
        .unwrap();
    desk.files.put("dropped.csv", bytes).await.unwrap();
    let table = run.aws().table(run.stack.place().table);
    let end = Instant::now() + PATIENCE;
    loop {
        let payments = table.payments(order.parse().unwrap()).await.unwrap();
        if payments[0].payout.settled.is_some() {
            break;
        }
        assert!(Instant::now() < end, "nobody reads it");
        sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(breaks(&run).await, []);
    run.books_are_clean().await;
    run.end().await;
}
