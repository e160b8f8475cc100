//! What a call to sign and an upload must say.

use super::{
    client::{Client, SIGN_IN_FOLDER, body, code},
    pdf,
};
use serde_json::{Value, json};

#[test]
fn each_missing_field_is_named_and_nothing_is_signed() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    let whole = client.sign_body(&sn, &id);
    let names: Vec<String> = whole.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 17);
    for name in names {
        let mut asked = whole.clone();
        asked.as_object_mut().unwrap().remove(&name);
        let reply = client.sign_with(&asked);
        assert_eq!(code(&reply), "90", "{name}: {reply}");
        assert!(
            reply["errorMessage"].as_str().unwrap().contains(&name),
            "{reply}"
        );
    }
    assert_eq!(client.issuer.books().stamped, 0);
    assert_eq!(code(&client.sign_with(&whole)), "00");
}

#[test]
fn other_profiles_levels_and_numbers_are_refused_and_numbers_may_be_texts() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    for (name, value, expected) in [
        ("profileName", json!("other"), "91"),
        (
            "certificatelevel",
            json!("CERTIFIED_NO_CHANGES_ALLOWED"),
            "90",
        ),
        ("visLLX", json!("left"), "90"),
        ("visSignaturePage", Value::Null, "90"),
        ("onPrem", json!("no"), "90"),
        ("refToken", json!(""), "90"),
    ] {
        let mut asked = client.sign_body(&sn, &id);
        asked[name] = value;
        assert_eq!(code(&client.sign_with(&asked)), expected, "{name}");
    }
    let mut asked = client.sign_body(&sn, &id);
    asked["visLLX"] = "237".into();
    asked["visSignaturePage"] = "1".into();
    assert_eq!(code(&client.sign_with(&asked)), "00");
}

#[test]
fn the_token_in_the_body_counts_too() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let id = client.upload(&pdf::plain("one"));
    for path in ["/keystamp/adapter/docSigningZ", SIGN_IN_FOLDER] {
        let mut asked = client.sign_body(&sn, &id);
        asked["jwToken"] = "other".into();
        for name in ["src", "dest", "spesimenPath"] {
            asked[name] = format!("/sharefolder/{name}").into();
        }
        let response = client.outcome("POST", path, &asked).response.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(body(&response)["statusCode"], "99");
    }
}

#[test]
fn an_upload_needs_a_form_with_a_named_file_and_a_live_token() {
    let mut client = Client::new(1);
    let kind = "multipart/form-data; boundary=b";
    let token = client.token.clone();
    let part = |head: &str, data: &str| {
        format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{data}\r\n")
    };
    let file = part("name=\"file\"; filename=\"a.pdf\"", "%PDF");
    let live = part("name=\"token\"", &token);
    let end = "--b--\r\n";
    for (form, status, expected) in [
        (live.clone() + end, 200, "90"),
        (file.clone() + end, 200, "90"),
        (file.clone() + &live, 200, "90"),
        (part("name=\"file\"", "%PDF") + &live + end, 200, "90"),
        (
            part("name=\"file\"; filename=\"a.pdf\"", "") + &live + end,
            200,
            "90",
        ),
        (
            file.clone() + &part("name=\"token\"", "other") + end,
            401,
            "99",
        ),
        (file + &live + end, 200, "00"),
    ] {
        let outcome = client.send("POST", "/uploaddoc2", kind, form.clone().into());
        let response = outcome.response.unwrap();
        assert_eq!(response.status(), status, "{form}");
        assert_eq!(code(&body(&response)), expected, "{form}");
    }
}
