//! The issuer on a socket: beside the bank, with its own file, its callbacks and a folder on disk.

use super::{
    client::{PASSWORD, SIGN_IN_FOLDER, USER, batch_body, mint_body},
    pdf,
};
use crate::common::{KEY, qris};
use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use bubuh_gateway::{Gateway, Http, Midtrans, Transport};
use bubuh_pdf::{certificates_from_pem, verify};
use bubuh_sandbox::{
    Config, InProcess, Issuer, IssuerConfig, Sandbox,
    issuer::{Call, FaultKind, FaultSpec},
    serve,
};
use http::Request;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tokio::{net::TcpListener, sync::mpsc};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn config() -> Config {
    Config {
        issuer: Some(IssuerConfig {
            balance: 7,
            batch_delay_ms: 100,
            ..IssuerConfig::new(USER, PASSWORD.into())
        }),
        ..Config::new(KEY.into())
    }
}

struct Caller {
    url: String,
    token: String,
}

impl Caller {
    async fn of(sandbox: &Sandbox) -> Self {
        let mut caller = Self {
            url: sandbox.url(),
            token: String::new(),
        };
        let who = json!({ "user": USER, "password": PASSWORD });
        let reply = caller.post("/api/users/login", &who).await;
        caller.token = reply["token"].as_str().unwrap().to_owned();
        caller
    }

    fn request(&self, verb: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let client = reqwest::Client::builder();
        let client = client.retry(reqwest::retry::never()).build().unwrap();
        client
            .request(verb, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.request(reqwest::Method::POST, path).json(body);
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let answer = self.request(reqwest::Method::GET, path).send();
        answer.await.unwrap()
    }

    async fn mint(&self) -> Value {
        self.post("/chanel/stampv2", &mint_body()).await["result"].take()
    }
}

#[tokio::test]
async fn serials_balance_and_faults_survive_a_stop_without_warning_beside_the_banks_file() {
    let folder = tempfile::tempdir().unwrap();
    let state_file = folder.path().join("bank.json");
    let kept = || Config {
        state_file: Some(state_file.clone()),
        ..config()
    };
    let first = serve(listener().await, kept()).await.unwrap();
    let root = first.issuer_root_pem().unwrap().to_owned();
    let caller = Caller::of(&first).await;
    let sn = caller.mint().await["sn"].as_str().unwrap().to_owned();
    let fault = FaultSpec::once(FaultKind::Slow).at(Call::Image);
    let fault = FaultSpec {
        delay_ms: 9,
        ..fault
    };
    caller.post("/sandbox/issuer/faults", &json!(fault)).await;
    // What a crash leaves: the files as they are while the first still runs.
    let copies = folder.path().join("crashed");
    std::fs::create_dir(&copies).unwrap();
    for name in ["bank.json", "bank.json.issuer"] {
        std::fs::copy(folder.path().join(name), copies.join(name)).unwrap();
    }
    let crashed = Config {
        state_file: Some(copies.join("bank.json")),
        ..config()
    };
    let second = serve(listener().await, crashed).await.unwrap();
    let books = second.with_issuer(|issuer, _| {
        assert!(issuer.serial(&sn).is_some());
        assert!(
            issuer
                .set_fault(FaultSpec::once(FaultKind::Garbled))
                .unwrap()
                > 2
        );
        issuer.books()
    });
    let books = books.unwrap();
    assert_eq!((books.minted, books.balance), (1, 6));
    assert_eq!(second.issuer_root_pem(), Some(&*root));
    let faults = caller_of(&second).await.get("/sandbox/issuer/faults").await;
    let faults: Value = faults.json().await.unwrap();
    assert_eq!(faults["faults"][0]["spec"]["kind"], "slow");
    first.shutdown().await;
    second.shutdown().await;
    let stored = std::fs::read_to_string(folder.path().join("bank.json.issuer")).unwrap();
    assert!(stored.contains(&sn));
    for secret in [KEY, PASSWORD, &caller.token] {
        assert!(!stored.contains(secret), "a secret is on disk");
    }
    let error = {
        std::fs::write(folder.path().join("bank.json.issuer"), "{").unwrap();
        serve(listener().await, kept()).await.unwrap_err()
    };
    assert!(matches!(error, bubuh_sandbox::Error::State(_)), "{error:?}");
}

/// A caller that need not log in: the controls ask nobody.
async fn caller_of(sandbox: &Sandbox) -> Caller {
    Caller {
        url: sandbox.url(),
        token: String::new(),
    }
}

#[tokio::test]
async fn bank_and_issuer_share_a_port_and_without_an_issuer_its_paths_are_unknown() {
    let both = serve(listener().await, config()).await.unwrap();
    let patience = Duration::from_secs(20);
    let http = || Http::new(patience, patience).unwrap();
    let gateway = Midtrans::new(both.url(), KEY.into(), http());
    gateway.charge(&qris("o1")).await.unwrap();
    Caller::of(&both).await.mint().await;
    let root = caller_of(&both).await.get("/sandbox/issuer/root").await;
    let root = root.text().await.unwrap();
    assert_eq!(both.issuer_root_pem(), Some(&*root));
    let alone = serve(listener().await, Config::new(KEY.into()))
        .await
        .unwrap();
    assert_eq!(alone.issuer_root_pem(), None);
    assert!(alone.with_issuer(|_, _| ()).is_none());
    let reply = caller_of(&alone).await.get("/snqr/qrimage?sn=x").await;
    assert_eq!(reply.status(), 200);
    let reply: Value = reply.json().await.unwrap();
    assert_eq!(reply["status_code"], "404");
}

#[tokio::test]
async fn a_batchs_result_is_posted_once_though_it_is_refused() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let take = move |headers: HeaderMap, body: Bytes| async move {
        assert!(headers.get("authorization").is_none());
        heard.send(body).unwrap();
        http::StatusCode::SERVICE_UNAVAILABLE
    };
    let router = Router::new().route("/serials", post(take));
    let client = listener().await;
    let url = format!("http://{}/serials", client.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(client, router).await });
    let sandbox = serve(listener().await, config()).await.unwrap();
    let caller = Caller::of(&sandbox).await;
    let mut asked = batch_body(3);
    asked["return_url"] = url.into();
    let reply = caller.post("/api/v2/serialnumber/batch", &asked).await;
    let posted = tokio::time::timeout(Duration::from_secs(30), hears.recv());
    let posted: Value = serde_json::from_slice(&posted.await.unwrap().unwrap()).unwrap();
    assert_eq!(posted["batchId"], reply["result"]["batchId"]);
    assert_eq!(posted["result"].as_array().unwrap().len(), 3);
    let met = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            let met = sandbox.with_issuer(|issuer, _| issuer.batches().next().unwrap().met.len());
            if met == Some(1) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    met.await.expect("the post was never booked");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(hears.try_recv().is_err(), "posted again");
}

