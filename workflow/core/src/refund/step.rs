//! The refund's loop: plan a step, carry it out, settle what the gateway answered.

use super::{Made, Refund, RefundState, WORKFLOW_GRACE_MS};
use crate::{
    capacity::Capacity,
    case::{Case, CaseKind},
    error::Error,
    event::Event,
    ledger::Entry,
    lot::{Bucket, StampMove},
    money::Rupiah,
    patience::{doubled_ms, next_look_ms},
    payment::{Method, Payment, PaymentState},
    write::{Expect, Put, Write},
};

/// How long refunds are tried before a person looks, in milliseconds: seven days, QRIS's window.
const GIVE_UP_AFTER_MS: u64 = 7 * 24 * 60 * 60 * 1000;
const DISPUTED: &str = "the payment is disputed";
const FIRST_WAIT_MS: u64 = 5_000;
const LONGEST_WAIT_MS: u64 = 6 * 60 * 60 * 1000;

/// What the next step of a refund is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Ended; nothing to do.
    Done,
    /// Write these, then ask the gateway with the refund's key, then [`settle`].
    Call(Vec<Write>),
    /// Do not ask for it any more, only look whether it was made, then [`settle`]: made or refused.
    Look,
    /// The gateway can't or must not refund this: write these.
    Stop(Vec<Write>),
}

/// What the gateway answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It shows a refund with our key.
    Made,
    /// Not known, or not possible now: ask again later with the same key.
    Unclear,
    /// It refuses for good, and its status shows no refund with our key.
    Refused,
}

pub(super) fn illegal(refund: &Refund, event: &'static str) -> Error {
    let state = match refund.state {
        RefundState::Due => "due",
        RefundState::Sent => "sent",
        RefundState::Refunded => "refunded",
        RefundState::Stuck => "stuck",
        RefundState::Payout => "to be paid by hand",
        RefundState::Reversed => "called off",
    };
    Error::IllegalTransition { state, event }
}

/// The next step. The attempt is written before the gateway is asked. A disputed payment's refund
/// goes to a person, unless the gateway has made it already: the payer's bank may be taking the money.
///
/// # Errors
/// [`Error::Invalid`] when the payment is another's; [`Error::Overflow`].
pub fn plan(refund: &Refund, payment: &Payment, now_ms: u64) -> Result<Next, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    match refund.state {
        RefundState::Refunded
        | RefundState::Stuck
        | RefundState::Payout
        | RefundState::Reversed => Ok(Next::Done),
        RefundState::Due if payment.state != PaymentState::Captured => {
            Ok(Next::Stop(stuck(refund, DISPUTED, now_ms)?))
        }
        RefundState::Sent if payment.state != PaymentState::Captured => Ok(Next::Look),
        RefundState::Due | RefundState::Sent if refund.method == Method::BankTransfer => {
            Ok(Next::Stop(payout(refund, "a bank transfer", now_ms)?))
        }
        RefundState::Due | RefundState::Sent => {
            let mut next = refund.clone();
            next.enter(RefundState::Sent, now_ms);
            next.attempts = refund.attempts.checked_add(1).ok_or(Error::Overflow)?;
            let wait_ms = wait_ms(next.attempts);
            next.next_at_ms = now_ms.saturating_add(wait_ms);
            next.due_at_ms = Some(next.next_at_ms.saturating_add(WORKFLOW_GRACE_MS));
            Ok(Next::Call(vec![refund.replaced_by(next)?]))
        }
    }
}

/// 5 s, doubling up to 6 h.
fn wait_ms(attempts: u32) -> u64 {
    doubled_ms(u64::from(attempts), FIRST_WAIT_MS, LONGEST_WAIT_MS)
}

/// What the gateway's answer to a sent refund means. `case`: the row that [`Refund::case`] names.
///
/// # Errors
/// [`Error::IllegalTransition`] when the refund was never sent; [`Error::Invalid`] when the payment is
/// another's.
pub fn settle(
    refund: &Refund,
    payment: &Payment,
    case: Option<&Case>,
    answer: Answer,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    match (refund.state, answer) {
        (RefundState::Due, _) => Err(illegal(refund, "settle")),
        // A confirmation after giving up counts too: else a person might pay the money out again.
        (RefundState::Sent | RefundState::Stuck | RefundState::Payout, Answer::Made) => {
            let entry = Entry::refunded(
                refund.order,
                refund.key,
                refund.amount,
                payment.state != PaymentState::Captured,
                now_ms,
            );
            made(refund, payment, case, (None, Some(entry)), now_ms)
        }
        (
            RefundState::Refunded
            | RefundState::Stuck
            | RefundState::Payout
            | RefundState::Reversed,
            _,
        ) => Ok(Vec::new()),
        (RefundState::Sent, Answer::Refused) if payment.state != PaymentState::Captured => {
            stuck(refund, DISPUTED, now_ms)
        }
        (RefundState::Sent, Answer::Refused) => payout(refund, "refused for good", now_ms),
        (RefundState::Sent, Answer::Unclear) => {
            let since_ms = refund.created_at_ms.max(refund.trying_since_ms);
            if now_ms.saturating_sub(since_ms) > GIVE_UP_AFTER_MS {
                stuck(refund, "the gateway did not confirm in time", now_ms)
            } else {
                Ok(Vec::new())
            }
        }
    }
}

