//! The controls under `/sandbox/issuer/`, which no real issuer has.

use super::{FaultSpec, Issuer, Serial};
use crate::{
    answer::typed,
    control::{self, Flaw, parse},
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What became of the serials. `minted = stamped + unstamped`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// How many serials were minted.
    pub minted: u64,
    /// How many of them are on a document.
    pub stamped: u64,
    /// How many are not.
    pub unstamped: u64,
    /// How many more can be minted.
    pub balance: u64,
    /// How often a serial that is on one document was to be put on another.
    pub conflicts: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Balance {
    balance: u64,
}

impl Issuer {
    /// The sums over all serials, counted anew.
    #[must_use]
    pub fn books(&self) -> Books {
        let mut books = Books {
            minted: self.state.minted,
            balance: self.state.balance,
            conflicts: self.state.conflicts,
            ..Books::default()
        };
        for serial in self.serials() {
            if serial.signed.is_some() {
                books.stamped += 1;
            } else {
                books.unstamped += 1;
            }
        }
        books
    }

    pub(super) fn control(&mut self, request: &Request<Bytes>, path: &[&str]) -> Response<Bytes> {
        if (request.method(), path) == (&Method::GET, &["root"]) {
            let root = self.root_pem().to_owned();
            return typed(StatusCode::OK, "application/x-pem-file", root);
        }
        control::reply(self.act(request, path))
    }

    fn act(&mut self, request: &Request<Bytes>, path: &[&str]) -> Result<Value, Flaw> {
        let body = request.body();
        match (request.method(), path) {
            (&Method::GET, ["serials"]) => {
                let serials: Vec<Value> = self.serials().map(row).collect();
                Ok(json!({ "serials": serials, "books": self.books() }))
            }
            (&Method::GET, ["batches"]) => {
                let batches: Vec<_> = self.batches().collect();
                Ok(json!({ "batches": batches }))
            }
            (&Method::GET, ["books"]) => Ok(json!(self.books())),
            (&Method::PUT, ["balance"]) => {
                let Balance { balance } = parse(body)?;
                self.set_balance(balance);
                Ok(json!(self.books()))
            }
            (&Method::GET, ["faults"]) => Ok(json!(self.state.faults)),
            (&Method::POST, ["faults"]) => {
                let id = self.set_fault(parse::<FaultSpec>(body)?)?;
                Ok(json!({ "id": id }))
            }
            (&Method::DELETE, ["faults"]) => {
                self.clear_faults();
                Ok(json!({}))
            }
            _ => Err(Flaw::unknown()),
        }
    }
}

/// A serial for audits.
fn row(serial: &Serial) -> Value {
    let signed = serial.signed.as_ref();
    json!({
        "sn": serial.sn,
        "status": serial.status(),
        "source_sha256": signed.map(|signed| &signed.source_sha256),
        "signed_at_unix_s": signed.map(|signed| signed.at_unix_s),
        "kind": serial.kind,
        "file": serial.file,
        "batch": serial.batch,
        "minted_at_ms": serial.minted_at_ms,
    })
}
