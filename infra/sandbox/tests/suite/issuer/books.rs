//! Whatever is asked in whatever order, and whatever goes wrong: no serial is lost, none is on two documents.

use super::{
    client::{Client, batch_body, body, code, mint_body},
    pdf,
};
use bubuh_sandbox::{
    Delivered, Remote,
    issuer::{Books, Call, FaultKind, FaultSpec, Snapshot},
};
use http::Response;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Step {
    Mint,
    Batch(usize),
    /// Which of the serials seen, which of the documents, with the flag or without.
    Sign(usize, usize, bool),
    Balance(u64),
    Fault(FaultKind, Option<Call>),
    Wait(u64),
    Post,
    Login,
    Restart,
}

/// The last one can't be stamped.
const DOCUMENTS: usize = 4;

fn document(at: usize) -> Vec<u8> {
    match at {
        3 => pdf::certified(),
        other => pdf::plain(&format!("d{other}")),
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Mint),
        2 => (1_usize..5).prop_map(Step::Batch),
        8 => (0_usize..20, 0..DOCUMENTS, any::<bool>())
            .prop_map(|(serial, document, retry)| Step::Sign(serial, document, retry)),
        1 => (0_u64..4).prop_map(Step::Balance),
        4 => fault(),
        2 => prop_oneof![Just(1), Just(2_000), Just(90_000_000)].prop_map(Step::Wait),
        2 => Just(Step::Post),
        2 => Just(Step::Login),
        1 => Just(Step::Restart),
    ]
}

fn fault() -> impl Strategy<Value = Step> {
    use FaultKind as K;
    let call = prop_oneof![
        Just(Call::Mint),
        Just(Call::Batch),
        Just(Call::Upload),
        Just(Call::Sign),
        Just(Call::Login),
    ];
    let anywhere = prop_oneof![Just(K::ReplyLost), Just(K::Refused), Just(K::Garbled)];
    prop_oneof![
        4 => (anywhere, call).prop_map(|(kind, call)| Step::Fault(kind, Some(call))),
        1 => Just(Step::Fault(K::SignedButRefused, None)),
        1 => Just(Step::Fault(K::TokenExpired, None)),
        1 => Just(Step::Fault(K::BalanceEmpty, None)),
        1 => Just(Step::Fault(K::CallbackTwice, None)),
        1 => Just(Step::Fault(K::CallbackNever, None)),
        1 => Just(Step::Fault(K::ImageMissing, None)),
    ]
}

struct Run {
    client: Client,
    /// What a model of the books expects.
    expected: Books,
    /// The document that each stamped serial is on, and its file once seen.
    on: BTreeMap<String, (usize, Option<Vec<u8>>)>,
    /// What it knew when it last was looked at, and its revision then.
    last: (u64, Snapshot),
}

impl Run {
    fn serials(&self) -> Vec<String> {
        let all = self.client.issuer.serials();
        all.map(|serial| serial.sn.clone()).collect()
    }

    /// How many serials such a call must have minted, whatever the caller was told.
    fn mints(&mut self, path: &str, asked: &Value, count: u64) {
        let fired = self.client.issuer.fired().len();
        let live = self.is_live();
        drop(self.client.outcome("POST", path, asked));
        let stops = [
            FaultKind::TokenExpired,
            FaultKind::Refused,
            FaultKind::BalanceEmpty,
        ];
        let now = &self.client.issuer.fired()[fired..];
        let stopped = now.iter().any(|fired| stops.contains(&fired.kind));
        if live && !stopped && self.expected.balance >= count {
            self.expected.balance -= count;
            self.expected.minted += count;
            self.expected.unstamped += count;
        }
    }

    fn is_live(&mut self) -> bool {
        let path = "/api/chanel/stamp/ext?filter=none";
        let response = self.client.outcome("GET", path, &Value::Null).response;
        response.is_some_and(|response| response.status() == 200)
    }

    fn read(response: Option<Response<bytes::Bytes>>) -> Option<Value> {
        serde_json::from_slice(response?.body()).ok()
    }

