//! The on-premises form: files in a shared folder.

use super::{
    client::{Client, SIGN_IN_FOLDER, code},
    pdf,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

pub(super) const SRC: &str = "/sharefolder/UNSIGNED/x.pdf";
pub(super) const DEST: &str = "/sharefolder/SIGNED/x.pdf";
pub(super) const SPECIMEN: &str = "/sharefolder/SPECIMEN/x.png";

pub(super) fn asked(client: &Client, sn: &str) -> Value {
    let mut asked = client.sign_body(sn, "");
    asked.as_object_mut().unwrap().remove("docId");
    asked["onPrem"] = true.into();
    (asked["src"], asked["dest"]) = (SRC.into(), DEST.into());
    asked["spesimenPath"] = SPECIMEN.into();
    asked
}

fn image(client: &mut Client, sn: &str) -> Vec<u8> {
    let reply = client.get(&format!("/snqr/qrimage?sn={sn}"));
    STANDARD
        .decode(reply["result"]["image"].as_str().unwrap())
        .unwrap()
}

#[test]
fn a_file_in_the_folder_is_signed_to_where_it_should_be() {
    let mut client = Client::new(1);
    let sn = client.mint();
    let source = pdf::plain("one");
    let picture = image(&mut client, &sn);
    assert!(client.issuer.share(SRC, source.clone()));
    assert!(client.issuer.share(SPECIMEN, picture));
    let asked = asked(&client, &sn);
    let reply = client.ask("POST", SIGN_IN_FOLDER, &asked);
    let expected = json!({ "status": "True", "errorCode": "00", "errorMessage": "" });
    assert_eq!(reply, expected);
    let file = client.issuer.shared(DEST).unwrap().clone();
    assert!(client.verify(&file).valid);
    assert_eq!(client.issuer.shared(SRC).unwrap(), &source);
    assert_eq!(code(&client.ask("POST", SIGN_IN_FOLDER, &asked)), "97");
    // The hosted form gives the same stamp: the key is the serial and the document.
    let id = client.upload(&source);
    assert_eq!(code(&client.sign_again(&sn, &id)), "00");
    assert_eq!(client.download(&id), file);
}

#[test]
fn what_is_not_in_the_folder_or_is_another_serials_picture_is_refused() {
    let mut client = Client::new(2);
    let (sn, other) = (client.mint(), client.mint());
    let asked = asked(&client, &sn);
    let sign = |client: &mut Client| {
        let reply = client.ask("POST", SIGN_IN_FOLDER, &asked);
        code(&reply).to_owned()
    };
    assert_eq!(sign(&mut client), "92");
    let picture = image(&mut client, &sn);
    client.issuer.share(SPECIMEN, picture.clone());
    assert_eq!(sign(&mut client), "92");
    client.issuer.share(SRC, pdf::plain("one"));
    let wrong = image(&mut client, &other);
    client.issuer.share(SPECIMEN, wrong);
    assert_eq!(sign(&mut client), "92");
    assert_eq!(client.issuer.books().stamped, 0);
    client.issuer.share(SPECIMEN, picture);
    assert_eq!(sign(&mut client), "00");
}

#[test]
fn a_path_out_of_the_folder_is_refused() {
    let mut client = Client::new(1);
    let sn = client.mint();
    for name in ["src", "dest", "spesimenPath"] {
        for path in ["/sharefolder/../x.pdf", "/etc/passwd", "x.pdf"] {
            let mut asked = asked(&client, &sn);
            asked[name] = path.into();
            let reply = client.ask("POST", SIGN_IN_FOLDER, &asked);
            assert_eq!(code(&reply), "90", "{name} {path}");
            assert!(!client.issuer.share(path, "bytes"));
        }
    }
}
