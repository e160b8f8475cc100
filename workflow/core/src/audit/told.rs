//! Nothing is told that is not so.

use super::*;

pub(super) fn check(rows: &Rows, report: &mut Report) {
    let documents: BTreeMap<DocumentId, &Document> =
        rows.documents.iter().map(|row| (row.id, row)).collect();
    for event in &rows.events {
        let so = match (&event.about, event.topic) {
            (About::Document { document, sha256 }, topic) => {
                let row = documents.get(document);
                row.is_some_and(|row| ended(row, topic, sha256.as_ref()))
            }
            (About::Order { order }, Topic::OrderCredited) => {
                let mut orders = rows.orders.iter();
                orders.any(|row| row.id == *order && row.state == OrderState::Credited)
            }
            (About::Refund { refund, .. }, Topic::RefundRefunded) => {
                let mut refunds = rows.refunds.iter();
                refunds.any(|row| row.key == *refund && row.state == RefundState::Refunded)
            }
            _ => false,
        };
        if !so {
            report.breach(
                "what is told is so",
                event.id,
                format!("{}: {:?}", event.topic.name(), event.about),
            );
        }
    }
}

fn ended(row: &Document, topic: Topic, sha256: Option<&Sha256>) -> bool {
    match topic {
        Topic::DocumentStamped => {
            let output = row.output.as_ref().map(|output| &output.sha256);
            row.state == DocumentState::Stamped && output == sha256
        }
        Topic::DocumentRejected => row.state == DocumentState::Rejected,
        Topic::OrderCredited | Topic::RefundRefunded => false,
    }
}
