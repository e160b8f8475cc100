//! Three workers with clocks that differ, each deciding on its own, possibly outdated copy of the
//! world; one storage that keeps the first object put at a key.

use crate::{
    happening::{Event, Hand, Step},
    support::{watch, *},
};
use bubuh_core::{
    Error,
    capacity::stock,
    document::{self, Claim, Document, DocumentState},
    id::DocumentId,
    inventory::{self, Block},
    money::{Rupiah, Stamps},
    order::{ObservedState, observe},
    payment::PaymentState,
    refund::{
        Answer, Elsewhere, Next, PayTo, Refund, RefundState, keep_stamps, paid_by_hand, pay_to,
        plan, retry, settle,
    },
    write::Write,
};
use std::{collections::BTreeMap, num::NonZeroU8};

pub(crate) const WORKERS: usize = 3;
/// How far each worker's clock is ahead, in milliseconds.
const AHEAD_MS: [u64; WORKERS] = [0, 45_000, 20 * 60_000];
const OWNERS: [&str; 2] = ["ani", "budi"];
/// Stamps of each order; the last fills two lots.
const QUANTITIES: [u32; 4] = [1, 2, 4, 1_002];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    File,
    Tombstone,
}

#[derive(Debug, Default, Clone)]
struct Worker {
    copy: World,
    fences: BTreeMap<DocumentId, u64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Simulation {
    pub(crate) world: World,
    workers: [Worker; WORKERS],
    storage: BTreeMap<String, Object>,
    now_ms: u64,
    restocked: u32,
    /// How often each event wrote something, was decided on rows that had changed, or was illegal.
    pub(crate) seen: BTreeMap<String, u32>,
}

impl Default for Simulation {
    fn default() -> Self {
        Self {
            world: World::default(),
            workers: Default::default(),
            storage: BTreeMap::new(),
            now_ms: T0,
            restocked: 0,
            seen: BTreeMap::new(),
        }
    }
}

fn name(kind: &str, n: u8) -> String {
    format!("{kind}{n}")
}

fn order_of(transaction: u8) -> u8 {
    transaction % QUANTITIES.len() as u8
}

impl Simulation {
    /// One event; an error says what did not hold.
    pub(crate) fn step(&mut self, step: Step) -> Result<(), String> {
        let rival = (step.worker + 1) % WORKERS;
        if step.race {
            self.workers[rival].copy = self.world.clone();
        }
        self.one(step)?;
        if step.race {
            self.one(Step {
                worker: rival,
                fresh: false,
                ..step
            })?;
        }
        Ok(())
    }

    fn one(&mut self, step: Step) -> Result<(), String> {
        if step.fresh {
            self.workers[step.worker].copy = self.world.clone();
        }
        let outcome = match self.decide(step) {
            Ok(writes) => self.write(&writes)?,
            Err(Error::Overflow) => return Err("amounts left their range".to_owned()),
            Err(_) => "illegal",
        };
        let event = format!("{:?}", step.event);
        let event = event.split('(').next().unwrap_or_default();
        *self.seen.entry(format!("{event} {outcome}")).or_default() += 1;
        self.storage_agrees()
    }

    fn write(&mut self, writes: &[Write]) -> Result<&'static str, String> {
        if writes.is_empty() {
            return Ok("idle");
        }
        let before = self.world.clone();
        if self.world.apply(writes).is_err() {
            return Ok("lost");
        }
        watch::step(&before, &self.world, writes)?;
        Ok("wrote")
    }

    fn decide(&mut self, step: Step) -> Result<Vec<Write>, Error> {
        let now_ms = self.now_ms + AHEAD_MS[step.worker];
        match step.event {
            Event::Pass(ms) => {
                self.now_ms += ms;
                Ok(Vec::new())
            }
            Event::Restock => {
                let ties = &self.world.serials;
                let mut blocks = self.world.blocks.values();
                let settled = blocks.find_map(|block| {
                    let writes = inventory::settle(block, ties, now_ms).ok()?;
                    (!writes.is_empty()).then_some(writes)
                });
                if let Some(writes) = settled {
                    return Ok(writes);
                }
                self.restocked += 1;
                let of = |n| serial(&format!("S{}-{n}", self.restocked));
                let id = bubuh_core::id::BlockId::derive(&[&self.restocked.to_string()]);
                stock(vec![Block::fresh(id, vec![of(1), of(2)])], NonZeroU8::MIN)
            }
            Event::Announce(..)
            | Event::Accept(..)
            | Event::Wait(..)
            | Event::Reject(..)
            | Event::Abandon(..)
            | Event::Resend(..)
            | Event::Purge(..)
            | Event::Erase(..)
            | Event::Redrive(..) => self.queueing(step, now_ms),
            Event::Claim(..)
            | Event::Store(..)
            | Event::Commit(..)
            | Event::Refuse(..)
            | Event::CancelDocument(..) => self.stamping(step, now_ms),
            _ => self.money(step, now_ms),
        }
    }