    fn sign(&mut self, sn: &str, document_at: usize, retry: bool) {
        let uploaded = self.client.upload_outcome(&document(document_at));
        let Some(id) = Self::read(uploaded.response) else {
            return;
        };
        let Some(id) = id["id"].as_str() else {
            return;
        };
        let mut asked = self.client.sign_body(sn, id);
        if retry {
            asked["retryFlag"] = "1".into();
        }
        let (live, fired) = (self.is_live(), self.client.issuer.fired().len());
        let reply = Self::read(self.client.sign_outcome(&asked).response);
        let now = &self.client.issuer.fired()[fired..];
        let stops = [FaultKind::TokenExpired, FaultKind::Refused];
        if !live || now.iter().any(|fired| stops.contains(&fired.kind)) {
            return;
        }
        match self.on.get(sn) {
            Some((before, _)) if *before != document_at => self.expected.conflicts += 1,
            Some(_) => {}
            None if document_at == 3 => {}
            None => {
                self.on.insert(sn.to_owned(), (document_at, None));
                self.expected.stamped += 1;
                self.expected.unstamped -= 1;
            }
        }
        if reply
            .as_ref()
            .is_some_and(|reply| reply["errorCode"] == "00")
        {
            let file = self.client.download(id).to_vec();
            let (before, seen) = self.on.get_mut(sn).unwrap();
            assert_eq!(*before, document_at, "a serial on two documents");
            // However often it is asked for: the same bytes.
            assert_eq!(seen.get_or_insert_with(|| file.clone()), &file);
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Mint => self.mints("/chanel/stampv2", &mint_body(), 1),
            Step::Batch(count) => {
                let path = "/api/v2/serialnumber/batch";
                let minted = u64::try_from(count).unwrap();
                self.mints(path, &batch_body(count), minted);
            }
            Step::Sign(serial, document, retry) => {
                let serials = self.serials();
                if let Some(sn) = serials.get(serial) {
                    self.sign(sn, document, retry);
                }
            }
            Step::Balance(more) => {
                self.expected.balance += more;
                self.client.issuer.set_balance(self.expected.balance);
            }
            Step::Fault(kind, call) => {
                let spec = FaultSpec {
                    call,
                    ..FaultSpec::once(kind)
                };
                self.client.fault(spec);
            }
            Step::Wait(ms) => self.client.now_ms += ms,
            Step::Post => {
                for due in self.client.issuer.due(self.client.now_ms) {
                    let met = Delivered::Answered(200);
                    self.client
                        .issuer
                        .delivered(self.client.now_ms, due.id, met);
                }
            }
            Step::Login => {
                let who = json!({
                    "user": super::client::USER, "password": super::client::PASSWORD,
                });
                let outcome = self.client.outcome("POST", "/api/users/login", &who);
                if let Some(reply) = Self::read(outcome.response)
                    && let Some(token) = reply["token"].as_str()
                {
                    self.client.token = token.to_owned();
                }
            }
            Step::Restart => {
                self.client.restart();
                self.last = (0, self.client.issuer.snapshot().clone());
            }
        }
    }

    fn check(&mut self) {
        // What is not a new revision is not written.
        let (revision, known) = (self.client.issuer.revision(), self.client.issuer.snapshot());
        assert!(known == &self.last.1 || revision > self.last.0);
        self.last = (revision, known.clone());
        let books = self.client.issuer.books();
        assert_eq!(books.minted, books.stamped + books.unstamped);
        assert_eq!(books, self.expected);
        let serials = self.serials();
        assert_eq!(serials.len() as u64, books.minted);
        let controls = self.client.get("/sandbox/issuer/serials");
        for row in controls["serials"].as_array().unwrap() {
            let on = self.on.get(row["sn"].as_str().unwrap());
            let status = if on.is_some() { "STAMP" } else { "NOTSTAMP" };
            assert_eq!(row["status"], status, "{row}");
            assert_eq!(row["source_sha256"].is_null(), on.is_none(), "{row}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn every_serial_is_stamped_or_not_after_any_calls_and_faults(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let expected = Books { balance: 12, ..Books::default() };
        let client = Client::new(12);
        let last = (client.issuer.revision(), client.issuer.snapshot().clone());
        let mut run = Run { client, expected, on: BTreeMap::new(), last };
        for step in steps {
            run.take(step);
            run.check();
        }
    }
}

#[test]
fn the_controls_tell_each_serials_state_and_the_document_it_is_on() {
    let mut client = Client::new(3);
    let (stamped, free) = (client.mint(), client.mint());
    let source = pdf::plain("one");
    let file = client.stamped(&stamped, &source);
    let told = client.get("/sandbox/issuer/serials");
    let rows = told["serials"].as_array().unwrap();
    assert_eq!(
        (&rows[0]["sn"], &rows[1]["sn"]),
        (&json!(stamped), &json!(free))
    );
    let expected = &client.verify(&file).stamps[0].source_sha256;
    assert_eq!(&rows[0]["source_sha256"], expected);
    assert!(rows[1]["source_sha256"].is_null());
    let books = json!({
        "minted": 2, "stamped": 1, "unstamped": 1, "balance": 1, "conflicts": 0,
    });
    assert_eq!(told["books"], books);
    assert_eq!(client.get("/sandbox/issuer/books"), books);
    let root = client.outcome("GET", "/sandbox/issuer/root", &Value::Null);
    let root = root.response.unwrap().into_body();
    assert_eq!(root, client.issuer.root_pem());
    let wrong = client.outcome("PUT", "/sandbox/issuer/balance", &json!({ "balance": -1 }));
    let wrong = wrong.response.unwrap();
    assert_eq!(wrong.status(), 400);
    assert!(body(&wrong)["error"].is_string());
    assert_eq!(
        code(&client.ask("POST", "/chanel/stampv2", &mint_body())),
        "00"
    );
}
