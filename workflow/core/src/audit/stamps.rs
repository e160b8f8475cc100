//! Lots are whole and agree with the documents that hold or spent their stamps.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let owners: BTreeMap<LotId, &AccountId> =
        rows.lots.iter().map(|lot| (lot.id, &lot.account)).collect();
    let mut holding: BTreeMap<LotId, (u32, u32)> = BTreeMap::new();
    for document in &rows.documents {
        if document.state == DocumentState::Stamped {
            report.counts.stamped = report.counts.stamped.saturating_add(1);
        }
        let reserved = document.state.holds_reservation();
        let stamped = document.state == DocumentState::Stamped;
        match &document.reservation {
            Some(reservation) if reserved || stamped => {
                let (r, s) = holding.entry(reservation.lot).or_default();
                *r = r.saturating_add(u32::from(reserved));
                *s = s.saturating_add(u32::from(stamped));
                if owners
                    .get(&reservation.lot)
                    .is_some_and(|o| **o != document.account)
                {
                    report.breach(
                        "a stamp is of its owner's lot",
                        document.id,
                        format!("{} is not {}'s", reservation.lot, document.account),
                    );
                }
            }
            None if !reserved && !stamped => {}
            _ => report.breach(
                "a reservation goes with its state",
                document.id,
                format!("state {}", document.state.name()),
            ),
        }
        if stamped != document.output.is_some() {
            report.breach(
                "a stamped document has a file",
                document.id,
                format!("state {}", document.state.name()),
            );
        }
    }
    for lot in &rows.lots {
        if !lot.is_whole() {
            report.breach(
                "a lot's buckets add up",
                lot.id,
                format!("they don't make {}", lot.quantity),
            );
        }
        let (reserved, stamped) = holding.remove(&lot.id).unwrap_or_default();
        for (bucket, documents) in [(Bucket::Reserved, reserved), (Bucket::Stamped, stamped)] {
            if lot.bucket(bucket) != Stamps::new(documents) {
                report.breach(
                    "a lot agrees with its documents",
                    lot.id,
                    format!(
                        "{} {} in the lot, {documents} on documents",
                        lot.bucket(bucket),
                        bucket.name()
                    ),
                );
            }
        }
    }
    for lot in holding.keys() {
        report.breach("every reservation has a lot", lot, "no such lot".to_owned());
    }
    spent_once(rows, report);
}

/// Exactly the stamped documents are booked as stamped.
fn spent_once(rows: &Rows, report: &mut Report) {
    let booked: BTreeSet<&str> = rows
        .entries
        .iter()
        .filter_map(|e| e.id.strip_prefix("stamped."))
        .collect();
    let stamped: BTreeSet<String> = rows
        .documents
        .iter()
        .filter(|d| d.state == DocumentState::Stamped)
        .map(|d| d.id.to_string())
        .collect();
    for id in &stamped {
        if !booked.contains(id.as_str()) {
            report.breach("a stamped document is booked", id, "no entry".to_owned());
        }
    }
    for id in booked {
        if !stamped.contains(id) {
            report.breach(
                "a booked stamp is on a document",
                id,
                "the document is not stamped".to_owned(),
            );
        }
    }
}
