//! A raw caller of the issuer's API, who is logged in.

use crate::common::START_MS;
use bubuh_pdf::{Report, certificates_from_pem, verify};
use bubuh_sandbox::{
    Issuer, Outcome, Remote,
    issuer::{FaultKind, FaultSpec, Settings, Snapshot},
};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

pub(crate) const USER: &str = "distributor@example.id";
pub(crate) const PASSWORD: &str = "sandbox password";
const SIGN: &str = "/keystamp/adapter/docSigningZ";
pub(crate) const SIGN_IN_FOLDER: &str = "/adapter/pdfsigning/rest/docSigningZ";

pub(crate) fn settings(balance: u64) -> Settings {
    Settings {
        balance,
        ..Settings::new(USER, PASSWORD.into(), "key".into())
    }
}

pub(crate) struct Client {
    pub(crate) issuer: Issuer,
    pub(crate) now_ms: u64,
    pub(crate) token: String,
}

/// The whole reply.
pub(crate) fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

pub(crate) fn mint_body() -> Value {
    json!({
        "isUpload": false, "namadoc": "3", "namafile": "x.pdf", "nilaidoc": "10000",
        "snOnly": false, "nodoc": "0", "tgldoc": "2026-11-27",
    })
}

pub(crate) fn batch_body(count: usize) -> Value {
    let document = json!({
        "namadoc": "3", "namafile": "b.pdf", "nodoc": "0", "tgldoc": "2026-11-27",
    });
    json!({
        "return_url": "http://callback.test/serials", "tipe": "10000", "partial": true,
        "document": vec![document; count],
    })
}

impl Client {
    pub(crate) fn new(balance: u64) -> Self {
        let mut client = Self {
            issuer: Issuer::new(settings(balance)).unwrap(),
            now_ms: START_MS,
            token: String::new(),
        };
        client.login();
        client
    }

    pub(crate) fn login(&mut self) {
        let who = json!({ "user": USER, "password": PASSWORD });
        let reply = self.ask("POST", "/api/users/login", &who);
        self.token = reply["token"].as_str().unwrap().to_owned();
    }

    /// Kept on disk, and taken up by another process.
    pub(crate) fn restart(&mut self) {
        let stored = serde_json::to_string(self.issuer.snapshot()).unwrap();
        let state: Snapshot = serde_json::from_str(&stored).unwrap();
        self.issuer = Issuer::restore(settings(0), state).unwrap();
    }

    pub(crate) fn send(&mut self, verb: &str, path: &str, kind: &str, body: Bytes) -> Outcome {
        let request = Request::builder()
            .method(verb)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", kind)
            .body(body)
            .unwrap();
        self.issuer.handle(self.now_ms, &request)
    }

    pub(crate) fn outcome(&mut self, verb: &str, path: &str, body: &Value) -> Outcome {
        self.send(verb, path, "application/json", body.to_string().into())
    }

    pub(crate) fn ask(&mut self, verb: &str, path: &str, asked: &Value) -> Value {
        body(&self.outcome(verb, path, asked).response.unwrap())
    }

    pub(crate) fn get(&mut self, path: &str) -> Value {
        self.ask("GET", path, &Value::Null)
    }

    pub(crate) fn mint(&mut self) -> String {
        let reply = self.ask("POST", "/chanel/stampv2", &mint_body());
        assert_eq!(reply["statusCode"], "00", "{reply}");
        reply["result"]["sn"].as_str().unwrap().to_owned()
    }

    pub(crate) fn upload_outcome(&mut self, file: &[u8]) -> Outcome {
        let token = self.token.clone();
        let head = "--line\r\nContent-Disposition: form-data; name=";
        let form = [
            format!("{head}\"token\"\r\n\r\n{token}\r\n").as_bytes(),
            format!("{head}\"file\"; filename=\"x.pdf\"\r\n\r\n").as_bytes(),
            file,
            b"\r\n--line--\r\n",
        ]
        .concat();
        let kind = "multipart/form-data; boundary=line";
        self.send("POST", "/uploaddoc2", kind, form.into())
    }

    pub(crate) fn upload(&mut self, file: &[u8]) -> String {
        let reply = body(&self.upload_outcome(file).response.unwrap());
        assert_eq!(reply["name"], "x.pdf", "{reply}");
        reply["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn sign_body(&self, sn: &str, id: &str) -> Value {
        json!({
            "onPrem": false, "docId": id, "certificatelevel": "NOT_CERTIFIED", "dest": "",
            "docpass": "", "jwToken": self.token, "location": "JAKARTA",
            "profileName": "emeteraicertificateSigner", "reason": "Dokumen", "refToken": sn,
            "spesimenPath": "", "src": "", "visLLX": 237, "visLLY": 559, "visURX": 337,
            "visURY": 459, "visSignaturePage": 1,
        })
    }

    pub(crate) fn sign_with(&mut self, asked: &Value) -> Value {
        self.ask("POST", SIGN, asked)
    }

    pub(crate) fn sign_outcome(&mut self, asked: &Value) -> Outcome {
        self.outcome("POST", SIGN, asked)
    }

    pub(crate) fn sign(&mut self, sn: &str, id: &str) -> Value {
        let asked = self.sign_body(sn, id);
        self.sign_with(&asked)
    }

    pub(crate) fn sign_again(&mut self, sn: &str, id: &str) -> Value {
        let mut asked = self.sign_body(sn, id);
        asked["retryFlag"] = "1".into();
        self.sign_with(&asked)
    }

    /// Uploads and signs; the stamped file.
    pub(crate) fn stamped(&mut self, sn: &str, file: &[u8]) -> Bytes {
        let id = self.upload(file);
        let reply = self.sign(sn, &id);
        assert_eq!(reply["errorCode"], "00", "{reply}");
        self.download(&id)
    }

    pub(crate) fn download(&mut self, id: &str) -> Bytes {
        let path = format!("/getfile3/final_{id}.pdf");
        let outcome = self.outcome("GET", &path, &Value::Null);
        let response = outcome.response.unwrap();
        assert_eq!(response.headers()["content-type"], "application/pdf");
        response.into_body()
    }

    pub(crate) fn verify(&self, file: &[u8]) -> Report {
        let roots = certificates_from_pem(self.issuer.root_pem()).unwrap();
        verify(file, &roots)
    }

    pub(crate) fn fault(&mut self, spec: FaultSpec) {
        self.issuer.set_fault(spec).unwrap();
    }

    pub(crate) fn fired(&self) -> Vec<FaultKind> {
        let fired = self.issuer.fired().iter();
        fired.map(|fired| fired.kind).collect()
    }
}

pub(crate) fn code(reply: &Value) -> &str {
    let code = reply.get("errorCode").or(reply.get("statusCode"));
    code.and_then(Value::as_str).unwrap()
}
