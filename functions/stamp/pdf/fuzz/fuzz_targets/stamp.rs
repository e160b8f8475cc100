//! What preflight accepts is stamped, and everything that is promised of a stamp holds.
#![no_main]

use bubuh_pdf::{
    DocumentKind, Expectation, LocalSigner, Placement, Source, StampRequest,
    certificates_from_pem, development_identity, gate, preflight, stamp, verify,
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW_UNIX_S: i64 = 1_790_000_000;
const SERIAL: &str = "7K3M9Q2X8R4T6W1Z5Y0P";

static BENCH: LazyLock<(LocalSigner, Vec<Vec<u8>>)> = LazyLock::new(|| {
    let identity = development_identity(NOW_UNIX_S - 3_600, &[9; 32]).expect("an identity");
    (
        LocalSigner::from_pem(&identity.key_pem, &identity.chain_pem).expect("a signer"),
        certificates_from_pem(&identity.root_pem).expect("a root"),
    )
});

fuzz_target!(|bytes: &[u8]| {
    let (signer, roots) = &*BENCH;
    let source = Source::from(bytes.to_vec());
    let Ok(verdict) = preflight(&source, &Placement::default()) else {
        return;
    };
    if verdict.stamps.iter().any(|serial| serial == SERIAL) {
        return;
    }
    let request = StampRequest {
        serial: SERIAL.into(),
        kind: DocumentKind::Statement,
        verify_url: format!("https://bubuh.example.id/v/{SERIAL}"),
        picture: None,
        placement: Placement::default(),
        affixed_at_unix_s: NOW_UNIX_S,
        source_sha256: Some(verdict.sha256),
    };
    let stamped = stamp(source, &request, signer).expect("preflight accepted it");
    assert!(stamped.bytes.starts_with(bytes));
    assert!(stamped.bytes.len() <= verdict.size_after);
    let report = verify(&stamped.bytes, roots);
    let ours = report.stamps.last().expect("a stamp");
    assert!(ours.valid && ours.serial == SERIAL, "{report:?}");
    assert_eq!(report.pages, verdict.pages);
    let expect = Expectation {
        source_len: bytes.len(),
        source_sha256: verdict.sha256,
        serial: SERIAL.into(),
        pages: verdict.pages,
    };
    let gated = gate(&Source::from(stamped.bytes), &expect).expect("it was released");
    assert_eq!(gated.sha256, stamped.sha256);
});
