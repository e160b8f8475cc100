//! Inputs that once broke something, or were written to: what the fuzzer found, and what people thought of. Each goes
//! the way that the fuzzer's targets go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

mod common;

use bubuh_pdf::{Expectation, Opening, Placement, Source, gate, verify_within};
use common::{SERIAL, bench, preflight, stamp};
use std::collections::BTreeSet;
use std::path::Path;

/// Other issuers' serials are longer than ours, and their stamps look different.
const SERIALS: [&str; 2] = [SERIAL, "7K3M9Q2X8R4T6W1Z5Y0P"];

fn inputs() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions");
    let files = folder.read_dir().unwrap().map(|file| file.unwrap().path());
    let mut all: Vec<_> = files
        .map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(file).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn every_input_gets_a_verdict_and_what_is_accepted_is_stamped() {
    let bench = bench();
    let mut verdicts = BTreeSet::new();
    let inputs = inputs();
    for ((name, bytes), serial) in inputs.iter().flat_map(|i| SERIALS.map(|s| (i, s))) {
        println!("{name} {serial}");
        let verdict = preflight(bytes, &Placement::default());
        assert_eq!(verdict, preflight(bytes, &Placement::default()), "{name}");
        let stamped = stamp(bytes, &common::request(serial), &bench.signer);
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(refusal) => {
                assert!(stamped.is_err(), "{name}: {refusal}");
                verdicts.insert(refusal.code());
                continue;
            }
        };
        verdicts.insert("stampable");
        let stamped = stamped.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(stamped.starts_with(bytes), "{name}");
        assert!(stamped.len() <= verdict.size_after, "{name}");
        let report = bench.verify(&stamped);
        let ours = report.stamps.last().unwrap();
        assert!(ours.valid && ours.serial == serial, "{name}: {report:?}");
        assert_eq!(report.pages, verdict.pages, "{name}");
        let expect = Expectation {
            source_len: bytes.len(),
            source_sha256: verdict.sha256,
            serial: serial.into(),
            pages: verdict.pages,
        };
        gate(&Source::from(stamped), &expect).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    // Not all for one reason: they reach into the engine.
    assert!(verdicts.len() >= 8, "{verdicts:?}");
    assert!(verdicts.contains("stampable") && verdicts.contains("too_complex"));
}

#[test]
fn no_input_is_a_valid_stamp() {
    for (name, bytes) in inputs() {
        println!("{name}");
        assert!(!bench().verify(&bytes).valid, "{name}");
        let opened = verify_within(&bytes, &Default::default(), &Opening::with_password("x"));
        assert!(!opened.valid, "{name}");
    }
}
