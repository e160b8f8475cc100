//! Which requests meet a fault: some of all, more of a few kinds that the seed picks, and, when one
//! fault at one kind of request is hunted, that.

use super::Sim;
use crate::cloud::{Fault, Site};
use std::{fmt, str::FromStr};

/// One fault at one kind of request, written `LostReply at Dynamo PutItem DOC/DOC`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aim {
    /// What happens.
    pub fault: Fault,
    /// To which kind of request ([`Site::shape`]).
    pub shape: String,
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.fault, self.shape)
    }
}

impl FromStr for Aim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, shape) = text.split_once(" at ").ok_or("FAULT at REQUEST")?;
        let fault = Fault::ALL.into_iter().find(|f| format!("{f:?}") == name);
        Ok(Self {
            fault: fault.ok_or_else(|| format!("there is no fault {name}"))?,
            shape: shape.to_owned(),
        })
    }
}

/// One in so many kinds of request is picked by a seed, so that rare ones are hit often in some worlds.
const PICKED: u64 = 6;

impl Sim {
    /// Whether this request meets a fault, and which.
    pub(super) fn fault(&mut self, site: &Site, shape: &str) -> Option<Fault> {
        if self.calm && !self.late {
            return None;
        }
        let kinds = Fault::kinds(site);
        let fault = if self.aim.as_ref().is_some_and(|aim| aim.shape == shape) {
            let hit = self.dice.below(2) == 0;
            self.aim.take_if(|_| hit)?.fault
        } else {
            let picked = mixed(self.picks, shape).is_multiple_of(PICKED);
            let per_mille = if picked { 200 } else { self.per_mille };
            if self.faults_left == 0 || self.dice.below(1_000) >= per_mille {
                return None;
            }
            self.faults_left -= 1;
            let index = usize::try_from(self.dice.below(kinds.len() as u64)).unwrap_or_default();
            kinds.get(index).copied()?
        };
        self.disturbed = true;
        Some(fault)
    }
}

/// FNV-1a: the same on every machine.
fn mixed(salt: u64, text: &str) -> u64 {
    let bytes = salt.to_le_bytes().into_iter().chain(text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
