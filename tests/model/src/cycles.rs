//! Whether every run ends: without that, "what is quiet has ended" says nothing of a run that is
//! never quiet.

use crate::{
    model::{Action, Bubuh},
    scenario::Scenario,
    state::State,
};
use stateright::Model;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

/// A state on the way down, and what is still to be tried from it.
struct Visit {
    state: State,
    digest: u64,
    actions: Vec<Action>,
}

/// Walks every run to its end, deepest first. Gives the number of states, or the actions of a run
/// that comes back to where it was.
///
/// # Errors
/// The actions of such a run, one a line.
pub fn runs_end(scenario: Scenario) -> Result<usize, String> {
    let model = Bubuh(scenario);
    let mut on_the_way: HashMap<u64, bool> = HashMap::new();
    let mut way: Vec<Visit> = Vec::new();
    let mut taken: Vec<Action> = Vec::new();
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
                taken.push(action);
                way.push(next);
            }
        }
    }
    Ok(on_the_way.len())
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