    fn money(&mut self, step: Step, now_ms: u64) -> Result<Vec<Write>, Error> {
        let copy = &self.workers[step.worker].copy;
        let order = |n| copy.orders.get(&order_id(&name("o", n)));
        // Refunds are met in no order of interest: buyers' and automatic ones alike.
        let refund = |n| copy.refunds.values().nth(usize::from(n));
        let none = Ok(Vec::new());
        match step.event {
            Event::Place(n) => {
                let owner = OWNERS[usize::from(n) % OWNERS.len()];
                let quantity = QUANTITIES[usize::from(n)];
                offered(wanted(&name("o", n), owner, quantity), now_ms)
            }
            Event::Charge(n) => order(n).map_or(none, |o| {
                o.charged(bubuh_core::order::Instructions {
                    transaction: transaction(&name("t", n)),
                    qr_text: None,
                    qr_url: None,
                    virtual_account: None,
                })
            }),
            Event::CancelOrder(n) => order(n).map_or(none, |o| o.cancel(now_ms)),
            Event::LookAgain(n) => order(n).map_or(none, |o| o.look_again(now_ms)),
            Event::Observe(t, state, right) => order(order_of(t)).map_or(none, |o| {
                let paid = transaction(&name("t", t));
                let amount = if right { o.total } else { Rupiah::new(7) };
                let seen = seen(paid.as_str(), state, amount);
                let lots = copy.lots_of(o.account.as_str());
                observe(o, copy.payments.get(&paid), &lots, &seen, now_ms)
            }),
            Event::Ask(key, t, count) => {
                let paid = transaction(&name("t", t));
                copy.payments.get(&paid).map_or(none, |payment| {
                    let lots = copy.lots_of(payment.account.as_str());
                    let key = refund_key(&name("r", key));
                    Refund::ask(key, payment, &lots, Stamps::new(count), now_ms).map(|(_, w)| w)
                })
            }
            Event::Plan(n) => refund(n).map_or(none, |r| {
                Ok(match plan(r, &copy.payments[&r.transaction], now_ms)? {
                    Next::Done | Next::Look => Vec::new(),
                    Next::Call(writes) | Next::Stop(writes) => writes,
                })
            }),
            Event::Settle(n, answer) => refund(n).map_or(none, |r| {
                let case = r.case.map(|id| &copy.cases[&id]);
                let payment = &copy.payments[&r.transaction];
                // The gateway gives back no more than came in.
                let answer = match payment.left()?.minus(r.amount) {
                    Err(_) if answer == Answer::Made => Answer::Refused,
                    _ => answer,
                };
                settle(r, payment, case, answer, now_ms)
            }),
            Event::Hand(n, hand) => refund(n).map_or(none, |r| {
                let payment = &copy.payments[&r.transaction];
                let Some(case) = r.case.map(|id| &copy.cases[&id]) else {
                    return Ok(Vec::new());
                };
                match hand {
                    Hand::PayTo => pay_to(r, case, PayTo::new("BCA", "1234567", "Ani")?),
                    Hand::Keep => keep_stamps(r, payment, case, "buyer", now_ms),
                    Hand::Paid => paid_by_hand(r, payment, case, ("ani", "TX-1"), now_ms),
                    Hand::Retry => retry(r, payment, case, "ani", now_ms),
                }
            }),
            Event::Decide(t, won) => {
                let paid = transaction(&name("t", t));
                copy.payments
                    .get(&paid)
                    .map_or(none, |p| copy.dispute(p, won, now_ms))
            }
            Event::Elsewhere(t, key, amount) => {
                let paid = transaction(&name("t", t));
                copy.payments.get(&paid).map_or(none, |payment| {
                    // The gateway gives back no more than came in.
                    let left = payment.left()?.get();
                    let seen = Elsewhere {
                        key: name("e", key),
                        amount: Rupiah::new(amount.min(left)),
                        told: false,
                    };
                    if seen.amount == Rupiah::ZERO || payment.state == PaymentState::ChargedBack {
                        return Ok(Vec::new());
                    }
                    copy.elsewhere(payment, &seen, now_ms)
                })
            }
            _ => none,
        }
    }

