//! The courier: tells webhooks what happened. It may run twice or in parallel: a try is written down before it is made,
//! and what was told is told again under the same name only if nobody could write down that it was heard.

mod letter;

use crate::{TRIES, error::Error, hooks::change, stamp::busy};
use bubuh_core::{
    event::{Event, Next, Outcome},
    hook::{Hook, Hooks, Secret},
    id::{AccountId, EventId, HookId},
    write::Write,
};
use bubuh_gateway::{Error as CallError, SecretString, Transport};
use bubuh_store::{Ambient, Error as StoreError, Table};
use futures::{StreamExt, future::join_all, stream};
use letter::Letter;
use secrecy::ExposeSecret;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What telling needs.
pub struct Courier<T> {
    /// The table.
    pub table: Table,
    /// How calls go out: to public addresses only.
    pub transport: T,
    /// What webhooks' secrets are derived from.
    pub master: SecretString,
    /// The clock.
    pub ambient: Ambient,
}

/// What one pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carried {
    /// Events looked at.
    pub looked_at: usize,
    /// Events whose look failed; they stay due.
    pub failed: usize,
}

/// Events of each shard in one pass.
const PER_SHARD: i32 = 250;
/// Rows read at a time.
const READ_AT_ONCE: usize = 32;
/// Accounts told at a time, so that one whose receivers are slow holds up few.
const ACCOUNTS_AT_ONCE: usize = 32;
/// Events of an account told at a time.
const EVENTS_AT_ONCE: usize = 8;
/// How long a pass takes up new events, in milliseconds; the rest is left to the next one. With a call after it, it ends
/// before the function does.
const PASS_MS: u64 = 10_000;

/// Receivers that were found to be down or slow in this pass: what else is owed there waits without being tried.
type Down = Mutex<BTreeSet<HookId>>;

impl<T: Transport> Courier<T> {
    /// One pass over the events that are due, the longest due first.
    ///
    /// # Errors
    /// Only when nothing could be looked at; a single event's failure is counted and logged.
    pub async fn pass(&self) -> Result<Carried, Error> {
        let now_ms = self.ambient.now_ms();
        let until_ms = now_ms.saturating_add(PASS_MS);
        let due = self.table.events_due(now_ms, PER_SHARD).await?;
        let rows = stream::iter(due).map(|id| self.read(id));
        let rows: Vec<Event> = rows
            .buffered(READ_AT_ONCE)
            .filter_map(|row| async { row })
            .collect()
            .await;
        let carried = stream::iter(by_account(rows))
            .map(|events| self.account(events, until_ms))
            .buffer_unordered(ACCOUNTS_AT_ONCE)
            .fold(Carried::default(), |sum, part| async move { sum.and(part) })
            .await;
        Ok(carried)
    }

    async fn read(&self, id: EventId) -> Option<Event> {
        match self.table.event(id).await {
            Ok(row) => row,
            Err(error) => {
                tracing::warn!(%error, event = %id, "was not read, and stays due");
                None
            }
        }
    }

    /// Tells an account's events. What its receivers are too slow to hear in this pass is put off, so that nobody else's
    /// wait behind it; what the pass did not come to is left to the next one.
    async fn account(&self, events: Vec<Event>, until_ms: u64) -> Carried {
        let account = match events.first() {
            Some(event) if self.ambient.now_ms() <= until_ms => &event.account,
            _ => return Carried::default(),
        };
        let hooks = match self.table.hooks(account).await {
            Ok(hooks) => hooks,
            Err(error) => {
                tracing::warn!(%error, "an account's webhooks were not read; its events stay due");
                return Carried {
                    looked_at: events.len(),
                    failed: events.len(),
                };
            }
        };
        let (hooks, down) = (&hooks, &Down::default());
        stream::iter(events)
            .map(|event| async move {
                if self.ambient.now_ms() > until_ms {
                    held(down).extend(hooks.hooks.iter().map(|hook| hook.id));
                }
                let told = self.tell(&event, hooks, down).await;
                if let Err(error) = &told {
                    tracing::warn!(%error, event = %event.id, "stays due");
                }
                Carried {
                    looked_at: 1,
                    failed: usize::from(told.is_err()),
                }
            })
            .buffer_unordered(EVENTS_AT_ONCE)
            .fold(Carried::default(), |sum, part| async move { sum.and(part) })
            .await
    }

