//! Stamps: whose they are, where they are, and what a second try gives.

use super::{
    client::{Client, code, settings},
    pdf,
};
use bubuh_pdf::{After, PageChoice};
use bubuh_sandbox::Issuer;
use serde_json::json;

#[test]
fn a_stamped_file_verifies_under_the_issuers_root_and_no_other() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let source = pdf::plain("one");
    let file = client.stamped(&sn, &source);
    assert!(file.starts_with(&source));
    let report = client.verify(&file);
    assert!(report.valid, "{report:?}");
    let stamp = &report.stamps[0];
    assert_eq!((&stamp.serial, &*stamp.kind), (&sn, "3"));
    assert_eq!(
        stamp.affixed_at_unix_s,
        i64::try_from(client.now_ms / 1_000).ok()
    );
    assert_eq!(stamp.after, After::Nothing);
    // A key of another name leads to another root.
    let mut other = settings(1);
    other.key = "other".into();
    let same = Issuer::new(settings(1)).unwrap();
    assert_eq!(same.root_pem(), client.issuer.root_pem());
    client.issuer = Issuer::new(other).unwrap();
    assert!(!client.verify(&file).valid);
}

#[test]
fn the_reply_says_where_the_file_is_and_the_list_that_it_is_stamped() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    let expected = json!({
        "status": "True", "errorCode": "00", "errorMessage": "",
        "urlFile": format!("http://issuer.invalid/getfile3/final_{id}.pdf"),
    });
    assert_eq!(client.sign(&sn, &id), expected);
    let one = client.get(&format!("/api/chanel/stamp/ext?filter={sn}"));
    assert_eq!(one["result"]["data"][0]["status"], "STAMP");
    let books = client.issuer.books();
    assert_eq!((books.stamped, books.unstamped), (1, 0));
    let gone = client.outcome("GET", "/getfile3/final_other.pdf", &json!({}));
    assert_eq!(gone.response.unwrap().status(), 404);
}

#[test]
fn the_same_again_is_abnormal_without_the_flag_and_the_same_bytes_with_it() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let source = pdf::plain("one");
    let first = client.stamped(&sn, &source);
    client.now_ms += 60_000;
    // As after a restart: the upload is gone, the file too; time and place are those of the first try.
    client.restart();
    client.login();
    let id = client.upload(&source);
    assert_eq!(code(&client.sign(&sn, &id)), "97");
    let mut asked = client.sign_body(&sn, &id);
    asked["retryFlag"] = "1".into();
    asked["visLLX"] = 10.into();
    asked["visURX"] = 200.into();
    assert_eq!(code(&client.sign_with(&asked)), "00");
    assert_eq!(client.download(&id), first);
    assert_eq!(client.issuer.books().stamped, 1);
    assert_eq!(client.issuer.books().conflicts, 0);
}

#[test]
fn a_serial_never_gets_onto_another_document_and_the_try_is_counted() {
    let mut client = Client::new(1);
    let sn = client.mint();
    client.stamped(&sn, &pdf::plain("one"));
    let other = client.upload(&pdf::plain("two"));
    assert_eq!(code(&client.sign(&sn, &other)), "93");
    assert_eq!(code(&client.sign_again(&sn, &other)), "93");
    client.restart();
    assert_eq!(client.issuer.books().conflicts, 2);
    assert_eq!(client.issuer.books().stamped, 1);
    let missing = format!("/getfile3/final_{other}.pdf");
    client.login();
    let gone = client
        .outcome("GET", &missing, &json!({}))
        .response
        .unwrap();
    assert_eq!(gone.status(), 404);
}

#[test]
fn an_unknown_serial_or_an_upload_that_is_gone_has_its_own_code() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    assert_eq!(code(&client.sign("other", &id)), "93");
    assert_eq!(code(&client.sign(&sn, "other")), "92");
    for _ in 0..256 {
        client.upload(b"newer");
    }
    assert_eq!(code(&client.sign(&sn, &id)), "92");
    let id = client.upload(&pdf::plain("one"));
    assert_eq!(code(&client.sign(&sn, &id)), "00");
}

#[test]
fn what_the_engine_refuses_has_the_adapters_codes_and_leaves_the_serial_free() {
    let mut client = Client::new(2);
    let sn = client.mint();
    let stamped = client.stamped(&sn, &pdf::plain("one"));
    let free = client.mint();
    for (file, expected) in [
        (pdf::certified(), "83"),
        (pdf::locked(), "82"),
        (b"no PDF at all".to_vec(), "82"),
    ] {
        let id = client.upload(&file);
        let reply = client.sign(&free, &id);
        assert_eq!(code(&reply), expected, "{reply}");
        assert_eq!(reply["status"], "False");
        assert!(!reply["errorMessage"].as_str().unwrap().is_empty());
    }
    assert_eq!(client.issuer.books().unstamped, 1);
    // A stamped document takes another stamp: the earlier one stays whole.
    let twice = client.stamped(&free, &stamped);
    let report = client.verify(&twice);
    assert!(report.valid && report.stamps.len() == 2, "{report:?}");
}

#[test]
fn a_locked_document_is_stamped_with_its_password() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let id = client.upload(&pdf::locked());
    let mut asked = client.sign_body(&sn, &id);
    asked["docpass"] = "no".into();
    assert_eq!(code(&client.sign_with(&asked)), "82");
    asked["docpass"] = "rahasia".into();
    let reply = client.sign_with(&asked);
    assert_eq!(code(&reply), "00", "{reply}");
}

#[test]
fn a_page_beyond_the_ends_means_the_ends_and_swapped_corners_the_same_square() {
    let mut client = Client::new(9);
    let source = pdf::pages(3, "three");
    let mut at = |page: i64, lly: i64, ury: i64| {
        let sn = client.mint();
        let id = client.upload(&source);
        let mut asked = client.sign_body(&sn, &id);
        asked["visSignaturePage"] = page.into();
        (asked["visLLY"], asked["visURY"]) = (lly.into(), ury.into());
        assert_eq!(code(&client.sign_with(&asked)), "00");
        let file = client.download(&id);
        let report = client.verify(&file);
        assert!(report.valid, "{report:?}");
        let signed = client.issuer.serial(&sn).unwrap().signed.clone().unwrap();
        // The new revision writes the stamped page anew; pages are the objects from 3 on.
        let added = String::from_utf8_lossy(&file[source.len()..]).into_owned();
        let rewritten = |page: &usize| added.contains(&format!("\n{} 0 obj", page + 2));
        let on: Vec<usize> = (1..=3).filter(rewritten).collect();
        (on, signed.placement)
    };
    for (asked, got) in [(-1, 1), (0, 1), (1, 1), (2, 2), (3, 3), (4, 3), (99_999, 3)] {
        assert_eq!(at(asked, 459, 559).0, [got], "page {asked}");
    }
    let (straight, swapped) = (at(1, 459, 559).1, at(1, 559, 459).1);
    assert_eq!(straight, swapped);
    assert_eq!(straight.page, PageChoice::Number(1));
    let rect = straight.rect.unwrap();
    assert!(rect.lly < rect.ury && rect.llx < rect.urx);
}
