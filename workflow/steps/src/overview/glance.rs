//! The whole at a glance: both lanes, uploads, what is overdue, serials, sales. A few dozen reads, however many rows.

use crate::Error;
use bubuh_core::{id::EventId, ticket::Lane};
use bubuh_store::{
    Queues,
    table::{Due, Table},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows looked at in each shard of what is due.
const PER_SHARD: i32 = 25;

/// Cases looked at, the oldest first.
const CASES: i32 = 200;

/// Events named that some webhook was not told of.
const UNTOLD: i32 = 20;

/// A lane of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LaneSeen {
    /// Its name.
    pub lane: &'static str,
    /// The last number given.
    pub issued: u64,
    /// Documents that wait.
    pub waiting: u64,
    /// Documents that workers have in hand.
    pub in_hand: u64,
    /// Most that they may have at once; none until sweep has looked.
    pub workers: Option<u64>,
    /// How long ago sweep looked at it, in milliseconds; none if it never did.
    pub looked_at_ms_ago: Option<u64>,
}

/// How many, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Count {
    /// How many.
    pub count: usize,
    /// The oldest one's age in milliseconds.
    pub oldest_ms: u64,
}

impl Count {
    fn add(&mut self, age_ms: u64) {
        self.count = self.count.saturating_add(1);
        self.oldest_ms = self.oldest_ms.max(age_ms);
    }
}

/// Serials that an issuer was asked for and has not brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Asked {
    /// How many.
    pub count: u32,
    /// How long ago, in milliseconds.
    pub ms_ago: u64,
}

/// No orders are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Closed {
    /// For how long already, in milliseconds.
    pub ms_ago: u64,
    /// For how long still, in milliseconds; none until somebody opens them.
    pub ms_left: Option<u64>,
    /// Who closed them.
    pub by: String,
}

/// The whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Glance {
    /// The queue.
    pub lanes: Vec<LaneSeen>,
    /// Uploads that wait to be looked at.
    pub uploads_waiting: u64,
    /// Uploads that are looked at now.
    pub uploads_in_hand: u64,
    /// What sweep should have looked at by now, by kind.
    pub overdue: BTreeMap<&'static str, Count>,
    /// Whether there may be more of it.
    pub overdue_and_more: bool,
    /// Open cases by who looks after them.
    pub cases: BTreeMap<&'static str, Count>,
    /// Whether there are more of them.
    pub cases_and_more: bool,
    /// Events that some webhook was not told of in any try, the oldest first.
    pub untold: Vec<EventId>,
    /// Serials that can be sold.
    pub sellable: i64,
    /// What the issuer was asked for and has not brought.
    pub asked_of_issuer: Option<Asked>,
    /// Whether, and since when, sales are closed.
    pub sales_closed: Option<Closed>,
}

impl Glance {
    /// Looks.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(table: &Table, queues: &Queues, now_ms: u64) -> Result<Self, Error> {
        let ago = |ms: u64| now_ms.saturating_sub(ms);
        let seen = table.queue_snapshot().await?;
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let known = seen.lane(lane, now_ms);
            let (waiting, in_hand) = queues.depth(lane).await?;
            lanes.push(LaneSeen {
                lane: lane.name(),
                issued: table.last_ticket(lane).await?,
                waiting,
                in_hand,
                workers: known.map(|known| known.workers),
                looked_at_ms_ago: known.map(|known| ago(known.at_ms)),
            });
        }
        let (uploads_waiting, uploads_in_hand) = queues.uploads_depth().await?;
        let due = table.due_since(now_ms, PER_SHARD).await?;
        let full = usize::try_from(PER_SHARD).unwrap_or(usize::MAX);
        let mut overdue = BTreeMap::<_, Count>::new();
        for (since_ms, row) in &due {
            overdue.entry(kind(row)).or_default().add(ago(*since_ms));
        }
        let mut cases = BTreeMap::<_, Count>::new();
        let open = table.cases_from(true, None, CASES).await?;
        for case in &open.rows {
            let age_ms = ago(case.opened_at_ms);
            cases.entry(case.owner.name()).or_default().add(age_ms);
        }
        let asked = table.minting().await?.asked;
        let switch = table.sales_switch().await?;
        let closed = switch.closed_at(now_ms);
        Ok(Self {
            lanes,
            uploads_waiting,
            uploads_in_hand,
            overdue,
            overdue_and_more: due.len() >= full,
            cases,
            cases_and_more: open.next.is_some(),
            untold: table.events_given_up(UNTOLD).await?,
            sellable: table.capacity().await?.iter().map(|slot| slot.free).sum(),
            asked_of_issuer: asked.map(|asked| Asked {
                count: asked.count,
                ms_ago: ago(asked.at_ms),
            }),
            sales_closed: closed.map(|closed| Closed {
                ms_ago: ago(closed.since_ms),
                ms_left: closed.until_ms.map(|until| until.saturating_sub(now_ms)),
                by: switch.by.clone(),
            }),
        })
    }
}

const fn kind(due: &Due) -> &'static str {
    match due {
        Due::Order(_) => "orders",
        Due::Document(_) => "documents",
        Due::Refund(..) => "refunds",
        Due::Payment(..) => "payouts",
        Due::Statement(_) => "settlement files",
        Due::Block(_) => "blocks of serials",
    }
}
