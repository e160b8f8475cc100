//! Logging in, minting and looking.

use super::client::{Client, PASSWORD, USER, batch_body, code, mint_body};
use crate::common::{DAY_MS, START_MS};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_pdf::Picture;
use bubuh_sandbox::{Delivered, Remote};
use serde_json::{Value, json};

#[test]
fn a_token_lives_a_day_and_a_wrong_password_gets_none() {
    let mut client = Client::new(9);
    for (user, password) in [(USER, "wrong"), ("somebody", PASSWORD), (USER, "")] {
        let who = json!({ "user": user, "password": password });
        let reply = client.ask("POST", "/api/users/login", &who);
        let expected = if password.is_empty() { "90" } else { "01" };
        assert_eq!(code(&reply), expected, "{reply}");
        assert!(reply["token"].is_null());
    }
    client.now_ms += DAY_MS - 1;
    client.mint();
    client.now_ms += 1;
    let refused = client
        .outcome("POST", "/chanel/stampv2", &mint_body())
        .response
        .unwrap();
    assert_eq!(refused.status(), 401);
    let expected = json!({ "statusCode": "99", "message": "token expired" });
    assert_eq!(super::client::body(&refused), expected);
    client.login();
    client.mint();
    assert_eq!(client.issuer.books().minted, 2);
}

#[test]
fn no_call_but_login_goes_without_a_token_and_a_restart_forgets_them_all() {
    let mut client = Client::new(9);
    client.restart();
    for (verb, path) in [
        ("POST", "/chanel/stampv2"),
        ("POST", "/api/v2/serialnumber/batch"),
        ("GET", "/snqr/status-batch"),
        ("GET", "/snqr/qrimage"),
        ("GET", "/api/chanel/stamp/ext"),
        ("POST", "/function/saldopos"),
        ("POST", "/uploaddoc2"),
        ("POST", "/keystamp/adapter/docSigningZ"),
        ("POST", "/adapter/pdfsigning/rest/docSigningZ"),
        ("GET", "/getfile3/final_x.pdf"),
    ] {
        let outcome = client.outcome(verb, path, &mint_body());
        let response = outcome.response.unwrap();
        assert_eq!(response.status(), 401, "{path}");
        assert_eq!(super::client::body(&response)["statusCode"], "99");
    }
    client.login();
    client.mint();
}

#[test]
fn each_call_mints_another_serial_until_the_balance_is_gone() {
    let mut client = Client::new(2);
    let (first, second) = (client.mint(), client.mint());
    assert_ne!(first, second);
    let reply = client.ask("POST", "/chanel/stampv2", &mint_body());
    let empty = json!({ "statusCode": "05", "message": "saldo tidak mencukupi" });
    assert_eq!(reply, empty);
    let saldo = client.ask("POST", "/function/saldopos", &json!({}));
    assert_eq!(saldo["result"]["saldo"], 0);
    client.ask("PUT", "/sandbox/issuer/balance", &json!({ "balance": 1 }));
    client.mint();
    let books = client.issuer.books();
    assert_eq!((books.minted, books.unstamped, books.balance), (3, 3, 0));
}

#[test]
fn a_missing_field_mints_nothing() {
    let mut client = Client::new(9);
    for name in [
        "isUpload", "namadoc", "namafile", "nilaidoc", "snOnly", "nodoc", "tgldoc",
    ] {
        let mut asked = mint_body();
        asked.as_object_mut().unwrap().remove(name);
        let reply = client.ask("POST", "/chanel/stampv2", &asked);
        assert_eq!(code(&reply), "90", "{name}");
        assert!(reply["message"].as_str().unwrap().contains(name), "{reply}");
    }
    for (name, value) in [
        ("namadoc", "5"),
        ("nilaidoc", "3000"),
        ("tgldoc", "27-11-2026"),
    ] {
        let mut asked = mint_body();
        asked[name] = value.into();
        assert_eq!(code(&client.ask("POST", "/chanel/stampv2", &asked)), "90");
    }
    for name in ["return_url", "tipe", "partial", "document"] {
        let mut asked = batch_body(1);
        asked.as_object_mut().unwrap().remove(name);
        let reply = client.ask("POST", "/api/v2/serialnumber/batch", &asked);
        assert_eq!(code(&reply), "90", "{name}");
    }
    assert_eq!(client.issuer.books().minted, 0);
    assert_eq!(client.issuer.books().balance, 9);
}

