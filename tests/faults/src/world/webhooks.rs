//! Webhooks in a world.

use super::World;
use crate::cloud::Receiver;
use bubuh_core::{
    hook::Topic,
    id::{IdempotencyKey, Sha256},
};
use bubuh_gateway::{Reach, SecretString};
use bubuh_steps::{Courier, HookDesk, hooks::Register};

/// What webhooks' secrets are derived from.
pub(crate) const MASTER: &str = "a master secret of no service at all";

/// A wish to be told.
///
/// # Panics
/// When `key` is none.
#[must_use]
pub fn registration(key: &str, url: &str, topics: &[Topic]) -> Register {
    Register {
        key: IdempotencyKey::new(key).expect("a key"),
        url: url.to_owned(),
        topics: topics.iter().copied().collect(),
        hash: Sha256::of(url.as_bytes()),
    }
}

impl World {
    /// What owners ask of webhooks.
    #[must_use]
    pub fn hooks(&self) -> HookDesk {
        HookDesk {
            table: self.table(),
            reach: Reach::Public,
            master: SecretString::from(MASTER),
            ambient: self.ambient(),
        }
    }

    /// What tells webhooks.
    #[must_use]
    pub fn courier(&self) -> Courier<Receiver> {
        Courier {
            table: self.table(),
            transport: self.receiver.clone(),
            master: SecretString::from(MASTER),
            ambient: self.ambient(),
        }
    }
}
