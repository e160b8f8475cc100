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
    cases::load(&folder).unwrap_or_else(|flaw| panic!("{flaw}"))
}

/// All, or those with `BUBUH_CASES` in their names.
fn chosen() -> Vec<cases::Case> {
    let part = std::env::var("BUBUH_CASES").unwrap_or_default();
    let all = all().into_iter();
    all.filter(|case| case.name.contains(&part)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_buyer_ends_as_the_case_says() {
    let cases = chosen();
    assert!(!cases.is_empty(), "no case has such a name");
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
