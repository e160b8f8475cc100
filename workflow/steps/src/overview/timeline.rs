//! One order, document or event from its beginning to its end.

use crate::Error;
use bubuh_core::{
    document::Document,
    id::{DocumentId, EventId, OrderId, Serial},
    ledger::Entry,
    order::Order,
};
use bubuh_store::table::Table;
use serde::Serialize;

/// What happened, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Milliseconds since the epoch.
    pub at_ms: u64,
    /// What.
    pub what: String,
}

/// What holds now, or comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What.
    pub what: String,
    /// The time that it speaks of, in milliseconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_ms: Option<u64>,
}

/// The story of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// What it is, and whose.
    pub subject: String,
    /// The oldest first.
    pub events: Vec<Event>,
    /// What holds now, and what comes next.
    pub now: Vec<Fact>,
}

impl Timeline {
    pub(super) fn of(subject: String) -> Self {
        Self {
            subject,
            events: Vec::new(),
            now: Vec::new(),
        }
    }

    pub(super) fn event(&mut self, at_ms: u64, what: String) {
        self.events.push(Event { at_ms, what });
    }

    pub(super) fn fact(&mut self, what: String) {
        self.now.push(Fact { what, at_ms: None });
    }

    fn until(&mut self, what: String, at_ms: u64) {
        let at_ms = Some(at_ms);
        self.now.push(Fact { what, at_ms });
    }

    fn booked(&mut self, entries: &[Entry]) {
        for entry in entries {
            let amount = entry
                .balanced()
                .map_or_else(|e| e.to_string(), |a| a.to_string());
            let what = format!("booked {} of {amount}", snake(&format!("{:?}", entry.kind)));
            self.event(entry.at_ms, what);
        }
    }

    pub(super) fn due(&mut self, due_at_ms: Option<u64>) {
        match due_at_ms {
            None => self.fact("nothing is due".to_owned()),
            Some(ms) => self.until("looked at next at".to_owned(), ms),
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        self.events.sort_by_key(|event| event.at_ms);
        self
    }

    /// Of the order, the event, the document, or the document under the serial that `id` names.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing has that name; the store's.
    pub async fn read(table: &Table, id: &str) -> Result<Self, Error> {
        if let Ok(order) = id.parse::<OrderId>()
            && let Some(order) = table.order(order).await?
        {
            return of_order(table, &order).await;
        }
        if let Ok(event) = id.parse::<EventId>()
            && let Some(event) = table.event(event).await?
        {
            return Ok(Self::of_event(&event));
        }
        let document = match id.parse::<DocumentId>() {
            Ok(document) => Some(document),
            Err(_) => {
                let serial = Serial::new(id).map_err(|_| Error::NotFound)?;
                table.serial_document(&serial).await?
            }
        };
        let document = match document {
            Some(document) => table.document(document).await?,
            None => None,
        };
        let document = document.ok_or(Error::NotFound)?;
        let entries = table.document_entries(document.id).await?;
        Ok(of_document(&document, &entries))
    }
}

async fn of_order(table: &Table, order: &Order) -> Result<Timeline, Error> {
    let mut story = Timeline::of(format!(
        "order {} of {}: {} stamps, {} by {:?}",
        order.id, order.account, order.quantity, order.total, order.method
    ));
    for step in &order.history {
        story.event(step.at_ms, format!("order {}", step.state.name()));
    }
    for payment in table.payments(order.id).await? {
        let name = &payment.transaction;
        for step in &payment.history {
            let state = snake(&format!("{:?}", step.state));
            story.event(
                step.at_ms,
                format!("payment {name} {state}, {}", payment.amount),
            );
        }
        story.fact(format!(
            "payment {name}: {} captured, {} refunded, {}",
            payment.amount,
            payment.refunded,
            if payment.credited {
                "became stamps"
            } else {
                "did not become stamps"
            }
        ));
    }
    for refund in table.refunds(order.id).await? {
        for step in &refund.history {
            let state = snake(&format!("{:?}", step.state));
            story.event(
                step.at_ms,
                format!("refund {} {state}, {}", refund.key, refund.amount),
            );
        }
        if let Some(case) = &refund.case {
            story.fact(format!("refund {}: case {case}", refund.key));
        }
    }
    for lot in table.lots_of(&order.account, order.id).await? {
        story.fact(format!(
            "lot of {}: {} available, {} reserved, {} stamped, {} refunding, {} refunded{}",
            lot.quantity,
            lot.available,
            lot.reserved,
            lot.stamped,
            lot.refunding,
            lot.refunded,
            if lot.disputed { ", disputed" } else { "" }
        ));
    }
    story.booked(&table.order_entries(order.id).await?);
    story.due(order.due_at_ms);
    Ok(story.sorted())
}

fn of_document(document: &Document, entries: &[Entry]) -> Timeline {
    let mut story = Timeline::of(format!(
        "document {} of {}: {} bytes, kind {}",
        document.id,
        document.account,
        document.size_bytes,
        document.document_type.code()
    ));
    story.event(document.created_at_ms, "announced".to_owned());
    if let Some(affixing) = &document.affixing {
        let what = format!("first taken up by a worker, key {}", affixing.key_id);
        story.event(affixing.at_ms, what);
    }
    story.booked(entries);
    story.event(
        document.since_ms,
        format!("document {}", document.state.name()),
    );
    if let Some(ticket) = document.ticket {
        let lane = ticket.lane.name();
        story.fact(format!("number {} in lane {lane}", ticket.number));
    }
    if let Some(promise) = document.promised {
        story.until("promised from".to_owned(), promise.earliest_ms);
        story.until("promised until".to_owned(), promise.latest_ms);
    }
    if let Some(reservation) = &document.reservation {
        let (serial, order) = (&reservation.serial, reservation.lot.order);
        story.fact(format!("serial {serial}, stamp of order {order}"));
    }
    if let Some(lacks) = document.lacks {
        story.fact(format!("lacks a {}", snake(&format!("{lacks:?}"))));
    }
    if let Some(reason) = &document.reason {
        story.fact(format!("{}: {}", reason.code, reason.message_en));
    }
    let (fence, tries) = (document.fence, document.tries);
    story.fact(format!("fence {fence}, {tries} tries in this round"));
    if let Some(lease) = &document.lease {
        let leased = format!("leased to {} until", lease.holder);
        story.until(leased, lease.until_ms);
    }
    if let Some(output) = &document.output {
        story.fact(format!("stamped file {}", output.sha256));
    }
    story.due(document.due_at_ms);
    story.sorted()
}

/// `ChargedBack` as the API writes it.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