#[tokio::test]
async fn a_lost_reply_to_minting_breaks_the_connection_and_the_serial_is_there() {
    let sandbox = serve(listener().await, config()).await.unwrap();
    let caller = Caller::of(&sandbox).await;
    let fault = FaultSpec::once(FaultKind::ReplyLost).at(Call::Mint);
    let set = sandbox.with_issuer(|issuer, _| issuer.set_fault(fault));
    set.unwrap().unwrap();
    let request = caller.request(reqwest::Method::POST, "/chanel/stampv2");
    let answer = request.json(&mint_body()).send().await;
    let broke = match answer {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(broke);
    let books = sandbox.with_issuer(|issuer, _| issuer.books()).unwrap();
    assert_eq!((books.minted, books.unstamped), (1, 1));
}

fn put(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_file_in_a_folder_on_disk_is_signed_and_no_link_leads_out_of_it() {
    let disk = tempfile::tempdir().unwrap();
    let (folder, outside) = (disk.path().join("shared"), disk.path().join("outside"));
    std::fs::create_dir(&outside).unwrap();
    let mut config = config();
    config.issuer.as_mut().unwrap().shared_folder = Some(folder.clone());
    let sandbox = serve(listener().await, config).await.unwrap();
    let caller = Caller::of(&sandbox).await;
    let minted = caller.mint().await;
    let picture = STANDARD.decode(minted["image"].as_str().unwrap()).unwrap();
    let source = pdf::plain("one");
    put(&folder, "UNSIGNED/x.pdf", &source);
    put(&folder, "SPECIMEN/x.png", &picture);
    put(&outside, "x.pdf", &pdf::plain("secret"));
    std::os::unix::fs::symlink(&outside, folder.join("LINK")).unwrap();
    let mut asked = json!({
        "onPrem": true, "certificatelevel": "NOT_CERTIFIED", "docpass": "",
        "dest": "/sharefolder/SIGNED/x.pdf", "jwToken": caller.token, "location": "",
        "profileName": "emeteraicertificateSigner", "reason": "", "refToken": minted["sn"],
        "spesimenPath": "/sharefolder/SPECIMEN/x.png", "src": "/sharefolder/LINK/x.pdf",
        "visLLX": 100, "visLLY": 100, "visURX": 200, "visURY": 200, "visSignaturePage": 1,
    });
    assert_eq!(caller.post(SIGN_IN_FOLDER, &asked).await["errorCode"], "92");
    asked["src"] = "/sharefolder/UNSIGNED/x.pdf".into();
    let reply = caller.post(SIGN_IN_FOLDER, &asked).await;
    let expected = json!({ "status": "True", "errorCode": "00", "errorMessage": "" });
    assert_eq!(reply, expected);
    let signed = std::fs::read(folder.join("SIGNED/x.pdf")).unwrap();
    let roots = certificates_from_pem(sandbox.issuer_root_pem().unwrap()).unwrap();
    assert!(verify(&signed, &roots).valid);
    // A place that can't be written: the books know the stamp, and the retry finds it.
    asked["retryFlag"] = "1".into();
    asked["dest"] = "/sharefolder/LINK/y.pdf".into();
    assert_eq!(caller.post(SIGN_IN_FOLDER, &asked).await["errorCode"], "92");
    assert!(!outside.join("y.pdf").exists());
    asked["dest"] = "/sharefolder/AGAIN/x.pdf".into();
    assert_eq!(caller.post(SIGN_IN_FOLDER, &asked).await["errorCode"], "00");
    assert_eq!(std::fs::read(folder.join("AGAIN/x.pdf")).unwrap(), signed);
}

#[tokio::test]
async fn a_document_goes_in_by_a_form_larger_than_the_banks_limit_and_comes_out_stamped() {
    let sandbox = serve(listener().await, config()).await.unwrap();
    let caller = Caller::of(&sandbox).await;
    let minted = caller.mint().await;
    let source = pdf::plain(&"x".repeat(3 << 20));
    let form = [
        b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.pdf\"\r\n\r\n"
            .as_slice(),
        &source,
        b"\r\n--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n",
        caller.token.as_bytes(),
        b"\r\n--b--\r\n",
    ]
    .concat();
    let upload = caller
        .request(reqwest::Method::POST, "/uploaddoc2")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(form);
    let uploaded: Value = upload.send().await.unwrap().json().await.unwrap();
    let asked = json!({
        "onPrem": false, "docId": uploaded["id"], "certificatelevel": "NOT_CERTIFIED",
        "docpass": "", "dest": "", "jwToken": caller.token, "location": "",
        "profileName": "emeteraicertificateSigner", "reason": "", "refToken": minted["sn"],
        "spesimenPath": "", "src": "",
        "visLLX": 100, "visLLY": 100, "visURX": 200, "visURY": 200, "visSignaturePage": 1,
    });
    let reply = caller.post("/keystamp/adapter/docSigningZ", &asked).await;
    assert_eq!(reply["errorCode"], "00", "{reply}");
    let path = reply["urlFile"].as_str().unwrap();
    let path = path.strip_prefix(&sandbox.url()).unwrap();
    let signed = caller.get(path).await.bytes().await.unwrap();
    let roots = certificates_from_pem(sandbox.issuer_root_pem().unwrap()).unwrap();
    assert!(verify(&signed, &roots).valid);
}

#[tokio::test]
async fn in_process_the_issuer_is_a_transport_as_the_bank_is() {
    let issuer = Issuer::new(super::client::settings(1)).unwrap();
    let line = InProcess::new(issuer, || 1_767_225_600_000, 10_000);
    let login = || {
        let who = json!({ "user": USER, "password": PASSWORD });
        Request::post("http://issuer.invalid/api/users/login")
            .body(who.to_string().into())
            .unwrap()
    };
    assert_eq!(line.send(login()).await.unwrap().status(), 200);
    let slow = FaultSpec {
        delay_ms: 10_000,
        ..FaultSpec::once(FaultKind::Slow)
    };
    line.with(|issuer, _| issuer.set_fault(slow)).unwrap();
    assert!(line.send(login()).await.is_err());
}
