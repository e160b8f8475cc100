//! Webhooks in a world.

use super::World;
use crate::cloud::Receiver;
use bubuh_gateway::{Reach, SecretString};
use bubuh_steps::{Courier, HookDesk};

/// What webhooks' secrets are derived from.
pub(crate) const MASTER: &str = "a master secret of no service at all";

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
