//! What must hold in the end, whatever went wrong on the way.

mod told;

pub(crate) use told::told;

use crate::{
    cloud::{STAMPED, Status, UPLOADS},
    double::serial_of,
    remote::disagreements,
    story::Ends,
    world::World,
};
use bubuh_core::{
    case::CaseKind,
    document::{Document, DocumentState},
    id::Sha256,
    payment::PaymentState,
    refund::{Made, Refund, RefundState},
};
use bubuh_store::table::Whole;
use std::collections::{BTreeMap, BTreeSet};

/// What does not hold, in words; empty when all does.
pub async fn problems(world: &World, ends: &Ends) -> Vec<String> {
    let whole = world.whole().await;
    let mut problems = breaches(&whole);
    states(&whole, ends, &mut problems);
    files(world, &whole, &mut problems);
    money(world, &whole, ends, &mut problems);
    issuer(world, &whole, &mut problems);
    expected(&whole, ends, &mut problems);
    told(world, &whole, &mut problems).await;
    rest(world, ends, &mut problems);
    problems
}

/// The audit's breaches, in words.
#[must_use]
pub fn breaches(whole: &Whole) -> Vec<String> {
    let report = bubuh_core::audit::audit(&whole.rows);
    let breaches = report.breaches.iter();
    breaches
        .map(|b| format!("audit: {}: {}: {}", b.invariant, b.subject, b.detail))
        .collect()
}

fn states(whole: &Whole, ends: &Ends, problems: &mut Vec<String>) {
    for (name, id, expected) in &ends.documents {
        let found = whole.rows.documents.iter().find(|d| d.id == *id);
        let state = found.map(|d| d.state);
        if state != Some(*expected) {
            problems.push(format!("document {name} is {state:?}, not {expected:?}"));
        }
    }
    for (name, id, expected) in &ends.orders {
        let found = whole.rows.orders.iter().find(|o| o.id == *id);
        let state = found.map(|o| o.state);
        if state != Some(*expected) {
            problems.push(format!("order {name} is {state:?}, not {expected:?}"));
        }
    }
    let mut refunds: Vec<_> = whole
        .rows
        .refunds
        .iter()
        .map(|r| (r.order, r.state, r.amount.get()))
        .collect();
    let mut expected = ends.refunds.clone();
    refunds.sort_by_key(|(order, ..)| *order);
    expected.sort_by_key(|(order, ..)| *order);
    if refunds != expected {
        problems.push(format!("refunds are {refunds:?}, not {expected:?}"));
    }
    cases(whole, problems);
}

/// People are asked to see to what can't end by itself (the audit says so), and to nothing else.
pub(crate) fn cases(whole: &Whole, problems: &mut Vec<String>) {
    let rows = &whole.rows;
    let in_hand = |key: &str, state| {
        let mut refunds = rows.refunds.iter();
        refunds.any(|r| r.key.to_string() == key && r.state == state)
    };
    for case in rows.cases.iter().filter(|case| case.closed.is_none()) {
        let needed = match &case.kind {
            CaseKind::RefundStuck(key) => in_hand(key, RefundState::Stuck),
            CaseKind::PayoutDue(key) => in_hand(key, RefundState::Payout),
            CaseKind::PaymentDisputed(transaction) => rows.payments.iter().any(|p| {
                p.transaction.as_str() == transaction && p.state == PaymentState::Disputed
            }),
            CaseKind::RefundBeyondStamps(key) => in_hand(key, RefundState::Refunded),
            CaseKind::DocumentStalled(_)
            | CaseKind::PaymentUnclear(_)
            | CaseKind::SettlementBreak(_) => false,
        };
        if !needed {
            problems.push(format!("nobody needs {case:?}"));
        }
    }
}

/// No execution is left under way.
pub(crate) fn executions(world: &World, problems: &mut Vec<String>) {
    for execution in world.cloud.executions() {
        if execution.status == Status::Running {
            problems.push(format!("execution {} still runs", execution.name));
        }
    }
}

/// A stamped document has the one file its row speaks of; no other file is a stamped one.
pub(crate) fn files(world: &World, whole: &Whole, problems: &mut Vec<String>) {
    let mut outputs: BTreeMap<String, &Document> = BTreeMap::new();
    let mut serials = BTreeSet::new();
    for document in &whole.rows.documents {
        let Some((key, _)) = document.stamped() else {
            continue;
        };
        let serial = document.reservation.as_ref().map(|r| r.serial.clone());
        if !serials.insert(serial.clone()) {
            problems.push(format!("serial {serial:?} is on two documents"));
        }
        outputs.insert(key, document);
    }
    for (key, versions) in world.cloud.objects(STAMPED) {
        if versions.len() != 1 {
            problems.push(format!("{key} was written {} times", versions.len()));
        }
        let on_file = serial_of(&versions[0]);
        match outputs.remove(&key) {
            Some(document) => {
                let row = document.reservation.as_ref().map(|r| r.serial.clone());
                if on_file.is_none() || on_file != row {
                    problems.push(format!("{key} bears {on_file:?}, its row {row:?}"));
                }
                let digest = document.output.as_ref().map(|o| o.sha256.clone());
                if digest != Some(Sha256::of(&versions[0])) {
                    problems.push(format!("{key} is not the file its row speaks of"));
                }
            }
            None if on_file.is_some() => {
                problems.push(format!("{key} is stamped, and no document's"));
            }
            None => {}
        }
    }
    for key in outputs.keys() {
        problems.push(format!("{key} is not there"));
    }
}

