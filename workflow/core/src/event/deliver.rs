//! Telling an event: plan the next tries, make them, and write down what became of them.

use super::{Attempt, Delivery, Event, Outcome, Telling};
use crate::{
    error::Error,
    hook::Hooks,
    id::HookId,
    write::{Expect, Put, Write},
};
use std::collections::BTreeSet;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Waits after each failed try but the last, in milliseconds: a day and a half in all, so that a receiver's outage of a
/// night is sat out (<https://www.standardwebhooks.com> asks for several days with growing distances).
const WAITS_MS: [u64; 7] = [
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
];
/// How often a webhook is tried to be told.
pub const TRIES_MAX: u32 = 8;
/// How long it is tried at most, also where tries were put off because the receiver was down, in milliseconds.
pub const GIVE_UP_MS: u64 = 3 * DAY_MS;
/// Longer than a call takes, in milliseconds: when a try may be made anew of which nothing was heard.
pub const CALL_MS: u64 = 30 * SECOND_MS;
/// How long other events wait for a receiver that was found to be down or slow, in milliseconds.
pub const HELD_MS: u64 = 5 * MINUTE_MS;
/// How long an event can be seen and replayed once nothing more comes of it, in milliseconds.
pub const FORGET_AFTER_MS: u64 = 30 * DAY_MS;
/// Tries that are kept of each webhook.
const ATTEMPTS_KEPT: usize = 10;

/// What is to be done about an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nobody is to be told, or not any more: write this.
    Forget(Vec<Write>),
    /// Write these, tell these, and then write what became of it ([`Event::heard`]) on the row this leaves.
    Tell(Box<Event>, Vec<Write>, Vec<HookId>),
}

impl Delivery {
    const fn owed(hook: HookId, now_ms: u64) -> Self {
        Self {
            hook,
            state: Telling::Owed,
            tries: 0,
            next_at_ms: now_ms,
            attempts: Vec::new(),
        }
    }

    /// After a failed try, or one that was not made.
    fn failed(&mut self, since_ms: u64, now_ms: u64) {
        let tried = usize::try_from(self.tries).unwrap_or(usize::MAX);
        let wait_ms = WAITS_MS.get(tried.saturating_sub(1));
        let over = now_ms.saturating_sub(since_ms) >= GIVE_UP_MS;
        match wait_ms {
            Some(wait_ms) if !over => self.next_at_ms = now_ms.saturating_add(*wait_ms),
            _ => self.state = Telling::GivenUp,
        }
    }
}

impl Event {
    /// What is to be done now. Whom it is told to is settled at the first look. A try is written down before it is made,
    /// so that one that kills whoever makes it is not made for ever. `down`: receivers that were just found to be down.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn plan(&self, hooks: &Hooks, down: &BTreeSet<HookId>, now_ms: u64) -> Result<Next, Error> {
        let mut next = self.next()?;
        if next.to.is_empty() {
            let hooks = hooks.hooks.iter().filter(|hook| hook.wants(self.topic));
            next.to = hooks.map(|hook| Delivery::owed(hook.id, now_ms)).collect();
        }
        if next.owed().next().is_none() {
            return Ok(Next::Forget(vec![Write::Forget {
                event: self.id,
                version: self.version,
            }]));
        }
        let mut tell = Vec::new();
        for delivery in next.to.iter_mut() {
            if delivery.state != Telling::Owed || delivery.next_at_ms > now_ms {
                continue;
            }
            match hooks.hook(delivery.hook) {
                Some(hook) if hook.gone_at_ms.is_none() => {
                    if !down.contains(&delivery.hook) {
                        delivery.tries = delivery.tries.saturating_add(1);
                        delivery.next_at_ms = now_ms.saturating_add(CALL_MS);
                        tell.push(delivery.hook);
                    } else if now_ms.saturating_sub(self.trying_since_ms) >= GIVE_UP_MS {
                        delivery.state = Telling::GivenUp;
                    } else {
                        delivery.next_at_ms = now_ms.saturating_add(HELD_MS);
                    }
                }
                _ => delivery.state = Telling::Off,
            }
        }
        next.look_again(now_ms);
        let writes = vec![self.replace(next.clone())];
        Ok(Next::Tell(Box::new(next), writes, tell))
    }

    /// What became of tries. What is heard of one that is not owed any more changes nothing.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn heard(&self, heard: &[(HookId, Outcome)], now_ms: u64) -> Result<Vec<Write>, Error> {
        let mut next = self.next()?;
        let since_ms = self.trying_since_ms;
        let mut news = false;
        for (hook, outcome) in heard {
            let owed = |d: &&mut Delivery| d.hook == *hook && d.state == Telling::Owed;
            let Some(delivery) = next.to.iter_mut().find(owed) else {
                continue;
            };
            news = true;
            let from = delivery.attempts.len().saturating_sub(ATTEMPTS_KEPT - 1);
            delivery.attempts.drain(..from);
            delivery.attempts.push(Attempt {
                at_ms: now_ms,
                outcome: *outcome,
            });
            if outcome.heard() {
                delivery.state = Telling::Delivered;
            } else if outcome.is_gone() {
                delivery.state = Telling::Off;
            } else {
                delivery.failed(since_ms, now_ms);
            }
        }
        if !news {
            return Ok(Vec::new());
        }
        next.look_again(now_ms);
        Ok(vec![self.replace(next)])
    }

    /// A person has it told once more, to all that it was told to, under its old name.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn replay(&self, now_ms: u64) -> Result<Vec<Write>, Error> {
        let mut next = self.next()?;
        next.trying_since_ms = now_ms;
        for delivery in &mut next.to {
            delivery.state = Telling::Owed;
            delivery.tries = 0;
            delivery.next_at_ms = now_ms;
        }
        next.due_at_ms = now_ms;
        Ok(vec![self.replace(next)])
    }

    fn owed(&self) -> impl Iterator<Item = &Delivery> {
        let to = self.to.iter();
        to.filter(|delivery| delivery.state == Telling::Owed)
    }

    /// When it is due next: at its next try, or to be forgotten.
    fn look_again(&mut self, now_ms: u64) {
        let next_ms = self.owed().map(|delivery| delivery.next_at_ms).min();
        self.due_at_ms = next_ms.unwrap_or_else(|| now_ms.saturating_add(FORGET_AFTER_MS));
    }

    fn next(&self) -> Result<Self, Error> {
        Ok(Self {
            version: self.version.checked_add(1).ok_or(Error::Overflow)?,
            ..self.clone()
        })
    }

    fn replace(&self, row: Self) -> Write {
        Write::Event(Put {
            expect: Expect::Version(self.version),
            row,
        })
    }
}
