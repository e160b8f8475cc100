//! A licensed e-Meterai issuer: pure, as the bank is. Its stamps are made by our engine, say SPECIMEN, and lead to a
//! root of its own.

mod answer;
mod batch;
mod control;
mod engine;
mod fault;
mod fields;
mod folder;
mod look;
mod mint;
mod multipart;
mod route;
mod serial;
mod shelf;
mod sign;
mod token;
mod upload;
mod wanted;

pub use batch::Batch;
pub use control::Books;
pub use fault::{Call, FaultKind, FaultSpec, Fired};
pub(crate) use folder::{Paths, SharedPath};
pub(crate) use route::{ON_PREMISES, serves};
pub use serial::{Serial, Signed};

use crate::{Delivered, Due, Error, Outcome, Remote, fault::Faults, ids};
use bubuh_gateway::SecretString;
use bytes::Bytes;
use engine::Engine;
use http::Request;
use serde::{Deserialize, Serialize};
use shelf::Shelf;
use std::collections::{BTreeMap, BTreeSet};

/// How long after a batch was asked its result comes: a sandbox's choice.
pub(crate) const BATCH_DELAY_MS: u64 = 2_000;

/// What an issuer is given at its start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may log in.
    pub user: String,
    /// The user's password.
    pub password: SecretString,
    /// Decides the key that stamps are signed with: the same text, the same key and root.
    pub key: SecretString,
    /// How many serials can be minted at first.
    pub balance: u64,
    /// How long after a batch was asked its result is posted, in milliseconds.
    pub batch_delay_ms: u64,
    /// Where this API is, for the links in its replies.
    pub public_url: String,
    /// What stands before `/v/SERIAL` in the address under which a stamp is said to be verified.
    pub verify_url: String,
    /// Where serials and ids start; another seed gives other ones.
    pub seed: u64,
}

impl Settings {
    /// An issuer without a balance, ids from seed 0.
    #[must_use]
    pub fn new(user: impl Into<String>, password: SecretString, key: SecretString) -> Self {
        Self {
            user: user.into(),
            password,
            key,
            balance: 0,
            batch_delay_ms: BATCH_DELAY_MS,
            public_url: "http://issuer.invalid".to_owned(),
            verify_url: "https://issuer.invalid".to_owned(),
            seed: 0,
        }
    }
}

/// All an issuer keeps, to be stored and restored. Holds no key, no password, no token and no document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    next: u64,
    balance: u64,
    minted: u64,
    conflicts: u64,
    serials: BTreeMap<u64, Serial>,
    batches: BTreeMap<u64, Batch>,
    #[serde(flatten)]
    faults: Faults<FaultSpec, Fired>,
}

/// The issuer.
#[derive(Debug)]
pub struct Issuer {
    settings: Settings,
    engine: Engine,
    state: Snapshot,
    /// Grows with each change of `state`.
    revision: u64,
    /// A serial's text to its place. This and the following three are derived from `state`.
    by_sn: BTreeMap<String, u64>,
    unstamped: BTreeSet<u64>,
    by_batch: BTreeMap<String, u64>,
    /// When, and of which batch, a result is to be posted.
    queue: BTreeSet<(u64, u64)>,
    /// Tokens, and when they end. Like all that follows, gone after a restart.
    tokens: BTreeMap<String, u64>,
    uploads: Shelf,
    finals: Shelf,
    folder: Shelf,
}

impl Issuer {
    /// An issuer without a past.
    ///
    /// # Errors
    /// [`Error::Setting`] when no signing key can be made.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let state = Snapshot {
            balance: settings.balance,
            ..Snapshot::default()
        };
        Self::restore(settings, state)
    }

    /// An issuer that goes on where another stopped, with that one's balance.
    ///
    /// # Errors
    /// As [`Issuer::new`].
    pub fn restore(settings: Settings, state: Snapshot) -> Result<Self, Error> {
        let serials = || state.serials.values();
        let batches = || state.batches.values();
        Ok(Self {
            engine: Engine::new(&settings.key)?,
            by_sn: serials().map(|row| (row.sn.clone(), row.seq)).collect(),
            unstamped: serials()
                .filter(|row| row.signed.is_none())
                .map(|row| row.seq)
                .collect(),
            by_batch: batches().map(|row| (row.id.clone(), row.seq)).collect(),
            queue: batches()
                .filter(|row| row.posts > 0)
                .map(|row| (row.done_at_ms, row.seq))
                .collect(),
            tokens: BTreeMap::new(),
            uploads: Shelf::default(),
            finals: Shelf::default(),
            folder: Shelf::default(),
            settings,
            state,
            revision: 0,
        })
    }

    /// The root that its stamps lead to, as PEM.
    #[must_use]
    pub fn root_pem(&self) -> &str {
        self.engine.root_pem()
    }

    /// Every serial, in the order of minting.
    pub fn serials(&self) -> impl Iterator<Item = &Serial> {
        self.state.serials.values()
    }

    /// The serial with this text.
    #[must_use]
    pub fn serial(&self, sn: &str) -> Option<&Serial> {
        self.state.serials.get(self.by_sn.get(sn)?)
    }

    /// Every batch, in the order of asking.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.state.batches.values()
    }

    fn changed(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }

    /// A number never given before.
    fn number(&mut self) -> u64 {
        self.changed();
        self.state.next = self.state.next.saturating_add(1);
        self.state.next
    }

    fn uuid(&self, number: u64) -> String {
        ids::uuid(self.settings.seed, number)
    }
}

impl Remote for Issuer {
    type Snapshot = Snapshot;

    /// Nothing: what an issuer does by itself is told by the time, or sent when it is [`due`](Remote::due).
    fn advance(&mut self, _now_ms: u64) {}

    fn handle(&mut self, now_ms: u64, request: &Request<Bytes>) -> Outcome {
        Self::handle(self, now_ms, request)
    }

    fn snapshot(&self) -> &Snapshot {
        &self.state
    }

    fn revision(&self) -> u64 {
        self.revision
    }

    fn next_event_ms(&self) -> Option<u64> {
        self.queue.first().map(|(at_ms, _)| *at_ms)
    }

    fn due(&mut self, now_ms: u64) -> Vec<Due> {
        self.due_results(now_ms)
    }

    fn delivered(&mut self, _now_ms: u64, id: u64, met: Delivered) {
        self.result_met(id, met);
    }
}
