//! Nothing is left alone: what can't end by itself has an open case, and everything else that has not
//! ended is due some time.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let open: BTreeSet<&CaseKind> = rows
        .cases
        .iter()
        .filter(|case| case.closed.is_none())
        .map(|case| &case.kind)
        .collect();
    let mut needs = |kind: CaseKind| {
        if !open.contains(&kind) {
            report.breach(
                "what people must see to has an open case",
                kind.subject(),
                format!("no {} is open", kind.name()),
            );
        }
    };
    for refund in &rows.refunds {
        match refund.state {
            RefundState::Stuck => needs(CaseKind::RefundStuck(refund.key.to_string())),
            RefundState::Payout => needs(CaseKind::PayoutDue(refund.key.to_string())),
            _ => {}
        }
    }
    for payment in &rows.payments {
        if payment.state == PaymentState::Disputed {
            needs(CaseKind::PaymentDisputed(payment.transaction.to_string()));
        }
    }
    for document in &rows.documents {
        if document.state == DocumentState::Stalled {
            needs(CaseKind::DocumentStalled(document.id.to_string()));
        }
    }
    marked(rows, report);
    due(rows, report);
}

/// A lot can't be used once its payment is disputed, and only then.
fn marked(rows: &Rows, report: &mut Report) {
    let states: BTreeMap<&TransactionId, PaymentState> = rows
        .payments
        .iter()
        .map(|p| (&p.transaction, p.state))
        .collect();
    for lot in &rows.lots {
        let state = states.get(&lot.transaction);
        let must = state.is_some_and(|state| *state != PaymentState::Captured);
        if lot.disputed != must {
            report.breach(
                "disputed stamps are held",
                lot.id,
                format!("held: {}, payment {state:?}", lot.disputed),
            );
        }
    }
}

fn due(rows: &Rows, report: &mut Report) {
    let mut alone = |what: &dyn std::fmt::Display, state: &dyn std::fmt::Debug| {
        report.breach(
            "what has not ended is looked at again",
            what.to_string(),
            format!("{state:?}, and never due"),
        );
    };
    for order in &rows.orders {
        if order.state == OrderState::AwaitingPayment && order.due_at_ms.is_none() {
            alone(&order.id, &order.state);
        }
    }
    for refund in &rows.refunds {
        let moves = matches!(refund.state, RefundState::Due | RefundState::Sent);
        if moves && refund.due_at_ms.is_none() {
            alone(&refund.key, &refund.state);
        }
    }
    for document in &rows.documents {
        let moves = matches!(
            document.state,
            DocumentState::AwaitingUpload
                | DocumentState::AwaitingStamp
                | DocumentState::Queued
                | DocumentState::Stamping
        );
        if moves && document.due_at_ms.is_none() {
            alone(&document.id, &document.state);
        }
    }
}