#[test]
fn the_image_is_a_picture_that_the_engine_takes_and_is_given_again() {
    let mut client = Client::new(9);
    let minted = client.ask("POST", "/chanel/stampv2", &mint_body());
    let result = &minted["result"];
    let sn = result["sn"].as_str().unwrap();
    assert_eq!(sn.len(), 22);
    assert_eq!(result["filenameQR"], format!("qr_{sn}.png"));
    let png = STANDARD.decode(result["image"].as_str().unwrap()).unwrap();
    Picture::read(&png).unwrap();
    let again = client.get(&format!("/snqr/qrimage?sn={sn}"));
    assert_eq!(again["result"]["image"], result["image"]);
    assert_eq!(again["result"]["sn"], sn);
    assert_eq!(code(&client.get("/snqr/qrimage?sn=other")), "92");
    let other = client.mint();
    let other = client.get(&format!("/snqr/qrimage?sn={other}"));
    assert_ne!(other["result"]["image"], result["image"]);
}

#[test]
fn a_batch_is_in_the_books_at_once_and_its_result_is_posted_once_later() {
    let mut client = Client::new(5);
    let reply = client.ask("POST", "/api/v2/serialnumber/batch", &batch_body(3));
    let id = reply["result"]["batchId"].as_str().unwrap().to_owned();
    assert_eq!(client.issuer.books().minted, 3);
    assert_eq!(client.issuer.books().balance, 2);
    let status = format!("/snqr/status-batch?batchId={id}");
    let early = client.get(&status);
    assert_eq!(early["result"]["status"], "PROCESS");
    assert_eq!(
        (&early["result"]["sn"], &early["result"]["total"]),
        (&json!([]), &json!(3))
    );
    assert!(client.issuer.due(client.now_ms + 1_999).is_empty());
    assert_eq!(client.issuer.next_event_ms(), Some(START_MS + 2_000));
    client.restart();
    client.login();
    client.now_ms += 2_000;
    let due = client.issuer.due(client.now_ms);
    assert_eq!(due.len(), 1);
    let posted = &due[0].request;
    assert_eq!(posted.uri(), "http://callback.test/serials");
    assert!(posted.headers().get("authorization").is_none());
    let posted: Value = serde_json::from_slice(posted.body()).unwrap();
    assert_eq!(
        (&posted["statusCode"], &posted["batchId"]),
        (&json!("00"), &json!(id))
    );
    let told = posted["result"].as_array().unwrap();
    let told: Vec<_> = told.iter().map(|one| one["sn"].clone()).collect();
    let done = client.get(&status);
    assert_eq!(done["result"]["status"], "DONE");
    assert_eq!(done["result"]["sn"], json!(told));
    let sn = told[2].as_str().unwrap();
    let image = client.get(&format!("/snqr/qrimage?sn={sn}"));
    assert_eq!(posted["result"][2]["image"], image["result"]["image"]);
    // Nobody took it, and it does not come again.
    client
        .issuer
        .delivered(client.now_ms, due[0].id, Delivered::Unanswered);
    assert!(client.issuer.due(client.now_ms + DAY_MS).is_empty());
    assert_eq!(client.issuer.next_event_ms(), None);
    assert_eq!(
        client.issuer.batches().next().unwrap().met,
        [Delivered::Unanswered]
    );
    assert_eq!(code(&client.get("/snqr/status-batch?batchId=other")), "92");
    client.restart();
    assert_eq!(client.issuer.next_event_ms(), None);
    assert!(client.issuer.due(client.now_ms + DAY_MS).is_empty());
}

