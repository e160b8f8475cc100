//! Worlds whose issuer is somebody else: the real client of its API over the sandbox, and files that are real PDFs.

use crate::{
    cloud::{Clock, Cloud, Service, SharedIssuer, Teller},
    double::{CountingMint, FickleIssuer},
};
use bubuh_core::{audit::Rows, document::DocumentState};
use bubuh_gateway::SecretString;
use bubuh_issuer::peruri::{Account, Asking, Form, Hosts, Peruri};
use bubuh_sandbox::{InProcess, Issuer, issuer::Settings};
use bubuh_store::{Ambient, issuer::Either};
use std::{collections::BTreeMap, sync::Arc};

/// The real client over the sandbox.
pub type Remote = Peruri<Teller<Issuer>>;

const USER: &str = "distributor";
const PASSWORD: &str = "a password of nobody";
/// Longer than the client waits for an answer, in milliseconds.
const PATIENCE_MS: u64 = 35_000;

/// How a world asks for serials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serials {
    /// One in a call.
    Single,
    /// Many in a call, made later.
    Batch,
}

/// A sandbox issuer.
pub(crate) fn issuer(seed: u64, now: Clock) -> SharedIssuer {
    let mut settings = Settings::new(USER, PASSWORD.into(), "an issuer's key".into());
    settings.balance = 1_000_000;
    settings.seed = seed;
    settings.public_url = "http://issuer.test".to_owned();
    let issuer = Issuer::new(settings).expect("an issuer");
    Arc::new(InProcess::new(issuer, now, PATIENCE_MS))
}

/// A client of it, through the cloud's door. Each has a session of its own, as each process has.
pub(crate) fn client(
    cloud: &Cloud,
    issuer: &SharedIssuer,
    serials: Serials,
    ambient: Ambient,
) -> Remote {
    let account = Account {
        user: USER.to_owned(),
        password: SecretString::from(PASSWORD),
    };
    let asking = match serials {
        Serials::Single => Asking::Single,
        Serials::Batch => Asking::Batch {
            return_url: "http://api.test/v1/issuer/batches".to_owned(),
        },
    };
    let teller = Teller {
        cloud: cloud.clone(),
        service: Service::Issuer,
        remote: Arc::clone(issuer),
    };
    let hosts = Hosts::all_at("http://issuer.test");
    Peruri::new(hosts, account, Form::Hosted, asking, teller, ambient)
}

/// Whoever puts the stamp on in a world: the double, or the real client of a sandbox issuer.
pub type AnyIssuer = Either<FickleIssuer, Remote>;
/// Wherever a world's serials come from, likewise.
pub type AnyMint = Either<CountingMint, Remote>;

/// A PDF of one empty page, with these words in it.
#[must_use]
pub fn pdf(words: &str) -> Vec<u8> {
    let mut file = format!("%PDF-1.7\n% {words}\n").into_bytes();
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ];
    let mut table = "xref\n0 4\n0000000000 65535 f \n".to_owned();
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", file.len());
        file.extend_from_slice(format!("{number} 0 obj\n{object}\nendobj\n").as_bytes());
    }
    let start = file.len();
    let trailer = format!("trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice(table.as_bytes());
    file.extend_from_slice(trailer.as_bytes());
    file
}

/// Whether the issuer's books and ours agree to the serial: each that it made is in the inventory, kept for a document,
/// or on the one it stamped; none is used up without a document.
#[must_use]
pub fn disagreements(issuer: &Issuer, rows: &Rows) -> Vec<String> {
    let made: Vec<_> = issuer.serials().collect();
    let books = issuer.books();
    let mut problems = Vec::new();
    if books.conflicts > 0 {
        problems.push(format!(
            "{} times a serial was to go on a second document",
            books.conflicts
        ));
    }
    let ties: BTreeMap<&str, _> = rows
        .bindings
        .iter()
        .map(|(serial, tie)| (serial.as_str(), tie))
        .collect();
    let known = made
        .iter()
        .filter(|made| ties.contains_key(made.sn.as_str()));
    if known.count() != ties.len() {
        problems.push("a serial is known here that the issuer did not make".to_owned());
    }
    for serial in &made {
        let sn = &serial.sn;
        let Some(tie) = ties.get(sn.as_str()) else {
            problems.push(format!("serial {sn} was paid for and is nowhere"));
            continue;
        };
        let document = tie
            .document
            .and_then(|id| rows.documents.iter().find(|document| document.id == id));
        let stamped = document.filter(|document| document.state == DocumentState::Stamped);
        match (&serial.signed, stamped) {
            (None, None) => {}
            (Some(signed), Some(document)) if signed.source_sha256 == document.sha256.as_str() => {}
            (Some(_), _) => problems.push(format!("serial {sn} is burnt: {tie:?} {document:?}")),
            (None, Some(_)) => problems.push(format!("serial {sn} is not on its document")),
        }
    }
    problems
}
