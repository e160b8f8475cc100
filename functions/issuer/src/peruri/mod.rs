//! Peruri's API as its integrators use it: an issuer without idempotency keys, that answers HTTP 200 also for failures
//! and may lose its answers.
//!
//! Serials are made ahead, by [`bubuh_store::issuer::Mint`]; a stamp is put on by a call that is keyed by the serial and
//! the source, and made again with the same serial for as long as it takes. No call ever goes to the next serial.

mod affix;
mod call;
mod codes;
mod gate;
mod mint;
mod multipart;
mod pace;
mod session;
mod wire;

pub use codes::{CODES, Code, Does};
pub use pace::Limits;
pub use session::Account;

use bubuh_gateway::Transport;
use bubuh_store::Ambient;
use pace::Pace;
use serde::Deserialize;
use session::Session;
use std::path::PathBuf;

/// Where its services are, without a slash at the end.
#[derive(Debug, Clone, Deserialize)]
pub struct Hosts {
    /// Accounts, balance and the list of serials.
    pub backend: String,
    /// Single serials and their images.
    pub stamp: String,
    /// Batches of serials.
    pub inventory: String,
    /// Uploads and downloads of the hosted form.
    pub files: String,
    /// The signing adapter: Peruri's, or the container beside us.
    pub adapter: String,
}

impl Hosts {
    /// One address for all, or an object of all five.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.starts_with('{') {
            serde_json::from_str(text).ok()
        } else {
            text.starts_with("http").then(|| Self::all_at(text))
        }
    }

    /// All of them at one address.
    #[must_use]
    pub fn all_at(url: &str) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self {
            backend: url.clone(),
            stamp: url.clone(),
            inventory: url.clone(),
            files: url.clone(),
            adapter: url,
        }
    }
}

/// How files come to the signing adapter.
#[derive(Debug, Clone)]
pub enum Form {
    /// They are sent to Peruri.
    Hosted,
    /// They stay here: the adapter's container and we share this folder.
    OnPremises {
        /// The folder as it is mounted here.
        folder: PathBuf,
    },
}

/// How serials are asked for.
#[derive(Debug, Clone)]
pub enum Asking {
    /// One by one; each call makes a serial.
    Single,
    /// Many in a call, made later. Peruri tells this address when they are made; nothing depends on it.
    Batch {
        /// The address.
        return_url: String,
    },
}

/// The client.
pub struct Peruri<T> {
    hosts: Hosts,
    form: Form,
    asking: Asking,
    session: Session,
    transport: T,
    ambient: Ambient,
    pace: Pace,
}

impl<T: Transport> Peruri<T> {
    /// A client of this account.
    pub fn new(
        hosts: Hosts,
        account: Account,
        form: Form,
        asking: Asking,
        transport: T,
        ambient: Ambient,
    ) -> Self {
        Self {
            hosts,
            form,
            asking,
            session: Session::new(account),
            transport,
            ambient,
            pace: Pace::new(Limits::default()),
        }
    }

    /// Keeps within these limits.
    #[must_use]
    pub fn within(self, limits: Limits) -> Self {
        Self {
            pace: Pace::new(limits),
            ..self
        }
    }
}
