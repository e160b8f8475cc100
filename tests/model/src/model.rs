//! What can happen next, in any order.

use crate::{
    cloud::Fate,
    io::{Heard, Reply, Request},
    process::{Call, Running, Stand},
    properties,
    scenario::Scenario,
    start,
    state::{Due, Message, State},
};
use bubuh_core::{
    document::DocumentState,
    id::{DocumentId, TransactionId},
    order::ObservedState,
};
use stateright::{Model, Property};
use std::hash::{DefaultHasher, Hash, Hasher};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// A process makes its next request.
    Step {
        process: usize,
        request: String,
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
                    request: named(&request),
                    fate,
                });
            }
            if state.left.duplicates > 0 && running.message.is_some() {
                actions.push(Action::Redeliver(process));
            }
        }
    }

    fn start(&self, next: &mut State, call: Call, message: Option<Message>) {
        let running = Running::new(call, message, next.now_ms);
        self.step(next, running, Fate::Well);
    }

    /// One request of one process. `None`: this fate is no other than a plainer one.
    fn step(&self, next: &mut State, mut running: Running, fate: Fate) -> Option<()> {
        let Stand::Asks(request) = running.advance(self.0.mutant) else {
            return None;
        };
        let mut reply = next.perform(self.0.mutant, &running, &request, fate);
        let applied = !matches!(reply, Reply::Lost(_) | Reply::Stored(false));
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

    fn person(&self, next: &mut State, action: Action) {
        match action {
            Action::Upload(id, fit) => {
                next.left.uploads -= 1;
                let upload = next.uploads.entry(id).or_default();
                *upload = (upload.0 + 1, fit);
                next.send(Message::Accept(id));
            }
            Action::Cancel(id) => {
                next.left.cancels -= 1;
                self.start(next, Call::Cancel(id), None);
            }
            Action::Redrive(id) => {
                next.left.redrives -= 1;
                self.start(next, Call::Redrive(id), None);
            }
            Action::Pay(transaction) => {
                next.left.payments -= 1;
                next.tell(transaction, ObservedState::Captured);
            }
            Action::Dispute(transaction) => {
                next.left.disputes -= 1;
                next.tell(transaction, ObservedState::Disputed);
            }
            Action::CancelOrder => {
                next.left.order_cancels -= 1;
                self.start(next, Call::CancelOrder, None);
            }
            Action::AskBack(n) => {
                next.left.asks -= 1;
                self.start(next, Call::AskBack(n), None);
            }
            _ => {}
        }
    }
}

impl State {
    fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
        self.swept.clear();
    }

    /// The gateway has news, and notifies of it.
    fn tell(&mut self, transaction: TransactionId, state: ObservedState) {
        self.gateway.transactions.insert(transaction.clone(), state);
        self.send(Message::Notify(transaction));
    }
}

/// What owners, buyers, operators and banks may do.
fn people(state: &State, actions: &mut Vec<Action>) {
    let left = &state.left;
    let owner_is_busy = state
        .running
        .iter()
        .any(|r| r.call.lane() == crate::process::Lane::Owner);
    for document in state.rows.documents.values() {
        if left.uploads > 0 {
            actions.push(Action::Upload(document.id, true));
            actions.push(Action::Upload(document.id, false));
        }
        if left.cancels > 0 && !owner_is_busy && !document.state.is_terminal() {
            actions.push(Action::Cancel(document.id));
        }
        if left.redrives > 0 && !owner_is_busy && document.state == DocumentState::Stalled {
            actions.push(Action::Redrive(document.id));
        }
    }
    let (first, second) = (start::transaction(1), start::transaction(2));
    let is = |transaction: &TransactionId| state.gateway.transactions.get(transaction).copied();
    if left.payments > 0 {
        match (is(&first), is(&second)) {
            // QRIS can settle after it expired.
            (Some(ObservedState::Pending | ObservedState::Expired), _) => {
                actions.push(Action::Pay(first.clone()));
            }
            (Some(ObservedState::Captured), None) => actions.push(Action::Pay(second.clone())),
            _ => {}
        }
    }
    if left.disputes > 0 && is(&first) == Some(ObservedState::Captured) {
        actions.push(Action::Dispute(first));
    }
    if left.order_cancels > 0 && !owner_is_busy {
        actions.push(Action::CancelOrder);
    }
    if left.asks > 0 && !owner_is_busy {
        actions.push(Action::AskBack(left.asks));
    }
}

