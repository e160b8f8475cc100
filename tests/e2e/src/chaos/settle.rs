//! Waiting until everything is at its end.

use super::{
    people::People,
    plan::{DocumentPlan, OrderPlan, Plan},
};
use crate::Run;
use bubuh_core::{
    document::{Document, DocumentState},
    id::{DocumentId, OrderId},
    order::Order,
    refund::RefundState,
};
use bubuh_store::table::Whole;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::{Instant, sleep};

const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Every row at one time.
pub(super) struct Picture {
    /// The rows.
    pub(super) whole: Whole,
    documents: BTreeMap<DocumentId, usize>,
    orders: BTreeMap<OrderId, usize>,
}

impl Picture {
    pub(super) async fn take(run: &Run) -> Self {
        let table = run.aws().table(run.stack.output("TableName"));
        let whole = table.whole().await.expect("the emulator reads its table");
        let rows = &whole.rows;
        let documents = rows.documents.iter().enumerate();
        let orders = rows.orders.iter().enumerate();
        Self {
            documents: documents.map(|(n, row)| (row.id, n)).collect(),
            orders: orders.map(|(n, row)| (row.id, n)).collect(),
            whole,
        }
    }

    pub(super) fn document(&self, plan: &DocumentPlan) -> Option<&Document> {
        let row = self.documents.get(&plan.id())?;
        self.whole.rows.documents.get(*row)
    }

    pub(super) fn order(&self, plan: &OrderPlan) -> Option<&Order> {
        let row = self.orders.get(&plan.id())?;
        self.whole.rows.orders.get(*row)
    }

    /// What has not come to its end yet.
    pub(super) fn open(&self, plan: &Plan) -> Vec<String> {
        let documents = plan.documents.iter().filter_map(|plan| {
            let state = self.document(plan).map(|row| row.state);
            let ended = matches!(
                state,
                Some(DocumentState::Stamped | DocumentState::Rejected)
            );
            (!ended).then(|| format!("document {} is {state:?}", plan.id()))
        });
        let orders = plan.orders.iter().filter_map(|plan| {
            let state = self.order(plan).map(|row| row.state);
            let ended = state == Some(plan.deed.ends_as());
            (!ended).then(|| format!("order {} ({:?}) is {state:?}", plan.id(), plan.deed))
        });
        let refunds = plan.orders.iter().filter(|o| o.deed.refunds());
        let refunds = refunds.filter_map(|plan| {
            let refund = self
                .whole
                .rows
                .refunds
                .iter()
                .find(|r| r.order == plan.id());
            let state = refund.map(|refund| refund.state);
            (state != Some(RefundState::Refunded))
                .then(|| format!("refund of {} ({:?}) is {state:?}", plan.id(), plan.deed))
        });
        documents.chain(orders).chain(refunds).collect()
    }
}

/// Looks again and again until nothing is open, or patience runs out. Meanwhile what the queues
/// delivered is delivered once more. Gives the last look.
pub(super) async fn settled(
    run: &Run,
    plan: &Plan,
    people: &People<'_>,
    again: &mut BTreeSet<DocumentId>,
    enough: usize,
    at_most: Duration,
) -> Picture {
    let until = Instant::now() + at_most;
    loop {
        let picture = Picture::take(run).await;
        let open = picture.open(plan);
        for document in plan.documents.iter().filter(|d| d.doubled) {
            let row = picture.document(document);
            if row.is_some_and(|r| r.reservation.is_some()) && again.insert(document.id()) {
                people.queued_again(document).await;
            }
        }
        println!(
            "  {} of {} documents and {} of {} orders sent, {} still open, such as: {}",
            people.documents.load(std::sync::atomic::Ordering::Relaxed),
            plan.documents.len(),
            people.orders.load(std::sync::atomic::Ordering::Relaxed),
            plan.orders.len(),
            open.len(),
            open.first().map_or("none", String::as_str),
        );
        if open.len() <= enough || Instant::now() > until {
            return picture;
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until the queues are empty, or patience runs out. Gives what is left in them.
pub(super) async fn drained(run: &Run, at_most: Duration) -> u64 {
    let until = Instant::now() + at_most;
    loop {
        let mut left = 0;
        for queue in ["UploadsQueueUrl", "StampsQueueUrl", "BulkQueueUrl"] {
            left += run.depth(queue).await;
        }
        if left == 0 || Instant::now() > until {
            return left;
        }
        sleep(Duration::from_millis(500)).await;
    }
}
