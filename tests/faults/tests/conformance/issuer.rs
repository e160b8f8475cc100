//! The client of a remote issuer against the sandbox over HTTP, by both its forms.

use bubuh_core::{
    document::{Affixing, DocumentType, Place, Placement},
    id::{Serial, Sha256},
};
use bubuh_faults::remote::pdf;
use bubuh_gateway::{Http, SecretString};
use bubuh_issuer::peruri::{Account, Asking, CODES, Does, Form, Hosts, Peruri};
use bubuh_sandbox::{
    Config, IssuerConfig, Sandbox,
    issuer::{Call, FaultKind, FaultSpec},
    serve,
};
use bubuh_store::{
    Ambient, Error,
    issuer::{Affix, Affixed, Affixer, Mint},
};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;

const PASSWORD: &str = "a password of nobody";

struct Given {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Given {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = IssuerConfig {
            shared_folder: Some(folder.path().to_owned()),
            ..IssuerConfig::new("distributor", SecretString::from(PASSWORD))
        };
        let config = Config {
            issuer: Some(issuer),
            ..Config::new(SecretString::from("a key"))
        };
        let sandbox = serve(listener, config).await.unwrap();
        Self { sandbox, folder }
    }

    fn client(&self, form: Form) -> Peruri<Http> {
        let account = Account {
            user: "distributor".to_owned(),
            password: SecretString::from(PASSWORD),
        };
        let hosts = Hosts::read(&self.sandbox.url()).unwrap();
        let patience = Duration::from_secs(10);
        let http = Http::new(patience, patience)
            .unwrap()
            .reading_up_to(1 << 24);
        Peruri::new(
            hosts,
            account,
            form,
            Asking::Single,
            http,
            Ambient::system(),
        )
    }

    fn forms(&self) -> [Peruri<Http>; 2] {
        let folder = self.folder.path().to_owned();
        [Form::Hosted, Form::OnPremises { folder }].map(|form| self.client(form))
    }

    fn fault(&self, fault: FaultSpec) {
        let set = self
            .sandbox
            .with_issuer(|issuer, _| issuer.set_fault(fault));
        set.unwrap().unwrap();
    }

    fn stamped(&self) -> u64 {
        let books = self
            .sandbox
            .with_issuer(|issuer, _| issuer.books())
            .unwrap();
        assert_eq!(books.conflicts, 0);
        books.stamped
    }
}

async fn serial(client: &Peruri<Http>) -> Serial {
    client.mint(1).await.unwrap().serials.remove(0)
}

fn affix(serial: Serial, source: &[u8]) -> Affix {
    Affix {
        serial,
        document_type: DocumentType::Statement,
        placement: Placement::default(),
        place: Some(Place {
            page: 1,
            rect_millipt: [400_000, 100_000, 462_362, 162_362],
            free: true,
        }),
        affixing: Affixing {
            at_ms: 1_790_000_000_000,
            key_id: "elsewhere/peruri".to_owned(),
        },
        source_sha256: Sha256::of(source),
    }
}

fn file(affixed: Result<Affixed, Error>) -> Vec<u8> {
    match affixed {
        Ok(Affixed::File(file)) => file,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_stamped_once_by_either_form_however_often_it_is_asked_for() {
    let given = Given::new().await;
    for (client, stamped) in given.forms().iter().zip(1..) {
        let source = pdf("a file");
        let affix = affix(serial(client).await, &source);
        let first = file(client.affix(source.clone(), &affix).await);
        let again = file(client.affix(source.clone(), &affix).await);
        assert_eq!(first, again);
        assert!(first.starts_with(&source));
        client.check(&first, source.len() as u64, &affix).unwrap();
        assert_eq!(given.stamped(), stamped);
    }
    // Nothing of a document stays in the folder that is shared.
    let left: Vec<_> = ["UNSIGNED", "STAMP", "SIGNED"]
        .iter()
        .filter_map(|name| std::fs::read_dir(given.folder.path().join(name)).ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_asked_for_again_at_once_and_burns_nothing() {
    let given = Given::new().await;
    let [hosted, on_premises] = given.forms();
    let faults = [
        (&hosted, FaultKind::ReplyLost, Call::Upload),
        (&hosted, FaultKind::ReplyLost, Call::Sign),
        (&hosted, FaultKind::SignedButRefused, Call::Sign),
        (&hosted, FaultKind::Garbled, Call::Sign),
        (&hosted, FaultKind::ReplyLost, Call::Download),
        (&hosted, FaultKind::Garbled, Call::Download),
        (&hosted, FaultKind::TokenExpired, Call::Sign),
        (&on_premises, FaultKind::ImageMissing, Call::Image),
        (&on_premises, FaultKind::SignedButRefused, Call::Sign),
    ];
    for ((client, kind, call), stamped) in faults.into_iter().zip(1..) {
        let source = pdf("a file");
        let affix = affix(serial(client).await, &source);
        given.fault(FaultSpec::once(kind).at(call));
        let stamp = file(client.affix(source.clone(), &affix).await);
        client.check(&stamp, source.len() as u64, &affix).unwrap();
        assert_eq!(given.stamped(), stamped, "{kind:?} at {call:?}");
    }
    let fired = given.sandbox.with_issuer(|issuer, _| issuer.fired().len());
    assert_eq!(fired, Some(faults.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_does_what_the_table_says() {
    let given = Given::new().await;
    let client = given.client(Form::Hosted);
    for code in CODES.iter().filter(|code| code.does != Does::Takes) {
        let source = pdf("a file");
        let affix = affix(serial(&client).await, &source);
        let mut fault = FaultSpec::once(FaultKind::Refused).at(Call::Sign);
        fault.code = Some(code.code.parse().unwrap());
        fault.count = 3;
        given.fault(fault);
        let affixed = client.affix(source, &affix).await;
        let does = match &affixed {
            Ok(Affixed::Refused(reason)) => {
                assert_eq!(reason.message_en, code.words_en);
                Does::Refuses
            }
            Err(Error::Unavailable { .. }) => Does::AsksAgain,
            Err(Error::Refused { why, .. }) => {
                assert!(why.contains("NOTSTAMP"), "{why}");
                Does::CallsPeople
            }
            _ => Does::Takes,
        };
        assert_eq!(does, code.does, "{}: {affixed:?}", code.code);
        given.sandbox.with_issuer(|issuer, _| issuer.clear_faults());
    }
    assert_eq!(given.stamped(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_than_the_one_that_was_asked_for_is_not_let_in() {
    let given = Given::new().await;
    let client = given.client(Form::Hosted);
    let source = pdf("a file");
    let wanted = affix(serial(&client).await, &source);
    let other = affix(serial(&client).await, &source);
    let stamp = file(client.affix(source.clone(), &wanted).await);
    let size = source.len() as u64;
    // In what the stamp's picture is made of.
    let mut changed = stamp.clone();
    let picture = stamp.windows(6).rposition(|word| word == b"stream");
    changed[picture.unwrap() - 40] ^= 1;
    for (what, bytes, affix) in [
        ("another serial", &stamp, &other),
        ("a changed byte", &changed, &wanted),
        ("no stamp", &source, &wanted),
        ("no PDF", &b"no PDF at all".to_vec(), &wanted),
    ] {
        let checked = client.check(bytes, size, affix);
        let refused = matches!(checked, Err(Error::Unreadable { .. }));
        assert!(refused, "{what}: {checked:?}");
    }
    client.check(&stamp, size, &wanted).unwrap();
}
