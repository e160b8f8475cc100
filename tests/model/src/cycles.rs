//! Whether every run ends: without that, "what is quiet has ended" says nothing of a run that is
//! never quiet.

use crate::{
    model::{Action, Bubuh},
    scenario::Scenario,
    state::State,
};
use stateright::Model;
use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

/// How the runs of a scenario end.
#[derive(Debug, Default)]
pub struct Ends {
    /// States that differ.
    pub states: usize,
    /// Where rows stand when nothing can happen any more, over all runs.
    pub met: BTreeSet<String>,
}

/// A state on the way down, and what is still to be tried from it.
struct Visit {
    state: State,
    digest: u64,
    actions: Vec<Action>,
}

/// Walks every run to its end, deepest first.
///
/// # Errors
/// The actions of a run that comes back to where it was, one a line.
pub fn runs_end(scenario: Scenario) -> Result<Ends, String> {
    let model = Bubuh(scenario);
    let mut on_the_way: HashMap<u64, bool> = HashMap::new();
    let mut way: Vec<Visit> = Vec::new();
    let mut taken: Vec<Action> = Vec::new();
    let mut ends = Ends::default();
    for state in model.init_states() {
        way.push(visit(&model, state));
    }
    while let Some(here) = way.last_mut() {
        on_the_way.insert(here.digest, true);
        let Some(action) = here.actions.pop() else {
            on_the_way.insert(here.digest, false);
            way.pop();
            taken.pop();
            continue;
        };
        let Some(state) = model.next_state(&here.state, action.clone()) else {
            continue;
        };
        let next = visit(&model, state);
        match on_the_way.get(&next.digest) {
            Some(true) => {
                taken.push(action);
                let lines: Vec<String> = taken.iter().map(|a| format!("{a:?}")).collect();
                return Err(lines.join("\n"));
            }
            Some(false) => {}
            None => {
                if next.actions.is_empty() {
                    ends.met.extend(rows(&next.state));
                }
                taken.push(action);
                way.push(next);
            }
        }
    }
    ends.states = on_the_way.len();
    Ok(ends)
}

fn rows(state: &State) -> impl Iterator<Item = String> {
    let documents = state.rows.documents.values();
    let documents = documents.map(|d| format!("document {:?}", d.state));
    let orders = state.rows.orders.values();
    let orders = orders.map(|o| format!("order {:?}", o.state));
    let refunds = state.rows.refunds.values();
    let refunds = refunds.map(|r| format!("refund {:?} {:?}", r.reason, r.state));
    documents.chain(orders).chain(refunds)
}

fn visit(model: &Bubuh, state: State) -> Visit {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    let mut actions = Vec::new();
    model.actions(&state, &mut actions);
    Visit {
        digest: hasher.finish(),
        actions,
        state,
    }
}