    fn queueing(&mut self, step: Step, now_ms: u64) -> Result<Vec<Write>, Error> {
        // Serials are handed out by the table itself; what a worker then makes of one rests on its copy.
        let offer = match step.event {
            Event::Accept(_) => self.world.hand_out(now_ms),
            _ => None,
        };
        let copy = &self.workers[step.worker].copy;
        let with = |n, rule: &dyn Fn(&Document) -> Result<Vec<Write>, Error>| {
            copy.documents
                .get(&document_id(&name("d", n)))
                .map_or(Ok(Vec::new()), rule)
        };
        match step.event {
            Event::Announce(n) => {
                let owner = OWNERS[usize::from(n) % OWNERS.len()];
                Document::announce(announced(&name("d", n), owner), now_ms).map(|(_, w)| w)
            }
            Event::Accept(n) => with(n, &|d| {
                let (Some(mut grant), Some(offer)) = (copy.grant(&d.account), &offer) else {
                    return Ok(Vec::new());
                };
                grant.offer = offer.clone();
                document::accept(d, grant, now_ms)
            }),
            Event::Wait(n, lacks) => with(n, &|d| {
                document::wait(d, source(&step.worker.to_string()), lacks, now_ms)
            }),
            Event::Reject(n) => with(n, &|d| document::reject(d, reason(), now_ms)),
            Event::Abandon(n) => with(n, &|d| document::abandon(d, now_ms)),
            Event::Resend(n) => with(n, &|d| document::look_again(d, now_ms)),
            Event::Purge(n) => with(n, &|d| document::purged(d, now_ms)),
            Event::Erase(n) => with(n, &|d| document::erase(d, now_ms)),
            Event::Redrive(n) => with(n, &|d| document::redrive(d, now_ms)),
            _ => Ok(Vec::new()),
        }
    }

    fn stamping(&mut self, step: Step, now_ms: u64) -> Result<Vec<Write>, Error> {
        let (Event::Claim(n)
        | Event::Store(n)
        | Event::Commit(n)
        | Event::Refuse(n)
        | Event::CancelDocument(n)) = step.event
        else {
            return Ok(Vec::new());
        };
        let Self {
            world,
            workers,
            storage,
            ..
        } = self;
        let worker = &mut workers[step.worker];
        let Some(row) = worker.copy.documents.get(&document_id(&name("d", n))) else {
            return Ok(Vec::new());
        };
        let fence = worker.fences.get(&row.id).copied();
        let mut put = |object| {
            *storage
                .entry(row.output_key().unwrap_or_default())
                .or_insert(object)
        };
        match (step.event, fence) {
            (Event::Claim(_), _) => {
                let holder = format!("worker {}", step.worker);
                match document::claim(row, &holder, "key", LEASE_MS, now_ms)? {
                    Claim::Take(next, writes) => {
                        // Known to the worker only if its write holds.
                        if world.clone().apply(&writes).is_ok() {
                            worker.fences.insert(next.id, next.fence);
                            worker.copy.documents.insert(next.id, *next);
                        }
                        Ok(writes)
                    }
                    Claim::Held(row) => {
                        worker.fences.insert(row.id, row.fence);
                        Ok(Vec::new())
                    }
                    Claim::Stall(writes) => Ok(writes),
                    Claim::Nothing => Ok(Vec::new()),
                }
            }
            // A worker that was overtaken does not know it: it stores and commits all the same.
            (Event::Store(_), Some(_)) if row.reservation.is_some() => {
                put(Object::File);
                Ok(Vec::new())
            }
            (Event::Commit(_), Some(fence)) if row.reservation.is_some() => {
                let there = storage.get(&row.output_key().unwrap_or_default());
                if there != Some(&Object::File) {
                    return Ok(Vec::new());
                }
                document::commit(row, fence, output(), now_ms)
            }
            (Event::Refuse(_), Some(fence)) if row.reservation.is_some() => {
                match put(Object::Tombstone) {
                    Object::File => document::commit(row, fence, output(), now_ms),
                    Object::Tombstone => document::refuse(row, fence, reason(), now_ms),
                }
            }
            (Event::CancelDocument(_), _) if row.state == DocumentState::Stalled => {
                match put(Object::Tombstone) {
                    Object::File => document::redrive(row, now_ms),
                    Object::Tombstone => document::cancel(row, true, now_ms),
                }
            }
            (Event::CancelDocument(_), _) => document::cancel(row, false, now_ms),
            _ => Ok(Vec::new()),
        }
    }

