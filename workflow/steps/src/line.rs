//! The queue's lanes: who stands where, and how far each has come.

use bubuh_core::{
    queue::{Progress, Seen, Snapshot},
    ticket::{Ahead, Lane, Ticket},
};
use bubuh_store::{Ambient, Error, Queues, Table};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a snapshot that was read is used, in milliseconds; it is written anew about every five seconds.
const READ_AGAIN_MS: u64 = 2_000;

/// A worker's view of the lanes: the numbers it took ahead, and the snapshot it read last. Both only save requests.
pub struct Line {
    table: Table,
    ambient: Ambient,
    ahead: Mutex<BTreeMap<Lane, Ahead>>,
    read: Mutex<Option<(u64, Snapshot)>>,
}

impl Line {
    /// A view of this table's lanes.
    #[must_use]
    pub const fn new(table: Table, ambient: Ambient) -> Self {
        Self {
            table,
            ambient,
            ahead: Mutex::new(BTreeMap::new()),
            read: Mutex::new(None),
        }
    }

    /// The next number of a lane.
    ///
    /// # Errors
    /// The table's.
    pub async fn ticket(&self, lane: Lane) -> Result<Ticket, Error> {
        let now_ms = self.ambient.now_ms();
        let wanted = {
            let mut ahead = locked(&self.ahead);
            let ahead = ahead.entry(lane).or_default();
            if let Some(number) = ahead.give(now_ms) {
                return Ok(Ticket { lane, number });
            }
            ahead.wanted(now_ms)
        };
        let first = self.table.take_tickets(lane, wanted).await?;
        let mut ahead = locked(&self.ahead);
        let number = ahead.entry(lane).or_default().took(first, wanted, now_ms);
        Ok(Ticket { lane, number })
    }

    /// How far the lanes have come, as of a few seconds ago.
    ///
    /// # Errors
    /// The table's.
    pub async fn snapshot(&self) -> Result<Snapshot, Error> {
        let now_ms = self.ambient.now_ms();
        if let Some((at_ms, snapshot)) = &*locked(&self.read)
            && now_ms.saturating_sub(*at_ms) < READ_AGAIN_MS
        {
            return Ok(snapshot.clone());
        }
        let snapshot = self.table.queue_snapshot().await?;
        *locked(&self.read) = Some((now_ms, snapshot.clone()));
        Ok(snapshot)
    }

    /// The same where nobody waits for an answer to this; empty when it can't be had.
    pub async fn known(&self) -> Snapshot {
        self.snapshot().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the lanes' progress is not known");
            Snapshot::default()
        })
    }

    /// How far a lane has come, if anybody can tell.
    pub async fn progress(&self, lane: Lane) -> Option<Progress> {
        let known = self.known().await;
        known.lane(lane, self.ambient.now_ms()).copied()
    }
}

/// What is behind the lock is whole at any moment, also after a panic.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks at the lanes and writes what is seen.
pub struct Watch {
    /// The table.
    pub table: Table,
    /// The queues.
    pub queues: Queues,
    /// Most workers that may serve each lane at once.
    pub workers: BTreeMap<Lane, u64>,
    /// The clock.
    pub ambient: Ambient,
}

impl Watch {
    /// One look. Of several at once one is written.
    ///
    /// # Errors
    /// The table's and the queues'; the snapshot stays as it was.
    pub async fn look(&self) -> Result<(), Error> {
        let before = self.table.queue_snapshot().await?;
        let mut seen = BTreeMap::new();
        for (lane, workers) in &self.workers {
            // The number first: what is queued between the two looks counts as waiting, not as served.
            let issued = self.table.last_ticket(*lane).await?;
            let (visible, in_flight) = self.queues.depth(*lane).await?;
            seen.insert(
                *lane,
                Seen {
                    issued,
                    visible,
                    in_flight,
                    workers: *workers,
                },
            );
        }
        let writes = before.looked(&seen, self.ambient.now_ms())?;
        self.table.commit_if_first(&writes).await?;
        Ok(())
    }
}
