//! Object streams that swell are refused before they cost memory, whoever asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_corpus::bench::{bombs, samples};
use bubuh_corpus::child::refuse_elsewhere;

const MOST_KIB: u64 = 64 * 1024;

#[test]
fn every_bomb_is_refused_by_its_budget_within_64_mib_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bomb.pdf");
    let program = env!("CARGO_BIN_EXE_bombs").as_ref();
    for bomb in bombs() {
        std::fs::write(&file, &bomb.bytes).unwrap();
        let refused = refuse_elsewhere(program, &file).unwrap();
        let codes = (refused.preflight.as_str(), refused.stamp.as_str());
        assert_eq!(codes, ("too_complex", "too_complex"), "{}", bomb.name);
        assert!(refused.peak_kib < MOST_KIB, "{}: {refused:?}", bomb.name);
    }
    // The measure itself: a letter is no bomb, and no process takes nothing.
    std::fs::write(&file, &samples()[0].bytes).unwrap();
    let letter = refuse_elsewhere(program, &file).unwrap();
    assert_eq!(
        (letter.preflight, letter.stamp),
        ("stampable".into(), "stampable".into())
    );
    assert!(letter.peak_kib > 1_024, "{}", letter.peak_kib);
}
