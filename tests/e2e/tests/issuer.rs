//! The issuer with keys and time-stamp authorities of every kind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use bubuh_core::{
    document::{Affixing, DocumentType, Placement},
    id::{Serial, Sha256},
};
use bubuh_issuer::{Authority, Embedded, Setup, Signer};
use bubuh_pdf::{
    LocalSigner, Seal, Trust, certificates_from_pem, development_identity, verify_trusting,
};
use bubuh_sandbox::{Config, Sandbox, TsaFault, serve};
use bubuh_store::{
    Ambient, Error,
    issuer::{Affix, Affixed, Affixer},
};
use p256::ecdsa::{DerSignature, Signature};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};
use tokio::net::TcpListener;

const AT_S: u64 = 1_790_000_000;

const LETTER: &[u8] = b"%PDF-1.7\n\
1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>\nendobj\n\
xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \n\
trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n170\n%%EOF\n";

fn identity() -> bubuh_pdf::Identity {
    development_identity(i64::try_from(AT_S).unwrap() - 3_600, &[9; 32]).unwrap()
}

fn local() -> LocalSigner {
    LocalSigner::from_pem(&identity().key_pem, &identity().chain_pem).unwrap()
}

/// As a key service signs: each time otherwise. Both `s` and its negative make a valid signature.
struct Wavering {
    signer: LocalSigner,
    turned: AtomicBool,
}

impl Signer for Wavering {
    fn seal(&self) -> &Seal {
        Signer::seal(&self.signer)
    }

    async fn sign(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error> {
        let der = self.signer.sign(sha256).await?;
        if !self.turned.fetch_xor(true, Ordering::SeqCst) {
            return Ok(der);
        }
        let signature = Signature::from_der(&der).unwrap();
        let (r, s) = signature.split_scalars();
        let other = Signature::from_scalars(*r, -*s).unwrap();
        Ok(DerSignature::from(other).as_bytes().to_vec())
    }
}

/// A key that is not the certificates'.
struct Stranger(LocalSigner, Seal);

impl Signer for Stranger {
    fn seal(&self) -> &Seal {
        &self.1
    }

