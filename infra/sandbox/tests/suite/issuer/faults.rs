//! Each fault, met and recorded; and those that could never be.

use super::{
    client::{Client, batch_body, body, code, mint_body},
    pdf,
};
use bubuh_sandbox::{
    Remote,
    issuer::{Call, FaultKind, FaultSpec},
};
use serde_json::{Value, json};

const BATCH: &str = "/api/v2/serialnumber/batch";

fn once(kind: FaultKind) -> FaultSpec {
    FaultSpec::once(kind)
}

#[test]
fn a_lost_reply_to_minting_leaves_a_serial_that_the_list_finds() {
    let mut client = Client::new(5);
    client.fault(once(FaultKind::ReplyLost).at(Call::Mint));
    let outcome = client.outcome("POST", "/chanel/stampv2", &mint_body());
    assert!(outcome.response.is_none());
    assert_eq!(client.issuer.books().minted, 1);
    let list = client.get("/api/chanel/stamp/ext?status=NOTSTAMP&page=0&size=100");
    assert_eq!(list["result"]["total"], 1);
    client.mint();
    let fired = client.issuer.fired();
    assert_eq!(fired.len(), 1);
    assert_eq!(
        (fired[0].kind, fired[0].call),
        (FaultKind::ReplyLost, Call::Mint)
    );
    assert_eq!((&fired[0].serial, fired[0].at_ms), (&None, client.now_ms));
}

#[test]
fn a_slow_call_is_applied_and_waits_as_often_as_asked() {
    let mut client = Client::new(5);
    client.fault(FaultSpec {
        delay_ms: 30_000,
        count: 2,
        ..once(FaultKind::Slow).at(Call::Balance)
    });
    for delay_ms in [30_000, 30_000, 0] {
        let outcome = client.outcome("POST", "/function/saldopos", &json!({}));
        assert_eq!(outcome.delay_ms, delay_ms);
        assert_eq!(body(&outcome.response.unwrap())["result"]["saldo"], 5);
    }
    assert_eq!(client.fired(), [FaultKind::Slow; 2]);
}

#[test]
fn a_refused_call_changes_nothing_and_has_the_code_asked_for() {
    let mut client = Client::new(5);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    for (asked, expected) in [
        (None, "97"),
        (Some(92), "92"),
        (Some(95), "95"),
        (Some(1), "01"),
    ] {
        client.fault(FaultSpec {
            code: asked,
            ..once(FaultKind::Refused).at(Call::Sign)
        });
        let reply = client.sign(&sn, &id);
        assert_eq!(
            (code(&reply), &reply["status"]),
            (expected, &json!("False"))
        );
    }
    client.fault(once(FaultKind::Refused).at(Call::Mint));
    let reply = client.ask("POST", "/chanel/stampv2", &mint_body());
    assert_eq!(reply["statusCode"], "92");
    let books = client.issuer.books();
    assert_eq!((books.minted, books.stamped, books.balance), (1, 0, 4));
    assert_eq!(code(&client.sign(&sn, &id)), "00");
    assert_eq!(client.fired(), [FaultKind::Refused; 5]);
}

#[test]
fn a_document_that_was_signed_and_refused_comes_by_the_retry_flag() {
    let mut client = Client::new(5);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    client.fault(once(FaultKind::SignedButRefused));
    assert_eq!(code(&client.sign(&sn, &id)), "97");
    assert_eq!(client.issuer.books().stamped, 1);
    let hidden = client.download(&id);
    assert_eq!(code(&client.sign(&sn, &id)), "97");
    assert_eq!(code(&client.sign_again(&sn, &id)), "00");
    assert_eq!(client.download(&id), hidden);
    assert_eq!(client.fired(), [FaultKind::SignedButRefused]);
}

