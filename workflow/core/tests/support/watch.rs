//! What must hold after every single decision, said without the rules' own helpers where possible.

use super::World;
use bubuh_core::{
    audit::audit,
    case::CaseKind,
    document::{Document, DocumentState as D},
    id::Serial,
    lot::Bucket,
    money::DUTY,
    order::OrderState as O,
    payment::PaymentState as P,
    refund::{RefundReason, RefundState as R},
    write::Write,
};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! hold {
    ($condition:expr, $($why:tt)*) => {
        if !$condition {
            return Err(format!($($why)*));
        }
    };
}

/// Checks the world a decision left against the one it met.
pub(crate) fn step(before: &World, after: &World, writes: &[Write]) -> Result<(), String> {
    let report = audit(&after.rows());
    hold!(report.breaches.is_empty(), "{:?}", report.breaches);
    for entry in after.entries.values() {
        hold!(entry.balanced().is_ok(), "{} is one-sided", entry.id);
    }
    for write in writes {
        if let Write::Move(change) = write {
            let way = (change.from, change.to);
            hold!(STAMP_WAYS.contains(&way), "a stamp went {way:?}");
        }
    }
    moved_forward(before, after)?;
    documents(before, after)?;
    money(after)?;
    watched(after)
}

/// The ways a stamp may go, by design.md §4.
const STAMP_WAYS: [(Bucket, Bucket); 7] = [
    (Bucket::Available, Bucket::Reserved),
    (Bucket::Reserved, Bucket::Stamped),
    (Bucket::Reserved, Bucket::Available),
    (Bucket::Available, Bucket::Refunding),
    (Bucket::Refunding, Bucket::Refunded),
    (Bucket::Refunding, Bucket::Available),
    (Bucket::Available, Bucket::Refunded),
];

/// The ways an order may go, by design.md §3.
const ORDER_WAYS: [(O, O); 7] = [
    (O::AwaitingPayment, O::Credited),
    (O::AwaitingPayment, O::Expired),
    (O::AwaitingPayment, O::Cancelled),
    (O::AwaitingPayment, O::Failed),
    (O::Expired, O::Cancelled),
    (O::Expired, O::Credited),
    (O::Failed, O::Credited),
];

/// The ways a refund may go; a confirmation that comes after giving up still counts.
const REFUND_WAYS: [(R, R); 14] = [
    (R::Due, R::Sent),
    (R::Due, R::Stuck),
    (R::Due, R::Payout),
    (R::Due, R::Refunded),
    (R::Sent, R::Refunded),
    (R::Sent, R::Stuck),
    (R::Sent, R::Payout),
    (R::Stuck, R::Refunded),
    (R::Stuck, R::Due),
    (R::Stuck, R::Sent),
    (R::Payout, R::Refunded),
    (R::Payout, R::Reversed),
    (R::Payout, R::Due),
    (R::Payout, R::Sent),
];

/// The ways a payment may go.
const PAYMENT_WAYS: [(P, P); 3] = [
    (P::Captured, P::Disputed),
    (P::Disputed, P::Captured),
    (P::Disputed, P::ChargedBack),
];

/// The ways a document may go, by design.md §3.
const DOCUMENT_WAYS: [(D, D); 20] = [
    (D::AwaitingUpload, D::AwaitingStamp),
    (D::AwaitingUpload, D::Queued),
    (D::AwaitingUpload, D::Rejected),
    (D::AwaitingUpload, D::Cancelled),
    (D::AwaitingUpload, D::Abandoned),
    (D::AwaitingStamp, D::Queued),
    (D::AwaitingStamp, D::Cancelled),
    (D::AwaitingStamp, D::Abandoned),
    (D::Queued, D::Stamping),
    (D::Queued, D::Cancelled),
    (D::Stamping, D::Stamped),
    (D::Stamping, D::Rejected),
    (D::Stamping, D::Stalled),
    (D::Stalled, D::Queued),
    (D::Stalled, D::Cancelled),
    (D::Abandoned, D::AwaitingUpload),
    (D::Abandoned, D::AwaitingStamp),
    (D::Abandoned, D::Queued),
    (D::Abandoned, D::Rejected),
    (D::Abandoned, D::Cancelled),
];