    async fn sign(&self, sha256: [u8; 32]) -> Result<Vec<u8>, Error> {
        self.0.sign(sha256).await
    }
}

fn affix() -> Affix {
    Affix {
        serial: Serial::new("SPECIMEN-1").unwrap(),
        document_type: DocumentType::Statement,
        placement: Placement::default(),
        place: None,
        affixing: Affixing {
            at_ms: AT_S * 1_000,
            key_id: "any".to_owned(),
        },
        source_sha256: Sha256::of(LETTER),
    }
}

async fn stamped<S: Signer>(issuer: &Embedded<S>) -> Result<Vec<u8>, Error> {
    match issuer.affix(LETTER.to_vec(), &affix()).await? {
        Affixed::File(file) => Ok(file),
        Affixed::Refused(reason) => panic!("{reason:?}"),
    }
}

fn issuer<S: Signer>(signer: S, authority: Option<Authority>) -> Embedded<S> {
    Embedded::new(signer, authority, "https://bubuh.example.id/v").unwrap()
}

#[tokio::test]
async fn a_key_in_memory_gives_the_same_file_again_and_a_key_service_another_as_good() {
    let memory = issuer(local(), None);
    let first = stamped(&memory).await.unwrap();
    assert_eq!(first, stamped(&memory).await.unwrap());
    let service = issuer(
        Wavering {
            signer: local(),
            turned: AtomicBool::new(true),
        },
        None,
    );
    let (other, again) = (
        stamped(&service).await.unwrap(),
        stamped(&service).await.unwrap(),
    );
    assert_ne!(other, again);
    let size = u64::try_from(LETTER.len()).unwrap();
    // A retry adopts what is stored, whichever try made it.
    for file in [&first, &other, &again] {
        service.check(file, size, &affix()).unwrap();
        memory.check(file, size, &affix()).unwrap();
        let roots = certificates_from_pem(&identity().root_pem).unwrap();
        assert!(bubuh_pdf::verify(file, &roots).valid);
    }
    assert_eq!(memory.key_id(), service.key_id());
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_no_fault_of_the_document() {
    let other = development_identity(1_700_000_000, &[8; 32]).unwrap();
    let other = LocalSigner::from_pem(&other.key_pem, &other.chain_pem).unwrap();
    let seal = Signer::seal(&local()).clone();
    let error = stamped(&issuer(Stranger(other, seal), None)).await;
    assert!(error.unwrap_err().retryable());
}

#[tokio::test]
async fn no_stamp_is_made_at_a_time_at_which_its_certificates_are_not_valid() {
    let mut early = affix();
    early.affixing.at_ms -= 7_200_000;
    let error = issuer(local(), None).affix(LETTER.to_vec(), &early).await;
    let error = error.unwrap_err();
    assert!(!error.retryable() && error.to_string().contains("not valid at the time"));
}

async fn sandbox() -> Sandbox {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    serve(listener, Config::new("key".into())).await.unwrap()
}

fn authority(sandbox: &Sandbox) -> Authority {
    let root = sandbox.tsa().root_pem();
    Authority::new(&sandbox.tsa_url(), root, None, Ambient::system()).unwrap()
}

#[tokio::test]
async fn stamps_are_time_stamped_when_an_authority_is_set_up() {
    let sandbox = sandbox().await;
    let issuer = issuer(local(), Some(authority(&sandbox)));
    let file = stamped(&issuer).await.unwrap();
    let size = u64::try_from(LETTER.len()).unwrap();
    issuer.check(&file, size, &affix()).unwrap();
    let trust = Trust {
        issuers: certificates_from_pem(&identity().root_pem).unwrap(),
        authorities: certificates_from_pem(sandbox.tsa().root_pem()).unwrap(),
    };
    let report = verify_trusting(&file, &trust);
    let time = report.stamps[0].timestamp.as_ref().unwrap();
    assert!(time.intact && time.trusted, "{report:#?}");
}

#[tokio::test]
async fn what_goes_wrong_once_is_asked_again_with_a_new_question() {
    for fault in [
        TsaFault::NoTime,
        TsaFault::WrongNonce,
        TsaFault::WrongImprint,
        TsaFault::Garbage,
        TsaFault::Down,
        TsaFault::Slow(5_000),
    ] {
        let sandbox = sandbox().await;
        sandbox.tsa().fail([fault]);
        let token = authority(&sandbox).token([1; 32]).await;
        assert!(token.is_ok(), "{fault:?}: {token:?}");
        assert_eq!(sandbox.tsa().asked(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn an_authority_that_fails_on_and_on_is_left_before_the_lease_ends() {
    let sandbox = sandbox().await;
    sandbox.tsa().fail([TsaFault::Slow(9_000); 3]);
    let start = Instant::now();
    let error = authority(&sandbox).token([1; 32]).await.unwrap_err();
    assert!(error.retryable(), "{error}");
    assert!(start.elapsed().as_secs() < 20);
    assert_eq!(sandbox.tsa().asked(), 3);
}

#[tokio::test]
async fn an_authority_that_will_not_is_not_asked_again() {
    let sandbox = sandbox().await;
    sandbox.tsa().fail([TsaFault::BadRequest]);
    let error = authority(&sandbox).token([1; 32]).await.unwrap_err();
    assert!(!error.retryable() && error.to_string().contains("does not permit"));
    assert_eq!(sandbox.tsa().asked(), 1);
    // Nor is one that leads elsewhere, or works under another policy.
    let elsewhere = Authority::new(
        &sandbox.tsa_url(),
        &identity().root_pem,
        None,
        Ambient::system(),
    );
    let error = elsewhere.unwrap().token([1; 32]).await.unwrap_err();
    assert!(!error.retryable() && error.to_string().contains("no configured root"));
    let nobody = Authority::new(
        "http://127.0.0.1:9/",
        &identity().root_pem,
        Some("1.2.3".into()),
        Ambient::system(),
    );
    assert!(
        nobody
            .unwrap()
            .token([1; 32])
            .await
            .unwrap_err()
            .retryable()
    );
}

fn setup(secret: &serde_json::Value) -> Setup {
    Setup {
        secret: secret.to_string(),
        verify_base_url: "https://bubuh.example.id/v/".to_owned(),
        kms_key: None,
        tsa_url: None,
        tsa_policy: None,
        ambient: Ambient::system(),
    }
}

#[test]
fn a_wrong_setup_is_found_at_the_start() {
    let identity = identity();
    let secret = serde_json::json!({
        "key_pem": identity.key_pem, "chain_pem": identity.chain_pem, "root_pem": identity.root_pem,
    });
    assert!(setup(&secret).open().is_ok());
    let mut keyless = secret.clone();
    keyless.as_object_mut().unwrap().remove("key_pem");
    let said = |setup: Setup| setup.open().err().unwrap().to_string();
    assert!(said(setup(&keyless)).contains("has no key"));
    let with_authority = |secret: &serde_json::Value, url: &str, policy: Option<&str>| Setup {
        tsa_url: Some(url.to_owned()),
        tsa_policy: policy.map(str::to_owned),
        ..setup(secret)
    };
    let url = "https://tsa.example.id";
    assert!(said(with_authority(&secret, url, None)).contains("tsa_roots_pem"));
    let mut whole = secret;
    whole["tsa_roots_pem"] = identity.root_pem.into();
    assert!(with_authority(&whole, url, Some("1.2.3")).open().is_ok());
    assert!(said(with_authority(&whole, "no address", None)).contains("TSA_URL"));
    assert!(said(with_authority(&whole, url, Some("policy"))).contains("TSA_POLICY"));
}
