//! A key that never leaves the key service, at the emulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use bubuh::{progress::Progress, sample::letter, stack::Bare};
use bubuh_core::{
    document::{Affixing, DocumentType, Placement},
    id::{Serial, Sha256},
};
use bubuh_issuer::Setup;
use bubuh_store::{
    Ambient, Aws,
    issuer::{Affix, Affixed, Affixer},
};
use serde_json::json;

const AT_S: u64 = 1_790_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn stamps_signed_by_the_key_service_pass_the_gate_and_a_retry_adopts_the_stored_one() {
    let emulator = Bare::start(&Progress::Lines).await.unwrap();
    let client = aws_sdk_kms::Client::new(&emulator.aws_config());
    let key = client
        .create_key()
        .key_spec(KeySpec::EccNistP256)
        .key_usage(KeyUsageType::SignVerify)
        .send()
        .await
        .unwrap();
    let arn = key.key_metadata().unwrap().arn().unwrap();
    let public = client.get_public_key().key_id(arn).send().await.unwrap();
    let public = public.public_key().unwrap().as_ref();
    let from = i64::try_from(AT_S).unwrap() - 3_600;
    let made = bubuh_pdf::development_certificates(from, &[5; 32], public).unwrap();
    let open = |arn: &str| {
        let setup = Setup {
            // No key: what the service keeps, nobody else has.
            secret: json!({"chain_pem": made.chain_pem, "root_pem": made.root_pem}).to_string(),
            verify_base_url: "https://bubuh.example.id/v".to_owned(),
            kms_key: Some(Aws::new(emulator.aws_config()).kms_key(arn)),
            tsa_url: None,
            tsa_policy: None,
            ambient: Ambient::system(),
        };
        setup.open().unwrap()
    };
    let issuer = open(arn);
    let affix = Affix {
        serial: Serial::new("SPECIMEN-1").unwrap(),
        document_type: DocumentType::Statement,
        placement: Placement::default(),
        place: None,
        affixing: Affixing {
            at_ms: AT_S * 1_000,
            key_id: issuer.key_id().to_owned(),
        },
        source_sha256: Sha256::of(&letter()),
    };
    let mut files = Vec::new();
    for _ in 0..2 {
        match issuer.affix(letter(), &affix).await.unwrap() {
            Affixed::File(file) => files.push(file),
            Affixed::Refused(reason) => panic!("{reason:?}"),
        }
    }
    assert_ne!(files[0], files[1], "its signatures are random");
    let roots = bubuh_pdf::certificates_from_pem(&made.root_pem).unwrap();
    let size = u64::try_from(letter().len()).unwrap();
    for file in &files {
        issuer.check(file, size, &affix).unwrap();
        assert!(bubuh_pdf::verify(file, &roots).valid);
    }
    // A key that is not there is a matter of settings: nobody should try again and again.
    let gone = open(&arn.replace(|letter: char| letter.is_ascii_digit(), "0"));
    let error = gone.affix(letter(), &affix).await.unwrap_err();
    assert!(!error.retryable(), "{error}");
    emulator.shutdown().await.unwrap();
}
