//! Any bytes get a verdict, and the same one twice.
#![no_main]

use bubuh_pdf::{Placement, Source, preflight};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let source = Source::from(bytes.to_vec());
    let first = preflight(&source, &Placement::default());
    let second = preflight(&source, &Placement::default());
    assert_eq!(first, second);
    if let Err(refusal) = first {
        assert!(!refusal.message_en().is_empty() && !refusal.message_id().is_empty());
    }
});
