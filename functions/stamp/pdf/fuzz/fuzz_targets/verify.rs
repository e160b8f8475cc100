//! Any bytes can be verified, and without the issuer's key nothing is valid.
#![no_main]

use bubuh_pdf::{Opening, Trust, verify, verify_within};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let report = verify(bytes, &[]);
    assert!(!report.valid);
    _ = verify_within(bytes, &Trust::default(), &Opening::with_password("x"));
});
