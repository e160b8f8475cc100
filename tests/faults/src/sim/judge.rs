//! What must hold: in the midst of a fault, when the world is quiet, and in the end.

use super::Sums;
use crate::{check, world::World};
use bubuh_core::{
    audit::audit,
    case::{Case, CaseKind},
    document::{Document, DocumentState as D, Lacks},
    money::Stamps,
    order::OrderState,
    payment::{Method, PaymentState},
    refund::{Made, Refund, RefundState as R},
};
use bubuh_store::table::Whole;

/// Right after a fault, before anything is mended: the books are whole.
pub(super) async fn midst(world: &World, problems: &mut Vec<String>) {
    let whole = world.whole().await;
    let breaches = check::breaches(&whole).into_iter();
    problems.extend(breaches.map(|b| format!("in the midst: {b}")));
}

/// Nothing went wrong, and nothing is left to happen by itself: nobody waits for what there is.
pub(super) async fn prompt(world: &World, problems: &mut Vec<String>) {
    let whole = world.whole().await;
    waits(&whole, "before the sweep", problems);
}

fn waits(whole: &Whole, when: &str, problems: &mut Vec<String>) {
    let rows = &whole.rows;
    for document in &rows.documents {
        let lots = rows.lots.iter().filter(|l| l.account == document.account);
        let available = lots.fold(Stamps::ZERO, |sum, lot| {
            sum.plus(lot.usable()).unwrap_or(sum)
        });
        let lacks = document.lacks == Some(Lacks::Serial) || available > Stamps::ZERO;
        if document.state == D::AwaitingStamp && lacks {
            problems.push(format!(
                "{when}: {} waits beside {available} stamps",
                document.name
            ));
        }
    }
}

/// When no fault comes any more: what has not ended as it must, and the open cases.
pub(super) async fn end(world: &World) -> (Vec<String>, Vec<Case>) {
    let mut found = Vec::new();
    let problems = &mut found;
    let whole = world.whole().await;
    problems.extend(check::breaches(&whole));
    check::files(world, &whole, problems);
    waits(&whole, "in the end", problems);
    for document in &whole.rows.documents {
        ended(world, document, problems);
    }
    for order in &whole.rows.orders {
        if order.state == OrderState::AwaitingPayment {
            problems.push(format!("order {} still awaits its payment", order.id));
        }
    }
    for refund in &whole.rows.refunds {
        // What people must see to has an open case: the audit says so.
        let fits = match refund.state {
            R::Refunded | R::Reversed => true,
            R::Due | R::Sent => false,
            R::Payout => {
                let dispute = CaseKind::PaymentDisputed(refund.transaction.to_string());
                let disputed = whole.rows.cases.iter().any(|case| case.kind == dispute);
                refund.method == Method::BankTransfer || short(world, refund) || disputed
            }
            R::Stuck => {
                let mut payments = whole.rows.payments.iter();
                let disputed = payments.any(|p| {
                    p.transaction == refund.transaction && p.state != PaymentState::Captured
                });
                disputed || refund.method == Method::BankTransfer
            }
        };
        if !fits {
            problems.push(format!("refund {} is {:?}", refund.key, refund.state));
        }
    }
    check::cases(&whole, problems);
    money(world, &whole, problems);
    check::executions(world, problems);
    check::issuer(world, &whole, problems);
    check::told(world, &whole, problems).await;
    let mut cases = whole.rows.cases;
    cases.retain(|case| case.closed.is_none());
    (found, cases)
}

/// Each captured rupiah is a stamp, went back, or is in an open case.
pub(super) async fn sums(world: &World, problems: &mut Vec<String>) -> Sums {
    let sums = Sums::of(&audit(&world.whole().await.rows).counts);
    if !sums.balance() {
        problems.push(format!("not all money is somewhere: {sums}"));
    }
    sums
}

/// Whether the gateway has less left of the payment than is to go back.
fn short(world: &World, refund: &Refund) -> bool {
    let transaction = refund.transaction.as_str();
    world.bank.with(|bank, _| {
        let mut all = bank.transactions();
        let found = all.find(|t| t.transaction_id == transaction);
        found.is_some_and(|t| t.remaining() < refund.amount.get())
    })
}

fn ended(world: &World, document: &Document, problems: &mut Vec<String>) {
    let uploaded = !world
        .cloud
        .versions(crate::cloud::UPLOADS, &Document::source_key(document.id))
        .is_empty();
    let fits = match document.state {
        D::Stamped | D::Rejected | D::Cancelled | D::AwaitingStamp => true,
        D::AwaitingUpload | D::Abandoned => !uploaded,
        D::Queued | D::Stamping | D::Stalled => false,
    };
    if !fits {
        problems.push(format!(
            "document {} is {:?} in the end (uploaded: {uploaded})",
            document.name, document.state
        ));
    }
}

/// What the gateway captured is booked, and what it refunded is what the rows say, once each.
fn money(world: &World, whole: &Whole, problems: &mut Vec<String>) {
    let transactions = world
        .bank
        .with(|bank, _| bank.transactions().cloned().collect::<Vec<_>>());
    let rows = &whole.rows;
    let mut orders = std::collections::BTreeSet::new();
    for transaction in &transactions {
        if !orders.insert(transaction.order_id.clone()) {
            problems.push(format!("{} was charged twice", transaction.order_id));
        }
        let ours = rows
            .refunds
            .iter()
            .filter(|r| r.transaction.as_str() == transaction.transaction_id)
            .filter(|r| r.state == R::Refunded)
            .filter(|r| matches!(r.made, None | Some(Made::Elsewhere(_))))
            .map(|r| r.amount.get());
        let (refunds, sum) = ours.fold((0, 0), |(n, sum), amount| (n + 1, sum + amount));
        if (transaction.refunds.len(), transaction.refunded()) != (refunds, sum) {
            problems.push(format!(
                "the gateway refunded {} in {} refunds, the rows {sum} in {refunds}",
                transaction.refunded(),
                transaction.refunds.len()
            ));
        }
    }
    let captured: u64 = rows.payments.iter().map(|p| p.amount.get()).sum();
    let there = world.bank.with(|bank, _| bank.books()).captured;
    if captured != there {
        problems.push(format!("the gateway captured {there}, the rows {captured}"));
    }
}
