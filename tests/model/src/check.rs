//! Checking a scenario to its bound.

use crate::{model::Bubuh, mutant::Mutant, scenario::Scenario, state::Budget};
use stateright::{Checker, HasDiscoveries, Model};
use std::{collections::BTreeMap, fmt, time::Instant};

/// What the checker found.
#[derive(Debug)]
pub struct Found {
    /// The scenario.
    pub name: &'static str,
    /// What could happen.
    pub budget: Budget,
    /// The rule that was broken, if one was.
    pub mutant: Option<Mutant>,
    /// States that differ.
    pub states: usize,
    /// Steps to the state that is furthest away.
    pub depth: usize,
    /// How long it took.
    pub seconds: f64,
    /// Properties that do not hold, each with what happened.
    pub broken: BTreeMap<&'static str, String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {:?}: {} states, depth {}, {:.1} s; {}",
            self.name, self.mutant, self.states, self.depth, self.seconds, self.budget
        )?;
        for (property, trace) in &self.broken {
            write!(f, "\n  broken: {property}\n{trace}")?;
        }
        Ok(())
    }
}

/// Explores every state there is within the scenario's budget, nearest first. One thread, so that
/// depth and traces are the shortest there are; tests run side by side.
#[must_use]
pub fn check(scenario: Scenario) -> Found {
    explore(scenario, HasDiscoveries::AnyFailures)
}

/// Explores until this property is found broken or nothing is left.
#[must_use]
pub fn hunt(scenario: Scenario, property: &'static str) -> Found {
    explore(scenario, HasDiscoveries::AnyOf([property].into()))
}

fn explore(scenario: Scenario, until: HasDiscoveries) -> Found {
    let (name, budget, mutant) = (scenario.name, scenario.budget, scenario.mutant);
    let from = Instant::now();
    let checker = Bubuh(scenario)
        .checker()
        .finish_when(until)
        .spawn_bfs()
        .join();
    let broken = checker.discoveries().into_iter();
    let broken = broken.map(|(property, path)| {
        let last = path.last_state().clone();
        let mut trace = String::new();
        for action in path.into_actions() {
            trace += &format!("    {action:?}\n");
        }
        (
            property,
            format!("{trace}    {:?}\n    {:?}", last.rows, last.objects),
        )
    });
    let found = Found {
        name,
        budget,
        mutant,
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        seconds: from.elapsed().as_secs_f64(),
        broken: broken.collect(),
    };
    println!("{found}");
    found
}
