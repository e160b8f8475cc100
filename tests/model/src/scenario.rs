//! The runs that are checked. What may happen in them, and how often, is their budget.

use crate::{
    mutant::Mutant,
    process::Lane,
    start::Start,
    state::{Budget, State},
};

/// How many processes of each function may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// Takes documents in.
    pub intake: usize,
    /// Stamps them.
    pub stamp: usize,
    /// Looks at orders.
    pub order: usize,
    /// Refunds.
    pub refund: usize,
}

/// A run: where it starts and what may happen.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// How many processes.
    pub lanes: Lanes,
    /// How often what happens.
    pub budget: Budget,
    /// The rule that is broken, if one is.
    pub mutant: Option<Mutant>,
    start: fn() -> Start,
}

impl Scenario {
    /// The same run under a broken rule.
    #[must_use]
    pub const fn with(mut self, mutant: Mutant) -> Self {
        self.mutant = Some(mutant);
        self
    }

    /// The same run, in which this may happen.
    #[must_use]
    pub const fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    pub(crate) fn state(&self) -> State {
        let mut state = (self.start)().state();
        state.left = self.budget;
        state
    }

    pub(crate) const fn limit(&self, lane: Lane) -> usize {
        match lane {
            Lane::Intake => self.lanes.intake,
            Lane::Stamp => self.lanes.stamp,
            Lane::Order => self.lanes.order,
            Lane::Refund => self.lanes.refund,
            Lane::Sweep | Lane::Owner => 1,
        }
    }
}

/// One queued document, two workers that die, stall and repeat themselves; the owner may cancel, the
/// issuer may refuse.
#[must_use]
pub fn stamping() -> Scenario {
    Scenario {
        name: "stamping",
        lanes: Lanes {
            intake: 1,
            stamp: 2,
            order: 0,
            refund: 0,
        },
        budget: Budget::NOTHING,
        mutant: None,
        start: || Start::default().paid(1).serials(1).queued(1),
    }
}

/// A document on its last try: it stalls, is cancelled under a tombstone or redriven, while late
/// workers go on.
#[must_use]
pub fn stalling() -> Scenario {
    Scenario {
        name: "stalling",
        start: || {
            Start::default()
                .paid(1)
                .serials(1)
                .tried(1, bubuh_core::document::TRIES_MAX - 1)
        },
        ..stamping()
    }
}

/// One stamp and one serial for two documents: what the first gives back, the second gets.
#[must_use]
pub fn handing_on() -> Scenario {
    Scenario {
        name: "handing on",
        start: || Start::default().paid(1).serials(1).queued(1).uploaded(2),
        ..stamping()
    }
}

/// Two uploads, said twice and overwritten; the stamps are paid for late; an owner cancels.
#[must_use]
pub fn taking_in() -> Scenario {
    Scenario {
        name: "taking in",
        lanes: Lanes {
            intake: 2,
            stamp: 0,
            order: 1,
            refund: 0,
        },
        start: || {
            Start::default()
                .placed(1)
                .serials(1)
                .uploaded(1)
                .uploaded(2)
        },
        ..stamping()
    }
}

/// One upload that is said twice and overwritten while its stamp is being paid for.
#[must_use]
pub fn waking() -> Scenario {
    Scenario {
        name: "waking",
        start: || Start::default().placed(1).serials(1).uploaded(1),
        ..taking_in()
    }
}

/// A document whose time to upload is over: sweep gives it up while its file may be coming.
#[must_use]
pub fn uploading_late() -> Scenario {
    Scenario {
        name: "uploading late",
        start: || Start::default().paid(1).serials(1).announced_long_ago(1),
        ..taking_in()
    }
}

/// An order paid in time, late, or twice; cancelled, expired; what can't be credited goes back.
#[must_use]
pub fn paying() -> Scenario {
    Scenario {
        name: "paying",
        lanes: Lanes {
            intake: 1,
            stamp: 0,
            order: 2,
            refund: 2,
        },
        start: || Start::default().placed(1).serials(1),
        ..stamping()
    }
}

/// An order whose time to pay is over: sweep ends it while its money may be coming.
#[must_use]
pub fn paying_late() -> Scenario {
    Scenario {
        name: "paying late",
        start: || Start::default().placed_long_ago(1).serials(1),
        ..paying()
    }
}

/// Unused stamps are asked back under two keys while a document wants one of them.
#[must_use]
pub fn asking_back() -> Scenario {
    Scenario {
        name: "asking back",
        lanes: Lanes {
            intake: 1,
            stamp: 1,
            order: 1,
            refund: 2,
        },
        start: || Start::default().paid(2).serials(2).uploaded(1),
        ..stamping()
    }
}