#[test]
fn a_signing_whose_reply_is_lost_comes_by_the_retry_flag() {
    let mut client = Client::new(5);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    client.fault(once(FaultKind::ReplyLost).of(&sn));
    let asked = client.sign_body(&sn, &id);
    assert!(client.sign_outcome(&asked).response.is_none());
    assert_eq!(client.issuer.fired()[0].serial.as_ref(), Some(&sn));
    assert_eq!(code(&client.sign_again(&sn, &id)), "00");
    let file = client.download(&id);
    assert!(client.verify(&file).valid);
}

#[test]
fn a_fault_for_a_serial_waits_for_that_serial() {
    let mut client = Client::new(5);
    let (sn, other) = (client.mint(), client.mint());
    client.fault(FaultSpec {
        count: 4,
        ..once(FaultKind::Refused).of(&sn)
    });
    client.mint();
    client.stamped(&other, &pdf::plain("two"));
    assert!(client.fired().is_empty());
    let id = client.upload(&pdf::plain("one"));
    assert_eq!(code(&client.sign(&sn, &id)), "97");
    for path in ["/snqr/qrimage?sn=", "/api/chanel/stamp/ext?filter="] {
        assert_eq!(code(&client.get(&format!("{path}{other}"))), "00");
        assert_eq!(code(&client.get(&format!("{path}{sn}"))), "92");
    }
    client.issuer.clear_faults();
    assert_eq!(code(&client.sign(&sn, &id)), "00");
    client.fault(once(FaultKind::Refused).of(&sn).at(Call::Download));
    assert_eq!(
        code(&client.get(&format!("/getfile3/final_{id}.pdf"))),
        "92"
    );
}

#[test]
fn all_tokens_end_before_the_call_and_a_new_login_goes_on() {
    let mut client = Client::new(5);
    client.fault(once(FaultKind::TokenExpired).at(Call::Mint));
    let response = client
        .outcome("POST", "/chanel/stampv2", &mint_body())
        .response
        .unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(client.issuer.books().minted, 0);
    client.login();
    client.mint();
    assert_eq!(client.fired(), [FaultKind::TokenExpired]);
}

#[test]
fn an_empty_balance_is_met_by_every_call_that_is_about_it() {
    let mut client = Client::new(5);
    client.fault(FaultSpec {
        count: 3,
        ..once(FaultKind::BalanceEmpty)
    });
    // Signing is not about the balance.
    assert_eq!(code(&client.sign("other", "other")), "93");
    assert_eq!(
        code(&client.ask("POST", "/chanel/stampv2", &mint_body())),
        "05"
    );
    assert_eq!(code(&client.ask("POST", BATCH, &batch_body(1))), "05");
    let saldo = client.ask("POST", "/function/saldopos", &json!({}));
    assert_eq!(saldo["result"]["saldo"], 0);
    assert_eq!(client.issuer.books().balance, 5);
    client.mint();
    assert_eq!(client.fired(), [FaultKind::BalanceEmpty; 3]);
}

#[test]
fn a_batchs_result_is_posted_twice_or_never() {
    let mut client = Client::new(5);
    client.fault(once(FaultKind::CallbackTwice));
    client.ask("POST", BATCH, &batch_body(1));
    client.now_ms += 2_000;
    let due = client.issuer.due(client.now_ms);
    assert_eq!(due.len(), 2);
    assert_eq!(due[0].request.body(), due[1].request.body());
    client.fault(once(FaultKind::CallbackNever));
    client.ask("POST", BATCH, &batch_body(1));
    assert_eq!(client.issuer.next_event_ms(), None);
    client.now_ms += 10_000;
    assert!(client.issuer.due(client.now_ms).is_empty());
    assert_eq!(client.issuer.books().minted, 2);
    assert_eq!(
        client.fired(),
        [FaultKind::CallbackTwice, FaultKind::CallbackNever]
    );
}