/// Rows that are not at an end, and when sweep must look at them.
pub(crate) fn unfinished(state: &State) -> impl Iterator<Item = (Due, Option<u64>)> {
    let documents = state.rows.documents.values().filter(|d| {
        matches!(
            d.state,
            DocumentState::AwaitingUpload
                | DocumentState::AwaitingStamp
                | DocumentState::Queued
                | DocumentState::Stamping
        )
    });
    let documents = documents.map(|d| (Due::Document(d.id), d.due_at_ms));
    let orders = state.rows.orders.values();
    let orders = orders.map(|o| (Due::Order(o.id), o.due_at_ms));
    let refunds = state.rows.refunds.values();
    let refunds = refunds.map(|r| (Due::Refund(r.key), r.due_at_ms));
    documents.chain(orders).chain(refunds)
}

fn due(state: &State) -> impl Iterator<Item = Due> {
    unfinished(state).filter_map(|(row, at)| at.is_some_and(|at| at <= state.now_ms).then_some(row))
}

/// How a request may go here and now.
fn fates(state: &State, request: &Request) -> Vec<Fate> {
    let left = &state.left;
    let mut fates = vec![Fate::Well];
    let writes = matches!(
        request,
        Request::Commit(_)
            | Request::Store(..)
            | Request::Send(_)
            | Request::GatewayEnd
            | Request::GatewayRefund(_)
    );
    // A process that dies before a write was as good as dead since the write before.
    if writes && left.crashes > 0 {
        fates.push(Fate::Dies);
    }
    if matches!(request, Request::Commit(_) | Request::Store(..)) && left.repeats > 0 {
        fates.push(Fate::Twice);
    }
    let says_no = match request {
        Request::Affix => left.refusals,
        Request::GatewayEnd | Request::GatewayRefund(_) => left.gateway_faults,
        _ => 0,
    };
    if says_no > 0 {
        fates.push(Fate::Refused);
    }
    if matches!(request, Request::GatewayRefund(_)) && left.gateway_faults > 0 {
        fates.push(Fate::Unclear);
    }
    fates
}

fn named(request: &Request) -> String {
    let text = match request {
        Request::Store(_, object) => format!("Store {object:?}"),
        other => format!("{other:?}"),
    };
    text.chars().take_while(|c| *c != '(').collect()
}

fn call(state: &State, message: &Message) -> Call {
    match message {
        Message::Accept(id) => Call::Accept {
            id: *id,
            rest: Vec::new(),
        },
        Message::Wake => Call::Wake,
        Message::Stamp(id) => Call::Stamp {
            id: *id,
            holder: holder(state),
        },
        Message::Notify(transaction) => Call::Observe {
            transaction: Some(transaction.clone()),
            cancel: false,
        },
        Message::Refund(key) => Call::Refund(*key),
    }
}

/// A name that no live worker and no lease bears: random words, few enough to be told apart.
fn holder(state: &State) -> u8 {
    let taken = |n: &u8| {
        let name = format!("holder {n}");
        let leases = state
            .rows
            .documents
            .values()
            .filter_map(|d| d.lease.as_ref());
        leases.into_iter().any(|l| l.holder == name)
            || state.running.iter().any(|r| {
                matches!(&r.call, Call::Stamp { holder, .. } | Call::Work { holder, .. }
                    if holder == n)
            })
    };
    (0..=u8::MAX).find(|n| !taken(n)).unwrap_or_default()
}

/// Processes are alike but for what they do: their order is not part of a state.
fn digest(running: &Running) -> u64 {
    let mut hasher = DefaultHasher::new();
    running.hash(&mut hasher);
    hasher.finish()
}
