//! The whole at a glance: both lanes, uploads, what is overdue, serials, sales. A few dozen reads, however many rows.

use super::lasting;
use crate::books::Place;
use bubuh_core::ticket::Lane;
use bubuh_store::{Aws, Error, table::Due};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// Rows looked at in each shard of what is due.
const PER_SHARD: i32 = 25;

/// Events named that some webhook was not told of.
const UNTOLD: i32 = 20;

/// A lane of the queue.
#[derive(Debug, Serialize)]
pub struct LaneSeen {
    /// Its name.
    lane: &'static str,
    /// The last number given.
    issued: u64,
    /// Documents that wait.
    waiting: u64,
    /// Documents that workers have in hand.
    in_hand: u64,
    /// Most that they may have.
    workers: Option<u64>,
    /// How long ago sweep looked at it, in milliseconds; none if it never did.
    looked_at_ms_ago: Option<u64>,
}

/// The whole.
#[derive(Debug, Serialize)]
pub struct Glance {
    lanes: Vec<LaneSeen>,
    /// Uploads that wait to be looked at, and those in hand.
    uploads: (u64, u64),
    /// What sweep should have looked at by now, by kind, and for how long the oldest has been due, in milliseconds.
    overdue: BTreeMap<&'static str, (usize, u64)>,
    /// Whether there may be more of it.
    overdue_and_more: bool,
    /// Open cases by who looks after them, and for how long the oldest has been open, in milliseconds.
    cases: BTreeMap<String, (usize, u64)>,
    /// Events that some webhook was not told of in any try, the oldest first.
    untold: Vec<String>,
    /// Serials that can be sold.
    sellable: i64,
    /// What the issuer was asked for and has not brought: how many, and how long ago in milliseconds.
    asked_of_issuer: Option<(u32, u64)>,
    /// Since when and by whom sales are closed, in milliseconds ago.
    sales_closed: Option<(u64, String)>,
}

impl Glance {
    /// Looks.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(aws: &Aws, place: &Place, now_ms: u64) -> Result<Self, Error> {
        let (table, queues) = (aws.table(&place.table), aws.queues(place.queues.clone()));
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
        let due = table.due_since(now_ms, PER_SHARD).await?;
        let full = usize::try_from(PER_SHARD).unwrap_or(usize::MAX);
        let mut overdue = BTreeMap::new();
        for (since_ms, row) in &due {
            count(overdue.entry(kind(row)).or_default(), ago(*since_ms));
        }
        let mut cases = BTreeMap::new();
        for case in table.cases(true).await? {
            let owner = format!("{:?}", case.owner).to_lowercase();
            count(cases.entry(owner).or_default(), ago(case.opened_at_ms));
        }
        let untold = table.events_given_up(UNTOLD).await?;
        let asked = table.minting().await?.asked;
        let switch = table.sales_switch().await?;
        let closed = switch.closed_at(now_ms);
        Ok(Self {
            lanes,
            uploads: queues.uploads_depth().await?,
            overdue,
            overdue_and_more: due.len() >= full,
            cases,
            untold: untold.iter().map(ToString::to_string).collect(),
            sellable: table.capacity().await?.iter().map(|slot| slot.free).sum(),
            asked_of_issuer: asked.map(|asked| (asked.count, ago(asked.at_ms))),
            sales_closed: closed.map(|closed| (ago(closed.since_ms), switch.by.clone())),
        })
    }
}

fn count((many, oldest_ms): &mut (usize, u64), ago_ms: u64) {
    *many = many.saturating_add(1);
    *oldest_ms = (*oldest_ms).max(ago_ms);
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

impl fmt::Display for Glance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for lane in &self.lanes {
            let looked = match (lane.looked_at_ms_ago, lane.workers) {
                (Some(ms), Some(workers)) => {
                    format!("at most {workers} at once; seen {} ago", lasting(ms))
                }
                _ => "sweep has not looked yet".to_owned(),
            };
            writeln!(
                f,
                "lane {:<7} {} waiting, {} in hand, {} numbers given ({looked})",
                lane.lane, lane.waiting, lane.in_hand, lane.issued
            )?;
        }
        let (waiting, in_hand) = self.uploads;
        writeln!(f, "uploads      {waiting} waiting, {in_hand} in hand")?;
        if self.overdue.is_empty() {
            writeln!(f, "overdue      nothing")?;
        }
        for (kind, (count, oldest_ms)) in &self.overdue {
            let more = if self.overdue_and_more {
                " or more"
            } else {
                ""
            };
            writeln!(
                f,
                "overdue      {count}{more} {kind}, the oldest for {}",
                lasting(*oldest_ms)
            )?;
        }
        for (owner, (count, oldest_ms)) in &self.cases {
            writeln!(
                f,
                "cases        {count} for {owner}, the oldest for {}",
                lasting(*oldest_ms)
            )?;
        }
        for id in &self.untold {
            writeln!(f, "webhooks     event {id} was not told in any try")?;
        }
        writeln!(f, "serials      {} can be sold", self.sellable)?;
        if let Some((count, ms)) = self.asked_of_issuer {
            writeln!(
                f,
                "issuer       asked for {count} serials {} ago",
                lasting(ms)
            )?;
        }
        match &self.sales_closed {
            None => write!(f, "sales        open"),
            Some((ms, by)) => write!(f, "sales        closed by {by} {} ago", lasting(*ms)),
        }
    }
}
