//! Worlds in which one guarantee is taken away, to show that it is needed and that its loss is seen.
//! The code under test is the real one; what it asks of the services is changed on the way.

use super::{
    ACTOR, STAMPED, Service,
    conditions::drop_condition,
    reply::{json, reply},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// A commit holds whatever the row, the lot and the ledger say: no fence, as in a completion
    /// that is written by key alone.
    UnfencedCommit,
    /// A reservation holds also when no stamp is available and the serial is taken.
    UnconditionalReservation,
    /// The document is committed as stamped before its file is stored.
    CommitBeforePut,
    /// A refusal leaves no tombstone.
    RefusalWithoutTombstone,
    /// A stored file is neither looked for nor kept: the last one wins.
    StoredOutputIgnored,
    /// After a document was written as waiting, stamps are not looked for once more.
    NoLookAfterWaiting,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::UnfencedCommit,
        Self::UnconditionalReservation,
        Self::CommitBeforePut,
        Self::RefusalWithoutTombstone,
        Self::StoredOutputIgnored,
        Self::NoLookAfterWaiting,
    ];
}

/// A put that is made later, or never.
pub(super) struct Deferred {
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

/// A broken world's memory, by process.
pub(crate) struct Broken {
    variant: Variant,
    deferred: BTreeMap<u64, Deferred>,
    lots_seen: BTreeMap<u64, String>,
    waits: BTreeSet<u64>,
}

/// What becomes of a request instead of, or before, being applied.
pub(super) enum Instead {
    Apply(Vec<u8>),
    Unconditioned,
    Answer(Box<HttpResponse>),
}

fn actor() -> u64 {
    ACTOR.try_with(|actor| actor.number).unwrap_or_default()
}

impl Broken {
    pub(crate) fn new(variant: Variant) -> Self {
        Self {
            variant,
            deferred: BTreeMap::new(),
            lots_seen: BTreeMap::new(),
            waits: BTreeSet::new(),
        }
    }

    pub(super) fn before(
        &mut self,
        service: Service,
        operation: &str,
        path: &str,
        body: &[u8],
    ) -> Instead {
        let output = service == Service::Storage && path.starts_with(&format!("/{STAMPED}/"));
        let file = !body.starts_with(b"{\"bubuh_tombstone");
        let ok = || Instead::Answer(Box::new(reply(200, "application/xml", Vec::new())));
        match self.variant {
            Variant::UnfencedCommit if service == Service::Dynamo => {
                Instead::Apply(unconditioned(body, "stamped"))
            }
            Variant::UnconditionalReservation if service == Service::Dynamo => {
                Instead::Apply(unconditioned(body, "queued"))
            }
            Variant::CommitBeforePut if output && operation == "PUT" && file => {
                let (path, body) = (path.to_owned(), body.to_vec());
                self.deferred.insert(actor(), Deferred { path, body });
                ok()
            }
            Variant::RefusalWithoutTombstone if output && operation == "PUT" && !file => ok(),
            Variant::StoredOutputIgnored if output && operation == "PUT" => Instead::Unconditioned,
            Variant::StoredOutputIgnored if output => {
                Instead::Answer(Box::new(super::reply::xml_error(404, "NoSuchKey")))
            }
            Variant::NoLookAfterWaiting if asks_for_lots(operation, body) => {
                match self.lots_seen.get(&actor()) {
                    Some(seen) if self.waits.contains(&actor()) => {
                        Instead::Answer(Box::new(json(200, seen.clone())))
                    }
                    _ => Instead::Apply(body.to_vec()),
                }
            }
            _ => Instead::Apply(body.to_vec()),
        }
    }

    /// Remembers what was answered. Gives what is to be stored now.
    pub(super) fn after(
        &mut self,
        operation: &str,
        body: &[u8],
        answer: &HttpResponse,
    ) -> Option<Deferred> {
        let done = answer.status().is_success();
        let state = state_put(body);
        if done && state.as_deref() == Some("awaiting_stamp") {
            self.waits.insert(actor());
        }
        if asks_for_lots(operation, body)
            && let Some(bytes) = answer.body().bytes()
        {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.lots_seen.insert(actor(), text);
        }
        let committed = done && state.as_deref() == Some("stamped");
        committed.then(|| self.deferred.remove(&actor())).flatten()
    }
}

fn asks_for_lots(operation: &str, body: &[u8]) -> bool {
    operation == "Query" && String::from_utf8_lossy(body).contains("LOT#")
}

fn parts(request: &Value) -> impl Iterator<Item = &Value> {
    request["TransactItems"].as_array().into_iter().flatten()
}

/// The state of the document that a transaction writes.
fn state_put(body: &[u8]) -> Option<String> {
    let request: Value = serde_json::from_slice(body).ok()?;
    parts(&request).find_map(|part| {
        let item = &part["Put"]["Item"];
        (item["sk"]["S"] == "DOC").then(|| item["state"]["S"].as_str().map(ToOwned::to_owned))?
    })
}

/// A transaction that leaves a document in that state, without its conditions.
fn unconditioned(body: &[u8], state: &str) -> Vec<u8> {
    if state_put(body).as_deref() != Some(state) {
        return body.to_vec();
    }
    let mut request: Value = serde_json::from_slice(body).expect("a transaction");
    let parts = request["TransactItems"].as_array_mut();
    for part in parts.into_iter().flatten() {
        for (_, action) in part.as_object_mut().into_iter().flatten() {
            drop_condition(action.as_object_mut().expect("an action"));
        }
    }
    request.to_string().into_bytes()
}
