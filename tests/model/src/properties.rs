//! What must hold in every state.

use crate::{
    cloud::Object,
    model::Bubuh,
    process::{Lane, digest},
    state::State,
};
use bubuh_core::{
    document::{Document, DocumentState, Lacks},
    lot::{Bucket, Lot},
    order::{ObservedState, OrderState},
    refund::RefundState,
};
use stateright::{Model, Property};
use std::collections::BTreeSet;

/// At most one stamped file of a document stands where anyone could see it.
pub const ONE_FILE: &str = "a document has at most one visible file";
/// A serial is on at most one document and on at most one file.
pub const ONE_SERIAL: &str = "a serial is on one document and one file";
/// Each lot's buckets add up to what was bought.
pub const WHOLE_LOTS: &str = "every lot is whole";
/// No stamp is both on a document and given back.
pub const SPENT_ONCE: &str = "no stamp is both spent and refunded";
/// The audit finds nothing.
pub const AUDIT: &str = "the audit finds no breach";
/// A stamped document has the file its row speaks of.
pub const RIGHT_FILE: &str = "a stamped document has the file its row names";
/// A document that ended otherwise has no file.
pub const NO_FILE: &str = "a document that ended unstamped has no visible file";
/// Once the files of an erased document were deleted, no worker brings one back.
pub const ERASED: &str = "the file of an erased document does not come back";
/// Only the newest claim ends a document.
pub const NEWEST_CLAIM: &str = "only the newest claim ends a document";
/// When nothing can happen any more, everything has ended.
pub const ALL_ENDS: &str = "what is quiet has ended";
/// With no fault, a document does not even wait for sweep when a stamp is there. For a serial it may: a worker may have
/// taken the last one in vain, and only sweep brings it back.
pub const NO_LOST_WAKE: &str = "nothing waits for a stamp that is there";

pub(crate) fn all() -> Vec<Property<Bubuh>> {
    vec![
        Property::always(ONE_FILE, one_file),
        Property::always(ONE_SERIAL, one_serial),
        Property::always(WHOLE_LOTS, whole_lots),
        Property::always(SPENT_ONCE, spent_once),
        Property::always(AUDIT, |_, s: &State| s.rows.breaches().is_empty()),
        Property::always(RIGHT_FILE, right_file),
        Property::always(NO_FILE, no_file),
        Property::always(ERASED, erased),
        Property::always(NEWEST_CLAIM, |_, s: &State| !s.overtaken),
        Property::always(ALL_ENDS, |model: &Bubuh, s: &State| {
            !s.is_idle() || ended(model, s) || {
                let mut actions = Vec::new();
                model.actions(s, &mut actions);
                !actions.is_empty()
            }
        }),
        Property::always(NO_LOST_WAKE, |_, s: &State| {
            let waits = |d: &Document| d.lacks == Some(Lacks::Stamp);
            !s.faultless
                || !s.is_idle()
                || !s.could_queue()
                || !s.rows.documents.values().any(waits)
        }),
    ]
}

/// The document and serial of each visible file, as its key names them.
fn files(state: &State) -> impl Iterator<Item = (&str, &str)> {
    let files = state.objects.iter();
    let files = files.filter(|(_, object)| matches!(object, Object::File { .. }));
    files.filter_map(|(key, _)| {
        let name = key.strip_prefix("stamped/")?.strip_suffix(".pdf")?;
        name.split_once('/')
    })
}

fn one_file(_: &Bubuh, state: &State) -> bool {
    let mut seen = BTreeSet::new();
    files(state).all(|(document, _)| seen.insert(document))
}

fn whole_lots(_: &Bubuh, state: &State) -> bool {
    state.rows.lots.values().all(Lot::is_whole)
}

fn one_serial(_: &Bubuh, state: &State) -> bool {
    let (mut on_files, mut on_rows) = (BTreeSet::new(), BTreeSet::new());
    let mut documents = state.rows.documents.values();
    files(state).all(|(_, serial)| on_files.insert(serial))
        && documents.all(|d| {
            let serial = d.reservation.as_ref().map(|r| &r.serial);
            serial.is_none_or(|serial| on_rows.insert(serial))
        })
}