/// Whether the gateway gave this refund back.
fn there(refund: &Refund) -> bool {
    let there = matches!(refund.made, None | Some(Made::Elsewhere(_)));
    refund.state == RefundState::Refunded && there
}

/// The gateway and the rows tell the same story, to the rupiah.
fn money(world: &World, whole: &Whole, ends: &Ends, problems: &mut Vec<String>) {
    let transactions = world
        .bank
        .with(|bank, _| bank.transactions().cloned().collect::<Vec<_>>());
    let mut charged = BTreeMap::new();
    for transaction in &transactions {
        *charged.entry(transaction.order_id.clone()).or_insert(0) += 1;
        let refunds = transaction.refunds.len();
        let sent = whole
            .rows
            .refunds
            .iter()
            .filter(|r| r.transaction.as_str() == transaction.transaction_id && there(r));
        let sent: u64 = sent.map(|r| r.amount.get()).sum();
        if refunds > 1 || transaction.refunded() != sent {
            problems.push(format!(
                "the gateway refunded {} in {refunds} refunds, the rows {sent}",
                transaction.refunded()
            ));
        }
    }
    for order in &whole.rows.orders {
        let times = charged.get(&order.id.to_string()).copied().unwrap_or(0);
        if times != 1 {
            problems.push(format!("order {} was charged {times} times", order.id));
        }
    }
    let books = world.bank.with(|bank, _| bank.books());
    let sum = |amounts: &mut dyn Iterator<Item = u64>| amounts.sum::<u64>();
    let rows = &whole.rows;
    let captured = sum(&mut rows.payments.iter().map(|p| p.amount.get()));
    let credited = sum(&mut rows
        .lots
        .iter()
        .map(|l| l.unit_price.get() * u64::from(l.quantity.get())));
    let given = sum(&mut rows
        .refunds
        .iter()
        .filter(|r| there(r))
        .map(|r| r.amount.get()));
    let automatic = sum(&mut rows
        .refunds
        .iter()
        .filter(|r| r.held.is_empty())
        .map(|r| r.amount.get()));
    if books.captured != ends.captured || captured != ends.captured {
        problems.push(format!(
            "buyers paid {}, the gateway has {}, the rows {captured}",
            ends.captured, books.captured
        ));
    }
    if books.refunded != given {
        problems.push(format!("the gateway refunded {}", books.refunded));
    }
    if captured != credited + automatic {
        problems.push(format!(
            "{captured} captured, {credited} credited, {automatic} to give back"
        ));
    }
}

/// What was to be told is, once each, and nothing else.
fn expected(whole: &Whole, ends: &Ends, problems: &mut Vec<String>) {
    let mut topics: Vec<_> = whole.rows.events.iter().map(|e| e.topic).collect();
    let mut expected = ends.told.clone();
    topics.sort_unstable();
    expected.sort_unstable();
    if topics != expected {
        problems.push(format!("{topics:?} are told, not {expected:?}"));
    }
}

/// A remote issuer's books and ours agree.
pub(crate) fn issuer(world: &World, whole: &Whole, problems: &mut Vec<String>) {
    if let Some((issuer, _)) = &world.remote {
        problems.extend(issuer.with(|issuer, _| disagreements(issuer, &whole.rows)));
    }
}

/// Nothing is left under way.
fn rest(world: &World, ends: &Ends, problems: &mut Vec<String>) {
    executions(world, problems);
    for letter in world.cloud.letters() {
        problems.push(format!("message {} is still there", letter.body));
    }
    for item in world.cloud.items() {
        if item["sk"]["S"]
            .as_str()
            .is_some_and(|sk| sk.starts_with("WAIT#"))
        {
            problems.push(format!("{} still waits", item["sk"]["S"]));
        }
    }
    for id in &ends.purged {
        if !world
            .cloud
            .versions(UPLOADS, &Document::source_key(*id))
            .is_empty()
        {
            problems.push(format!("the upload of {id} is still there"));
        }
    }
    for (key, versions) in world.cloud.objects(STAMPED) {
        if ends.erased && versions.iter().any(|bytes| serial_of(bytes).is_some()) {
            problems.push(format!("{key} was to be erased"));
        }
    }
    let unfinished = ends.documents.iter().filter(|(_, _, state)| {
        !matches!(
            state,
            DocumentState::Stamped | DocumentState::Rejected | DocumentState::Cancelled
        )
    });
    assert_eq!(unfinished.count(), 0, "the story has no other ends");
}
