//! What people do: owners, buyers, operators and the payer's bank.

use crate::{
    model::{Action, Bubuh},
    process::{Call, Lane},
    start,
    state::{Message, State},
};
use bubuh_core::{document::DocumentState, id::TransactionId, order::ObservedState};

/// What owners, buyers, operators and banks may do.
pub(crate) fn people(state: &State, actions: &mut Vec<Action>) {
    let left = &state.left;
    let owner_is_busy = state.running.iter().any(|r| r.call.lane() == Lane::Owner);
    for document in state.rows.documents.values() {
        // Links to upload have run out when an erased document is looked at for the last time.
        let erased = document.is_erased() && document.due_at_ms.is_none();
        if left.uploads > 0 && !erased {
            actions.push(Action::Upload(document.id, true));
            actions.push(Action::Upload(document.id, false));
        }
        if left.cancels > 0 && !owner_is_busy && !document.state.is_terminal() {
            actions.push(Action::Cancel(document.id));
        }
        if left.erasures > 0 && !owner_is_busy && !document.is_erased() {
            actions.push(Action::Erase(document.id));
        }
        if left.redrives > 0 && !owner_is_busy && document.state == DocumentState::Stalled {
            actions.push(Action::Redrive(document.id));
        }
    }
    if left.order_cancels > 0 && !owner_is_busy {
        actions.push(Action::CancelOrder);
    }
    if left.asks > 0 && !owner_is_busy {
        actions.push(Action::AskBack(left.asks));
    }
    if left.payments == 0 && left.disputes == 0 {
        return;
    }
    let (first, second) = (start::transaction(1), start::transaction(2));
    let is = |transaction: &TransactionId| state.gateway.transactions.get(transaction).copied();
    if left.payments > 0 {
        match (is(&first), is(&second)) {
            // Money can come after the end: both QRIS and banks settle late.
            (
                Some(ObservedState::Pending | ObservedState::Expired | ObservedState::Cancelled),
                _,
            ) => {
                actions.push(Action::Pay(first.clone()));
            }
            (Some(ObservedState::Captured), None) => actions.push(Action::Pay(second.clone())),
            _ => {}
        }
    }
    if left.disputes > 0 && is(&first) == Some(ObservedState::Captured) {
        actions.push(Action::Dispute(first));
    }
}

impl Bubuh {
    /// Somebody does it.
    pub(crate) fn person(&self, next: &mut State, action: Action) {
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
            Action::Erase(id) => {
                next.left.erasures -= 1;
                self.start(next, Call::Erase(id), None);
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
    /// The gateway has news, and notifies of it.
    fn tell(&mut self, transaction: TransactionId, state: ObservedState) {
        self.gateway.transactions.insert(transaction.clone(), state);
        self.send(Message::Notify(transaction));
    }
}