/// The money is back with the buyer. An open case is closed with it.
pub(super) fn made(
    refund: &Refund,
    payment: &Payment,
    case: Option<&Case>,
    (how, entry): (Option<Made>, Option<Entry>),
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    let there = match how {
        Some(Made::ByHand(_)) => Rupiah::ZERO,
        _ => refund.amount,
    };
    let mut next = refund.clone();
    next.enter(RefundState::Refunded, now_ms);
    next.made = how;
    next.pay_to = None;
    next.due_at_ms = None;
    let mut writes = vec![
        refund.replaced_by(next)?,
        payment.replace(payment.refund_made(there)?.waiting(now_ms)),
    ];
    writes.extend(entry.map(Write::Ledger));
    writes.extend(refund.given_back()?);
    writes.extend(Case::close_if_open(case, "bubuh", "refunded", now_ms)?);
    writes.extend(refund.tells(now_ms));
    Ok(writes)
}

/// The money stays in `RefundsPayable`, under the case, until a person has seen to it.
fn stuck(refund: &Refund, why: &str, now_ms: u64) -> Result<Vec<Write>, Error> {
    let (next, case) = refund.clone().given_up(why, now_ms);
    Ok(vec![refund.replaced_by(next)?, case.create()])
}

/// The gateway can't: the buyer is asked for a bank account. The case is theirs until they gave it.
fn payout(refund: &Refund, why: &str, now_ms: u64) -> Result<Vec<Write>, Error> {
    let mut next = refund.clone();
    next.enter(RefundState::Payout, now_ms);
    let case = next.under_case(CaseKind::PayoutDue(refund.key.to_string()), why, now_ms);
    Ok(vec![refund.replaced_by(next)?, case.create()])
}

impl Refund {
    /// The write that replaces this row.
    pub(crate) fn replaced_by(&self, mut next: Self) -> Result<Write, Error> {
        next.version = self.version.checked_add(1).ok_or(Error::Overflow)?;
        Ok(Write::Refund(Put {
            expect: Expect::Version(self.version),
            row: next,
        }))
    }

    /// The event of its money going back, if its account has a webhook.
    pub(super) fn tells(&self, now_ms: u64) -> Option<Write> {
        let about = (self.order, self.key);
        self.told
            .then(|| Event::refunded(&self.account, about, now_ms))
    }

    /// The moves of the stamps it holds.
    pub(crate) fn release(&self, to: Bucket) -> Result<Vec<Write>, Error> {
        let moves = self.held.iter().map(|held| {
            let owner = self.account.clone();
            StampMove::new(owner, held.lot, Bucket::Refunding, to, held.count).map(Write::Move)
        });
        moves.collect()
    }

    /// The stamps it holds go for good, and their serials are free to be sold.
    pub(crate) fn given_back(&self) -> Result<Vec<Write>, Error> {
        let mut writes = self.release(Bucket::Refunded)?;
        writes.extend(Capacity::freed(self.key, self.stamps()?));
        Ok(writes)
    }

    fn under_case(&mut self, kind: CaseKind, why: &str, now_ms: u64) -> Case {
        self.due_at_ms = None;
        let note = format!("{} of order {}: {why}", self.amount, self.order);
        let case = Case::open(kind, self.account.clone(), note, now_ms, self.version);
        self.case = Some(case.id);
        case.of(self.order)
    }

    /// The workflow could not be seen to: the next look is put off, each time for longer.
    ///
    /// # Errors
    /// [`Error::IllegalTransition`] once it has ended.
    pub fn put_off(&self, now_ms: u64) -> Result<Vec<Write>, Error> {
        if self.due_at_ms.is_none() {
            return Err(illegal(self, "put off"));
        }
        let mut next = self.clone();
        next.due_at_ms = Some(next_look_ms(
            self.next_at_ms,
            now_ms,
            WORKFLOW_GRACE_MS,
            LONGEST_WAIT_MS,
        ));
        Ok(vec![self.replaced_by(next)?])
    }

    /// The refund in a person's hands, and the case that says so.
    pub(super) fn given_up(mut self, why: &str, now_ms: u64) -> (Self, Case) {
        self.enter(RefundState::Stuck, now_ms);
        let case = self.under_case(CaseKind::RefundStuck(self.key.to_string()), why, now_ms);
        (self, case)
    }
}