#[test]
fn a_missing_image_is_missing_once_at_each_call_that_has_one() {
    let mut client = Client::new(5);
    client.fault(FaultSpec {
        count: 3,
        ..once(FaultKind::ImageMissing)
    });
    let minted = client.ask("POST", "/chanel/stampv2", &mint_body());
    assert_eq!(minted["result"]["image"], "");
    let sn = minted["result"]["sn"].as_str().unwrap();
    let path = format!("/snqr/qrimage?sn={sn}");
    assert_eq!(client.get(&path)["result"]["image"], "");
    client.ask("POST", BATCH, &batch_body(1));
    client.now_ms += 2_000;
    let due = client.issuer.due(client.now_ms);
    let posted: Value = serde_json::from_slice(due[0].request.body()).unwrap();
    assert_eq!(posted["result"][0]["image"], "");
    assert_ne!(client.get(&path)["result"]["image"], "");
    assert_eq!(client.fired(), [FaultKind::ImageMissing; 3]);
}

#[test]
fn a_garbled_reply_is_a_page_of_text_for_a_call_that_was_applied() {
    let mut client = Client::new(5);
    for asked in [None, Some(502)] {
        client.fault(FaultSpec {
            code: asked,
            ..once(FaultKind::Garbled).at(Call::Mint)
        });
        let outcome = client.outcome("POST", "/chanel/stampv2", &mint_body());
        let response = outcome.response.unwrap();
        assert_eq!(response.status(), asked.unwrap_or(200));
        assert_eq!(response.headers()["content-type"], "text/html");
    }
    assert_eq!(client.issuer.books().minted, 2);
    assert_eq!(client.fired(), [FaultKind::Garbled; 2]);
}

/// One call of each kind, each of which the issuer takes.
fn all_calls(client: &mut Client) -> Vec<(Call, bool)> {
    client.issuer.clear_faults();
    client.login();
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    let batch = client.ask("POST", BATCH, &batch_body(1));
    let batch = batch["result"]["batchId"].as_str().unwrap().to_owned();
    client.sign(&sn, &id);
    let mut again = client.sign_body(&sn, &id);
    again["retryFlag"] = "1".into();
    let who = json!({ "user": super::client::USER, "password": super::client::PASSWORD });
    let mut refused = Vec::new();
    for call in CALLS {
        client.fault(once(FaultKind::Refused).at(call));
        client.fault(once(FaultKind::ReplyLost).at(call));
        for _ in 0..2 {
            let outcome = match call {
                Call::Login => client.outcome("POST", "/api/users/login", &who),
                Call::Mint => client.outcome("POST", "/chanel/stampv2", &mint_body()),
                Call::Batch => client.outcome("POST", BATCH, &batch_body(1)),
                Call::BatchStatus => {
                    let path = format!("/snqr/status-batch?batchId={batch}");
                    client.outcome("GET", &path, &json!({}))
                }
                Call::Image => {
                    let path = format!("/snqr/qrimage?sn={sn}");
                    client.outcome("GET", &path, &json!({}))
                }
                Call::List => {
                    let path = format!("/api/chanel/stamp/ext?filter={sn}");
                    client.outcome("GET", &path, &json!({}))
                }
                Call::Balance => client.outcome("POST", "/function/saldopos", &json!({})),
                Call::Upload => client.upload_outcome(b"%PDF"),
                Call::Sign => client.sign_outcome(&again),
                Call::Download => {
                    let path = format!("/getfile3/final_{id}.pdf");
                    client.outcome("GET", &path, &json!({}))
                }
            };
            refused.push((call, outcome.response.is_some()));
        }
    }
    refused
}

const CALLS: [Call; 10] = [
    Call::Login,
    Call::Mint,
    Call::Batch,
    Call::BatchStatus,
    Call::Image,
    Call::List,
    Call::Balance,
    Call::Upload,
    Call::Sign,
    Call::Download,
];

#[test]
fn every_call_can_be_refused_and_can_lose_its_reply() {
    let mut client = Client::new(9);
    let met = all_calls(&mut client);
    // Refused with a reply, then applied without one.
    let expected = CALLS
        .iter()
        .flat_map(|call| [(*call, true), (*call, false)]);
    assert_eq!(met, expected.collect::<Vec<_>>());
    let fired: Vec<_> = client.issuer.fired().iter().map(|one| one.call).collect();
    let expected: Vec<_> = CALLS.iter().flat_map(|call| [*call, *call]).collect();
    assert_eq!(fired, expected);
}

