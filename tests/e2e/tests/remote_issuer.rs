//! Stamps of a remote issuer on the whole stack: switched by configuration only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh::{
    sample::letter,
    stack::{Options, Stamps},
};
use bubuh_e2e::{PATIENCE, Run, stamps};
use bubuh_sandbox::{
    Delivered,
    issuer::{Call, FaultKind, FaultSpec},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const DOCUMENTS: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_issuer_that_loses_answers_burns_no_serial_and_tells_no_secret() {
    let stamps = stamps(Stamps::PeruriSandbox);
    let run = Run::start_with(Options {
        stamps,
        ..Options::default()
    })
    .await;
    let issuer = run.stack.payments();
    let buyer = run.client("ani");
    run.buy(&buyer, "order", 4).await;
    let (before, after) = match stamps {
        Stamps::PeruriSandboxOnPremises => (Call::Image, (FaultKind::ImageMissing, Call::Image)),
        _ => (Call::Upload, (FaultKind::Garbled, Call::Download)),
    };
    let faults = [
        (FaultKind::SignedButRefused, Call::Sign),
        (FaultKind::ReplyLost, Call::Sign),
        (FaultKind::TokenExpired, before),
        after,
    ];
    for (kind, call) in faults {
        let fault = FaultSpec::once(kind).at(call);
        let set = issuer.with_issuer(|issuer, _| issuer.set_fault(fault));
        set.unwrap().unwrap();
    }
    let mut paths = Vec::new();
    for n in 0..DOCUMENTS {
        paths.push(run.submit(&buyer, &format!("doc-{n}"), &letter()).await);
    }
    let roots = run.stack.roots().await.unwrap();
    for path in &paths {
        let done = run.stamped(&buyer, path).await;
        let file = buyer.download(&done).await.unwrap();
        let verdict = bubuh_pdf::verify(&file, &roots);
        assert!(verdict.valid && verdict.stamps[0].trusted, "{verdict:?}");
        assert_eq!(verdict.stamps[0].serial, done.text("serial"));
    }
    let (books, fired) = issuer
        .with_issuer(|issuer, _| (issuer.books(), issuer.fired().len()))
        .unwrap();
    assert_eq!(
        (books.stamped, books.conflicts),
        (DOCUMENTS, 0),
        "{books:?}"
    );
    assert_eq!(fired, faults.len(), "each fault was met");
    let told: Vec<Delivered> = issuer
        .with_issuer(|issuer, _| {
            issuer
                .batches()
                .flat_map(|batch| batch.met.clone())
                .collect()
        })
        .unwrap();
    assert!(!told.is_empty() && told.iter().all(|met| *met == Delivered::Answered(204)));
    // A sweep may be taking some in at this moment.
    let end = Instant::now() + PATIENCE;
    loop {
        let counts = run.books_are_clean().await.counts;
        assert_eq!((counts.stamped, counts.files), (4, 4));
        let known = u64::try_from(counts.serials).unwrap();
        let books = issuer.with_issuer(|issuer, _| issuer.books()).unwrap();
        if books.minted == known {
            break;
        }
        assert!(Instant::now() < end, "not each of {books:?} is known here");
        sleep(Duration::from_millis(500)).await;
    }
    tells_no_secret(&run);
    run.end().await;
}

/// Neither the account's password, nor a token, nor a stamp's picture is in what anybody logged.
fn tells_no_secret(run: &Run) {
    let logs = run.stack.logs();
    assert!(
        logs.contains("worked"),
        "the stamp function's lines are there"
    );
    let secrets = run
        .stack
        .payments()
        .with_issuer(|issuer, _| issuer.secrets());
    for secret in secrets.unwrap() {
        assert!(
            !logs.contains(&secret),
            "a secret of {} letters is logged",
            secret.len()
        );
    }
    // How a PNG begins, in base64.
    assert!(!logs.contains("iVBORw0KGgo"), "a picture is logged");
}
