//! What goes wrong, and where.

use super::{Service, Site};
use std::fmt;

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// The service fails (500) and changes nothing.
    Fail,
    /// The service asks to slow down and changes nothing.
    Throttle,
    /// Another writer holds what the request touches; nothing is changed.
    Conflict,
    /// The request is applied, but its reply never arrives.
    LostReply,
    /// The process is killed as it makes the request.
    CrashBefore,
    /// The request is applied, and the process killed before it hears so.
    CrashAfter,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Fail,
        Self::Throttle,
        Self::Conflict,
        Self::LostReply,
        Self::CrashBefore,
        Self::CrashAfter,
    ];

    /// The faults that differ from each other at this site. What is read can't be half done, so a
    /// lost reply is a failure there; a conflict needs something to conflict on.
    #[must_use]
    pub fn kinds(site: &Site) -> Vec<Self> {
        if !site.writes() {
            return vec![Self::Fail, Self::CrashBefore];
        }
        let mut kinds = vec![
            Self::Fail,
            Self::LostReply,
            Self::CrashBefore,
            Self::CrashAfter,
        ];
        match (site.service, site.operation.as_str()) {
            (Service::Dynamo, _) => kinds.extend([Self::Throttle, Self::Conflict]),
            (Service::Storage, "PUT") => kinds.push(Self::Conflict),
            (Service::Gateway | Service::Issuer | Service::Webhooks, _) => {
                kinds.push(Self::Throttle);
            }
            _ => {}
        }
        kinds
    }
}

/// A fault that happened.
#[derive(Debug, Clone)]
pub struct Fired {
    /// Where.
    pub site: Site,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Fired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.fault, self.site)
    }
}

type Decide = Box<dyn FnMut(&Site) -> Option<Fault> + Send>;

/// Decides, for each request, whether it meets a fault.
pub struct Plan {
    decide: Decide,
    fired: Vec<Fired>,
}

impl Plan {
    /// Nothing goes wrong.
    #[must_use]
    pub fn none() -> Self {
        Self::when(|_| None)
    }

    /// One fault, at the request of this number.
    #[must_use]
    pub fn at(index: usize, fault: Fault) -> Self {
        Self::when(move |site| (site.index == index).then_some(fault))
    }

    /// Any fault, at about `per_mille` of a thousand requests, drawn from a seed.
    #[must_use]
    pub fn seeded(seed: u64, per_mille: u64) -> Self {
        let mut dice = crate::world::Dice::new(seed);
        Self::when(move |site| {
            if dice.below(1000) >= per_mille {
                return None;
            }
            let kinds = Fault::kinds(site);
            let index = dice.below(kinds.len() as u64);
            kinds
                .get(usize::try_from(index).unwrap_or_default())
                .copied()
        })
    }

    /// As the caller decides.
    pub fn when(decide: impl FnMut(&Site) -> Option<Fault> + Send + 'static) -> Self {
        Self {
            decide: Box::new(decide),
            fired: Vec::new(),
        }
    }

    pub(super) fn decide(&mut self, site: &Site) -> Option<Fault> {
        let fault = (self.decide)(site)?;
        self.fired.push(Fired {
            site: site.clone(),
            fault,
        });
        Some(fault)
    }

    pub(super) fn fired(&self) -> &[Fired] {
        &self.fired
    }
}