    /// Tells one event to those it is owed to now.
    async fn tell(&self, event: &Event, hooks: &Hooks, down: &Down) -> Result<(), Error> {
        let now_ms = self.ambient.now_ms();
        if event.due_at_ms > now_ms {
            return Ok(());
        }
        let known = held(down).clone();
        match event.plan(hooks, &known, now_ms)? {
            Next::Forget(writes) => {
                self.table.commit_if_first(&writes).await?;
                Ok(())
            }
            Next::Tell(row, writes, to) => {
                if !self.table.commit_if_first(&writes).await? {
                    return Ok(()); // somebody else has it
                }
                note_given_up(event, &writes);
                let hooks = to.iter().filter_map(|id| hooks.hook(*id));
                let heard = join_all(hooks.map(|hook| self.call(event, hook))).await;
                let those = |is: fn(Outcome) -> bool| {
                    let heard = heard.iter().filter(move |(_, outcome)| is(*outcome));
                    heard.map(|(hook, _)| *hook)
                };
                held(down).extend(those(Outcome::is_down));
                self.write_down(*row, &heard).await?;
                for hook in those(Outcome::is_gone) {
                    self.gone(&event.account, hook).await?;
                }
                Ok(())
            }
        }
    }

    async fn call(&self, event: &Event, hook: &Hook) -> (HookId, Outcome) {
        let now_ms = self.ambient.now_ms();
        let master = self.master.expose_secret().as_bytes();
        let made_at_ms = hook.secrets_made_at_ms(now_ms);
        let secrets: Vec<Secret> = made_at_ms
            .map(|at_ms| Secret::of(master, hook.id, at_ms))
            .collect();
        let request =
            match Letter::of(event).and_then(|letter| letter.to(&hook.url, &secrets, now_ms)) {
                Ok(request) => request,
                Err(error) => {
                    tracing::error!(%error, event = %event.id, "can't be told");
                    return (hook.id, Outcome::Unreachable);
                }
            };
        let outcome = match self.transport.send(request).await {
            Ok(reply) => Outcome::Answered(reply.status().as_u16()),
            Err(CallError::NotSent(_)) => Outcome::Unreachable,
            Err(_) => Outcome::NoAnswer,
        };
        if !outcome.heard() {
            tracing::info!(event = %event.id, webhook = %hook.id, ?outcome, "was not told");
        }
        (hook.id, outcome)
    }

    /// A webhook that says that it is gone is told nothing more.
    async fn gone(&self, account: &AccountId, hook: HookId) -> Result<(), Error> {
        let gone = |hooks: &Hooks, now_ms| Ok(hooks.gone(hook, now_ms)?);
        let changed = change(&self.table, &self.ambient, account, gone).await;
        changed.map(drop)
    }

    /// Writes down what became of tries; on the row as it is now, should it have moved on meanwhile.
    async fn write_down(&self, row: Event, heard: &[(HookId, Outcome)]) -> Result<(), Error> {
        let mut row = Some(row);
        for _ in 0..TRIES {
            let Some(event) = row else {
                return Ok(());
            };
            let writes = event.heard(heard, self.ambient.now_ms())?;
            match self.table.commit(&writes).await {
                Ok(()) => {
                    note_given_up(&event, &writes);
                    return Ok(());
                }
                Err(StoreError::Lost { .. }) => row = self.table.event(event.id).await?,
                Err(e) => return Err(e.into()),
            }
        }
        Err(busy().into())
    }
}

/// An alarm hangs on this field (`infra/template.yaml`).
fn note_given_up(event: &Event, writes: &[Write]) {
    let webhooks_given_up = event.given_up_by(writes);
    if webhooks_given_up > 0 {
        tracing::warn!(event = %event.id, webhooks_given_up, "was not told in any try");
    }
}

fn held(down: &Down) -> MutexGuard<'_, BTreeSet<HookId>> {
    down.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The events of each account together, and the accounts in the order of what has been due longest.
fn by_account(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut places: BTreeMap<AccountId, usize> = BTreeMap::new();
    let mut accounts: Vec<Vec<Event>> = Vec::new();
    for event in events {
        let next = accounts.len();
        let place = *places.entry(event.account.clone()).or_insert(next);
        match accounts.get_mut(place) {
            Some(known) => known.push(event),
            None => accounts.push(vec![event]),
        }
    }
    accounts
}

impl Carried {
    const fn and(self, other: Self) -> Self {
        Self {
            looked_at: self.looked_at.saturating_add(other.looked_at),
            failed: self.failed.saturating_add(other.failed),
        }
    }
}
