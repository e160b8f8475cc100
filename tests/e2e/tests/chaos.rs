//! The short form of the chaos run; `cargo run --release --bin chaos` is the long one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use bubuh_corpus::tools;
use bubuh_e2e::chaos::{Size, run};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_double_or_burnt_while_everything_around_it_fails() {
    let readers = ["pdfsig", "qpdf", "zbarimg", "pdftoppm"];
    if let Some(missing) = readers.iter().find(|reader| !tools::has(reader)) {
        assert!(!tools::required(), "{missing} is missing");
        println!("skipped: {missing} is missing");
        return;
    }
    let size = Size {
        documents: 60,
        orders: 15,
        seed: 1,
    };
    let outcome = run(size).await;
    println!("{outcome}");
    assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
}
