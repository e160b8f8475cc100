//! What can happen next, in any order.

use crate::{
    chances::{call, due, fates, unfinished},
    cloud::Fate,
    io::{Heard, Reply, Request},
    people::people,
    process::{Call, Running, Stand},
    properties,
    scenario::Scenario,
    start,
    state::{Due, Message, State},
};
use bubuh_core::id::{DocumentId, TransactionId};
use stateright::{Model, Property};
use std::hash::{DefaultHasher, Hash, Hasher};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// A process makes its next request.
    Step {
        process: usize,
        request: &'static str,
        fate: Fate,
    },
    /// A process starts on a message and reads its first row.
    Receive(Message),
    /// The message a process is at work on is delivered once more.
    Redeliver(usize),
    Drop(Message),
    Sweep(Due),
    /// A minute passes in the middle of things.
    Minute,
    /// Nothing is under way: time passes until something is due.
    Later,
    Upload(DocumentId, bool),
    Cancel(DocumentId),
    Erase(DocumentId),
    Redrive(DocumentId),
    Pay(TransactionId),
    Dispute(TransactionId),
    CancelOrder,
    AskBack(u8),
}

/// The model of one scenario.
pub(crate) struct Bubuh(pub(crate) Scenario);

/// How often time may pass with nothing else to do, before what is left counts as left for ever.
const WAITS_MAX: u8 = 12;

impl Model for Bubuh {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.0.state()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.processes(state, actions);
        for message in state.queue.keys() {
            if self.has_room(state, &call(state, message)) {
                actions.push(Action::Receive(message.clone()));
            }
            // The gateway notifies, and a workflow runs, until it is done.
            if state.left.drops > 0
                && matches!(
                    message,
                    Message::Accept(_) | Message::Stamp(_) | Message::Wake
                )
            {
                actions.push(Action::Drop(message.clone()));
            }
        }
        if self.has_room(state, &Call::Overdue) {
            let swept = |due: &Due| !state.swept.contains(due);
            actions.extend(due(state).filter(swept).map(Action::Sweep));
        }
        people(state, actions);
        if state.left.minutes > 0 && !state.running.is_empty() {
            actions.push(Action::Minute);
        }
        if actions.is_empty() && !properties::ended(self, state) && state.waits < WAITS_MAX {
            actions.push(Action::Later);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        match action {
            Action::Step { process, fate, .. } => {
                let running = next.running.remove(process);
                self.step(&mut next, running, fate)?;
            }
            Action::Receive(message) => {
                next.take(&message);
                let call = call(state, &message);
                self.start(&mut next, call, Some(message));
            }
            Action::Redeliver(process) => {
                next.left.duplicates -= 1;
                next.send(next.running[process].message.clone()?);
            }
            Action::Drop(message) => {
                next.left.drops -= 1;
                next.faultless = false;
                next.take(&message);
            }
            Action::Sweep(due) => {
                next.swept.insert(due);
                self.start(&mut next, Call::Sweep(due), None);
            }
            Action::Minute => {
                next.left.minutes -= 1;
                next.pass(start::MINUTE_MS);
            }
            Action::Later => {
                next.waits += 1;
                let until = unfinished(state).filter_map(|(_, at)| at).min();
                let wait = until.unwrap_or_default().saturating_sub(state.now_ms);
                next.pass(wait.max(start::MINUTE_MS));
            }
            action => self.person(&mut next, action),
        }
        next.running.sort_by_cached_key(digest);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl Bubuh {
    fn has_room(&self, state: &State, call: &Call) -> bool {
        let lane = call.lane();
        let busy = state.running.iter().filter(|r| r.call.lane() == lane);
        busy.count() < self.0.limit(lane)
    }

    fn processes(&self, state: &State, actions: &mut Vec<Action>) {
        for (process, running) in state.running.iter().enumerate() {
            let Stand::Asks(request) = running.clone().advance(self.0.mutant) else {
                continue;
            };
            for fate in fates(state, &request) {
                actions.push(Action::Step {
                    process,
                    request: request.name(),
                    fate,
                });
            }
            if state.left.duplicates > 0 && running.message.is_some() {
                actions.push(Action::Redeliver(process));
            }
        }
    }

    pub(crate) fn start(&self, next: &mut State, call: Call, message: Option<Message>) {
        let running = Running::new(call, message, next.now_ms);
        self.step(next, running, Fate::Well);
    }

    /// One request of one process. `None`: this fate is no other than a plainer one.
    fn step(&self, next: &mut State, mut running: Running, fate: Fate) -> Option<()> {
        let Stand::Asks(request) = running.advance(self.0.mutant) else {
            return None;
        };
        let mut reply = next.perform(self.0.mutant, &running, &request, fate);
        let applied = !matches!(
            reply,
            Reply::Lost(_) | Reply::Stored(false) | Reply::Serial(None)
        );
        match fate {
            Fate::Well => {}
            Fate::Dies | Fate::Twice if !applied => return None,
            Fate::Dies => {
                next.left.crashes -= 1;
                next.faultless = false;
                if let Some(message) = running.message {
                    next.send(message);
                }
                return Some(());
            }
            Fate::Twice => {
                next.left.repeats -= 1;
                next.faultless = false;
                reply = next.perform(self.0.mutant, &running, &request, Fate::Well);
            }
            Fate::Refused | Fate::Unclear if matches!(request, Request::Affix) => {
                next.left.refusals -= 1;
            }
            Fate::Refused | Fate::Unclear => next.left.gateway_faults -= 1,
        }
        let at_ms = next.now_ms;
        running.heard.push(Heard { reply, at_ms });
        match running.advance(self.0.mutant) {
            // An issuer that only says yes is part of the worker.
            Stand::Asks(Request::Affix) if next.left.refusals == 0 => {
                self.step(next, running, Fate::Well)?;
            }
            Stand::Asks(_) => next.running.push(running),
            Stand::Ended => {}
            Stand::Failed => {
                if let Some(message) = running.message {
                    next.send(message);
                }
            }
        }
        Some(())
    }
}

impl State {
    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.swept.clear();
    }
}

/// Processes are alike but for what they do: their order is not part of a state.
fn digest(running: &Running) -> u64 {
    let mut hasher = DefaultHasher::new();
    running.hash(&mut hasher);
    hasher.finish()
}
