//! How long it takes from the word of a payment that can't be credited to the refund at the gateway, by
//! the sandbox's own clock, without any sweep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bubuh::stack::Options;
use bubuh_e2e::{PATIENCE, Run};
use bubuh_sandbox::Pay;
use clap::Parser;
use reqwest::Method;
use tokio::time::{Duration, Instant, sleep};

/// Cancelled orders that are paid all the same.
#[derive(Parser)]
struct Arguments {
    /// How many.
    #[arg(long, default_value_t = 20)]
    orders: usize,
}

async fn one(run: &Run, n: usize) -> u64 {
    let buyer = run.client(&format!("buyer-{n}"));
    let order = buyer.order("order", 1, "qris").await.expect("an order");
    let id = order.text("id").to_owned();
    let cancel = format!("/v1/orders/{id}/cancel");
    let cancelled = buyer
        .send(Method::POST, &cancel, Some("cancel"), None)
        .await;
    assert_eq!(cancelled.expect("an answer").text("state"), "cancelled");
    let late = Pay {
        late: true,
        ..Pay::default()
    };
    let payments = run.stack.payments();
    let paid = payments.with(|bank, now_ms| bank.pay(now_ms, &id, late));
    let told_ms = paid.expect("a payment").settled_at_ms.expect("a time");
    let end = Instant::now() + PATIENCE;
    loop {
        let asked = payments.with(|bank, _| bank.find(&id)?.refunds.first().map(|r| r.at_ms));
        if let Some(asked_ms) = asked {
            return asked_ms.saturating_sub(told_ms);
        }
        assert!(Instant::now() < end, "no refund was asked for");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let run = Run::start_with(Options {
        parameters: [("SweepState".to_owned(), "DISABLED".to_owned())].into(),
        ..Options::default()
    })
    .await;
    let first_ms = one(&run, 0).await;
    let mut times = Vec::new();
    for n in 1..=arguments.orders {
        times.push(one(&run, n).await);
    }
    times.sort_unstable();
    let at = |part: usize| {
        let nth = times.len().saturating_sub(1) * part / 4;
        times.get(nth).copied().unwrap_or_default()
    };
    let (least, middle, most) = (at(0), at(2), at(4));
    println!("the first, with functions that start: {first_ms} ms");
    println!(
        "{} more: least {least} ms, median {middle} ms, most {most} ms",
        times.len()
    );
    run.end().await;
}