    /// Stamped exactly once, seen from storage: a stamped document has its one file, and a document
    /// that ended otherwise has none that anybody could take for a stamped one.
    fn storage_agrees(&self) -> Result<(), String> {
        for document in self.world.documents.values() {
            let prefix = format!("stamped/{}/", document.id);
            let mine = self
                .storage
                .iter()
                .filter(|(key, _)| key.starts_with(&prefix));
            let files = mine.filter(|(_, object)| **object == Object::File).count();
            let right = match document.state {
                DocumentState::Stamped => files == 1,
                state if state.is_terminal() => files == 0,
                _ => files <= 1,
            };
            if !right {
                return Err(format!("{files} files of a document {:?}", document.state));
            }
        }
        Ok(())
    }

    /// A world in which much can happen at once: three paid orders, most documents queued, a refund to be
    /// paid by hand.
    pub(crate) fn busy() -> Result<Self, String> {
        let mut busy = Self::default();
        for n in 0..3 {
            busy.step(fresh(Event::Restock))?;
            busy.step(fresh(Event::Place(n)))?;
            busy.step(fresh(Event::Observe(n, ObservedState::Captured, true)))?;
        }
        for n in 0..DOCUMENTS {
            busy.step(fresh(Event::Announce(n)))?;
            if n % 2 == 0 {
                busy.step(fresh(Event::Accept(n)))?;
            }
        }
        // One refund is in people's hands.
        for event in [
            Event::Ask(0, 1, 1),
            Event::Plan(0),
            Event::Settle(0, Answer::Refused),
        ] {
            busy.step(fresh(event))?;
        }
        // One document is a try away from stalling.
        for _ in 1..document::TRIES_MAX {
            busy.step(fresh(Event::Claim(0)))?;
            busy.step(fresh(Event::Pass(HOUR_MS)))?;
        }
        for worker in &mut busy.workers {
            worker.copy = busy.world.clone();
        }
        busy.seen.clear();
        Ok(busy)
    }

    fn ended(&self) -> Result<(), String> {
        for document in self.world.documents.values() {
            if !document.state.is_terminal() {
                return Err(format!(
                    "{} can't be ended: {:?}",
                    document.id, document.state
                ));
            }
        }
        for refund in self.world.refunds.values() {
            if matches!(refund.state, RefundState::Due | RefundState::Sent) {
                return Err(format!("{} can't be ended: {:?}", refund.key, refund.state));
            }
        }
        Ok(())
    }

    /// Lets one worker with fresh rows do all that is left, and says what can't be ended.
    pub(crate) fn drain(&mut self) -> Result<(), String> {
        for _ in 0..DRAIN_ROUNDS {
            if self.ended().is_ok() {
                break;
            }
            self.step(fresh(Event::Pass(HOUR_MS)))?;
            for n in 0..DOCUMENTS {
                for event in [Event::Claim(n), Event::Store(n), Event::Commit(n)] {
                    self.step(fresh(event))?;
                }
                for event in [Event::Refuse(n), Event::CancelDocument(n)] {
                    self.step(fresh(event))?;
                }
            }
            for n in 0..REFUNDS * 2 {
                self.step(fresh(Event::Plan(n)))?;
                self.step(fresh(Event::Settle(n, Answer::Made)))?;
            }
        }
        self.ended()
    }
}

/// More than the tries a document has left, and one round after a redrive.
const DRAIN_ROUNDS: u32 = 12;
pub(crate) const DOCUMENTS: u8 = 5;
pub(crate) const ORDERS: u8 = QUANTITIES.len() as u8;
pub(crate) const TRANSACTIONS: u8 = 8;
/// Keys of buyers' refunds; with the automatic ones there may be twice as many refunds.
pub(crate) const REFUNDS: u8 = 8;

fn fresh(event: Event) -> Step {
    Step {
        worker: 0,
        fresh: true,
        race: false,
        event,
    }
}