/// Compares each row with what it was: gone is wrong, changed must have the next version.
fn each<K: Ord + std::fmt::Debug, T: PartialEq>(
    before: &BTreeMap<K, T>,
    after: &BTreeMap<K, T>,
    version: fn(&T) -> u64,
    way: fn(&T, &T) -> bool,
) -> Result<(), String> {
    for (key, old) in before {
        let Some(new) = after.get(key) else {
            return Err(format!("{key:?} is gone"));
        };
        let grown = version(new) - version(old);
        hold!(grown == u64::from(old != new), "{key:?} grew by {grown}");
        hold!(way(old, new), "{key:?} went a way there is not");
    }
    Ok(())
}

fn way<S: PartialEq + Copy>(ways: &[(S, S)], from: S, to: S) -> bool {
    from == to || ways.contains(&(from, to))
}

fn moved_forward(before: &World, after: &World) -> Result<(), String> {
    each(
        &before.orders,
        &after.orders,
        |r| r.version,
        |a, b| way(&ORDER_WAYS, a.state, b.state),
    )?;
    each(
        &before.refunds,
        &after.refunds,
        |r| r.version,
        |a, b| way(&REFUND_WAYS, a.state, b.state) && a.amount == b.amount,
    )?;
    each(
        &before.payments,
        &after.payments,
        |r| r.version,
        |a, b| {
            a.amount == b.amount && a.credited == b.credited && way(&PAYMENT_WAYS, a.state, b.state)
        },
    )?;
    each(
        &before.documents,
        &after.documents,
        |r| r.version,
        |a, b| way(&DOCUMENT_WAYS, a.state, b.state),
    )?;
    for (id, entry) in &before.entries {
        hold!(after.entries.get(id) == Some(entry), "{id} was rewritten");
    }
    each(
        &before.cases,
        &after.cases,
        |r| r.version,
        |a, b| a.closed.is_none() || a == b,
    )
}

fn documents(before: &World, after: &World) -> Result<(), String> {
    for (id, old) in &before.documents {
        let new = &after.documents[id];
        let kept = |kept: bool, what| {
            if kept {
                Ok(())
            } else {
                Err(format!("{id}: {what}"))
            }
        };
        kept(old.fence <= new.fence, "the fence fell")?;
        kept(
            old.ticket.is_none() || old.ticket == new.ticket,
            "new ticket",
        )?;
        kept(
            old.affixing.is_none() || old.affixing == new.affixing,
            "new time or key",
        )?;
        kept(
            old.output.is_none() || old.output == new.output,
            "new output",
        )?;
        let purged = new.state == D::Abandoned && new.source.is_none();
        kept(
            old.source.is_none() || old.source == new.source || purged,
            "new source",
        )?;
        kept(
            old.erased_at_ms.is_none() || old.erased_at_ms == new.erased_at_ms,
            "it came back",
        )?;
        let spent = old.state == D::Stamped;
        kept(
            !spent || old.reservation == new.reservation,
            "its stamp was taken away",
        )?;
    }
    let mut serials: BTreeSet<&Serial> = BTreeSet::new();
    for document in after.documents.values() {
        if let Some(reservation) = &document.reservation {
            let fresh = serials.insert(&reservation.serial);
            hold!(fresh, "{} is on two documents", reservation.serial);
        }
        row_makes_sense(document)?;
    }
    let waits = |d: &&Document| d.state == D::AwaitingStamp;
    let waiting: BTreeSet<_> = after
        .documents
        .values()
        .filter(waits)
        .map(|d| (d.account.clone(), d.id))
        .collect();
    hold!(waiting == after.waiting, "the list is not who waits");
    Ok(())
}