#[test]
fn what_could_never_fire_is_refused_with_the_reason() {
    let mut client = Client::new(5);
    let kind = |kind: &str| json!({ "kind": kind });
    let with = |name: &str, more: Value| {
        let mut spec = kind(name);
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        spec
    };
    for (spec, reason) in [
        (
            with("token_expired", json!({ "call": "login" })),
            "this kind does not fit this call",
        ),
        (
            with("signed_but_refused", json!({ "call": "mint" })),
            "this kind does not fit this call",
        ),
        (
            with("balance_empty", json!({ "call": "sign" })),
            "this kind does not fit this call",
        ),
        (
            with("callback_twice", json!({ "call": "mint" })),
            "this kind does not fit this call",
        ),
        (
            with("callback_never", json!({ "call": "list" })),
            "this kind does not fit this call",
        ),
        (
            with("image_missing", json!({ "call": "list" })),
            "this kind does not fit this call",
        ),
        (
            with("callback_twice", json!({ "serial": "S" })),
            "no such call is about a serial",
        ),
        (
            with("balance_empty", json!({ "serial": "S" })),
            "no such call is about a serial",
        ),
        (
            with("reply_lost", json!({ "call": "mint", "serial": "S" })),
            "no such call is about a serial",
        ),
        (
            with("reply_lost", json!({ "count": 0 })),
            "count must be at least 1",
        ),
        (kind("slow"), "delay_ms must be above zero"),
        (
            with("refused", json!({ "delay_ms": 5 })),
            "this kind does not wait",
        ),
        (
            with("slow", json!({ "delay_ms": 5, "code": 97 })),
            "this kind has no code",
        ),
        (
            with("refused", json!({ "code": 0 })),
            "code must be 1 to 99, or 200 to 599 for a garbled reply",
        ),
        (
            with("garbled", json!({ "code": 97 })),
            "code must be 1 to 99, or 200 to 599 for a garbled reply",
        ),
    ] {
        let outcome = client.outcome("POST", "/sandbox/issuer/faults", &spec);
        let response = outcome.response.unwrap();
        assert_eq!(response.status(), 400, "{spec}");
        assert_eq!(body(&response)["error"], reason, "{spec}");
    }
    let unknown = client.outcome("POST", "/sandbox/issuer/faults", &kind("other"));
    assert_eq!(unknown.response.unwrap().status(), 400);
    let faults = client.get("/sandbox/issuer/faults");
    assert_eq!(faults, json!({ "faults": [], "fired": [] }));
}

#[test]
fn faults_are_set_listed_cleared_and_kept_over_a_restart() {
    let mut client = Client::new(5);
    let spec = json!({ "kind": "refused", "call": "mint", "count": 2, "code": 95 });
    let set = client.ask("POST", "/sandbox/issuer/faults", &spec);
    let mint = |client: &mut Client| {
        let reply = client.ask("POST", "/chanel/stampv2", &mint_body());
        code(&reply).to_owned()
    };
    assert_eq!(mint(&mut client), "95");
    client.restart();
    client.login();
    let listed = client.get("/sandbox/issuer/faults");
    assert_eq!(listed["faults"][0]["id"], set["id"]);
    assert_eq!(listed["faults"][0]["remaining"], 1);
    assert_eq!(listed["fired"][0]["kind"], "refused");
    assert_eq!(listed["fired"][0]["call"], "mint");
    client.ask("DELETE", "/sandbox/issuer/faults", &json!({}));
    assert_eq!(mint(&mut client), "00");
    let listed = client.get("/sandbox/issuer/faults");
    assert_eq!(listed["faults"], json!([]));
    assert_eq!(listed["fired"].as_array().unwrap().len(), 1);
}