#[test]
fn a_batch_that_the_balance_does_not_cover_mints_nothing_and_two_alike_mint_twice() {
    let mut client = Client::new(5);
    let path = "/api/v2/serialnumber/batch";
    assert_eq!(code(&client.ask("POST", path, &batch_body(6))), "05");
    assert_eq!(client.issuer.books().minted, 0);
    let first = client.ask("POST", path, &batch_body(2));
    let second = client.ask("POST", path, &batch_body(2));
    assert_ne!(first["result"]["batchId"], second["result"]["batchId"]);
    assert_eq!(client.issuer.books().minted, 4);
}

#[test]
fn the_list_finds_one_serial_and_pages_through_those_not_stamped_in_the_order_of_minting() {
    let mut client = Client::new(300);
    let minted: Vec<String> = (0..250).map(|_| client.mint()).collect();
    let stamped = &minted[7];
    client.stamped(stamped, &super::pdf::plain("one"));
    let one = client.get(&format!("/api/chanel/stamp/ext?filter={stamped}"));
    let expected = json!({ "statusCode": "00", "result": { "total": 1, "data": [{
        "serialnumber": stamped, "status": "STAMP", "file": "x.pdf",
        "tglupdate": "2026-01-01 07:00:00",
    }] } });
    assert_eq!(one, expected);
    let other = client.get("/api/chanel/stamp/ext?filter=other");
    assert_eq!(other["result"], json!({ "total": 0, "data": [] }));
    let mut found = Vec::new();
    for (page, rows) in [(0, 100), (1, 100), (2, 49), (3, 0)] {
        let path = format!("/api/chanel/stamp/ext?status=NOTSTAMP&page={page}&size=1000");
        let reply = client.get(&path);
        assert_eq!(reply["result"]["total"], 249);
        let data = reply["result"]["data"].as_array().unwrap();
        assert_eq!(data.len(), rows);
        found.extend(
            data.iter()
                .map(|row| row["serialnumber"].as_str().unwrap().to_owned()),
        );
    }
    let expected: Vec<_> = minted.iter().filter(|sn| *sn != stamped).cloned().collect();
    assert_eq!(found, expected);
    client.restart();
    client.login();
    let none = client.get("/api/chanel/stamp/ext?status=NOTSTAMP&page=0&size=0");
    assert_eq!(none["result"], json!({ "total": 249, "data": [] }));
    let small = client.get("/api/chanel/stamp/ext?status=STAMP&page=0&size=10");
    assert_eq!(small["result"]["total"], 1);
    for wrong in ["status=BOTH", "status=STAMP&page=-1", "status=STAMP&size=x"] {
        assert_eq!(
            code(&client.get(&format!("/api/chanel/stamp/ext?{wrong}"))),
            "90"
        );
    }
}

#[test]
fn another_method_or_path_is_told_apart() {
    let mut client = Client::new(1);
    let at = |client: &mut Client, verb: &str, path: &str| {
        let outcome = client.outcome(verb, path, &mint_body());
        outcome.response.unwrap().status().as_u16()
    };
    assert_eq!(at(&mut client, "GET", "/chanel/stampv2"), 405);
    assert_eq!(at(&mut client, "POST", "/chanel/stampv3"), 404);
    assert_eq!(at(&mut client, "GET", "/sandbox/issuer/nothing"), 404);
    assert_eq!(client.issuer.books().minted, 0);
}

#[test]
fn another_seed_gives_other_serials_and_the_same_one_the_same() {
    use bubuh_sandbox::{Issuer, issuer::Settings};
    let of = |seed| {
        let mut client = Client::new(0);
        let settings = Settings {
            seed,
            ..super::client::settings(1)
        };
        client.issuer = Issuer::new(settings).unwrap();
        client.login();
        client.mint()
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}