fn row_makes_sense(document: &Document) -> Result<(), String> {
    let (id, state) = (document.id, document.state);
    let working = state == D::Stamping;
    hold!(
        working == document.lease.is_some(),
        "{id}: lease in {state:?}"
    );
    hold!(
        (state == D::AwaitingStamp) == document.lacks.is_some(),
        "{id}: lacks something in {state:?}"
    );
    hold!(
        (state == D::Rejected) == document.reason.is_some(),
        "{id}: a reason in {state:?}"
    );
    let accepted = state.holds_reservation() || state == D::Stamped;
    hold!(
        !accepted || document.source.is_some() && document.ticket.is_some(),
        "{id}: no file or no place in {state:?}"
    );
    let ended = matches!(state, D::Stamped | D::Rejected | D::Cancelled);
    let nameless = document.name.is_empty() && document.placement.anchor.is_none();
    hold!(
        document.is_erased() == nameless && (ended || !nameless),
        "{id}: a name in {state:?}, erased {:?}",
        document.erased_at_ms
    );
    // Nothing that a worker or a wake must see to is ever out of the sweep's sight.
    let active = matches!(
        state,
        D::AwaitingUpload | D::AwaitingStamp | D::Queued | D::Stamping
    );
    hold!(
        !active || document.due_at_ms.is_some(),
        "{id}: {state:?} and never due"
    );
    Ok(())
}

/// Each captured rupiah is a stamp that is not going back, or in a refund; never both, never neither.
fn money(world: &World) -> Result<(), String> {
    for payment in world.payments.values() {
        let mut used = 0;
        for lot in world
            .lots
            .values()
            .filter(|l| l.transaction == payment.transaction)
        {
            let stamps = lot.quantity.get() - lot.refunding.get() - lot.refunded.get();
            used += u64::from(stamps) * lot.unit_price.get();
        }
        let of = |r: &&bubuh_core::refund::Refund| r.transaction == payment.transaction;
        // What somebody else gave back beyond unused stamps is a loss, under a case.
        let ours = |r: &bubuh_core::refund::Refund| match (r.reason, r.state) {
            (_, R::Reversed) => 0,
            (RefundReason::MadeElsewhere, _) => u64::from(r.stamps().unwrap().get()) * DUTY.get(),
            _ => r.amount.get(),
        };
        let back: u64 = world.refunds.values().filter(of).map(ours).sum();
        let paid = payment.amount.get();
        hold!(
            used + back == paid,
            "{}: {used} + {back} of {paid}",
            payment.transaction
        );
        let open = world.refunds.values().filter(of).filter(|r| r.is_open());
        let open = open.count();
        hold!(
            open <= 1,
            "{}: {open} refunds in flight",
            payment.transaction
        );
    }
    Ok(())
}

/// What needs a person has a case.
fn watched(world: &World) -> Result<(), String> {
    let cases: BTreeSet<String> = world
        .cases
        .values()
        .filter(|c| c.closed.is_none())
        .map(|c| format!("{:?}", c.kind))
        .collect();
    let open = |kind: CaseKind| cases.contains(&format!("{kind:?}"));
    for document in world.documents.values().filter(|d| d.state == D::Stalled) {
        let id = document.id.to_string();
        hold!(
            open(CaseKind::DocumentStalled(id)),
            "{} stalled unseen",
            document.id
        );
    }
    for refund in world.refunds.values() {
        let stuck = refund.state == R::Stuck;
        let key = || refund.key.to_string();
        hold!(
            !stuck || open(CaseKind::RefundStuck(key())),
            "{} stuck unseen",
            refund.key
        );
        hold!(
            refund.state != R::Payout || open(CaseKind::PayoutDue(key())),
            "{} to be paid unseen",
            refund.key
        );
        let moving = matches!(refund.state, R::Due | R::Sent);
        hold!(
            moving == refund.due_at_ms.is_some(),
            "{}: due in {:?}",
            refund.key,
            refund.state
        );
    }
    for payment in world.payments.values().filter(|p| p.state == P::Disputed) {
        let paid = payment.transaction.to_string();
        hold!(
            open(CaseKind::PaymentDisputed(paid)),
            "{} unseen",
            payment.transaction
        );
    }
    Ok(())
}
