//! Turns: every request of every process waits until it is let go, so that whoever lets go decides
//! in which order the world's requests happen, and what becomes of each.

use super::{Cloud, Fault, Site, Verdict};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who makes a request.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) number: u64,
    pub(crate) name: String,
}

tokio::task_local! {
    /// The process that runs in this task.
    pub(crate) static ACTOR: Actor;
}

/// What waits for its turn.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// A request to a service.
    Request(Arc<Site>),
    /// A person's next thought.
    Thought(String),
}

/// A wish, by whom, and the how-manieth of all.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) actor: u64,
    pub(crate) nth: u64,
    pub(crate) wish: Wish,
}

struct Pending {
    waiting: Waiting,
    go: oneshot::Sender<Verdict>,
}

#[derive(Default)]
pub(crate) struct Turns {
    pending: Vec<Pending>,
    asked: u64,
}

impl Cloud {
    /// From now on everything waits for its turn.
    pub(crate) fn take_turns(&self) {
        self.lock().turns = Some(Turns::default());
    }

    /// Waits for the turn; gives what is to become of the wish.
    pub(super) async fn turn(&self, wish: Wish) -> Verdict {
        let number = ACTOR.try_with(|actor| actor.number).unwrap_or_default();
        let waits = {
            let mut state = self.lock();
            let turns = state.turns.as_mut().expect("a world that takes turns");
            let (go, waits) = oneshot::channel();
            turns.asked += 1;
            let waiting = Waiting {
                actor: number,
                nth: turns.asked,
                wish,
            };
            turns.pending.push(Pending { waiting, go });
            waits
        };
        match waits.await {
            Ok(verdict) => verdict,
            // Its process was killed.
            Err(_) => std::future::pending().await,
        }
    }

    /// A person thinks, until it is let go.
    pub(crate) async fn think(&self, thought: &str) {
        let _ = self.turn(Wish::Thought(thought.to_owned())).await; // nothing fails about a thought
    }

    /// What waits, in an order that does not depend on how tasks are run.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let state = self.lock();
        let pending = state.turns.iter().flat_map(|turns| &turns.pending);
        let mut waiting: Vec<_> = pending.map(|p| p.waiting.clone()).collect();
        waiting.sort_by_key(|w| (w.actor, w.nth));
        waiting
    }

    /// Lets a wish go, with or without a fault.
    pub(crate) fn let_go(&self, wish: &Waiting, fault: Option<Fault>) {
        let mut state = self.lock();
        let Some(turns) = state.turns.as_mut() else {
            return;
        };
        if let Some(place) = turns.pending.iter().position(|p| p.waiting.nth == wish.nth) {
            let pending = turns.pending.remove(place);
            let _ = pending.go.send(Verdict::of(fault)); // whoever asked may be dead
        }
    }

    /// A process is dead: its wishes are void.
    pub(crate) fn forget(&self, actor: u64) {
        let mut state = self.lock();
        if let Some(turns) = state.turns.as_mut() {
            turns.pending.retain(|p| p.waiting.actor != actor);
        }
    }
}
