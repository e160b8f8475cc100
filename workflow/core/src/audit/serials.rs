//! A serial is on at most one document, and none is lost: each is in the inventory or bound.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let on_documents = holders(rows, report);
    let ties: Ties = rows.bindings.iter().cloned().collect();
    for (serial, document) in &on_documents {
        let tied = ties.get(*serial).and_then(|tie| tie.document);
        if tied != Some(*document) {
            report.breach(
                "a serial's row names its document",
                serial,
                format!("the row does not name {document}"),
            );
        }
    }
    let mut free: BTreeSet<&Serial> = BTreeSet::new();
    let mut known: BTreeSet<&Serial> = BTreeSet::new();
    // What was handed out and not accounted for yet: a worker has it, or died with it, and a look at its block is due.
    let mut under_way: BTreeSet<&Serial> = BTreeSet::new();
    for block in &rows.blocks {
        known.extend(&block.serials);
        under_way.extend(block.missing(&ties));
        for serial in block.serials.iter().skip(block.cursor as usize) {
            if !free.insert(serial) {
                report.breach(
                    "a serial is once in the inventory",
                    serial,
                    "in two places".to_owned(),
                );
            }
        }
    }
    report.counts.serials = known.len();
    for (serial, document) in &on_documents {
        if !known.contains(serial) {
            report.breach(
                "a serial is from the inventory",
                serial,
                format!("on {document}, and in no block"),
            );
        }
    }
    for serial in &known {
        let holder = on_documents.get(serial);
        let burnt = holder.is_none() && !under_way.contains(serial);
        let wrong = if free.contains(serial) {
            holder.is_some()
        } else {
            burnt
        };
        if wrong {
            report.breach(
                "a serial is in the inventory or on a document",
                serial,
                match holder {
                    Some(document) => format!("free and on {document}"),
                    None => "neither: it is burnt".to_owned(),
                },
            );
        }
    }
    for (serial, tie) in &ties {
        if let Some(document) = &tie.document
            && on_documents.get(serial) != Some(document)
        {
            report.breach(
                "a bound serial is on its document",
                serial,
                format!("{document} does not hold it"),
            );
        }
    }
}

fn holders<'a>(rows: &'a Rows, report: &mut Report) -> BTreeMap<&'a Serial, DocumentId> {
    let mut holders: BTreeMap<&Serial, DocumentId> = BTreeMap::new();
    for document in &rows.documents {
        if let Some(reservation) = &document.reservation
            && let Some(other) = holders.insert(&reservation.serial, document.id)
        {
            report.breach(
                "a serial is on one document",
                &reservation.serial,
                format!("on {other} and on {}", document.id),
            );
        }
    }
    holders
}
