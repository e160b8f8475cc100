//! What becomes of buyers, case by case: `tests/e2e/cases/*.toml`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::stack::Options;
use bubuh_e2e::{Run, cases};
use std::path::Path;

fn all() -> Vec<cases::Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut all = cases::load(&folder).unwrap_or_else(|flaw| panic!("{flaw}"));
    // One case, or a few, by a part of their names.
    if let Ok(part) = std::env::var("BUBUH_CASES") {
        all.retain(|case| case.name.contains(&part));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn every_buyer_ends_as_the_case_says() {
    let cases = all();
    let run = Run::start_with(Options {
        // Minutes between notifications become tenths of a second.
        payment_retry_scale: 1.0 / 600.0,
        ..Options::default()
    })
    .await;
    let outcome = cases::run(&run, &cases).await;
    println!("{outcome}");
    assert_eq!(outcome.failed(), 0, "\n{outcome}");
    run.books_are_clean().await;
    run.end().await;
}

#[test]
fn there_are_at_least_sixty_cases() {
    assert!(all().len() >= 60, "{}", all().len());
}
