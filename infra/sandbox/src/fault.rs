//! Faults on demand, whoever makes them: those that wait, and those that happened.

use serde::{Deserialize, Serialize};

/// A fault that is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Fault<S> {
    id: u64,
    spec: S,
    /// How many more calls will meet it.
    remaining: u32,
}

/// All of them, as they are kept and told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Faults<S, F> {
    faults: Vec<Fault<S>>,
    /// What fired, oldest first.
    pub(crate) fired: Vec<F>,
}

impl<S, F> Default for Faults<S, F> {
    fn default() -> Self {
        Self {
            faults: Vec::new(),
            fired: Vec::new(),
        }
    }
}

impl<S: Clone, F> Faults<S, F> {
    /// The next `count` calls that it fits will meet this one.
    pub(crate) fn set(&mut self, id: u64, spec: S, count: u32) {
        self.faults.push(Fault {
            id,
            spec,
            remaining: count,
        });
    }

    /// Takes all back; what fired stays on record.
    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// The oldest one that waits for what `meets` describes, and its number; used up by one.
    pub(crate) fn take(&mut self, meets: impl Fn(&S) -> bool) -> Option<(u64, S)> {
        let mut waiting = self.faults.iter_mut().filter(|fault| fault.remaining > 0);
        let fault = waiting.find(|fault| meets(&fault.spec))?;
        fault.remaining = fault.remaining.saturating_sub(1);
        Some((fault.id, fault.spec.clone()))
    }
}
