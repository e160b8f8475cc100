//! The refund's loop: plan a step, carry it out, settle what the gateway answered.

use super::{Refund, RefundState, WORKFLOW_GRACE_MS};
use crate::{
    case::{Case, CaseKind},
    error::Error,
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

fn illegal(refund: &Refund, event: &'static str) -> Error {
    let state = match refund.state {
        RefundState::Due => "due",
        RefundState::Sent => "sent",
        RefundState::Refunded => "refunded",
        RefundState::Stuck => "stuck",
    };
    Error::IllegalTransition { state, event }
}

fn replace(refund: &Refund, mut next: Refund) -> Result<Write, Error> {
    next.version = refund.version.checked_add(1).ok_or(Error::Overflow)?;
    Ok(Write::Refund(Put {
        expect: Expect::Version(refund.version),
        row: next,
    }))
}

/// The next step. The attempt is written before the gateway is asked. A disputed payment's refund
/// goes to a person, unless the gateway has made it already: the payer's bank may be taking the money.
///
/// # Errors
/// [`Error::Invalid`] when the payment is another's; [`Error::Overflow`].
pub fn plan(refund: &Refund, payment: &Payment, now_ms: u64) -> Result<Next, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    match refund.state {
        RefundState::Refunded | RefundState::Stuck => Ok(Next::Done),
        RefundState::Due if payment.state == PaymentState::Disputed => {
            Ok(Next::Stop(stuck(refund, DISPUTED, now_ms)?))
        }
        RefundState::Sent if payment.state == PaymentState::Disputed => Ok(Next::Look),
        RefundState::Due | RefundState::Sent if refund.method == Method::BankTransfer => Ok(
            Next::Stop(stuck(refund, "a bank transfer needs a payout", now_ms)?),
        ),
        RefundState::Due | RefundState::Sent => {
            let mut next = refund.clone();
            next.state = RefundState::Sent;
            next.attempts = refund.attempts.checked_add(1).ok_or(Error::Overflow)?;
            let wait_ms = wait_ms(next.attempts);
            next.next_at_ms = now_ms.saturating_add(wait_ms);
            next.due_at_ms = Some(next.next_at_ms.saturating_add(WORKFLOW_GRACE_MS));
            Ok(Next::Call(vec![replace(refund, next)?]))
        }
    }
}

/// 5 s, doubling up to 6 h.
fn wait_ms(attempts: u32) -> u64 {
    doubled_ms(u64::from(attempts), FIRST_WAIT_MS, LONGEST_WAIT_MS)
}

/// What the gateway's answer to a sent refund means.
///
/// # Errors
/// [`Error::IllegalTransition`] when the refund was never sent; [`Error::Invalid`] when the payment is
/// another's.
pub fn settle(
    refund: &Refund,
    payment: &Payment,
    answer: Answer,
    now_ms: u64,
) -> Result<Vec<Write>, Error> {
    payment.must_be(&refund.transaction, refund.order)?;
    match (refund.state, answer) {
        (RefundState::Due, _) => Err(illegal(refund, "settle")),
        // A confirmation after giving up counts too: else a person might pay the money out again.
        (RefundState::Sent | RefundState::Stuck, Answer::Made) => made(refund, payment, now_ms),
        (RefundState::Refunded | RefundState::Stuck, _) => Ok(Vec::new()),
        (RefundState::Sent, Answer::Refused) => {
            let disputed = payment.state == PaymentState::Disputed;
            let refused = "the gateway refuses the refund";
            stuck(refund, if disputed { DISPUTED } else { refused }, now_ms)
        }
        (RefundState::Sent, Answer::Unclear) => {
            if now_ms.saturating_sub(refund.created_at_ms) > GIVE_UP_AFTER_MS {
                stuck(refund, "the gateway did not confirm in time", now_ms)
            } else {
                Ok(Vec::new())
            }
        }
    }
}

fn made(refund: &Refund, payment: &Payment, now_ms: u64) -> Result<Vec<Write>, Error> {
    let mut next = refund.clone();
    next.state = RefundState::Refunded;
    next.due_at_ms = None;
    let mut writes = vec![
        replace(refund, next)?,
        Write::Payment(Put {
            expect: Expect::Version(payment.version),
            row: payment.end_refund(Rupiah::ZERO)?,
        }),
        Write::Ledger(Entry::refunded(
            refund.order,
            refund.key,
            refund.amount,
            now_ms,
        )),
    ];
    for held in &refund.held {
        writes.push(Write::Move(StampMove::new(
            refund.account.clone(),
            held.lot,
            Bucket::Refunding,
            Bucket::Refunded,
            held.count,
        )?));
    }
    Ok(writes)
}

/// The money stays in `RefundsPayable`, under the case, until a person has seen to it.
fn stuck(refund: &Refund, why: &str, now_ms: u64) -> Result<Vec<Write>, Error> {
    let (next, case) = refund.clone().given_up(why, now_ms);
    Ok(vec![replace(refund, next)?, Write::Case(case)])
}

impl Refund {
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
        Ok(vec![replace(self, next)?])
    }

    /// The refund in a person's hands, and the case that says so.
    pub(super) fn given_up(mut self, why: &str, now_ms: u64) -> (Self, Case) {
        self.state = RefundState::Stuck;
        self.due_at_ms = None;
        let case = Case::open(
            CaseKind::RefundStuck(self.key.to_string()),
            self.account.clone(),
            format!("{} of order {}: {why}", self.amount, self.order),
            now_ms,
            0,
        );
        (self, case)
    }
}