/// Of what a payment brought, stamps on documents and refunds at the gateway are never more.
fn spent_once(_: &Bubuh, state: &State) -> bool {
    state.rows.payments.values().all(|payment| {
        let lots = state.rows.lots.values();
        let lots = lots.filter(|lot| lot.transaction == payment.transaction);
        let spent: u64 = lots
            .map(|l| {
                u64::from(l.bucket(Bucket::Stamped).get() + l.bucket(Bucket::Reserved).get())
                    * l.unit_price.get()
            })
            .sum();
        let refunds = state.rows.refunds.values();
        let made = refunds.filter(|r| {
            r.transaction == payment.transaction && state.gateway.refunds.contains(&r.key)
        });
        let made: u64 = made.map(|r| r.amount.get()).sum();
        spent + made <= payment.amount.get()
    })
}

fn right_file(_: &Bubuh, state: &State) -> bool {
    let mut documents = state.rows.documents.values();
    documents.all(|d| match d.stamped() {
        None => d.state != DocumentState::Stamped || d.is_erased(),
        Some((key, output)) => state
            .objects
            .get(&key)
            .is_some_and(|object| digest(*object) == output.sha256),
    })
}

fn no_file(_: &Bubuh, state: &State) -> bool {
    let spared = |d: &&Document| {
        matches!(
            d.state,
            DocumentState::Rejected | DocumentState::Cancelled | DocumentState::Abandoned
        )
    };
    let mut documents = state.rows.documents.values().filter(spared);
    documents.all(|d| {
        let id = d.id.to_string();
        files(state).all(|(document, _)| document != id)
    })
}

fn erased(_: &Bubuh, state: &State) -> bool {
    let mut documents = state.rows.documents.values();
    documents.all(|d| {
        let gone = d.is_erased() && !d.is_being_erased();
        let id = d.id.to_string();
        !gone || files(state).all(|(document, _)| document != id)
    })
}

/// Every row is where it may stay.
pub(crate) fn ended(model: &Bubuh, state: &State) -> bool {
    let no_workers = model.0.limit(Lane::Stamp) == 0;
    let documents = state.rows.documents.values().all(|d| match d.state {
        // Its files are gone for good.
        _ if d.is_erased() => d.due_at_ms.is_none() && !state.uploads.contains_key(&d.id),
        DocumentState::AwaitingStamp => !state.can_queue_later(),
        DocumentState::AwaitingUpload => !state.uploads.contains_key(&d.id),
        DocumentState::Queued => no_workers && d.fence == 0,
        DocumentState::Stamping => false,
        // What was uploaded in time to be heard of is not left.
        DocumentState::Abandoned => !state.uploads.contains_key(&d.id),
        // A person has a case.
        DocumentState::Stalled => !state.rows.cases.is_empty(),
        _ => true,
    });
    // Every capture the gateway knows of is booked, and every refund it made is known.
    let mut transactions = state.gateway.transactions.iter();
    let captures = transactions
        .all(|(t, seen)| *seen != ObservedState::Captured || state.rows.payments.contains_key(t));
    let refunds = state.rows.refunds.values().all(|r| match r.state {
        RefundState::Due | RefundState::Sent => false,
        RefundState::Refunded => state.gateway.refunds.contains(&r.key),
        RefundState::Stuck | RefundState::Payout => !state.gateway.refunds.contains(&r.key),
        RefundState::Reversed => true,
    });
    // Closed orders are looked at for days; what a look would find is what `captures` asks for.
    let mut orders = state.rows.orders.values();
    let awaited = orders.any(|o| o.state == OrderState::AwaitingPayment && o.due_at_ms.is_some());
    documents && captures && refunds && !awaited
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rows::Rows, scenario::stamping};
    use bubuh_core::money::Stamps;

    #[test]
    fn a_second_file_of_a_document_is_seen() {
        let model = Bubuh(stamping());
        let mut state = model.0.state();
        let file = Object::File {
            fence: 1,
            holder: 0,
        };
        state.objects.insert("stamped/d/S1.pdf".to_owned(), file);
        assert!(one_file(&model, &state));
        state.objects.insert("stamped/d/S2.pdf".to_owned(), file);
        assert!(!one_file(&model, &state));
    }

    #[test]
    fn a_stamp_too_many_in_a_lot_is_seen() {
        let model = Bubuh(stamping());
        let mut state = model.0.state();
        assert!(whole_lots(&model, &state));
        let mut world = (*state.rows).clone();
        for lot in world.lots.values_mut() {
            lot.available = Stamps::ONE;
        }
        state.rows = Rows::new(world);
        assert!(!whole_lots(&model, &state));
    }
}
